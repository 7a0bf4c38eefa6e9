/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/retry/retry_classify.h"

#include "../../support/test.h"
#include "pail/aws/retry.h"

enum {
        FINAL = PAIL_RETRY_KIND_FINAL,
        TRANSIENT = PAIL_RETRY_KIND_TRANSIENT,
        THROTTLE = PAIL_RETRY_KIND_THROTTLE,
        CONFLICT = PAIL_RETRY_KIND_CONFLICT,
        DAMAGED = PAIL_RETRY_KIND_DAMAGED,
        CLOCK = PAIL_RETRY_KIND_CLOCK,
        REGION = PAIL_RETRY_KIND_REGION,
};

static void test_classes(void **state)
{
        static const int expected[] = {
                [PAIL_ERROR_NONE] = FINAL,        [PAIL_ERROR_CONFIG] = FINAL,       [PAIL_ERROR_CREDENTIALS] = FINAL,
                [PAIL_ERROR_RESOLVE] = TRANSIENT, [PAIL_ERROR_CONNECT] = TRANSIENT,  [PAIL_ERROR_TLS] = FINAL,
                [PAIL_ERROR_TIMEOUT] = TRANSIENT, [PAIL_ERROR_TRANSFER] = TRANSIENT, [PAIL_ERROR_PROTOCOL] = FINAL,
                [PAIL_ERROR_SERVICE] = FINAL,     [PAIL_ERROR_CANCELLED] = FINAL,    [PAIL_ERROR_SYSTEM] = FINAL,
        };

        (void)state;
        for (unsigned class = 0; class < TEST_COUNT(expected); class ++) {
                struct pail_error error = PAIL_ERROR_INIT;
                error.class = (enum pail_error_class) class;
                assert_int_equal(pail_retry_classify(&error), expected[class]);
        }
}

static const struct {
        int status;
        const char *code, *region;
        int64_t offset_s;
        int expected;
} answers[] = {
        { 500, "", "", 0, TRANSIENT },
        { 500, "InternalError", "", 0, TRANSIENT },
        { 502, "", "", 0, TRANSIENT },
        { 503, "", "", 0, TRANSIENT },
        { 503, "ServiceUnavailable", "", 0, TRANSIENT },
        { 504, "", "", 0, TRANSIENT },
        { 501, "NotImplemented", "", 0, FINAL },
        { 505, "", "", 0, FINAL },
        { 400, "RequestTimeout", "", 0, TRANSIENT },
        { 400, "RequestTimeoutException", "", 0, TRANSIENT },
        { 400, "PriorRequestNotComplete", "", 0, TRANSIENT },
        { 400, "IncompleteBody", "", 0, TRANSIENT },
        { 200, "InternalError", "", 0, TRANSIENT },
        { 200, "", "", 0, TRANSIENT },
        { 200, "SlowDown", "", 0, THROTTLE },
        { 503, "SlowDown", "", 0, THROTTLE },
        { 429, "", "", 0, THROTTLE },
        { 429, "TooManyRequests", "", 0, THROTTLE },
        { 400, "Throttling", "", 0, THROTTLE },
        { 400, "ThrottlingException", "", 0, THROTTLE },
        { 400, "ThrottledException", "", 0, THROTTLE },
        { 400, "RequestThrottled", "", 0, THROTTLE },
        { 400, "RequestThrottledException", "", 0, THROTTLE },
        { 400, "TooManyRequestsException", "", 0, THROTTLE },
        { 400, "ProvisionedThroughputExceededException", "", 0, THROTTLE },
        { 400, "RequestLimitExceeded", "", 0, THROTTLE },
        { 509, "BandwidthLimitExceeded", "", 0, THROTTLE },
        { 400, "LimitExceededException", "", 0, THROTTLE },
        { 400, "EC2ThrottledException", "", 0, THROTTLE },
        { 409, "ConditionalRequestConflict", "", 0, CONFLICT },
        { 409, "OperationAborted", "", 0, CONFLICT },
        { 409, "BucketNotEmpty", "", 0, FINAL },
        { 412, "PreconditionFailed", "", 0, FINAL },
        { 400, "BadDigest", "", 0, DAMAGED },
        { 400, "XAmzContentSHA256Mismatch", "", 0, DAMAGED },
        { 304, "", "", 0, FINAL },
        { 404, "", "", 0, FINAL },
        { 404, "NoSuchKey", "us-west-2", 0, FINAL },
        { 416, "InvalidRange", "", 0, FINAL },
        /* the clock */
        { 403, "RequestTimeTooSkewed", "", 0, CLOCK },
        { 403, "RequestTimeTooSkewed", "", 90000, CLOCK },
        { 403, "", "", 900, CLOCK },
        { 403, "", "", -900, CLOCK },
        { 403, "", "", 839, FINAL },
        { 403, "", "", -839, FINAL },
        { 403, "AccessDenied", "", 3600, CLOCK },
        { 403, "AccessDenied", "", 0, FINAL },
        { 403, "SignatureDoesNotMatch", "", -3600, CLOCK },
        { 403, "SignatureDoesNotMatch", "", 0, FINAL },
        { 403, "InvalidAccessKeyId", "", 3600, FINAL },
        { 404, "", "", 3600, FINAL },
        /* the region */
        { 301, "PermanentRedirect", "", 0, REGION },
        { 301, "PermanentRedirect", "eu-west-1", 0, REGION },
        { 301, "", "eu-west-1", 0, REGION },
        { 301, "", "", 0, REGION },
        { 302, "", "", 0, REGION },
        { 307, "TemporaryRedirect", "", 0, REGION },
        { 308, "", "", 0, REGION },
        { 400, "AuthorizationHeaderMalformed", "eu-west-1", 0, REGION },
        { 400, "AuthorizationHeaderMalformed", "", 0, FINAL },
        { 400, "", "eu-west-1", 0, REGION },
        { 400, "", "", 0, REGION },
        { 400, "IllegalLocationConstraintException", "", 0, REGION },
        { 400, "IllegalLocationConstraintException", "eu-west-1", 0, REGION },
        { 400, "InvalidRequest", "eu-west-1", 0, FINAL },
        { 403, "AccessDenied", "eu-west-1", 0, FINAL },
};

