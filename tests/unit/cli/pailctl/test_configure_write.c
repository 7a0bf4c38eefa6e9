/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/configure_write.h"

#include <sys/stat.h>

#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "profile.h"

static void write_profile(struct pail_configure *configure, bool expects_credentials, bool expects_config)
{
        struct pail_error error = PAIL_ERROR_INIT;
        bool wrote_credentials, wrote_config;
        if (pail_configure_write(configure, &wrote_credentials, &wrote_config, &error) < 0)
                fail_msg("%s", error.message);
        assert_int_equal(wrote_credentials, expects_credentials);
        assert_int_equal(wrote_config, expects_config);
}

static void test_write(void **state)
{
        (void)state;
        _cleanup_(pail_configure_done) struct pail_configure first = { 0 }, second = { 0 }, third = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        struct stat status;
        bool ignored;
        profile_begin(&first, "my work");
        profile_set(&first, PAIL_SETTING_KEY_ID, "AKID");
        profile_set(&first, PAIL_SETTING_SECRET, "hush");
        profile_set(&first, PAIL_SETTING_TOKEN, "token");
        profile_set(&first, PAIL_SETTING_REGION, "eu-central-1");
        write_profile(&first, true, true);
        assert_file(first.config_file, "[profile 'my work']\nregion = eu-central-1\n");
        assert_file(first.credentials_file,
                    "[my work]\naws_access_key_id = AKID\naws_secret_access_key = hush\naws_session_token = token\n");
        assert_int_equal(stat(first.credentials_file, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        char aws[4200];
        snprintf(aws, sizeof(aws), "%s/.aws", profile_directory);
        assert_int_equal(stat(aws, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0700);

        /* New keys without a token; the section is found however it is quoted. */
        assert_int_equal(pail_file_replace(first.config_file, "[profile \"my work\"]\noutput = json\n", 34), 0);
        profile_begin(&second, "my work");
        profile_set(&second, PAIL_SETTING_KEY_ID, "AKID2");
        profile_set(&second, PAIL_SETTING_REGION, "eu-west-1");
        write_profile(&second, true, true);
        assert_file(first.config_file, "[profile \"my work\"]\noutput = json\nregion = eu-west-1\n");
        assert_file(first.credentials_file, "[my work]\naws_access_key_id = AKID2\naws_secret_access_key = hush\n");

        /* What is wrong with one file leaves both as they are. */
        profile_begin(&third, "my work");
        profile_set(&third, PAIL_SETTING_KEY_ID, "AKID3");
        profile_set(&third, PAIL_SETTING_REGION, "eu-north-1");
        assert_int_equal(pail_file_replace(first.config_file, "[a]\n[a]\n", 8), 0);
        assert_int_equal(pail_configure_write(&third, &ignored, &ignored, &error), -EINVAL);
        assert_non_null(strstr(error.message, "config:2"));
        assert_file(first.credentials_file, "[my work]\naws_access_key_id = AKID2\naws_secret_access_key = hush\n");
}

static mode_t mode_of(const char *path)
{
        struct stat status;
        assert_int_equal(stat(path, &status), 0);
        return status.st_mode & 07777;
}

/* A group may have been meant to read the credentials; everybody, hardly. The configuration is as it was. */
static void test_modes(void **state)
{
        (void)state;
        _cleanup_(pail_configure_done) struct pail_configure configure = { 0 };
        profile_begin(&configure, "modes");
        assert_int_equal(pail_file_replace(configure.config_file, "", 0), 0);
        assert_int_equal(pail_file_replace(configure.credentials_file, "", 0), 0);
        assert_int_equal(chmod(configure.config_file, 0644), 0);
        assert_int_equal(chmod(configure.credentials_file, 0644), 0);
        profile_set(&configure, PAIL_SETTING_KEY_ID, "AKID");
        profile_set(&configure, PAIL_SETTING_ROLE, "arn:aws:iam::1:role/x");
        write_profile(&configure, true, true);
        assert_int_equal(mode_of(configure.config_file), 0644);
        assert_int_equal(mode_of(configure.credentials_file), 0640);
        assert_file(configure.config_file, "[profile modes]\nrole_arn = arn:aws:iam::1:role/x\n");
}

static void test_default_profile(void **state)
{
        (void)state;
        _cleanup_(pail_configure_done) struct pail_configure configure = { 0 };
        profile_begin(&configure, "default");
        assert_int_equal(pail_file_replace(configure.config_file, "", 0), 0);
        write_profile(&configure, false, false);
        profile_set(&configure, PAIL_SETTING_CA_BUNDLE, "/x");
        write_profile(&configure, false, true);
        assert_file(configure.config_file, "[default]\nca_bundle = /x\n");
}

static void assert_not_written(struct pail_configure *configure, const char *words)
{
        struct pail_error error = PAIL_ERROR_INIT;
        bool wrote_credentials = true, wrote_config = true;
        assert_true(pail_configure_write(configure, &wrote_credentials, &wrote_config, &error) < 0);
        assert_true(wrote_credentials && wrote_config); /* outputs are for success */
        if (!strstr(error.message, words))
                fail_msg("\"%s\" lacks \"%s\"", error.message, words);
}

static void test_files_that_cannot_be(void **state)
{
        (void)state;
        _cleanup_(pail_configure_done) struct pail_configure configure = { 0 };
        profile_begin(&configure, "p");
        profile_set(&configure, PAIL_SETTING_REGION, "eu-west-1");
        assert_true(unlink(configure.config_file) == 0 || errno == ENOENT);
        assert_int_equal(symlink("nowhere", configure.config_file), 0);
        assert_not_written(&configure, "it is a symbolic link to nothing");
        assert_int_equal(unlink(configure.config_file), 0);
        assert_int_equal(mkdir(configure.config_file, 0700), 0);
        assert_not_written(&configure, "config cannot be read");
        assert_int_equal(rmdir(configure.config_file), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_write),
                cmocka_unit_test(test_modes),
                cmocka_unit_test(test_default_profile),
                cmocka_unit_test(test_files_that_cannot_be),
        };
        return cmocka_run_group_tests(tests, profile_setup, profile_teardown);
}
