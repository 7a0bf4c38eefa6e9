/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/daemon/profile_list.h"

#include "../../support/alloc.h"
#include "../../support/test.h"

static void assert_names(const char *text, const char *const *expected)
{
        struct pail_error error = PAIL_ERROR_INIT;
        char **names = NULL;
        if (pail_profile_list_parse(text, &names, &error) < 0)
                fail_msg("%s: %s", text, error.message);
        size_t count = 0;
        for (; expected[count]; count++)
                assert_string_equal(names[count], expected[count]);
        assert_null(names[count]);
        pail_profile_list_free(names);
}

static void assert_refused(const char *text, const char *words)
{
        struct pail_error error = PAIL_ERROR_INIT;
        char **names;
        assert_int_equal(pail_profile_list_parse(text, &names, &error), -EINVAL);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        if (!strstr(error.message, words))
                fail_msg("%s: \"%s\" lacks \"%s\"", text, error.message, words);
}

static void test_names(void **state)
{
        (void)state;
        assert_names("a", (const char *const[]){ "a", NULL });
        assert_names("work:home:a b", (const char *const[]){ "work", "home", "a b", NULL });
        assert_refused("a:", "without a name");
        assert_refused(":a", "without a name");
        assert_refused("a::b", "without a name");
        assert_refused("a:b:a", "twice");
        assert_refused("a/b", "directory");
        assert_refused("..:a", "directory");
        assert_refused("a:.", "directory");
        char name[300];
        memset(name, 'n', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        assert_refused(name, "directory");
}

static int parse(void *context)
{
        char **names = NULL;
        int r = pail_profile_list_parse(context, &names, NULL);
        pail_profile_list_free(names);
        return r;
}

static void test_no_memory(void **state)
{
        (void)state;
        assert_true(test_alloc_each(parse, (char[]){ "a:b:c" }) >= 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_no_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