static void test_answers(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(answers); i++) {
                struct pail_error error = PAIL_ERROR_INIT;

                error.class = PAIL_ERROR_SERVICE;
                error.http_status = answers[i].status;
                error.clock_offset_s = answers[i].offset_s;
                snprintf(error.code, sizeof(error.code), "%s", answers[i].code);
                snprintf(error.region, sizeof(error.region), "%s", answers[i].region);
                if ((int)pail_retry_classify(&error) != answers[i].expected)
                        fail_msg("%d %s: %d", answers[i].status, answers[i].code, (int)pail_retry_classify(&error));
                assert_int_equal(pail_retry_is_throttle(&error), answers[i].expected == THROTTLE);
        }
}

/* What is no S3 answer: a gateway's page. */
static void test_protocol(void **state)
{
        static const struct {
                int status, expected;
        } cases[] = { { 0, FINAL },       { 200, FINAL },     { 404, FINAL },
                      { 502, TRANSIENT }, { 503, TRANSIENT }, { 429, THROTTLE } };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_error error = PAIL_ERROR_INIT;
                error.class = PAIL_ERROR_PROTOCOL;
                error.http_status = cases[i].status;
                assert_int_equal(pail_retry_classify(&error), cases[i].expected);
        }
}

static void test_attempts(void **state)
{
        (void)state;
        assert_int_equal(pail_retry_kind_attempts(PAIL_RETRY_KIND_TRANSIENT), 0);
        assert_int_equal(pail_retry_kind_attempts(PAIL_RETRY_KIND_THROTTLE), 0);
        assert_int_equal(pail_retry_kind_attempts(PAIL_RETRY_KIND_DAMAGED), 2);
        assert_int_equal(pail_retry_kind_attempts(PAIL_RETRY_KIND_CONFLICT), 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_classes),
                cmocka_unit_test(test_answers),
                cmocka_unit_test(test_protocol),
                cmocka_unit_test(test_attempts),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
