/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/daemon/diagnose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "pail/util/str.h"

static const struct pail_diagnosis_context context = {
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
        pail_diagnose_message(&error, &context);
        assert_non_null(strstr(error.message, "does not answer as S3"));
}

/* The page of a proxy before the server, of which the S3 layer has made a sentence. */
static void test_too_large(void **state)
{
        static const char words[] = "the proxy at h takes no bodies of 8 MiB: lower part_size or raise its limit";
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        pail_error_set(&error, PAIL_ERROR_SERVICE, "%s", words);
        error.http_status = 413;
        pail_diagnose_message(&error, &context);
        assert_string_equal(error.message, words);
}

/* The sentence for a code of the server has both. */
static void assert_sentence(const char *code, int http_status, const char *first, const char *second)
{
        struct pail_error error = PAIL_ERROR_INIT;
        pail_error_set(&error, PAIL_ERROR_SERVICE, "said by the server");
        error.http_status = http_status;
        pail_str_copy(error.code, sizeof(error.code), code);
        pail_str_copy(error.request_id, sizeof(error.request_id), "tx1");
        pail_diagnose_message(&error, &context);
        if (!strstr(error.message, first) || !strstr(error.message, second) || !strstr(error.message, "tx1") ||
            strchr(error.message, '\n'))
                fail_msg("%s: \"%s\"", code, error.message);
}

static void test_bucket_in_the_endpoint(void **state)
{
        static const struct {
                const char *endpoint;
                bool is_there;
        } cases[] = {
                { "http://h:1/bucket", true },
                { "http://h/base/bucket//", true },
                { "https://bucket.s3.example", true },
                { "http://h/bucket2", false },
                { "http://h/my-bucket", false },
                { "http://h/bucket/x", false },
                { "https://buckets.example", false },
                { "http://bucket", false },
                { NULL, false },
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct pail_diagnosis_context there = context;
                struct pail_diagnosis diagnosis;
                struct pail_error error = PAIL_ERROR_INIT;
                there.endpoint = cases[i].endpoint;
                pail_error_set(&error, PAIL_ERROR_SERVICE, "no such key");
                error.http_status = 404;
                pail_str_copy(error.code, sizeof(error.code), "NoSuchKey");
                pail_str_copy(error.request_id, sizeof(error.request_id), "tx1");
                pail_diagnose(&error, &there, &diagnosis);
                if (!strstr(diagnosis.remedy, "take it off") == cases[i].is_there)
                        fail_msg("%s: %s", cases[i].endpoint, diagnosis.remedy);
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
        assert_sentence("EntityTooLarge", 413, "said by the server", "EntityTooLarge");
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
                { PAIL_ERROR_TLS, "no safe connection" },
                { PAIL_ERROR_PROTOCOL, "does not answer as S3" },
                { PAIL_ERROR_TRANSFER, "does not answer as S3" },
                { PAIL_ERROR_CONFIG, "the cause" },
                { PAIL_ERROR_CREDENTIALS, "the cause" },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct pail_error error = PAIL_ERROR_INIT;
                pail_error_set(&error, cases[i].class, "the cause");
                pail_diagnose_message(&error, &context);
                if (!strstr(error.message, cases[i].words) || !strstr(error.message, "the cause"))
                        fail_msg("%s: \"%s\"", pail_error_class_name(cases[i].class), error.message);
        }
}

static void test_anonymous(void **state)
{
        (void)state;
        struct pail_diagnosis_context anonymous = context;
        anonymous.access_key_id = "";
        struct pail_error error = PAIL_ERROR_INIT;
        pail_error_set(&error, PAIL_ERROR_SERVICE, "x");
        error.http_status = 403;
        pail_str_copy(error.code, sizeof(error.code), "AccessDenied");
        pail_diagnose_message(&error, &anonymous);
        assert_non_null(strstr(error.message, "anonymous"));
}

static void assert_parts(struct pail_error *error, const struct pail_diagnosis_context *from, enum pail_cause cause,
                         const char *detail, const char *remedy)
{
        struct pail_diagnosis diagnosis;
        pail_diagnose(error, from, &diagnosis);
        assert_int_equal(diagnosis.cause, cause);
        if (!strstr(diagnosis.detail, detail) || !strstr(diagnosis.remedy, remedy))
                fail_msg("\"%s\" and \"%s\"", diagnosis.detail, diagnosis.remedy);
}

