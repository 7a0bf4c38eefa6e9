/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What AWS's rules make of settings and names: facts of their endpoint tests, above all those that the botocore of the distribution does not
 * know yet (tests/integration/test_endpoint_botocore.py compares the others).
 */
#include "../../support/test.h"
#include "aws/endpoint/partition.h"
#include "pail/aws/endpoint.h"
#include "pail/aws/session.h"

enum { D = 1, F = 2, A = 4 }; /* dual stack, FIPS, accelerate */

struct wanted {
        unsigned flags;
        const char *variable; /* NULL: none */
        const char *url, *region, *bucket;
};

static struct pail_session *open_session(const struct wanted *wanted, struct pail_error *error)
{
        char variable[128], *environment[] = { variable, NULL };
        const struct pail_session_options options = { .endpoint_url = wanted->url,
                                                      .region = wanted->region,
                                                      .use_dualstack_endpoint = wanted->flags & D,
                                                      .use_fips_endpoint = wanted->flags & F,
                                                      .use_accelerate_endpoint = wanted->flags & A,
                                                      .config_file = "/dev/null",
                                                      .credentials_file = "/dev/null",
                                                      .no_sign_request = true,
                                                      .environment = environment };
        struct pail_session *session = NULL;

        snprintf(variable, sizeof(variable), "%s", wanted->variable ? wanted->variable : "X=y");
        if (pail_session_new(&options, &session, error) < 0)
                fail_msg("%s", error->message);
        return session;
}

static int resolve(const struct wanted *wanted, bool control, struct pail_endpoint *endpoint, struct pail_error *error)
{
        struct pail_session *session = open_session(wanted, error);
        int r = control ? pail_endpoint_resolve_control(pail_session_endpoint_settings(session), wanted->bucket, NULL,
                                                        endpoint, error)
                        : pail_endpoint_resolve(pail_session_endpoint_settings(session), wanted->bucket, NULL, endpoint,
                                                error);

        pail_session_free(session);
        return r;
}

#define AP "arn:aws:s3:us-west-2:123456789012:accesspoint/point"
#define LAMBDA "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint:point"
#define OUTPOST "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01/accesspoint/point"
#define MRAP "arn:aws:s3::123456789012:accesspoint/alias.mrap"
#define ALIAS(hardware) "test-accessp-" hardware "e8xz5w8ijx1qzlbp3i3kuse10--op-s3"
#define LEGACY "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT=legacy"
#define NO_SESSIONS "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH=true"
#define V4 PAIL_SIGNING_V4
#define V4A PAIL_SIGNING_V4A
#define EXPRESS PAIL_SIGNING_EXPRESS

