/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/configure_settings.h"

#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "profile.h"

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
                profile_begin(&configure, "p");
                profile_set(&configure, cases[i].setting, cases[i].value);
                if ((pail_configure_check(&configure, &error) == 0) != cases[i].is_good)
                        fail_msg("%s: %s", cases[i].value, error.message);
                if (pail_settings_table[cases[i].setting].in_credentials)
                        assert_null(strstr(error.message, cases[i].value));
        }
        static const char *const names[] = { "", " a", "a ", "a]", "a'b", "a\"b", "a\\b", "a\tb", "DEFAULT" };
        for (size_t i = 0; i < TEST_COUNT(names); i++) {
                _cleanup_(pail_configure_done) struct pail_configure configure = { 0 };
                struct pail_error error = PAIL_ERROR_INIT;
                profile_begin(&configure, names[i]);
                assert_int_equal(pail_configure_check(&configure, &error), -EINVAL);
        }
}

/* One value; what is said where it is refused. */
static void assert_refused(int setting, const char *value, const char *words)
{
        _cleanup_(pail_configure_done) struct pail_configure configure = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        profile_begin(&configure, "p");
        profile_set(&configure, setting, value);
        int r = pail_configure_check(&configure, &error);
        assert_int_equal(r, words ? -EINVAL : 0);
        if (words && !strstr(error.message, words))
                fail_msg("\"%s\" lacks \"%s\"", error.message, words);
}

static void test_edges(void **state)
{
        (void)state;
        char region[65];
        memset(region, 'r', sizeof(region) - 1);
        region[64] = '\0';
        assert_refused(PAIL_SETTING_REGION, region, "eu-central-1");
        region[63] = '\0';
        assert_refused(PAIL_SETTING_REGION, region, NULL);
        assert_refused(PAIL_SETTING_DURATION, "899", "at least 900");
        assert_refused(PAIL_SETTING_DURATION, "900", NULL);
        assert_refused(PAIL_SETTING_KEY_ID, "a=b", "is it the secret access key?");
        assert_refused(PAIL_SETTING_CREDENTIAL_SOURCE, "environment",
                       "Environment, Ec2InstanceMetadata or EcsContainer");
        assert_refused(PAIL_SETTING_ENDPOINT, "http://", "");
        assert_refused(PAIL_SETTING_EXTERNAL_ID, "any line at all", NULL);
}

/* What is secret is read, never an argument; every setting has an option, a key and a help of its own. */
static void test_table(void **state)
{
        (void)state;
        for (size_t i = 0; i < PAIL_SETTINGS_COUNT; i++) {
                const struct pail_setting *setting = &pail_settings_table[i];
                assert_non_null(setting->option);
                assert_non_null(setting->key);
                assert_non_null(setting->help);
                assert_int_equal(setting->is_secret, !setting->argument);
                assert_true(!setting->is_secret || (setting->in_credentials && setting->check));
                assert_int_equal(pail_str_ends_with(setting->option, "-stdin"), setting->is_secret);
                for (size_t j = 0; j < i; j++) {
                        assert_string_not_equal(setting->option, pail_settings_table[j].option);
                        assert_string_not_equal(setting->key, pail_settings_table[j].key);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_values),
                cmocka_unit_test(test_edges),
                cmocka_unit_test(test_table),
        };
        return cmocka_run_group_tests(tests, profile_setup, profile_teardown);
}