static void test_parts(void **state)
{
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        assert_parts(&error, &context, PAIL_CAUSE_NONE, "", "");
        pail_error_set(&error, PAIL_ERROR_CONFIG, "the cause");
        assert_parts(&error, &context, PAIL_CAUSE_CONFIG, "the cause", "correct");
        pail_error_set(&error, PAIL_ERROR_CREDENTIALS, "the cause");
        assert_parts(&error, &context, PAIL_CAUSE_CREDENTIALS, "the cause", "pailctl configure");
        /* A login that has ended: the one command that helps. */
        pail_error_set(&error, PAIL_ERROR_CREDENTIALS, "it has expired; run: aws sso login --profile work");
        struct pail_diagnosis diagnosis;
        pail_diagnose(&error, &context, &diagnosis);
        assert_string_equal(diagnosis.detail, "it has expired");
        assert_string_equal(diagnosis.remedy, "run: aws sso login --profile work");
        pail_diagnose_message(&error, &context);
        assert_string_equal(error.message, "it has expired; run: aws sso login --profile work");
        pail_error_set(&error, PAIL_ERROR_CREDENTIALS, "the token; of SSO; run \"aws sso login\"");
        pail_diagnose(&error, &context, &diagnosis);
        assert_string_equal(diagnosis.detail, "the token; of SSO");
        assert_string_equal(diagnosis.remedy, "run \"aws sso login\"");
        pail_error_set(&error, PAIL_ERROR_TIMEOUT, "the cause");
        assert_parts(&error, &context, PAIL_CAUSE_CONNECT, "in time", "network");
        error.sent = true;
        assert_parts(&error, &context, PAIL_CAUSE_SILENT, "in time", "network");
        pail_error_set(&error, PAIL_ERROR_SYSTEM, "the disk");
        assert_parts(&error, &context, PAIL_CAUSE_OTHER, "the disk", "");
}

static void test_action(void **state)
{
        (void)state;
        struct pail_diagnosis_context asked = context;
        struct pail_error error = PAIL_ERROR_INIT;
        asked.action = "s3:ListBucket";
        pail_error_set(&error, PAIL_ERROR_SERVICE, "x");
        pail_str_copy(error.code, sizeof(error.code), "AccessDenied");
        pail_str_copy(error.request_id, sizeof(error.request_id), "tx1");
        assert_parts(&error, &asked, PAIL_CAUSE_DENIED, "may not use s3:ListBucket on bucket 'bucket' under a/",
                     "allow s3:ListBucket");
        asked.bucket = NULL;
        assert_parts(&error, &asked, PAIL_CAUSE_DENIED, "may not list buckets (AccessDenied, request tx1)",
                     "s3:ListBucket");
        assert_parts(&error, &context, PAIL_CAUSE_DENIED, "may not use bucket", "pailctl check");
        asked.keys_from = "environment";
        pail_str_copy(error.code, sizeof(error.code), "SignatureDoesNotMatch");
        assert_parts(&error, &asked, PAIL_CAUSE_SECRET, "from the environment", "AWS variables");
        pail_str_copy(error.code, sizeof(error.code), "InvalidToken");
        assert_parts(&error, &context, PAIL_CAUSE_TOKEN, "is not valid", "new one");
        pail_str_copy(error.code, sizeof(error.code), "InvalidTokenId");
        assert_parts(&error, &context, PAIL_CAUSE_TOKEN, "is not valid", "new one");
        pail_str_copy(error.code, sizeof(error.code), "XAdminUserNotFound");
        error.http_status = 404;
        assert_parts(&error, &context, PAIL_CAUSE_KEY_ID, "does not know the access key id", "");
}

static struct pail_error refusal(int http_status, const char *code, const char *words)
{
        struct pail_error error = PAIL_ERROR_INIT;
        pail_error_set(&error, PAIL_ERROR_SERVICE, "words of the table [%s]", code);
        error.http_status = http_status;
        pail_str_copy(error.code, sizeof(error.code), code);
        pail_str_copy(error.request_id, sizeof(error.request_id), "tx1");
        pail_str_copy(error.service_words, sizeof(error.service_words), words);
        return error;
}

