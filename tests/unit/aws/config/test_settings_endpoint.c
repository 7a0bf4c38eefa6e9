/* SPDX-License-Identifier: Apache-2.0 */
/* What files and environment say of endpoints: which source counts, what is refused with which words, and what is only warned of. */
#include "../../support/test.h"
#include "../files.h"
#include "pail/aws/session.h"

static struct pail_session *open_session(const char *config, const char *credentials, const char *variable,
                                         const char *region, const char *url, struct pail_error *error)
{
        char *environment[] = { NULL, NULL };
        struct pail_session *session = NULL;
        const struct pail_session_options options = { .config_file = config,
                                                      .credentials_file = credentials,
                                                      .region = region,
                                                      .endpoint_url = url,
                                                      .no_sign_request = true,
                                                      .environment = environment };

        *error = PAIL_ERROR_INIT;
        environment[0] = strdup(variable);
        if (pail_session_new(&options, &session, error) < 0)
                session = NULL;
        free(environment[0]);
        return session;
}

static struct pail_session *open_with(void **state, const char *config, const char *variable)
{
        struct pail_error error;
        struct pail_session *session = open_session(test_files_write(state, "config", config), "/dev/null", variable,
                                                    NULL, NULL, &error);

        if (!session)
                fail_msg("%s", error.message);
        return session;
}

static bool dualstack(const struct pail_endpoint_flags *flags)
{
        return flags->use_dualstack;
}

static bool fips(const struct pail_endpoint_flags *flags)
{
        return flags->use_fips;
}

static bool accelerate(const struct pail_endpoint_flags *flags)
{
        return flags->use_accelerate;
}

static bool arn_region(const struct pail_endpoint_flags *flags)
{
        return flags->use_arn_region;
}

static bool global(const struct pail_endpoint_flags *flags)
{
        return flags->us_east_1_is_global;
}

static bool no_multiregion(const struct pail_endpoint_flags *flags)
{
        return flags->no_multiregion;
}

static bool no_sessions(const struct pail_endpoint_flags *flags)
{
        return flags->no_express_sessions;
}

#define P "[default]\n"
#define S3 "s3 =\n  "

static void test_sources(void **state)
{
        static const struct {
                bool (*flag)(const struct pail_endpoint_flags *flags);
                const char *config, *variable;
                bool expected;
        } cases[] = {
                { dualstack, P, "X=y", false },
                { dualstack, P "use_dualstack_endpoint = true\n", "X=y", true },
                { dualstack, P "use_dualstack_endpoint = TRUE\n", "AWS_USE_DUALSTACK_ENDPOINT=false", false },
                { dualstack, P "use_dualstack_endpoint =\n", "AWS_USE_DUALSTACK_ENDPOINT=", false },
                { dualstack, P S3 "use_dualstack_endpoint = true\n", "AWS_USE_DUALSTACK_ENDPOINT=false", true },
                { dualstack, P S3 "use_dualstack_endpoint = false\n", "AWS_USE_DUALSTACK_ENDPOINT=true", true },
                { fips, P "use_fips_endpoint = True\n", "X=y", true },
                { fips, P, "AWS_USE_FIPS_ENDPOINT=true", true },
                { fips, P "region = fips-us-east-1\n", "X=y", true },
                { fips, P "region = fips-\n", "X=y", false },
                { accelerate, P S3 "use_accelerate_endpoint = true\n", "X=y", true },
                { arn_region, P, "X=y", true },
                { arn_region, P S3 "use_arn_region = false\n", "X=y", false },
                { arn_region, P "s3_use_arn_region = true\n" S3 "use_arn_region = false\n", "X=y", true },
                { arn_region, P "s3_use_arn_region = true\n", "AWS_S3_USE_ARN_REGION=false", false },
                { global, P, "X=y", false },
                { global, P S3 "us_east_1_regional_endpoint = legacy\n", "X=y", true },
                { global, P S3 "us_east_1_regional_endpoint = legacy\n", "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT=regional",
                  false },
                { no_multiregion, P "s3_disable_multiregion_access_points = true\n", "X=y", true },
                { no_multiregion, P S3 "s3_disable_multiregion_access_points = true\n", "X=y", true },
                { no_sessions, P "s3_disable_express_session_auth = true\n", "X=y", true },
                { no_sessions, P, "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH=true", true },
        };

        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_session *session = open_with(state, cases[i].config, cases[i].variable);
                if (cases[i].flag(pail_session_endpoint_flags(session)) != cases[i].expected)
                        fail_msg("case %zu", i);
                assert_null(pail_session_warnings(session)[0]);
                assert_false(pail_session_signs_payload(session));
                pail_session_free(session);
        }
}