static const struct {
        struct wanted wanted;
        const char *url; /* origin and path prefix */
        const char *region, *name;
        enum pail_signing signing;
} cases[] = {
        /* buckets */
        { { D, NULL, NULL, "eu-west-1", "bucket" },
          "https://bucket.s3.dualstack.eu-west-1.amazonaws.com",
          "eu-west-1",
          "s3",
          V4 },
        { { D, NULL, NULL, "eu-west-1", "a.b" },
          "https://s3.dualstack.eu-west-1.amazonaws.com/a.b",
          "eu-west-1",
          "s3",
          V4 },
        { { F, NULL, NULL, "us-west-2", "bucket" },
          "https://bucket.s3-fips.us-west-2.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { F, NULL, NULL, "us-west-2", "a.b" }, "https://s3-fips.us-west-2.amazonaws.com/a.b", "us-west-2", "s3", V4 },
        { { D | F, NULL, NULL, "us-west-2", "bucket" },
          "https://bucket.s3-fips.dualstack.us-west-2.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { 0, NULL, NULL, "fips-us-west-2", "bucket" },
          "https://bucket.s3-fips.us-west-2.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { 0, NULL, NULL, "us-west-2-fips", NULL }, "https://s3-fips.us-west-2.amazonaws.com", "us-west-2", "s3", V4 },
        { { A, NULL, NULL, "us-west-2", "bucket" },
          "https://bucket.s3-accelerate.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { A | D, NULL, NULL, "us-west-2", "bucket" },
          "https://bucket.s3-accelerate.dualstack.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { A, NULL, NULL, "us-west-2", NULL }, "https://s3.us-west-2.amazonaws.com", "us-west-2", "s3", V4 },
        { { 0, NULL, NULL, "eusc-de-east-1", "bucket" },
          "https://bucket.s3.eusc-de-east-1.amazonaws.eu",
          "eusc-de-east-1",
          "s3",
          V4 },
        { { 0, LEGACY, NULL, "us-east-1", "bucket" }, "https://bucket.s3.amazonaws.com", "us-east-1", "s3", V4 },
        { { 0, LEGACY, NULL, "us-west-2", "bucket" },
          "https://bucket.s3.us-west-2.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { D, LEGACY, NULL, "us-east-1", "bucket" },
          "https://bucket.s3.dualstack.us-east-1.amazonaws.com",
          "us-east-1",
          "s3",
          V4 },
        { { F, NULL, NULL, "aws-global", "bucket" },
          "https://bucket.s3-fips.us-east-1.amazonaws.com",
          "us-east-1",
          "s3",
          V4 },
        { { 0, NULL, "https://s3-accelerate.amazonaws.com", "us-west-2", "bucket" },
          "https://bucket.s3-accelerate.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { 0, "AWS_USE_DUALSTACK_ENDPOINT=true", "http://h", NULL, "bucket" },
          "http://h/bucket",
          "us-east-1",
          "s3",
          V4 },
        { { 0, "AWS_USE_FIPS_ENDPOINT=true", "http://h", NULL, "bucket" }, "http://h/bucket", "us-east-1", "s3", V4 },
        /* access points */
        { { 0, NULL, NULL, "us-east-1", AP },
          "https://point-123456789012.s3-accesspoint.us-west-2.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { 0, NULL, NULL, NULL, AP },
          "https://point-123456789012.s3-accesspoint.us-west-2.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { D, NULL, NULL, NULL, AP },
          "https://point-123456789012.s3-accesspoint.dualstack.us-west-2.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { D | F, NULL, NULL, NULL, AP },
          "https://point-123456789012.s3-accesspoint-fips.dualstack.us-west-2.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { 0, NULL, "https://vpce.example/base/", NULL, AP },
          "https://point-123456789012.vpce.example/base",
          "us-west-2",
          "s3",
          V4 },
        { { 0, "AWS_S3_USE_ARN_REGION=false", NULL, "us-west-2", AP },
          "https://point-123456789012.s3-accesspoint.us-west-2.amazonaws.com",
          "us-west-2",
          "s3",
          V4 },
        { { 0, NULL, NULL, NULL, LAMBDA },
          "https://point-123456789012.s3-object-lambda.us-west-2.amazonaws.com",
          "us-west-2",
          "s3-object-lambda",
          V4 },
        { { F, NULL, NULL, NULL, LAMBDA },
          "https://point-123456789012.s3-object-lambda-fips.us-west-2.amazonaws.com",
          "us-west-2",
          "s3-object-lambda",
          V4 },
        { { 0, NULL, NULL, NULL, OUTPOST },
          "https://point-123456789012.op-01.s3-outposts.us-west-2.amazonaws.com",
          "us-west-2",
          "s3-outposts",
          V4 },
        { { 0, NULL, NULL, "us-east-1", MRAP },
          "https://alias.mrap.accesspoint.s3-global.amazonaws.com",
          "*",
          "s3",
          V4A },
        { { 0, NULL, "https://vpce.example", NULL, MRAP },
          "https://alias.mrap.accesspoint.s3-global.amazonaws.com",
          "*",
          "s3",
          V4A },
        { { 0, NULL, NULL, "us-west-1", ALIAS("o0b1d075431d83bebd") },
          "https://" ALIAS("o0b1d075431d83bebd") ".op-0b1d075431d83bebd.s3-outposts.us-west-1.amazonaws.com",
          "us-west-1",
          "s3-outposts",
          V4 },
        { { 0, NULL, NULL, "us-east-1", ALIAS("e0000075431d83bebd") },
          "https://" ALIAS("e0000075431d83bebd") ".ec2.s3-outposts.us-east-1.amazonaws.com",
          "us-east-1",
          "s3-outposts",
          V4 },
        /* directory buckets */
        { { 0, NULL, NULL, "us-west-2", "b--usw2-az1--x-s3" },
          "https://b--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com",
          "us-west-2",
          "s3express",
          EXPRESS },
        { { 0, NULL, NULL, "us-west-2", "p--usw2-az12--xa-s3" },
          "https://p--usw2-az12--xa-s3.s3express-usw2-az12.us-west-2.amazonaws.com",
          "us-west-2",
          "s3express",
          EXPRESS },
        { { 0, NULL, NULL, "us-east-1", "my--s3--bucket--abcd-ab1--x-s3" },
          "https://my--s3--bucket--abcd-ab1--x-s3.s3express-abcd-ab1.us-east-1.amazonaws.com",
          "us-east-1",
          "s3express",
          EXPRESS },
        { { D, NULL, NULL, "us-west-2", "b--test1-long1-zone-ab1--x-s3" },
          "https://b--test1-long1-zone-ab1--x-s3.s3express-test1-long1-zone-ab1.dualstack.us-west-2.amazonaws.com",
          "us-west-2",
          "s3express",
          EXPRESS },
        { { D | F, NULL, NULL, "us-west-2", "b--usw2-az1--x-s3" },
          "https://b--usw2-az1--x-s3.s3express-fips-usw2-az1.dualstack.us-west-2.amazonaws.com",
          "us-west-2",
          "s3express",
          EXPRESS },
        { { 0, NO_SESSIONS, NULL, "us-west-2", "b--usw2-az1--x-s3" },
          "https://b--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com",
          "us-west-2",
          "s3express",
          V4 },
        { { 0, NULL, "https://custom.com", "us-west-2", "b--usw2-az1--x-s3" },
          "https://b--usw2-az1--x-s3.custom.com",
          "us-west-2",
          "s3express",
          EXPRESS },
        { { 0, NULL, "https://10.0.0.1", "us-west-2", "b--usw2-az1--x-s3" },
          "https://10.0.0.1/b--usw2-az1--x-s3",
          "us-west-2",
          "s3express",
          EXPRESS },
};

static void test_rules(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_error error = PAIL_ERROR_INIT;
                struct pail_endpoint endpoint = { 0 };
                char url[512];

                if (resolve(&cases[i].wanted, false, &endpoint, &error) < 0)
                        fail_msg("%s: %s", cases[i].url, error.message);
                snprintf(url, sizeof(url), "%s%s", endpoint.origin, endpoint.path_prefix);
                assert_string_equal(url, cases[i].url);
                assert_string_equal(endpoint.signing_region, cases[i].region);
                assert_string_equal(endpoint.signing_name, cases[i].name);
                assert_int_equal(endpoint.signing, cases[i].signing);
                pail_endpoint_done(&endpoint);
        }
}

static const struct {
        struct wanted wanted;
        const char *message;
} refused[] = {
        { { A | F, NULL, NULL, "us-west-2", "bucket" },
          "use_fips_endpoint and use_accelerate_endpoint exclude each other" },
        { { A, NULL, "https://h", NULL, "bucket" },
          "use_accelerate_endpoint chooses an endpoint of AWS, and endpoint_url another" },
        { { D, NULL, "https://h", NULL, "bucket" }, "use_dualstack_endpoint chooses an endpoint of AWS" },
        { { F, NULL, "https://h", NULL, NULL }, "use_fips_endpoint chooses an endpoint of AWS" },
        { { F, NULL, NULL, "cn-north-1", "bucket" }, "there are no FIPS endpoints in region cn-north-1" },
        { { A, NULL, NULL, "cn-north-1", "bucket" }, "there is no accelerate endpoint in region cn-north-1" },
        { { A, NULL, NULL, "us-west-2", "a.b" }, "cannot be used with bucket \"a.b\"" },
        { { A, NULL, NULL, NULL, AP }, "an access point has no accelerate endpoint" },
        { { D, NULL, NULL, NULL, LAMBDA }, "an object lambda access point has no dual-stack endpoint" },
        { { F, NULL, NULL, NULL, OUTPOST }, "an outposts access point has no FIPS endpoint" },
        { { D, NULL, NULL, NULL, OUTPOST }, "an outposts access point has no dual-stack endpoint" },
        { { D, NULL, NULL, NULL, MRAP }, "a multi-region access point has no dual-stack endpoint" },
        { { F, NULL, NULL, NULL, MRAP }, "a multi-region access point has no FIPS endpoint" },
        { { A, NULL, NULL, NULL, MRAP }, "a multi-region access point has no accelerate endpoint" },
        { { 0, "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS=true", NULL, NULL, MRAP },
          "switched off by s3_disable_multiregion_access_points" },
        { { 0, NULL, NULL, "cn-north-1", MRAP }, "in another partition of AWS than region cn-north-1" },
        { { 0, NULL, NULL, "cn-north-1", AP }, "in another partition of AWS than the configured region cn-north-1" },
        { { 0, "AWS_S3_USE_ARN_REGION=false", NULL, "us-east-1", AP },
          "use_arn_region is false: set region=us-west-2" },
        { { 0, NULL, "https://10.0.0.1", NULL, AP }, "needs an endpoint_url with a host name" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3" }, "is not an ARN" },
        { { 0, NULL, NULL, NULL, "arn:aws:sqs:us-west-2:1:accesspoint/a" }, "is of the service \"sqs\", not of S3" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3:us-west-2:1:bucket/a" },
          "is not the ARN of an access point, as in arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3:us-west-2:1:accesspoint/" }, "is not the ARN of an access point" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3:us-west-2:1:accesspoint/a/b" }, "is not the ARN of an access point" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3:::bucket" }, "is not the ARN of a multi-region access point" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3-outposts:us-west-2:1:outpost/op/bucket/a" },
          "is not the ARN of an outposts access point" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3:us-west-2:1_2:accesspoint/a" },
          "its account, \"1_2\", is not made of letters" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3:us-west-2:1:accesspoint/a.b" },
          "its access point, \"a.b\", is not made of letters" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3:us-west-2:1:accesspoint/evil#" },
          "its access point, \"evil#\", is not made of letters" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3-outposts:us-west-2:1:outpost/o.p/accesspoint/a" },
          "its outpost, \"o.p\"" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3:evil.com#:1:accesspoint/a" },
          "\"evil.com#\" is not the name of a region" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3::1:accesspoint/a..b" }, "cannot be part of a host's name" },
        { { 0, NULL, NULL, NULL, "arn:aws:s3::1:accesspoint/evil.com#" }, "cannot be part of a host's name" },
        { { 0, NULL, NULL, NULL, ALIAS("h0000075431d83bebd") }, "is not the alias of an outposts access point" },
        { { D, NULL, NULL, NULL, ALIAS("e0000075431d83bebd") }, "an outposts access point has no dual-stack endpoint" },
        { { A, NULL, NULL, NULL, "b--usw2-az1--x-s3" }, "cannot be used with directory buckets" },
        { { 0, NULL, NULL, NULL, "my.b--usw2-az1--x-s3" }, "is not the name of a directory bucket" },
        { { 0, NULL, NULL, NULL, "b--x-s3" }, "is not the name of a directory bucket" },
        { { 0, NULL, NULL, NULL, "--usw2-az1--x-s3" }, "is not the name of a directory bucket" },
        { { 0, NULL, NULL, NULL, "b----x-s3" }, "is not the name of a directory bucket" },
};

static void test_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(refused); i++) {
                struct pail_error error = PAIL_ERROR_INIT;
                struct pail_endpoint endpoint = { 0 };

                if (resolve(&refused[i].wanted, false, &endpoint, &error) != -EINVAL)
                        fail_msg("%s: %s", refused[i].message, endpoint.origin);
                assert_int_equal(error.class, PAIL_ERROR_CONFIG);
                if (!strstr(error.message, refused[i].message))
                        fail_msg("%s: %s", refused[i].message, error.message);
        }
}

