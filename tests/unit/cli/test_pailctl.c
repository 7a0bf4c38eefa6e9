/* SPDX-License-Identifier: Apache-2.0 */
/* What of pailctl needs no server: command lines, what is shown of keys and times, and files that are configured. */
#include "cli/pailctl/command.h"
#include "cli/pailctl/configure_write.h"
#include "cli/pailctl/text.h"

#include <sys/stat.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

#include "../support/test.h"

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

static void test_texts(void **state)
{
        (void)state;
        char mask[PAIL_CTL_MASK_SIZE], time[PAIL_CTL_TIME_SIZE];
        pail_ctl_mask("AKIDABCD", mask);
        assert_string_equal(mask, "****************ABCD");
        pail_ctl_mask("ABCD", mask);
        assert_string_equal(mask, "****************");
        pail_ctl_format_time(1700000000, time);
        assert_string_equal(time, "2023-11-14T22:13:20Z");
}

static void set(struct pail_configure *configure, int setting, const char *value)
{
        assert_int_equal(pail_str_replace(&configure->values[setting], value), 0);
}

static void begin(struct pail_configure *configure, const char *profile)
{
        *configure = (struct pail_configure){ 0 };
        assert_int_equal(pail_str_dup(profile, &configure->profile), 0);
        assert_int_equal(pail_str_printf(&configure->config_file, "%s/.aws/config", directory), 0);
        assert_int_equal(pail_str_printf(&configure->credentials_file, "%s/.aws/credentials", directory), 0);
}

static void test_values(void **state)
{
        (void)state;
        static const struct {
                int setting;
                const char *value;
                bool is_good;
        } cases[] = {
                { PAIL_SETTING_KEY_ID, "AKIDEXAMPLE", true },
                { PAIL_SETTING_KEY_ID, "wJalrXUtnFEMI/K7MDENG", false },
                { PAIL_SETTING_SECRET, "wJalrXUtnFEMI/K7MDENG+x=", true },
                { PAIL_SETTING_SECRET, "two words", false },
                { PAIL_SETTING_REGION, "eu-central-1", true },
                { PAIL_SETTING_REGION, "Frankfurt", false },
                { PAIL_SETTING_ENDPOINT, "https://s3.example.org:9000/base", true },
                { PAIL_SETTING_ENDPOINT, "s3.example.org", false },
                { PAIL_SETTING_ENDPOINT, "ftp://s3.example.org", false },
                { PAIL_SETTING_ROLE, "arn:aws:iam::123456789012:role/x", true },
                { PAIL_SETTING_ROLE, "x", false },
                { PAIL_SETTING_CREDENTIAL_SOURCE, "Environment", true },
                { PAIL_SETTING_CREDENTIAL_SOURCE, "Elsewhere", false },
                { PAIL_SETTING_DURATION, "3600", true },
                { PAIL_SETTING_DURATION, "1h", false },
                { PAIL_SETTING_TOKEN, "hu sh", false },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                _cleanup_(pail_configure_done) struct pail_configure configure = { 0 };
                struct pail_error error = PAIL_ERROR_INIT;
                begin(&configure, "p");
                set(&configure, cases[i].setting, cases[i].value);
                if ((pail_configure_check(&configure, &error) == 0) != cases[i].is_good)
                        fail_msg("%s: %s", cases[i].value, error.message);
                if (pail_settings_table[cases[i].setting].in_credentials)
                        assert_null(strstr(error.message, cases[i].value));
        }
        static const char *const names[] = { "", " a", "a ", "a]", "a'b", "a\"b", "a\\b", "a\tb", "DEFAULT" };
        for (size_t i = 0; i < TEST_COUNT(names); i++) {
                _cleanup_(pail_configure_done) struct pail_configure configure = { 0 };
                struct pail_error error = PAIL_ERROR_INIT;
                begin(&configure, names[i]);
                assert_int_equal(pail_configure_check(&configure, &error), -EINVAL);
        }
}

static void write_profile(struct pail_configure *configure, bool expects_credentials, bool expects_config)
{
        struct pail_error error = PAIL_ERROR_INIT;
        bool wrote_credentials, wrote_config;
        if (pail_configure_write(configure, &wrote_credentials, &wrote_config, &error) < 0)
                fail_msg("%s", error.message);
        assert_int_equal(wrote_credentials, expects_credentials);
        assert_int_equal(wrote_config, expects_config);
}

static void assert_file(const char *path, const char *text)
{
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(10000);
        assert_int_equal(pail_file_read(path, &buf), 0);
        assert_string_equal(buf.data, text);
}

static void test_write(void **state)
{
        (void)state;
        _cleanup_(pail_configure_done) struct pail_configure first = { 0 }, second = { 0 }, third = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        struct stat status;
        bool ignored;
        begin(&first, "my work");
        set(&first, PAIL_SETTING_KEY_ID, "AKID");
        set(&first, PAIL_SETTING_SECRET, "hush");
        set(&first, PAIL_SETTING_TOKEN, "token");
        set(&first, PAIL_SETTING_REGION, "eu-central-1");
        write_profile(&first, true, true);
        assert_file(first.config_file, "[profile 'my work']\nregion = eu-central-1\n");
        assert_file(first.credentials_file,
                    "[my work]\naws_access_key_id = AKID\naws_secret_access_key = hush\naws_session_token = token\n");
        assert_int_equal(stat(first.credentials_file, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        char aws[4200];
        snprintf(aws, sizeof(aws), "%s/.aws", directory);
        assert_int_equal(stat(aws, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0700);

        /* New keys without a token; the section is found however it is quoted. */
        assert_int_equal(pail_file_replace(first.config_file, "[profile \"my work\"]\noutput = json\n", 34), 0);
        begin(&second, "my work");
        set(&second, PAIL_SETTING_KEY_ID, "AKID2");
        set(&second, PAIL_SETTING_REGION, "eu-west-1");
        write_profile(&second, true, true);
        assert_file(first.config_file, "[profile \"my work\"]\noutput = json\nregion = eu-west-1\n");
        assert_file(first.credentials_file, "[my work]\naws_access_key_id = AKID2\naws_secret_access_key = hush\n");

        /* What is wrong with one file leaves both as they are. */
        begin(&third, "my work");
        set(&third, PAIL_SETTING_KEY_ID, "AKID3");
        set(&third, PAIL_SETTING_REGION, "eu-north-1");
        assert_int_equal(pail_file_replace(first.config_file, "[a]\n[a]\n", 8), 0);
        assert_int_equal(pail_configure_write(&third, &ignored, &ignored, &error), -EINVAL);
        assert_non_null(strstr(error.message, "config:2"));
        assert_file(first.credentials_file, "[my work]\naws_access_key_id = AKID2\naws_secret_access_key = hush\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bad_usage), cmocka_unit_test(test_help),  cmocka_unit_test(test_texts),
                cmocka_unit_test(test_values),    cmocka_unit_test(test_write),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