/* 403 is not always a policy that lacks an action: S3's own sentence says which, and who can help. */
static void test_denied_by_sentence(void **state)
{
        (void)state;
        static const struct {
                const char *code, *words, *detail, *remedy;
                enum pail_cause cause;
        } cases[] = {
                { "AccessDenied", "Access Denied", "under a/ (AccessDenied", "allow s3:ListBucket", PAIL_CAUSE_DENIED },
                { "AccessDenied", "Access Denied.", "under a/ (AccessDenied", "allow s3:ListBucket",
                  PAIL_CAUSE_DENIED },
                { "AccessDenied", "User: u is not authorized with an explicit deny in a service control policy",
                  "says: User: u is not", "administrators of the organization", PAIL_CAUSE_DENIED },
                { "AccessDenied", "with an explicit deny in a resource control policy: arn:aws:x", "arn:aws:x",
                  "administrators of the organization", PAIL_CAUSE_DENIED },
                { "AccessDenied", "with an explicit deny in an identity-based policy", "explicit deny",
                  "users and roles", PAIL_CAUSE_DENIED },
                { "AccessDenied", "with an explicit deny in a new kind of policy", "new kind", "that policy",
                  PAIL_CAUSE_DENIED },
                { "AccessDenied", "because no identity-based policy allows the kms:Decrypt action", "kms:Decrypt",
                  "have its policy allow kms:Decrypt", PAIL_CAUSE_DENIED },
                { "AccessDenied", "because no VPC endpoint policy allows the s3:GetObject action", "VPC",
                  "have the VPC endpoint policy allow s3:GetObject", PAIL_CAUSE_DENIED },
                { "AccessDenied", "because no", "because no", "allow s3:ListBucket", PAIL_CAUSE_DENIED },
                { "AccessDenied", "because no session policy allows the ", "allows the", "allow s3:ListBucket",
                  PAIL_CAUSE_DENIED },
                { "NotSignedUp", "Your account is not signed up.", "says: Your account is not signed up (NotSignedUp",
                  "matter of the account", PAIL_CAUSE_OTHER },
                { "UserSuspended", "", "words of the table", "matter of the account", PAIL_CAUSE_OTHER },
                { "InvalidSecurity", "not valid", "says: not valid", "/", PAIL_CAUSE_KEY_ID },
                { "SomethingNew", "do this", "words of the table", "SomethingNew", PAIL_CAUSE_OTHER },
                { "", "\"Request blocked\"", "the page \"Request blocked\"", "firewall", PAIL_CAUSE_NOT_S3 },
        };
        struct pail_diagnosis_context asked = context;
        asked.action = "s3:ListBucket";
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct pail_error error = refusal(403, cases[i].code, cases[i].words);
                const char *remedy = pail_str_equal(cases[i].remedy, "/") ? "pailctl configure" : cases[i].remedy;
                assert_parts(&error, &asked, cases[i].cause, cases[i].detail, remedy);
        }
}

static void test_clock(void **state)
{
        (void)state;
        struct pail_error error = refusal(403, "RequestTimeTooSkewed", "");
        struct pail_diagnosis diagnosis;
        pail_diagnose(&error, &context, &diagnosis);
        assert_null(strstr(diagnosis.detail, "0 s"));
        assert_parts(&error, &context, PAIL_CAUSE_CLOCK, "is too far from", "set it right");
        error.clock_offset_s = 1200;
        assert_parts(&error, &context, PAIL_CAUSE_CLOCK, "is 1200 s behind that of", "set it right");
        error.clock_offset_s = -1200;
        assert_parts(&error, &context, PAIL_CAUSE_CLOCK, "is 1200 s ahead of that of", "set it right");
        error.clock_offset_s = 5; /* what S3 says and what its Date says do not agree */
        assert_parts(&error, &context, PAIL_CAUSE_CLOCK, "is too far from", "set it right");
}

