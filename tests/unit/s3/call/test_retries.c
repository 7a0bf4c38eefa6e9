/* SPDX-License-Identifier: Apache-2.0 */
/* When a client tries again: after the time that the server names, after silence, and at the rate of the adaptive mode. */
#include "../fixture.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"

#define HEAD(headers) ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 3\r\n" headers, "")
#define GET ANSWER("200 OK", "ETag: \"e\"\r\n", "abc")

static int head(struct fixture *f, struct pail_error *error)
{
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        return pail_s3_head_object(f->client, "b", "k", &metadata, error);
}

static int get(struct fixture *f)
{
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(100);
        const struct pail_s3_get_input input = { .bucket = "b", .key = "k" };
        return pail_s3_get_object(f->client, &input, &body, NULL, NULL);
}

static int head_once(struct fixture *f, struct pail_error *error)
{
        *error = PAIL_ERROR_INIT;
        return head(f, error);
}

static void test_retry_after(void **state)
{
        static const struct {
                const char *answer;
                int64_t retry_after_ms;
        } cases[] = {
                { ANSWER("503 Slow", "Retry-After: 7\r\n", ""), 7000 },
                { ANSWER("503 Slow", "Retry-After: 7\r\nx-amz-retry-after: 1500\r\n", ""), 1500 },
                { ANSWER("503 Slow",
                         "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:40 GMT\r\n", ""),
                  3000 },
                { ANSWER("503 Slow",
                         "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:30 GMT\r\n", ""),
                  0 },
                { ANSWER("503 Slow", "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", ""), 0 },
                { ANSWER("503 Slow", "Retry-After: soon\r\n", ""), -1 },
                { ANSWER("503 Slow", "Retry-After: 100000\r\n", ""), -1 },
                { ANSWER("503 Slow", "", ""), -1 },
        };
        struct fixture *f = *state;
        struct pail_error error;
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .max_attempts = 1 });
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                fixture_answers(f, cases[i].answer, NULL);
                assert_int_equal(head_once(f, &error), -ETIMEDOUT);
                assert_int_equal(error.retry_after_ms, cases[i].retry_after_ms);
        }
}

/* One attempt that gets no answer does not use up the patience of the call. */
static void test_request_timeout(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .request_timeout_ms = 300 });
        int64_t before_ms = pail_clock_monotonic_ms();
        fixture_answers(f, ANSWER_SILENCE, HEAD(""), ANSWER_SILENCE, GET, NULL);
        assert_int_equal(head_once(f, &error), 0);
        assert_int_equal(get(f), 0); /* a transfer: ended because of the silence */
        assert_int_equal(fixture_requests(f), 4);
        assert_in_range(pail_clock_monotonic_ms() - before_ms, 600, 10000);
}

int64_t __real_pail_retry_admit(struct pail_retry *retry);
int64_t __wrap_pail_retry_admit(struct pail_retry *retry);

static int64_t admitted_later_ms; /* how long the attempts were to wait for their place, all together */

int64_t __wrap_pail_retry_admit(struct pail_retry *retry)
{
        int64_t slot_ms = __real_pail_retry_admit(retry);

        admitted_later_ms += slot_ms > 0 ? slot_ms : 0;
        return slot_ms;
}

/* The first throttle switches the rate on: what follows goes at half a request a second at first. */
static void test_adaptive(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        for (int mode = PAIL_RETRY_MODE_STANDARD; mode <= PAIL_RETRY_MODE_ADAPTIVE; mode++) {
                fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000,
                                                                    .max_attempts = 1,
                                                                    .retry_mode = (enum pail_retry_mode)mode });
                fixture_answers(f, ERROR("503 Slow", "SlowDown"), HEAD(""), NULL);
                assert_int_equal(get(f), -ETIMEDOUT); /* an answer to HEAD would not say why */
                int64_t before_ms = pail_clock_monotonic_ms();
                admitted_later_ms = 0;
                for (unsigned i = 0; i < 2; i++)
                        assert_int_equal(head_once(f, &error), 0);
                if (mode == PAIL_RETRY_MODE_ADAPTIVE) {
                        assert_in_range(admitted_later_ms, 1000, 8000);
                        assert_true(pail_clock_monotonic_ms() - before_ms >= 1500);
                } else {
                        assert_int_equal(admitted_later_ms, 0);
                }
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_retry_after),
                TEST(test_request_timeout),
                TEST(test_adaptive),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
