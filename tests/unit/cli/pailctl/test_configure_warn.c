/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/configure_warn.h"

#include <sys/stat.h>

#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "profile.h"
#include "run.h"

/* What is said of profile p in a configuration file with this text. */
static struct run warn_of(const char *config)
{
        _cleanup_(pail_configure_done) struct pail_configure configure = { 0 };
        char aws[5000];
        profile_begin(&configure, "p");
        snprintf(aws, sizeof(aws), "%s/.aws", profile_directory);
        assert_true(mkdir(aws, 0700) == 0 || errno == EEXIST);
        assert_int_equal(pail_file_replace(configure.config_file, config, strlen(config)), 0);
        struct capture capture = capture_begin();
        pail_configure_warn(&configure);
        return capture_end(&capture, 0);
}

static void assert_warnings(const char *config, const char *expected)
{
        _cleanup_(run_done) struct run run = warn_of(config);
        assert_text(run.out, "");
        assert_text(run.err, expected);
}

#define WARNING(words) "pailctl: warning: profile p: " words "\n"

static void test_fine(void **state)
{
        (void)state;
        assert_warnings("", "");
        assert_warnings("[profile p]\nregion = eu-west-1\n", "");
        assert_warnings("[profile q]\nregion = x\n[profile p]\nrole_arn = arn:x\nsource_profile = q\n"
                        "external_id = e\nmfa_serial = m\nduration_seconds = 900\n",
                        "");
        assert_warnings("[profile p]\nrole_arn = arn:x\nweb_identity_token_file = /x\n", "");
        assert_warnings("[profile p]\nca_bundle = /dev/null\n", "");
        assert_warnings("[p\n", ""); /* what cannot be read was said by who wrote it */
}

static void test_roles(void **state)
{
        (void)state;
        assert_warnings("[profile p]\nrole_arn = arn:x\n",
                        WARNING("role_arn needs --source-profile or --credential-source as well"));
        assert_warnings("[profile p]\nrole_arn = arn:x\nsource_profile = gone\n",
                        WARNING("there is no profile gone, which source_profile names"));
        assert_warnings("[profile p]\nrole_arn = arn:x\nsource_profile = p\ncredential_source = Environment\n",
                        WARNING("source_profile and credential_source are both there; only one may be"));
        assert_warnings("[profile p]\nexternal_id = e\nduration_seconds = 900\n",
                        WARNING("external_id is of no use without a role: --role-arn")
                                WARNING("duration_seconds is of no use without a role: --role-arn"));
}

static void test_bundles(void **state)
{
        (void)state;
        assert_warnings("[profile p]\nca_bundle = /no/such/file\n",
                        WARNING("ca_bundle /no/such/file: No such file or directory"));
        assert_int_equal(chdir("/dev"), 0);
        assert_warnings("[profile p]\nca_bundle = null\n",
                        WARNING("ca_bundle null is looked for where pail is started: write the whole path"));
        assert_int_equal(chdir("/"), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fine),
                cmocka_unit_test(test_roles),
                cmocka_unit_test(test_bundles),
        };
        return cmocka_run_group_tests(tests, profile_setup, profile_teardown);
}
