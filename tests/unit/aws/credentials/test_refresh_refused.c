/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials that S3 refuses: for their age, or for what they are. */
#include <errno.h>
#include <unistd.h>

#include "pail/util/clock.h"
#include "refreshed.h"

/* The key of others than the refused ones; "": there are none. */
static void find_others(struct fixture *fixture, const char *key, char ret_key[static 64])
{
        char id[64], token[] = "token";
        const struct pail_credentials refused = { .access_key_id = id, .session_token = token };
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r;

        snprintf(id, sizeof(id), "%s", key);
        while ((r = pail_refresher_peek_others(fixture->refresher, &refused, &frozen, &error)) == -EAGAIN)
                usleep(1000);
        assert_in_range(r, 0, 1);
        snprintf(ret_key, 64, "%s", r == 0 ? frozen.access_key_id : "");
        pail_credentials_done(&frozen);
}

static void assert_others(struct fixture *fixture, const char *key, const char *expected)
{
        char found[64];

        assert_true(refuse_as(fixture, key, PAIL_REFUSAL_UNKNOWN));
        find_others(fixture, key, found);
        assert_string_equal(found, expected);
}

static void test_refused(void **state)
{
        struct fixture fixture;

        (void)state;
        set_up(&fixture, 3600);
        assert_key(&fixture, "key1");
        /* As new as they get. */
        assert_false(refuse(&fixture, "key1"));
        assert_key(&fixture, "key1");
        advance(10);
        assert_true(refuse(&fixture, "key1"));
        assert_true(refuse(&fixture, "key1"));
        assert_key(&fixture, "key2");
        /* A late answer to what was signed with the old ones. */
        assert_true(refuse(&fixture, "key1"));
        assert_key(&fixture, "key2");
        assert_int_equal(loads(&fixture), 2);

        /* A source that has no others: S3 is to say so again. */
        fixture.source.is_stubborn = true;
        advance(10);
        assert_true(refuse(&fixture, "key2"));
        assert_key(&fixture, "key1");
        advance(10);
        assert_true(refuse(&fixture, "key1"));
        assert_key(&fixture, "key1");
        assert_false(refuse(&fixture, "key1"));
        tear_down(&fixture);
}

/* Not for their age: the source is asked again only where something has changed, and that is looked for once a second. */
static void test_unknown(void **state)
{
        struct fixture fixture;

        (void)state;
        set_up_chain(&fixture, 0, true);
        assert_key(&fixture, "key1");
        assert_others(&fixture, "key1", "");
        assert_int_equal(fixture.source.looks, 2); /* and one before the load */
        assert_false(refuse_as(&fixture, "key1", PAIL_REFUSAL_UNKNOWN));
        assert_key(&fixture, "key1");
        assert_int_equal(loads(&fixture), 1);

        advance(2);
        fixture.source.renewal = 1;
        assert_others(&fixture, "key1", "key2");
        wait_events(&fixture, 1);
        assert_key(&fixture, "key2");
        /* A late answer to what was signed with the old ones needs no look. */
        assert_others(&fixture, "key1", "key2");
        assert_int_equal(fixture.source.looks, 3);
        tear_down(&fixture);

        /* Nothing to look at. */
        set_up(&fixture, 0);
        assert_key(&fixture, "key1");
        assert_false(refuse_as(&fixture, "key1", PAIL_REFUSAL_UNKNOWN));
        tear_down(&fixture);
}

/* Expired although just loaded: a file may have been written a moment later. */
static void test_expired_at_once(void **state)
{
        struct fixture fixture;
        char key[64];

        (void)state;
        set_up_chain(&fixture, 0, true);
        assert_key(&fixture, "key1");
        fixture.source.renewal = 1;
        assert_true(refuse(&fixture, "key1"));
        find_others(&fixture, "key1", key);
        assert_string_equal(key, "key2");
        assert_int_equal(loads(&fixture), 2);
        tear_down(&fixture);
}

