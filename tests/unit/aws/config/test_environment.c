/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/config/environment.h"

#include <pwd.h>

#include "../../support/alloc.h"
#include "../../support/test.h"

static char *environment[] = { (char[]){ "HOMER=no" },
                               (char[]){ "EMPTY=" },
                               (char[]){ "NOVALUE" },
                               (char[]){ "HOME=/home/u" },
                               (char[]){ "X=a=b" },
                               (char[]){ "X=second" },
                               NULL };
static char *homeless[] = { (char[]){ "HOME=" }, NULL };

static void test_get(void **state)
{
        static const char *const names[] = { "ABSENT", "EMPTY", "X", "HOME", NULL };

        (void)state;
        assert_string_equal(pail_environment_get(environment, "HOME"), "/home/u");
        assert_string_equal(pail_environment_get(environment, "X"), "a=b");
        assert_null(pail_environment_get(environment, "EMPTY"));
        assert_null(pail_environment_get(environment, "NOVALUE"));
        assert_null(pail_environment_get(environment, "ABSENT"));
        assert_null(pail_environment_get(NULL, "X"));
        assert_string_equal(pail_environment_get_first(environment, names), "a=b");
        assert_null(pail_environment_get_first(homeless, names));
}

static void test_home(void **state)
{
        const struct passwd *entry = getpwuid(getuid());
        char *home = NULL;

        (void)state;
        assert_int_equal(pail_environment_home(environment, &home), 0);
        assert_string_equal(home, "/home/u");
        free(home);
        /* As a mount from fstab sees it. */
        assert_int_equal(pail_environment_home(homeless, &home), 0);
        if (entry)
                assert_string_equal(home, entry->pw_dir);
        else
                assert_null(home);
        free(home);
        test_alloc_fail_at(1);
        assert_int_equal(pail_environment_home(environment, &home), -ENOMEM);
}

static void test_expand_path(void **state)
{
        static const struct {
                const char *path, *expected;
        } cases[] = {
                { "~/.aws/config", "/home/u/.aws/config" },
                { "~", "/home/u" },
                { "~other/x", "~other/x" },
                { "/a/~/b", "/a/~/b" },
                { "relative", "relative" },
                { "", "" },
                { "$HOME/x", "/home/u/x" },
                { "${HOME}/$X/${X}y", "/home/u/a=b/a=by" },
                { "$HOMER-$HOMES", "no-$HOMES" },
                { "$$X$", "$a=b$" },
                { "${X", "${X" },
                { "${}$-", "${}$-" },
                { "/a$EMPTY/b", "/a/b" },
                { "${HO ME}", "${HO ME}" },
        };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char *path = NULL;
                assert_int_equal(pail_environment_expand_path(environment, cases[i].path, &path), 0);
                assert_string_equal(path, cases[i].expected);
                free(path);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_get),
                cmocka_unit_test(test_home),
                cmocka_unit_test(test_expand_path),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
