/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/endpoint.h"

#include "../../support/test.h"
#include "aws/endpoint/bucket_label.h"
#include "pail/aws/session.h"

static struct pail_session *open_session(const char *url, const char *region, enum pail_addressing_style style)
{
        char *environment[] = { NULL };
        const struct pail_session_options options = { .endpoint_url = url,
                                                      .region = region,
                                                      .addressing_style = style,
                                                      .config_file = "/dev/null",
                                                      .credentials_file = "/dev/null",
                                                      .no_sign_request = true,
                                                      .environment = environment };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_session *session = NULL;

        assert_int_equal(pail_session_new(&options, &session, &error), 0);
        return session;
}

#define LABEL63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"

static const struct {
        const char *url; /* NULL: AWS's own */
        const char *region;
        enum pail_addressing_style style;
        const char *bucket; /* NULL: the service */
        /* expected */
        const char *origin;
        const char *base_path, *path_prefix, *signing_region;
} cases[] = {
        /* AWS by region and partition */
        { NULL, NULL, PAIL_ADDRESSING_AUTO, NULL, "https://s3.us-east-1.amazonaws.com", "", "", "us-east-1" },
        { NULL, "aws-global", PAIL_ADDRESSING_AUTO, "b-1", "https://b-1.s3.amazonaws.com", "", "", "us-east-1" },
        { NULL, "eu-west-1", PAIL_ADDRESSING_AUTO, "bucket", "https://bucket.s3.eu-west-1.amazonaws.com", "", "",
          "eu-west-1" },
        { NULL, "cn-north-1", PAIL_ADDRESSING_AUTO, "bucket", "https://bucket.s3.cn-north-1.amazonaws.com.cn", "", "",
          "cn-north-1" },
        { NULL, "us-gov-west-1", PAIL_ADDRESSING_AUTO, NULL, "https://s3.us-gov-west-1.amazonaws.com", "", "",
          "us-gov-west-1" },
        { NULL, "eusc-de-east-1", PAIL_ADDRESSING_AUTO, NULL, "https://s3.eusc-de-east-1.amazonaws.eu", "", "",
          "eusc-de-east-1" },
        { NULL, "us-iso-east-1", PAIL_ADDRESSING_AUTO, NULL, "https://s3.us-iso-east-1.c2s.ic.gov", "", "",
          "us-iso-east-1" },
        { NULL, "us-isob-east-1", PAIL_ADDRESSING_AUTO, NULL, "https://s3.us-isob-east-1.sc2s.sgov.gov", "", "",
          "us-isob-east-1" },
        { NULL, "eu-isoe-west-1", PAIL_ADDRESSING_AUTO, NULL, "https://s3.eu-isoe-west-1.cloud.adc-e.uk", "", "",
          "eu-isoe-west-1" },
        { NULL, "us-isof-south-1", PAIL_ADDRESSING_AUTO, NULL, "https://s3.us-isof-south-1.csp.hci.ic.gov", "", "",
          "us-isof-south-1" },
        { NULL, "mars-north-9", PAIL_ADDRESSING_AUTO, NULL, "https://s3.mars-north-9.amazonaws.com", "", "",
          "mars-north-9" },
        /* AWS, bucket names that are no host label */
        { NULL, "r-1", PAIL_ADDRESSING_AUTO, "dotted.name", "https://s3.r-1.amazonaws.com", "", "/dotted.name", "r-1" },
        { NULL, "r-1", PAIL_ADDRESSING_VIRTUAL, "dotted.name", "https://s3.r-1.amazonaws.com", "", "/dotted.name",
          "r-1" },
        { NULL, "r-1", PAIL_ADDRESSING_AUTO, "Upper", "https://s3.r-1.amazonaws.com", "", "/Upper", "r-1" },
        { NULL, "r-1", PAIL_ADDRESSING_AUTO, "under_score", "https://s3.r-1.amazonaws.com", "", "/under_score", "r-1" },
        { NULL, "r-1", PAIL_ADDRESSING_PATH, "bucket", "https://s3.r-1.amazonaws.com", "", "/bucket", "r-1" },
        { NULL, "r-1", PAIL_ADDRESSING_AUTO, LABEL63, "https://" LABEL63 ".s3.r-1.amazonaws.com", "", "", "r-1" },
        { NULL, "r-1", PAIL_ADDRESSING_AUTO, LABEL63 "h", "https://s3.r-1.amazonaws.com", "", "/" LABEL63 "h", "r-1" },
        /* custom endpoints */
        { "http://127.0.0.1:7480", NULL, PAIL_ADDRESSING_AUTO, "bucket", "http://127.0.0.1:7480", "", "/bucket",
          "us-east-1" },
        { "http://127.0.0.1:7480/", "default", PAIL_ADDRESSING_AUTO, NULL, "http://127.0.0.1:7480", "", "", "default" },
        { "http://127.0.0.1:7480", NULL, PAIL_ADDRESSING_VIRTUAL, "bucket", "http://127.0.0.1:7480", "", "/bucket",
          "us-east-1" },
        { "http://[::1]:80", NULL, PAIL_ADDRESSING_VIRTUAL, "bucket", "http://[::1]", "", "/bucket", "us-east-1" },
        { "https://Host.Example:443", "x_y", PAIL_ADDRESSING_AUTO, "bucket", "https://host.example", "", "/bucket",
          "x_y" },
        { "https://h:9000", NULL, PAIL_ADDRESSING_VIRTUAL, "bucket", "https://bucket.h:9000", "", "", "us-east-1" },
        { "https://h", NULL, PAIL_ADDRESSING_VIRTUAL, "a.b.c", "https://h", "", "/a.b.c", "us-east-1" },
        { "http://h", NULL, PAIL_ADDRESSING_VIRTUAL, "a.b.c", "http://a.b.c.h", "", "", "us-east-1" },
        { "http://h/base", NULL, PAIL_ADDRESSING_AUTO, NULL, "http://h", "/base", "/base", "us-east-1" },
        { "http://h/base/two//", NULL, PAIL_ADDRESSING_AUTO, "bucket", "http://h", "/base/two", "/base/two/bucket",
          "us-east-1" },
        { "http://h/base", NULL, PAIL_ADDRESSING_VIRTUAL, "bucket", "http://bucket.h", "/base", "/base", "us-east-1" },
        { "http://h", NULL, PAIL_ADDRESSING_AUTO, "tenant:bucket", "http://h", "", "/tenant%3Abucket", "us-east-1" },
};

