/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/check_checksum.h"

#include "../../s3/fixture.h"

static int verify(struct fixture *f, const char *answer, struct pail_error *ret_error)
{
        struct pail_s3_context s3 = { .session = f->session, .engine = f->engine };
        struct pail_check check = { .s3 = &s3, .bucket = "bucket", .prefix = "" };
        *ret_error = PAIL_ERROR_INIT;
        pail_mutex_init(&check.guarded.mutex);
        fixture_answers(f, answer, NULL);
        int r = pail_check_checksum_is_verified(&check, "a b/key", ret_error);
        pail_mutex_done(&check.guarded.mutex);
        return r;
}

#define REFUSED(code, words)                                                                                           \
        ANSWER("400 Bad Request", XML, "<Error><Code>" code "</Code><Message>" words "</Message></Error>")

static void test_answers(void **state)
{
        static const struct {
                const char *answer;
                int expected;
        } cases[] = {
                { REFUSED("BadDigest", "no"), 1 },
                { REFUSED("XAmzContentChecksumMismatch", "no"), 1 },
                { REFUSED("InvalidRequest", "Value for x-amz-checksum-crc32c header is invalid."), 1 },
                { ANSWER("200 OK", "ETag: \"e\"\r\n", ""), 0 },
                { ERROR("501 Not Implemented", "NotImplemented"), 0 },
                { REFUSED("EntityTooLarge", "too large"), -EIO },
                { ERROR("403 Forbidden", "AccessDenied"), -EIO },
                { ANSWER("403 Forbidden", XML,
                         "<Error><Code>SignatureDoesNotMatch</Code><Message>x-amz-checksum-crc32c"
                         "</Message></Error>"),
                  -EIO },
                { ANSWER_CLOSE, -EIO },
        };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_error error;
                int r = verify(f, cases[i].answer, &error);
                if (r != cases[i].expected)
                        fail_msg("case %zu: %d", i, r);
                assert_int_equal(error.class != PAIL_ERROR_NONE, r < 0);
        }
}

/* A status that says nothing of checksums is told with it. */
static void test_other_refusal(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        assert_int_equal(verify(f, ERROR("403 Forbidden", "AccessDenied"), &error), -EIO);
        assert_int_equal(error.class, PAIL_ERROR_SERVICE);
        assert_int_equal(error.http_status, 403);
        assert_string_equal(error.message, "status 403 for an object with a wrong checksum");
}

static void test_request(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        assert_int_equal(verify(f, REFUSED("BadDigest", "no"), &error), 1);
        assert_int_equal(fixture_requests(f), 1);
        const struct seen *head = &f->requests[0].head;
        assert_string_equal(head->method, "PUT");
        assert_string_equal(head->target, "/bucket/a%20b/key");
        const char *checksum = seen_header(head, "x-amz-checksum-crc32c");
        assert_non_null(checksum);
        assert_int_equal(strlen(checksum), 8); /* four bytes in base64 */
        assert_true(head->announced > 0);
        assert_non_null(seen_header(head, "Authorization"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_answers, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_other_refusal, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_request, fixture_set_up, fixture_tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