static void test_tls(void **state)
{
        (void)state;
        static const struct {
                enum pail_error_reason reason;
                const char *detail, *remedy;
        } cases[] = {
                { PAIL_REASON_EXPIRED, "has expired", "clock of this machine says 2" },
                { PAIL_REASON_NOT_YET_VALID, "is not valid yet", "clock of this machine says 2" },
                { PAIL_REASON_OTHER_NAME, "the cause", "another name" },
                { PAIL_REASON_UNKNOWN_SIGNER, "the cause", "ca_bundle=" },
                { PAIL_REASON_NO_BUNDLE, "/x/bundle holds no certificate", "BEGIN CERTIFICATE" },
                { PAIL_REASON_NO_COMMON_TLS, "the cause", "TLS 1.2" },
                { PAIL_REASON_UNKNOWN, "the cause", "endpoint_url" },
        };
        struct pail_diagnosis_context with_bundle = context;
        struct pail_error error = PAIL_ERROR_INIT;
        with_bundle.ca_bundle = "/x/bundle";
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pail_error_set(&error, PAIL_ERROR_TLS, "the cause");
                error.reason = cases[i].reason;
                assert_parts(&error, &with_bundle, PAIL_CAUSE_TLS, cases[i].detail, cases[i].remedy);
        }
        with_bundle.other_scheme_url = "http://h:1";
        assert_parts(&error, &with_bundle, PAIL_CAUSE_TLS, "speaks plain http",
                     "write http:// in endpoint_url: http://h:1");
        with_bundle.other_scheme_url = "https://h:1";
        pail_error_set(&error, PAIL_ERROR_PROTOCOL, "the cause");
        assert_parts(&error, &with_bundle, PAIL_CAUSE_TLS, "speaks TLS", "try https:// in endpoint_url: https://h:1");
}

/* Whatever is cut off, it is not what to do. */
static void test_length(void **state)
{
        (void)state;
        struct pail_error error = refusal(403, "AccessDenied", "");
        memset(error.service_words, 'w', sizeof(error.service_words) - 1);
        struct pail_diagnosis_context wordy = context;
        char prefix[1024];
        memset(prefix, 'p', sizeof(prefix) - 1);
        prefix[sizeof(prefix) - 1] = '\0';
        wordy.prefix = prefix;
        pail_diagnose_message(&error, &wordy);
        assert_true(strlen(error.message) < sizeof(error.message));
        assert_non_null(strstr(error.message, "; \"pailctl check\" tells what its policy lacks"));
        assert_non_null(strstr(error.message, "the server says: www"));
        assert_non_null(strstr(error.message, "request tx1"));
}

/* Nobody can correct an endpoint that AWS chose. */
static void test_aws(void **state)
{
        (void)state;
        static const enum pail_error_class classes[] = { PAIL_ERROR_RESOLVE, PAIL_ERROR_CONNECT, PAIL_ERROR_TIMEOUT,
                                                         PAIL_ERROR_TRANSFER };
        struct pail_diagnosis_context aws = context;
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_diagnosis diagnosis;
        aws.endpoint = NULL;
        aws.region = "eu-wst-1";
        for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
                pail_error_set(&error, classes[i], "the cause");
                pail_diagnose(&error, &aws, &diagnosis);
                assert_non_null(strstr(diagnosis.remedy, "eu-wst-1"));
                assert_null(strstr(diagnosis.remedy, "endpoint_url"));
        }
}

/* A proxy that is asked is the first suspect, but not where the server itself has spoken. */
static void test_proxy(void **state)
{
        (void)state;
        static const enum pail_error_class suspicious[] = { PAIL_ERROR_RESOLVE, PAIL_ERROR_CONNECT, PAIL_ERROR_TIMEOUT,
                                                            PAIL_ERROR_PROTOCOL };
        struct pail_diagnosis_context through = context;
        struct pail_error error = PAIL_ERROR_INIT;
        through.proxy = "https_proxy (http://p:1)";
        for (size_t i = 0; i < sizeof(suspicious) / sizeof(suspicious[0]); i++) {
                pail_error_set(&error, suspicious[i], "the cause");
                assert_parts(&error, &through, PAIL_CAUSE_PROXY, "https_proxy (http://p:1)", "no_proxy");
        }
        pail_error_set(&error, PAIL_ERROR_SERVICE, "x");
        pail_str_copy(error.code, sizeof(error.code), "AccessDenied");
        error.http_status = 403;
        assert_parts(&error, &through, PAIL_CAUSE_PROXY, "https_proxy", "no_proxy");
        pail_str_copy(error.request_id, sizeof(error.request_id), "tx1");
        assert_parts(&error, &through, PAIL_CAUSE_DENIED, "denied", "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_service),   cmocka_unit_test(test_bucket_in_the_endpoint),
                cmocka_unit_test(test_transport), cmocka_unit_test(test_anonymous),
                cmocka_unit_test(test_no_s3),     cmocka_unit_test(test_too_large),
                cmocka_unit_test(test_parts),     cmocka_unit_test(test_action),
                cmocka_unit_test(test_proxy),     cmocka_unit_test(test_denied_by_sentence),
                cmocka_unit_test(test_clock),     cmocka_unit_test(test_tls),
                cmocka_unit_test(test_length),    cmocka_unit_test(test_aws),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