static void test_others(void **state)
{
        struct pail_session *session = open_with(state, P S3 "payload_signing_enabled = true\n", "X=y");

        assert_true(pail_session_signs_payload(session));
        pail_session_free(session);
        session = open_with(state, P "region = us-east-1-fips\nendpoint_url = http://h\n",
                            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true");
        assert_string_equal(pail_session_region_name(session), "us-east-1");
        assert_null(pail_session_endpoint_url(session));
        pail_session_free(session);
        session = open_with(state, P "endpoint_url = http://h\n", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=False");
        assert_string_equal(pail_session_endpoint_url(session), "http://h");
        pail_session_free(session);
}

static void test_bad_values(void **state)
{
        static const struct {
                const char *config, *credentials, *variable;
                const char *message; /* F stands for the file that is to be named */
        } cases[] = {
                { P "use_fips_endpoint = ture\n", "", "X=y",
                  "/config, profile \"default\": use_fips_endpoint = \"ture\": true or false is expected" },
                { P S3 "use_accelerate_endpoint = 2\n", "", "X=y",
                  "/config, profile \"default\": in \"s3 =\", use_accelerate_endpoint = \"2\": true or false is expected" },
                { "", P S3 "use_arn_region = x\n", "X=y",
                  "/credentials, profile \"default\": in \"s3 =\", use_arn_region = \"x\": true or false" },
                { P S3 "use_arn_region = x\n", P "s3_use_arn_region = z\n", "X=y",
                  "/credentials, profile \"default\": s3_use_arn_region = \"z\": true or false" },
                { P, "", "AWS_USE_FIPS_ENDPOINT=enabled",
                  "environment variable AWS_USE_FIPS_ENDPOINT = \"enabled\": true or false is expected" },
                { P S3 "addressing_style = host\n", "", "X=y",
                  "in \"s3 =\", addressing_style = \"host\": auto, path or virtual is expected" },
                { P S3 "us_east_1_regional_endpoint = global\n", "", "X=y",
                  "us_east_1_regional_endpoint = \"global\": regional or legacy is expected" },
                { P "ignore_configured_endpoint_urls = maybe\n", "", "X=y",
                  "ignore_configured_endpoint_urls = \"maybe\": true or false is expected" },
                { P "max_attempts = many\n", "", "X=y",
                  "/config, profile \"default\": max_attempts = \"many\": a number from 1 on is expected" },
        };

        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_error error;
                const char *config = test_files_write(state, "config", cases[i].config);
                const char *credentials = test_files_write(state, "credentials", cases[i].credentials);
                if (open_session(config, credentials, cases[i].variable, NULL, NULL, &error))
                        fail_msg("case %zu is taken", i);
                assert_int_equal(error.class, PAIL_ERROR_CONFIG);
                if (!strstr(error.message, cases[i].message))
                        fail_msg("\"%s\" is not in \"%s\"", cases[i].message, error.message);
        }
}

static void test_warnings(void **state)
{
        struct pail_session *session = open_with(state,
                                                 P S3 "use_acelerate_endpoint = true\n  max_concurrent_requests = 20\n"
                                                      "  addressing_style = path\n  odd = x\n",
                                                 "X=y");
        const char *const *warnings = pail_session_warnings(session);

        assert_non_null(
                strstr(warnings[0],
                       "/config, profile \"default\": nothing knows the key \"use_acelerate_endpoint\" in \"s3 =\""));
        assert_non_null(strstr(warnings[1], "\"odd\""));
        assert_null(warnings[2]);
        assert_int_equal(pail_session_addressing_style(session), PAIL_ADDRESSING_PATH);
        pail_session_free(session);

        session = open_with(state, P "s3 = use_accelerate_endpoint\n", "X=y");
        assert_non_null(strstr(pail_session_warnings(session)[0], "\"s3 =\" is passed over"));
        assert_null(pail_session_warnings(session)[1]);
        pail_session_free(session);
}

/* An endpoint that was written down but does not count: requests would go to AWS without a word. */
static void test_slips(void **state)
{
        static const struct {
                const char *config, *words;
        } cases[] = {
                { P "s3 = endpoint_url=http://h\n", "\"s3 =\" is passed over" },
                { P S3 "endpoint_url = http://h\n", "endpoint_url below \"s3 =\" is passed over" },
                { P "endpoint-url = http://h\n", "\"endpoint-url\" is passed over: the key is endpoint_url" },
                { P "services = l\n[services l]\ns3 = http://h\n",
                  "[services l]: what follows \"s3 =\" is passed over" },
                { P "services = l\n[services l]\ns3 =\n  endpoint-url = http://h\n",
                  "[services l], \"s3 =\": nothing knows the key \"endpoint-url\": write endpoint_url" },
        };

        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_session *session = open_with(state, cases[i].config, "X=y");
                const char *warning = pail_session_warnings(session)[0];
                if (!warning || !strstr(warning, cases[i].words) || strstr(warning, "http://h"))
                        fail_msg("%zu: %s", i, warning ? warning : "no warning");
                assert_null(pail_session_warnings(session)[1]);
                assert_null(pail_session_endpoint_url(session));
                pail_session_free(session);
        }
        struct pail_session *session = open_with(
                state,
                P "services = l\n[services l]\ns3 =\n  endpoint_url = http://h\nsts =\n  endpoint_url = http://i\n",
                "X=y");
        assert_string_equal(pail_session_endpoint_url(session), "http://h");
        assert_null(pail_session_warnings(session)[0]);
        pail_session_free(session);
}