static void test_cases(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_session *session = open_session(cases[i].url, cases[i].region, cases[i].style);
                struct pail_error error = PAIL_ERROR_INIT;
                struct pail_endpoint endpoint = { 0 };
                char base_url[512];

                if (pail_endpoint_resolve(pail_session_endpoint_settings(session), cases[i].bucket, NULL, &endpoint,
                                          &error) < 0)
                        fail_msg("case %zu: %s", i, error.message);
                assert_string_equal(endpoint.origin, cases[i].origin);
                assert_string_equal(endpoint.host, strstr(cases[i].origin, "://") + 3);
                assert_string_equal(endpoint.path_prefix, cases[i].path_prefix);
                snprintf(base_url, sizeof(base_url), "%s%s", cases[i].origin, cases[i].base_path);
                assert_string_equal(endpoint.base_url, base_url);
                assert_string_equal(endpoint.signing_region, cases[i].signing_region);
                assert_string_equal(endpoint.signing_name, "s3");
                assert_int_equal(endpoint.is_https, strncmp(cases[i].origin, "https", 5) == 0);
                if (cases[i].bucket)
                        assert_int_equal(endpoint.is_path_style,
                                         strlen(cases[i].path_prefix) > strlen(cases[i].base_path));
                pail_endpoint_done(&endpoint);
                assert_null(endpoint.host);
                pail_session_free(session);
        }
        pail_endpoint_done(NULL);
}

