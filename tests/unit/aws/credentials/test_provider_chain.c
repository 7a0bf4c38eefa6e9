/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/provider_chain.h"

#include "../../support/test.h"
#include "pail/util/str.h"

/* A provider that answers as its state says, and counts. */
struct scripted {
        int result;
        const char *id;
        unsigned loads, freed;
};

static int scripted_load(void *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        struct scripted *scripted = state;

        scripted->loads++;
        if (scripted->result == 0)
                return pail_str_dup(scripted->id, &ret_credentials->access_key_id);
        if (scripted->result != -ENOENT)
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "scripted");
        return scripted->result;
}

static void scripted_free(void *state)
{
        ((struct scripted *)state)->freed++;
}

static const struct pail_provider first = { "first", scripted_load, scripted_free };
static const struct pail_provider second = { "second", scripted_load, scripted_free };
static const struct pail_provider nameless = { NULL, scripted_load, NULL };

static void test_chain_order(void **state)
{
        struct scripted a = { .result = -ENOENT }, b = { .id = "B" }, c = { .id = "C" };
        struct pail_credentials found = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_provider_chain *chain = NULL;

        (void)state;
        assert_int_equal(pail_provider_chain_new(&chain), 0);
        assert_int_equal(pail_provider_chain_add(chain, &first, &a), 0);
        assert_int_equal(pail_provider_chain_add(chain, &second, &b), 0);
        assert_int_equal(pail_provider_chain_add(chain, &first, &c), 0);
        assert_int_equal(pail_provider_chain_load(chain, &found, &error), 0);
        assert_string_equal(found.access_key_id, "B");
        assert_string_equal(found.provider, "second");
        assert_int_equal(a.loads, 1);
        assert_int_equal(c.loads, 0);
        assert_int_equal(error.class, PAIL_ERROR_NONE);
        pail_credentials_done(&found);
        pail_provider_chain_free(chain);
        assert_int_equal(a.freed + b.freed + c.freed, 3);
        pail_provider_chain_free(NULL);
}

static void test_chain_failures(void **state)
{
        struct scripted none = { .result = -ENOENT }, broken = { .result = -EINVAL }, good = { .id = "G" };
        struct pail_credentials found = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_provider_chain *chain = NULL;

        (void)state;
        assert_int_equal(pail_provider_chain_new(&chain), 0);
        assert_int_equal(pail_provider_chain_add(chain, &first, &none), 0);
        assert_int_equal(pail_provider_chain_add(chain, &nameless, &none), 0);
        assert_int_equal(pail_provider_chain_add(chain, &second, &none), 0);
        assert_int_equal(pail_provider_chain_load(chain, &found, &error), -ENOENT);
        assert_int_equal(error.class, PAIL_ERROR_CREDENTIALS);
        assert_string_equal(error.message, "no credentials found (looked in: first, second)");
        assert_null(found.access_key_id);

        /* An error ends the search. */
        assert_int_equal(pail_provider_chain_add(chain, &first, &broken), 0);
        assert_int_equal(pail_provider_chain_add(chain, &second, &good), 0);
        assert_int_equal(pail_provider_chain_load(chain, &found, &error), -EINVAL);
        assert_string_equal(error.message, "scripted");
        assert_int_equal(good.loads, 0);

        int r = 0;
        for (unsigned i = 0; i < 100 && r == 0; i++)
                r = pail_provider_chain_add(chain, &first, &good);
        assert_int_equal(r, -E2BIG);
        pail_provider_chain_free(chain);
        /* Owned on failure too: every add but the one of the nameless provider, once. */
        assert_true(good.freed > 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_chain_order),
                cmocka_unit_test(test_chain_failures),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
