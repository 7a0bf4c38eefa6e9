/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/command.h"

#include "run.h"

static void test_fail(void **state)
{
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        pail_error_set(&error, PAIL_ERROR_CONFIG, "no %s", "luck");
        struct capture capture = capture_begin();
        int status = pail_ctl_fail(&error, PAIL_CTL_EXIT_USAGE);
        _cleanup_(run_done) struct run run = capture_end(&capture, status);
        assert_int_equal(run.status, 2);
        assert_text(run.out, "");
        assert_text(run.err, "pailctl: no luck\n");
}

static void test_refuse(void **state)
{
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        assert_int_equal(pail_ctl_refuse(&error, "tags", "x", "is no tag"), -EINVAL);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        assert_string_equal(error.message, "tags: x is no tag (\"pailctl tags -h\" shows the usage)");
}

static void assert_option(int letter, const char *word, const char *expected)
{
        struct pail_error error = PAIL_ERROR_INIT;
        assert_int_equal(pail_ctl_refuse_option(&error, "cp", letter, word), -EINVAL);
        if (strncmp(error.message, expected, strlen(expected)) != 0)
                fail_msg("\"%s\" is not \"%s\"", error.message, expected);
        assert_null(strstr(error.message, "hush"));
}

static void test_refuse_option(void **state)
{
        (void)state;
        assert_option(':', "--profile", "cp: --profile needs an argument (");
        assert_option('?', "--nonsense", "cp: --nonsense is not understood (");
        assert_option('?', "--token=hush", "cp: --token is not understood (");
        char name[200];
        memset(name, 'n', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        char expected[80];
        snprintf(expected, sizeof(expected), "cp: %.63s is not", name); /* what is shown of a word has an end */
        assert_option('?', name, expected);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fail),
                cmocka_unit_test(test_refuse),
                cmocka_unit_test(test_refuse_option),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
