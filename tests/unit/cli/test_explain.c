/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "pail/util/str.h"

static const struct pail_explain_context context = {
        .bucket = "bucket",
        .prefix = "a/",
        .endpoint = "http://h:1",
        .profile = "work",
        .access_key_id = "AKIA",
        .keys_from = "credentials file /x/credentials",
};

static void test_no_s3(void **state)
{
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        pail_error_set(&error, PAIL_ERROR_SERVICE, "HTTP status 404");
        error.http_status = 404;
        pail_explain(&error, &context);
        assert_non_null(strstr(error.message, "does not answer as S3"));
}

/* The sentence for a code of the server has both. */
static void assert_sentence(const char *code, int http_status, const char *first, const char *second)
{
        struct pail_error error = PAIL_ERROR_INIT;
        pail_error_set(&error, PAIL_ERROR_SERVICE, "said by the server");
        error.http_status = http_status;
        pail_str_copy(error.code, sizeof(error.code), code);
        pail_str_copy(error.request_id, sizeof(error.request_id), "tx1");
        pail_explain(&error, &context);
        if (!strstr(error.message, first) || !strstr(error.message, second) || !strstr(error.message, "tx1") ||
            strchr(error.message, '\n'))
                fail_msg("%s: \"%s\"", code, error.message);
}

/* Where the list of buckets was asked for there is none to name. */
static void test_all_buckets(void **state)
{
        (void)state;
        struct pail_explain_context all = context;
        all.bucket = all.prefix = "";
        static const struct {
                const char *code, *words;
                int http_status;
        } cases[] = {
                { "AccountProblem", "may not list buckets", 403 },
                { "NoSuchBucket", "does not answer as S3", 404 },
                { "InvalidAccessKeyId", "AKIA", 403 },
                { "PermanentRedirect", "region", 301 },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct pail_error error = PAIL_ERROR_INIT;
                pail_error_set(&error, PAIL_ERROR_SERVICE, "said by the server");
                error.http_status = cases[i].http_status;
                pail_str_copy(error.code, sizeof(error.code), cases[i].code);
                pail_explain(&error, &all);
                if (!strstr(error.message, cases[i].words) || strstr(error.message, "''"))
                        fail_msg("%s: \"%s\"", cases[i].code, error.message);
        }
}

static void test_service(void **state)
{
        (void)state;
        assert_sentence("NoSuchBucket", 404, "'bucket'", "http://h:1");
        assert_sentence("InvalidAccessKeyId", 403, "AKIA", "/x/credentials");
        assert_sentence("SignatureDoesNotMatch", 403, "secret", "work");
        assert_sentence("ExpiredToken", 400, "token", "ExpiredToken");
        assert_sentence("RequestTimeTooSkewed", 403, "clock", "http://h:1");
        assert_sentence("AccessDenied", 403, "denied", "work");
        assert_sentence("AccessDenied", 403, "'bucket'", "under a/");
        assert_sentence("", 403, "denied", "work");
        assert_sentence("PermanentRedirect", 301, "region", "us-east-1");
        assert_sentence("Strange", 418, "said by the server", "Strange");
}

static void test_transport(void **state)
{
        (void)state;
        static const struct {
                enum pail_error_class class;
                const char *words;
        } cases[] = {
                { PAIL_ERROR_RESOLVE, "cannot reach http://h:1" },
                { PAIL_ERROR_CONNECT, "endpoint_url" },
                { PAIL_ERROR_TIMEOUT, "in time" },
                { PAIL_ERROR_TLS, "ca_bundle" },
                { PAIL_ERROR_PROTOCOL, "does not answer as S3" },
                { PAIL_ERROR_TRANSFER, "does not answer as S3" },
                { PAIL_ERROR_CONFIG, "the cause" },
                { PAIL_ERROR_CREDENTIALS, "the cause" },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct pail_error error = PAIL_ERROR_INIT;
                pail_error_set(&error, cases[i].class, "the cause");
                pail_explain(&error, &context);
                if (!strstr(error.message, cases[i].words) || !strstr(error.message, "the cause"))
                        fail_msg("%s: \"%s\"", pail_error_class_name(cases[i].class), error.message);
        }
}

static void test_anonymous(void **state)
{
        (void)state;
        struct pail_explain_context anonymous = context;
        anonymous.access_key_id = "";
        struct pail_error error = PAIL_ERROR_INIT;
        pail_error_set(&error, PAIL_ERROR_SERVICE, "x");
        error.http_status = 403;
        pail_str_copy(error.code, sizeof(error.code), "AccessDenied");
        pail_explain(&error, &anonymous);
        assert_non_null(strstr(error.message, "anonymous"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_service),
                cmocka_unit_test(test_all_buckets),
                cmocka_unit_test(test_transport),
                cmocka_unit_test(test_anonymous),
                cmocka_unit_test(test_no_s3),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