/* To AWS's tools all but "true" is false: so it is here, and what may have been meant is said. */
static void test_truths(void **state)
{
        static const char *const truths[] = { "AWS_USE_FIPS_ENDPOINT=1", "AWS_USE_FIPS_ENDPOINT=yes",
                                              "AWS_USE_FIPS_ENDPOINT=On", "AWS_USE_FIPS_ENDPOINT= true " };
        static const char *const untruths[] = { "AWS_USE_FIPS_ENDPOINT=0", "AWS_USE_FIPS_ENDPOINT=no",
                                                "AWS_USE_FIPS_ENDPOINT= false" };

        for (size_t i = 0; i < TEST_COUNT(truths); i++) {
                struct pail_session *session = open_with(state, P "use_fips_endpoint = true\n", truths[i]);
                assert_false(pail_session_endpoint_flags(session)->use_fips);
                assert_non_null(
                        strstr(pail_session_warnings(session)[0], "environment variable AWS_USE_FIPS_ENDPOINT = "));
                assert_non_null(strstr(pail_session_warnings(session)[0], "counts as false"));
                pail_session_free(session);
        }
        for (size_t i = 0; i < TEST_COUNT(untruths); i++) {
                struct pail_session *session = open_with(state, P "use_fips_endpoint = true\n", untruths[i]);
                assert_false(pail_session_endpoint_flags(session)->use_fips);
                assert_null(pail_session_warnings(session)[0]);
                pail_session_free(session);
        }
        struct pail_session *session = open_with(state, P S3 "use_arn_region = 1\n", "X=y");
        assert_false(pail_session_endpoint_flags(session)->use_arn_region);
        assert_non_null(
                strstr(pail_session_warnings(session)[0], "in \"s3 =\", use_arn_region = \"1\" counts as false"));
        pail_session_free(session);
}

/* What was configured for AWS says nothing of another server. */
static void test_custom_endpoint(void **state)
{
        struct pail_error error;
        const char *config = test_files_write(state, "config",
                                              P "use_fips_endpoint = true\nregion = fips-us-east-1\n" S3
                                                "use_dualstack_endpoint = true\n");
        struct pail_session *session = open_session(config, "/dev/null", "X=y", NULL, "http://h", &error);

        assert_false(pail_session_endpoint_flags(session)->use_fips);
        assert_false(pail_session_endpoint_flags(session)->use_dualstack);
        assert_non_null(strstr(pail_session_warnings(session)[0], "FIPS endpoints are configured, but not used"));
        assert_null(pail_session_warnings(session)[1]);
        pail_session_free(session);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_sources, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_others, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_bad_values, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_warnings, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_slips, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_truths, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_custom_endpoint, test_files_setup, test_files_teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