/* What is found counts only when it is good, and other than before; all else leaves everything as it was. */
static void test_looked_for_nothing(void **state)
{
        struct fixture fixture;

        (void)state;
        set_up_chain(&fixture, 0, true);
        fixture.source.is_stubborn = true;
        assert_key(&fixture, "key1");
        fixture.source.renewal = 1;
        assert_others(&fixture, "key1", ""); /* the same */
        fixture.source.is_stubborn = false;
        assert_int_equal(fixture.source.events, 0);

        for (unsigned i = 1; i <= 3; i++) {
                advance(2U << i); /* what fails is looked for less and less often */
                fixture.source.renewal = i == 1 ? -EINVAL : 1;
                set_source(&fixture, i == 2 ? -EIO : i == 3 ? -ENOENT : 0, PAIL_ERROR_CONNECT);
                fixture.source.provider_key = i == 3 ? "somebody else's" : NULL;
                assert_others(&fixture, "key1", "");
                wait_events(&fixture, i);
                assert_int_equal(fixture.source.failures, i);
                assert_key(&fixture, "key1");
        }
        tear_down(&fixture);
}

/* The files do not change once more for a source that was changed and failed at first. */
static void test_look_is_repeated(void **state)
{
        struct fixture fixture;
        char key[64];

        (void)state;
        set_up_chain(&fixture, 0, true);
        assert_key(&fixture, "key1");
        fixture.source.renewal = 1;
        set_source(&fixture, -EIO, PAIL_ERROR_CONNECT);
        advance(2);
        assert_others(&fixture, "key1", "");
        wait_events(&fixture, 1);
        fixture.source.renewal = 0;
        set_source(&fixture, 0, PAIL_ERROR_NONE);
        advance(4);
        assert_true(refuse_as(&fixture, "key1", PAIL_REFUSAL_UNKNOWN));
        find_others(&fixture, "key1", key);
        assert_string_not_equal(key, "key1");
        assert_true(*key);
        /* Once it has given something, only a change is a reason to ask it again. */
        unsigned before = loads(&fixture);
        advance(4);
        assert_others(&fixture, key, "");
        assert_int_equal(loads(&fixture), before);
        tear_down(&fixture);
}

/* Nor does a renewal that is due, with a chain that has changed or not, lead to somebody else. */
static void test_never_somebody_else(void **state)
{
        struct fixture fixture;
        char key[64];

        (void)state;
        set_up_chain(&fixture, 100, true);
        assert_key(&fixture, "key1");
        set_source(&fixture, -ENOENT, PAIL_ERROR_NONE);
        fixture.source.provider_key = "somebody else's";
        advance(110);
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(get_until(&fixture, INT64_MAX, key), -EACCES);
                advance(4);
        }
        set_source(&fixture, 0, PAIL_ERROR_NONE);
        assert_key(&fixture, "key4");
        tear_down(&fixture);
}

/* Many are refused at once: one look. */
static void test_one_look(void **state)
{
        enum { CALLERS = 8 };
        struct fixture fixture;
        char key[64];

        (void)state;
        set_up_chain(&fixture, 0, true);
        assert_key(&fixture, "key1");
        set_held(&fixture, true);
        fixture.source.renewal = 1;
        for (unsigned i = 0; i < CALLERS; i++)
                assert_true(refuse_as(&fixture, "key1", PAIL_REFUSAL_UNKNOWN));
        wait_loads(&fixture, 2);
        /* Nobody else waits for what comes of it. */
        assert_key(&fixture, "key1");
        set_held(&fixture, false);
        for (unsigned i = 0; i < CALLERS; i++) {
                find_others(&fixture, "key1", key);
                assert_string_equal(key, "key2");
        }
        assert_int_equal(loads(&fixture), 2);
        assert_int_equal(fixture.source.looks, 2);
        tear_down(&fixture);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_refused),          cmocka_unit_test(test_unknown),
                cmocka_unit_test(test_expired_at_once),  cmocka_unit_test(test_looked_for_nothing),
                cmocka_unit_test(test_look_is_repeated), cmocka_unit_test(test_never_somebody_else),
                cmocka_unit_test(test_one_look),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
