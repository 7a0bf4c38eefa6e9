/* SPDX-License-Identifier: Apache-2.0 */
/* Where the requests to STS go; what is in them is tested by who sends them (test_assume_role.c, test_web_identity.c). */
#include "aws/credentials/providers/sts.h"

#include "../../../support/test.h"
#include "../../files.h"
#include "stage.h"

static void open_plain(struct stage *stage, void **state, const char *variable, const char *config)
{
        char home[4200];

        *stage = (struct stage){ .script = script_new() };
        snprintf(home, sizeof(home), "HOME=%s", (const char *)*state);
        stage_set(stage, home);
        stage_set(stage, variable);
        stage_open(stage, state, config, NULL, NULL);
}

static void test_endpoints(void **state)
{
        static const struct {
                const char *variable, *config, *url, *region;
        } cases[] = {
                { "A=", "", "https://sts.amazonaws.com/", "us-east-1" },
                { "AWS_REGION=eu-west-1", "", "https://sts.eu-west-1.amazonaws.com/", "eu-west-1" },
                { "AWS_REGION=aws-global", "", "https://sts.amazonaws.com/", "us-east-1" },
                { "A=", "[default]\nregion = cn-north-1\n", "https://sts.cn-north-1.amazonaws.com.cn/", "cn-north-1" },
                { "A=", "[default]\nregion = us-gov-west-1\n", "https://sts.us-gov-west-1.amazonaws.com/",
                  "us-gov-west-1" },
                { "AWS_STS_REGIONAL_ENDPOINTS=legacy", "[default]\nregion = eu-west-1\n", "https://sts.amazonaws.com/",
                  "us-east-1" },
                { "AWS_STS_REGIONAL_ENDPOINTS=legacy", "[default]\nregion = me-south-1\n",
                  "https://sts.me-south-1.amazonaws.com/", "me-south-1" },
                { "AWS_STS_REGIONAL_ENDPOINTS=regional",
                  "[default]\nregion = eu-west-1\nsts_regional_endpoints = legacy\n",
                  "https://sts.eu-west-1.amazonaws.com/", "eu-west-1" },
                { "A=", "[default]\nregion = eu-west-1\nsts_regional_endpoints = legacy\n",
                  "https://sts.amazonaws.com/", "us-east-1" },
                { "AWS_ENDPOINT_URL_STS=http://h:1/base/", "[default]\nregion = x\n", "http://h:1/base/", "x" },
                { "AWS_ENDPOINT_URL=http://h:1", "", "http://h:1/", "us-east-1" },
                { "AWS_ENDPOINT_URL_S3=http://h:1", "", "https://sts.amazonaws.com/", "us-east-1" },
                { "A=",
                  "[default]\nservices = l\nendpoint_url = http://all\n[services l]\nsts =\n  endpoint_url = http://one\n",
                  "http://one/", "us-east-1" },
                { "A=",
                  "[default]\nservices = l\nendpoint_url = http://all\n[services l]\ns3 =\n  endpoint_url = http://one\n",
                  "http://all/", "us-east-1" },
                { "AWS_USE_FIPS_ENDPOINT=true", "[default]\nregion = eu-west-1\nsts_regional_endpoints = legacy\n",
                  "https://sts-fips.eu-west-1.amazonaws.com/", "eu-west-1" },
                { "AWS_USE_FIPS_ENDPOINT=true", "[default]\nregion = us-gov-west-1\n",
                  "https://sts.us-gov-west-1.amazonaws.com/", "us-gov-west-1" },
                { "AWS_REGION=fips-us-east-1", "", "https://sts-fips.us-east-1.amazonaws.com/", "us-east-1" },
                { "AWS_USE_FIPS_ENDPOINT=true", "", "https://sts-fips.us-east-1.amazonaws.com/", "us-east-1" },
                { "A=", "[default]\nregion = cn-north-1\nuse_dualstack_endpoint = true\n",
                  "https://sts.cn-north-1.api.amazonwebservices.com.cn/", "cn-north-1" },
                { "AWS_USE_FIPS_ENDPOINT=true", "[default]\nregion = us-gov-west-1\nuse_dualstack_endpoint = true\n",
                  "https://sts-fips.us-gov-west-1.api.aws/", "us-gov-west-1" },
                { "A=", "[default]\nregion = eu-west-1\ns3 =\n  use_dualstack_endpoint = true\n",
                  "https://sts.eu-west-1.amazonaws.com/", "eu-west-1" },
                { "AWS_ENDPOINT_URL_S3=http://h:1", "[default]\nregion = eu-west-1\nuse_fips_endpoint = true\n",
                  "https://sts-fips.eu-west-1.amazonaws.com/", "eu-west-1" },
                { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "[default]\nendpoint_url = http://all\n",
                  "https://sts.amazonaws.com/", "us-east-1" },
        };

        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_sts_endpoint endpoint = { 0 };
                struct stage stage;

                open_plain(&stage, state, cases[i].variable, cases[i].config);
                if (pail_sts_endpoint_resolve(&stage.settings, &endpoint, &stage.error) < 0)
                        fail_msg("%s", stage.error.message);
                assert_string_equal(endpoint.url, cases[i].url);
                assert_string_equal(endpoint.region, cases[i].region);
                pail_sts_endpoint_done(&endpoint);
                stage_end(&stage);
        }
}

static void test_refused(void **state)
{
        static const struct {
                const char *variable, *config, *words;
        } cases[] = {
                { "AWS_REGION=a.evil.example/", "", "is not the name of a region" },
                { "AWS_STS_REGIONAL_ENDPOINTS=Legacy", "", "regional or legacy is expected" },
                { "AWS_ENDPOINT_URL_STS=sts.example", "", "the endpoint \"sts.example\" of sts" },
        };

        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_sts_endpoint endpoint = { 0 };
                struct stage stage;

                open_plain(&stage, state, cases[i].variable, cases[i].config);
                assert_int_equal(pail_sts_endpoint_resolve(&stage.settings, &endpoint, &stage.error), -EINVAL);
                assert_int_equal(stage.error.class, PAIL_ERROR_CONFIG);
                if (!strstr(stage.error.message, cases[i].words))
                        fail_msg("%s", stage.error.message);
                assert_null(endpoint.url);
                stage_end(&stage);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_endpoints, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_refused, test_files_setup, test_files_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
