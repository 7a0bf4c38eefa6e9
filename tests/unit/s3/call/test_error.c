/* SPDX-License-Identifier: Apache-2.0 */
/* The one table from errors to errno. */
#include "../../support/test.h"
#include "pail/s3/client.h"
#include "s3/call/error.h"

static int of_service(int status, const char *code)
{
        struct pail_error error = { .class = PAIL_ERROR_SERVICE, .http_status = status };
        snprintf(error.code, sizeof(error.code), "%s", code);
        return -pail_s3_errno(&error);
}

static void test_classes(void **state)
{
        (void)state;
        static const struct {
                enum pail_error_class class;
                int expected;
        } cases[] = {
                { PAIL_ERROR_NONE, 0 },
                { PAIL_ERROR_CONFIG, EINVAL },
                { PAIL_ERROR_CREDENTIALS, EACCES },
                { PAIL_ERROR_RESOLVE, ETIMEDOUT },
                { PAIL_ERROR_CONNECT, ETIMEDOUT },
                { PAIL_ERROR_TLS, EPROTO },
                { PAIL_ERROR_TIMEOUT, ETIMEDOUT },
                { PAIL_ERROR_TRANSFER, ETIMEDOUT },
                { PAIL_ERROR_PROTOCOL, EPROTO },
                { PAIL_ERROR_CANCELLED, EINTR },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++)
                assert_int_equal(-pail_s3_errno(&(struct pail_error){ .class = cases[i].class }), cases[i].expected);
        assert_int_equal(pail_s3_errno(&(struct pail_error){ .class = PAIL_ERROR_SYSTEM, .error_number = ENOSPC }),
                         -ENOSPC);
        assert_int_equal(pail_s3_errno(&(struct pail_error){ .class = PAIL_ERROR_SYSTEM }), -EIO);
}

static void test_codes(void **state)
{
        (void)state;
        static const struct {
                int status;
                const char *code;
                int expected;
        } cases[] = {
                { 403, "AccessDenied", EACCES },
                { 403, "SignatureDoesNotMatch", EACCES },
                { 403, "InvalidAccessKeyId", EACCES },
                { 403, "InvalidObjectState", EACCES },
                { 403, "QuotaExceeded", EDQUOT },
                { 404, "NoSuchKey", ENOENT },
                { 404, "NoSuchBucket", ENOENT },
                { 412, "PreconditionFailed", ESTALE },
                { 409, "ConditionalRequestConflict", EAGAIN },
                { 409, "BucketNotEmpty", ENOTEMPTY },
                { 400, "EntityTooLarge", EFBIG },
                { 400, "KeyTooLongError", ENAMETOOLONG },
                { 400, "MetadataTooLarge", E2BIG },
                { 405, "MethodNotAllowed", EPERM },
                { 501, "NotImplemented", EOPNOTSUPP },
                { 507, "InsufficientStorage", ENOSPC },
                { 503, "SlowDown", ETIMEDOUT },
                { 500, "InternalError", ETIMEDOUT },
                { 400, "KMS.DisabledException", EACCES },
                /* Unknown codes: the status decides. */
                { 403, "Surprise", EACCES },
                { 404, "", ENOENT },
                { 409, "Surprise", EBUSY },
                { 412, "", ESTALE },
                { 507, "", ENOSPC },
                { 503, "", ETIMEDOUT },
                { 400, "Surprise", EINVAL },
                { 418, "", EIO },
                { 599, "", EIO },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++)
                assert_int_equal(of_service(cases[i].status, cases[i].code), cases[i].expected);
}

/* Looked up by bisection: a row out of order would not be found. */
static void test_every_row_is_found(void **state)
{
        (void)state;
        static const char *const known[] = { "AccessControlListNotSupported",
                                             "KeyTooLong",
                                             "XMinioStorageFull",
                                             "RequestTimeTooSkewed",
                                             "RequestTimeout",
                                             "InvalidPartOrder",
                                             "NoSuchUpload",
                                             "InvalidObjectName",
                                             "InvalidObjectState" };
        for (size_t i = 0; i < TEST_COUNT(known); i++)
                assert_string_equal(pail_s3_code_find(known[i])->code, known[i]);
        assert_null(pail_s3_code_find(""));
        assert_null(pail_s3_code_find("AccessDenied2"));
        assert_null(pail_s3_code_find("accessdenied"));
}

static void test_statuses_without_body(void **state)
{
        (void)state;
        assert_string_equal(pail_s3_code_of_status(404, true), "NoSuchKey");
        assert_string_equal(pail_s3_code_of_status(404, false), "NoSuchBucket");
        assert_string_equal(pail_s3_code_of_status(418, true), "");
        static const int statuses[] = { 301, 304, 307, 403, 404, 405, 412, 416, 500, 501, 503, 507 };
        for (size_t i = 0; i < TEST_COUNT(statuses); i++) {
                const struct pail_s3_code *row = pail_s3_code_find(pail_s3_code_of_status(statuses[i], true));
                assert_non_null(row);
                assert_int_equal(row->http_status, statuses[i]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_classes),
                cmocka_unit_test(test_codes),
                cmocka_unit_test(test_every_row_is_found),
                cmocka_unit_test(test_statuses_without_body),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
