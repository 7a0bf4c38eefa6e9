/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/mountpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/util/cleanup.h"

static char directory[PATH_MAX];

static int set_up(void **state)
{
        (void)state;
        const char *base = getenv("TMPDIR");
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s/pail-mountpoint-XXXXXX", base ? base : "/tmp");
        /* The checks give names without links. */
        return mkdtemp(path) && realpath(path, directory) && chdir(directory) == 0 && mkdir("empty", 0700) == 0 &&
                               mkdir("full", 0700) == 0 && mkdir("full/x", 0700) == 0 &&
                               symlink("empty", "link") == 0 && close(open("file", O_WRONLY | O_CREAT, 0600)) == 0
                       ? 0
                       : -1;
}

static int tear_down(void **state)
{
        (void)state;
        unlink("file");
        unlink("link");
        rmdir("full/x");
        rmdir("full");
        rmdir("empty");
        return chdir("/") < 0 ? -1 : rmdir(directory);
}

static void assert_refused(const char *path, int expected, const char *words)
{
        struct pail_options options = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        char *real = NULL;
        assert_int_equal(pail_mountpoint_check(path, &options, &real, &error), expected);
        assert_null(real);
        if (!strstr(error.message, words))
                fail_msg("%s: \"%s\" lacks \"%s\"", path, error.message, words);
}

static void test_mountpoints(void **state)
{
        (void)state;
        struct pail_options options = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_free_ char *real = NULL, *over = NULL;
        assert_int_equal(pail_mountpoint_check("link/../link", &options, &real, &error), 0);
        assert_true(strlen(real) == strlen(directory) + strlen("/empty"));
        assert_memory_equal(real, directory, strlen(directory));
        assert_refused("missing", -ENOENT, "mkdir -p missing");
        assert_refused("file", -ENOTDIR, "not a directory");
        assert_refused("file/x", -ENOTDIR, "file/x");
        assert_refused("full", -ENOTEMPTY, "nonempty");
        options.nonempty = true;
        assert_int_equal(pail_mountpoint_check("full", &options, &over, &error), 0);
}

static void test_conf(void **state)
{
        (void)state;
        assert_true(pail_mountpoint_conf_allows_other("user_allow_other"));
        assert_true(pail_mountpoint_conf_allows_other("# a\nmount_max = 3\n\n  user_allow_other \r\n"));
        assert_false(pail_mountpoint_conf_allows_other(""));
        assert_false(pail_mountpoint_conf_allows_other("#user_allow_other\n# user_allow_other\n"));
        assert_false(pail_mountpoint_conf_allows_other("user_allow_others\nnot user_allow_other\n"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_mountpoints, set_up, tear_down),
                cmocka_unit_test(test_conf),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
