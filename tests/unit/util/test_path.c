/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/path.h"

#include <limits.h>
#include <sys/stat.h>

#include "../support/test.h"
#include "pail/util/cleanup.h"

static char directory[PATH_MAX];

static int set_up(void **state)
{
        (void)state;
        const char *base = getenv("TMPDIR");
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s/pail-path-XXXXXX", base ? base : "/tmp");
        return mkdtemp(path) && realpath(path, directory) && chdir(directory) == 0 && mkdir("empty", 0700) == 0 &&
                               symlink("empty", "link") == 0
                       ? 0
                       : -1;
}

static int tear_down(void **state)
{
        (void)state;
        unlink("link");
        rmdir("empty");
        return chdir("/") < 0 ? -1 : rmdir(directory);
}

static void test_paths(void **state)
{
        (void)state;
        assert_true(pail_path_is_inside("/a/b", "/a"));
        assert_true(pail_path_is_inside("/a", "/a"));
        assert_true(pail_path_is_inside("/a", "/"));
        assert_false(pail_path_is_inside("/ab", "/a"));
        assert_false(pail_path_is_inside("/", "/a"));

        _cleanup_free_ char *resolved = NULL, *missing = NULL, *expected = NULL;
        assert_int_equal(pail_path_resolve("link/x/y", &resolved), 0);
        assert_true(asprintf(&expected, "%s/empty/x/y", directory) > 0);
        assert_string_equal(resolved, expected);
        assert_int_equal(pail_path_resolve("/no/such/path", &missing), 0);
        assert_string_equal(missing, "/no/such/path");
}

static void test_home_without_environment(void **state)
{
        (void)state;
        unsetenv("HOME");
        _cleanup_free_ char *home = NULL, *path = NULL;
        assert_int_equal(pail_path_home(&home), 0);
        assert_true(home[0] == '/');
        assert_int_equal(pail_path_absolute("~/x", &path), 0);
        assert_true(strncmp(path, home, strlen(home)) == 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_paths, set_up, tear_down),
                cmocka_unit_test(test_home_without_environment),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