static const struct {
        const char *url, *bucket, *region, *message;
} refused[] = {
        { NULL, "", NULL, "\"\" is not the name of a bucket" },
        { NULL, "..", NULL, "\"..\" is not the name of a bucket" },
        { NULL, "a/b", NULL, "\"a/b\" is not the name of a bucket" },
        { NULL, "a b", NULL, "\"a b\" is not the name of a bucket" },
        { NULL, "tenant:bucket", NULL, "\"tenant:bucket\" is not the name of a bucket" },
        { "http://h", "b\xc3\xbc", NULL, "is not the name of a bucket" },
        { "http://h", "a/b", NULL, "\"a/b\" is not the name of a bucket" },
        /* A region that a server could have sent must not become a host of its choice. */
        { NULL, "bucket", "evil.example/", "\"evil.example/\" is not the name of a region" },
        { NULL, "bucket", "evil.example#", "is not the name of a region" },
        { NULL, "bucket", "a.b", "is not the name of a region" },
        { NULL, "bucket", "-a", "is not the name of a region" },
        { NULL, "bucket", "a-", "is not the name of a region" },
        { NULL, "bucket", "", "is not the name of a region" },
        { NULL, "bucket", LABEL63 "h", "is not the name of a region" },
        { "http://h", "bucket", "a/b", "is not the name of a region" },
        { "http://h", "bucket", "a b", "is not the name of a region" },
        { "http://h", "bucket", "", "is not the name of a region" },
        { "h:9000", NULL, NULL, "endpoint_url \"h:9000\": it does not begin with http:// or https://" },
        { "http://", NULL, NULL, "endpoint_url \"http://\": it has no valid host name" },
        { "http://h:0", NULL, NULL, "its port is not a number from 1 to 65535" },
        { "http://h/?x", NULL, NULL, "it must not contain a '?'" },
        { "http://user:secret@h/", NULL, NULL, "endpoint_url: it must not contain a user name or a password" },
};

static void test_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(refused); i++) {
                struct pail_session *session = open_session(refused[i].url, NULL, PAIL_ADDRESSING_AUTO);
                struct pail_error error = PAIL_ERROR_INIT;
                struct pail_endpoint endpoint = { 0 };

                assert_int_equal(pail_endpoint_resolve(pail_session_endpoint_settings(session), refused[i].bucket,
                                                       refused[i].region, &endpoint, &error),
                                 -EINVAL);
                assert_int_equal(error.class, PAIL_ERROR_CONFIG);
                if (!strstr(error.message, refused[i].message))
                        fail_msg("case %zu: %s", i, error.message);
                assert_null(strstr(error.message, "secret"));
                assert_null(endpoint.host);
                pail_session_free(session);
        }
}

static void test_region_override(void **state)
{
        struct pail_session *session = open_session(NULL, "us-west-2", PAIL_ADDRESSING_AUTO);
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_endpoint endpoint;

        (void)state;
        assert_int_equal(pail_endpoint_resolve(pail_session_endpoint_settings(session), "bucket", "cn-north-1",
                                               &endpoint, &error),
                         0);
        assert_string_equal(endpoint.host, "bucket.s3.cn-north-1.amazonaws.com.cn");
        assert_string_equal(endpoint.signing_region, "cn-north-1");
        pail_endpoint_done(&endpoint);
        pail_session_free(session);
}

static void test_virtual_hostable(void **state)
{
        static const char *const both[] = { "abc", "a-b", "1bc", "a--b", "abc1", "0-0", LABEL63 };
        static const char *const http_only[] = { "a.b", "a.b.c-d", "1.2.3", "1.2.3.a" };
        static const char *const never[] = { "",     "ab",      "-ab",  "ab-",       ".ab",      "ab.",
                                             "a..b", "a.-b",    "a-.b", "A-b",       "a_b",      "a b",
                                             "a/b",  "1.2.3.4", "a:b",  LABEL63 "h", "a\xc3\xbc" };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(both); i++) {
                assert_true(pail_bucket_label_is_hostable(both[i], true));
                assert_true(pail_bucket_label_is_hostable(both[i], false));
        }
        for (size_t i = 0; i < TEST_COUNT(http_only); i++) {
                assert_false(pail_bucket_label_is_hostable(http_only[i], true));
                assert_true(pail_bucket_label_is_hostable(http_only[i], false));
        }
        for (size_t i = 0; i < TEST_COUNT(never); i++) {
                assert_false(pail_bucket_label_is_hostable(never[i], true));
                assert_false(pail_bucket_label_is_hostable(never[i], false));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_region_override),
                cmocka_unit_test(test_virtual_hostable),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