static void test_control(void **state)
{
        static const struct {
                struct wanted wanted;
                const char *url;
        } controls[] = {
                { { 0, NULL, NULL, "us-west-2", NULL }, "https://s3express-control.us-west-2.amazonaws.com" },
                { { D | F, NULL, NULL, "us-west-2", NULL },
                  "https://s3express-control-fips.dualstack.us-west-2.amazonaws.com" },
                { { 0, NULL, NULL, "us-west-2", "b--usw2-az1--x-s3" },
                  "https://s3express-control.us-west-2.amazonaws.com/b--usw2-az1--x-s3" },
                { { 0, NULL, "http://h/base", "us-west-2", NULL }, "http://h/base" },
        };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(controls); i++) {
                struct pail_error error = PAIL_ERROR_INIT;
                struct pail_endpoint endpoint = { 0 };
                char url[512];

                assert_int_equal(resolve(&controls[i].wanted, true, &endpoint, &error), 0);
                snprintf(url, sizeof(url), "%s%s", endpoint.origin, endpoint.path_prefix);
                assert_string_equal(url, controls[i].url);
                assert_string_equal(endpoint.signing_name, "s3express");
                assert_int_equal(endpoint.signing, V4);
                pail_endpoint_done(&endpoint);
        }
}

static void test_learned_region(void **state)
{
        static const struct wanted aws = { 0, LEGACY, NULL, "aws-global", NULL },
                                   custom = { 0, NULL, "http://h", NULL, NULL };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_endpoint endpoint = { 0 };
        struct pail_session *session = open_session(&aws, &error);

        (void)state;
        assert_int_equal(pail_endpoint_resolve(pail_session_endpoint_settings(session), "bucket", "eu-west-1",
                                               &endpoint, &error),
                         0);
        assert_string_equal(endpoint.host, "bucket.s3.eu-west-1.amazonaws.com");
        pail_endpoint_done(&endpoint);
        assert_int_equal(
                pail_endpoint_resolve(pail_session_endpoint_settings(session), AP, "eu-west-1", &endpoint, &error), 0);
        assert_string_equal(endpoint.signing_region, "us-west-2");
        pail_endpoint_done(&endpoint);
        assert_true(pail_endpoint_takes_region(pail_session_endpoint_settings(session), "eu-west-1"));
        assert_false(pail_endpoint_takes_region(pail_session_endpoint_settings(session), "my_region"));
        assert_false(pail_endpoint_takes_region(pail_session_endpoint_settings(session), "evil.com/"));
        assert_false(pail_endpoint_takes_region(pail_session_endpoint_settings(session), ""));
        pail_session_free(session);

        session = open_session(&custom, &error);
        assert_true(pail_endpoint_takes_region(pail_session_endpoint_settings(session), "my_region"));
        assert_false(pail_endpoint_takes_region(pail_session_endpoint_settings(session), "my/region"));
        assert_false(pail_endpoint_takes_region(pail_session_endpoint_settings(session), ""));
        pail_session_free(session);
}

static void test_partitions(void **state)
{
        (void)state;
        assert_string_equal(pail_partition_of("eu-west-1")->dual_stack_suffix, "api.aws");
        assert_string_equal(pail_partition_of("cn-north-1")->dual_stack_suffix, "api.amazonwebservices.com.cn");
        assert_string_equal(pail_partition_of("us-isob-east-1")->name, "aws-iso-b");
        assert_true(pail_endpoint_is_directory("b--usw2-az1--x-s3"));
        assert_false(pail_endpoint_is_directory("x-s3"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rules),      cmocka_unit_test(test_refused),
                cmocka_unit_test(test_control),    cmocka_unit_test(test_learned_region),
                cmocka_unit_test(test_partitions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
