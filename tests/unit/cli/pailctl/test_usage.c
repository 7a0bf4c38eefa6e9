/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of all commands: what is refused, and the help. */
#include "cli/pailctl/command.h"

#include "pail/util/cleanup.h"

#include "../../support/test.h"

static char directory[4096];

static int setup(void **state)
{
        (void)state;
        const char *base = getenv("TMPDIR");
        snprintf(directory, sizeof(directory), "%s/pail-test-pailctl.XXXXXX", base && *base ? base : "/tmp");
        return mkdtemp(directory) && setenv("HOME", directory, 1) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        char command[5000];
        snprintf(command, sizeof(command), "rm -rf '%s'", directory);
        return system(command) == 0 ? 0 : -1;
}

static int run(int (*command)(int, char **), const char *words)
{
        _cleanup_free_ char *copy = strdup(words);
        char name[] = "command", *argv[16] = { name };
        int argc = 1;
        assert_non_null(copy);
        for (char *at = copy, *word; (word = strsep(&at, " ")); argc++)
                argv[argc] = word;
        return command(argc, argv);
}

static void test_bad_usage(void **state)
{
        (void)state;
        static const struct {
                int (*command)(int, char **);
                const char *words;
        } cases[] = {
                { pail_ctl_check, "-q" },
                { pail_ctl_check, "--nonsense" },
                { pail_ctl_check, "bucket more" },
                { pail_ctl_check, "-o" },
                { pail_ctl_check, "-o profil=x" },
                { pail_ctl_check, "--write" },
                { pail_ctl_check, "not/a/source" },
                { pail_ctl_buckets, "bucket" },
                { pail_ctl_buckets, "--profile" },
                { pail_ctl_buckets, "--profile a --all-profiles" },
                { pail_ctl_buckets, "-o colour=red" },
                { pail_ctl_configure, "word" },
                { pail_ctl_configure, "--profile" },
                { pail_ctl_configure, "--secret-access-key=hush" },
                { pail_ctl_configure, "--secret-access-key hush" },
                { pail_ctl_configure, "--session-token hush" },
                { pail_ctl_configure, "--nonsense=1" },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++)
                if (run(cases[i].command, cases[i].words) != PAIL_CTL_EXIT_USAGE)
                        fail_msg("\"%s\" is taken", cases[i].words);
}

static void test_help(void **state)
{
        (void)state;
        assert_int_equal(run(pail_ctl_check, "-h"), 0);
        assert_int_equal(run(pail_ctl_buckets, "--help"), 0);
        assert_int_equal(run(pail_ctl_configure, "-h"), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bad_usage),
                cmocka_unit_test(test_help),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
