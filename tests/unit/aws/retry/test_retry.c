/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/retry.h"

#include "../../support/test.h"
#include "pail/util/clock.h"

enum { SAMPLES = 2000 };

static struct pail_retry *make(unsigned max_attempts, uint64_t seed)
{
        const struct pail_retry_options options = { .max_attempts = max_attempts, .seed = seed };
        struct pail_retry *retry = NULL;

        assert_int_equal(pail_retry_new(&options, &retry), 0);
        return retry;
}

static struct pail_error answer(int status, const char *code)
{
        struct pail_error error = PAIL_ERROR_INIT;

        error.class = PAIL_ERROR_SERVICE;
        error.http_status = status;
        error.sent = true;
        snprintf(error.code, sizeof(error.code), "%s", code);
        return error;
}

static enum pail_retry_decision ask(struct pail_retry *retry, struct pail_error error, unsigned attempt)
{
        int64_t delay_ms;

        return pail_retry_decide(retry, &error, attempt, true, INT64_MAX, &delay_ms);
}

/* Least and greatest delay of many, each with a full quota. */
static void sample(struct pail_error error, unsigned attempt, int64_t *ret_least, int64_t *ret_greatest)
{
        struct pail_retry *retry = make(0, 42);

        *ret_least = INT64_MAX;
        *ret_greatest = -1;
        for (unsigned i = 0; i < SAMPLES; i++) {
                int64_t delay_ms = -1;
                assert_int_equal(pail_retry_decide(retry, &error, attempt, true, INT64_MAX, &delay_ms),
                                 PAIL_RETRY_LATER);
                *ret_least = delay_ms < *ret_least ? delay_ms : *ret_least;
                *ret_greatest = delay_ms > *ret_greatest ? delay_ms : *ret_greatest;
                pail_retry_succeeded(retry, &error);
        }
        pail_retry_free(retry);
}

static void test_backoff(void **state)
{
        static const struct {
                unsigned attempt;
                int64_t bound_ms, throttle_bound_ms;
        } cases[] = {
                { 1, 50, 1000 },      { 2, 100, 2000 },       { 3, 200, 4000 },
                { 5, 800, 16000 },    { 6, 1600, 20000 },     { 9, 12800, 20000 },
                { 10, 20000, 20000 }, { 1000, 20000, 20000 }, { UINT32_MAX, 20000, 20000 },
        };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                int64_t least, greatest;

                sample(answer(500, ""), cases[i].attempt, &least, &greatest);
                assert_in_range(least, 0, cases[i].bound_ms / 20);
                assert_in_range(greatest, cases[i].bound_ms - cases[i].bound_ms / 20, cases[i].bound_ms - 1);
                sample(answer(503, "SlowDown"), cases[i].attempt, &least, &greatest);
                assert_in_range(least, 0, cases[i].throttle_bound_ms / 20);
                assert_in_range(greatest, cases[i].throttle_bound_ms - cases[i].throttle_bound_ms / 20,
                                cases[i].throttle_bound_ms - 1);
        }
}

static void test_retry_after(void **state)
{
        struct pail_error error = answer(503, "SlowDown");
        int64_t least, greatest;

        (void)state;
        error.retry_after_ms = 0;
        sample(error, 1, &least, &greatest);
        assert_in_range(greatest, 900, 999);
        /* More than the delay, less than 5 s more: exactly what was asked for. */
        error.retry_after_ms = 3000;
        sample(error, 1, &least, &greatest);
        assert_int_equal(least, 3000);
        assert_int_equal(greatest, 3000);
        /* An hour: 5 s more than the delay would have been. */
        error.retry_after_ms = 3600 * 1000;
        sample(error, 1, &least, &greatest);
        assert_in_range(least, 5000, 5050);
        assert_in_range(greatest, 5900, 5999);
        /* Between: never sooner than was asked for, or than the delay. */
        error.retry_after_ms = 500;
        sample(error, 1, &least, &greatest);
        assert_int_equal(least, 500);
        assert_in_range(greatest, 900, 999);
        error.retry_after_ms = INT64_MAX;
        sample(error, 1000, &least, &greatest);
        assert_in_range(greatest, 24000, 25000);
}

static void test_seeds(void **state)
{
        struct pail_retry *first = make(0, 7), *same = make(0, 7), *other = make(0, 8), *clock = make(0, 0);
        struct pail_error error = answer(500, "");
        unsigned equal = 0, different = 0;

        (void)state;
        for (unsigned i = 0; i < 30; i++) {
                int64_t delays[4];
                pail_retry_decide(first, &error, 10, true, INT64_MAX, &delays[0]);
                pail_retry_decide(same, &error, 10, true, INT64_MAX, &delays[1]);
                pail_retry_decide(other, &error, 10, true, INT64_MAX, &delays[2]);
                pail_retry_decide(clock, &error, 10, true, INT64_MAX, &delays[3]);
                equal += delays[0] == delays[1];
                different += delays[0] != delays[2];
                assert_in_range(delays[3], 0, 19999);
        }
        assert_int_equal(equal, 30);
        assert_true(different > 25);
        pail_retry_free(first);
        pail_retry_free(same);
        pail_retry_free(other);
        pail_retry_free(clock);
        pail_retry_free(NULL);
}

/* How many retries are quick until the quota is used up; from then on each waits at least 2.5 s. */
static unsigned quick_retries(struct pail_retry *retry, struct pail_error error)
{
        for (unsigned count = 0;; count++) {
                int64_t delay_ms = -1;
                assert_int_equal(pail_retry_decide(retry, &error, 1, true, INT64_MAX, &delay_ms), PAIL_RETRY_LATER);
                if (delay_ms >= 2500) {
                        assert_true(delay_ms < 5000);
                        return count;
                }
                assert_true(delay_ms < 1000);
        }
}

static void test_quota(void **state)
{
        struct pail_retry *retry = make(0, 3);
        struct pail_error transient = answer(500, ""), throttle = answer(503, "SlowDown");

        (void)state;
        assert_int_equal(quick_retries(retry, transient), 500 / 14); /* leaves 10 */
        assert_int_equal(quick_retries(retry, throttle), 2);
        assert_int_equal(quick_retries(retry, throttle), 0);
        pail_retry_succeeded(retry, &transient); /* 14 */
        assert_int_equal(quick_retries(retry, transient), 1);
        for (unsigned i = 0; i < 13; i++)
                pail_retry_succeeded(retry, NULL);
        assert_int_equal(quick_retries(retry, transient), 0);
        pail_retry_succeeded(retry, NULL);
        assert_int_equal(quick_retries(retry, transient), 1);
        /* Never more than full. */
        for (unsigned i = 0; i < 2000; i++)
                pail_retry_succeeded(retry, NULL);
        assert_int_equal(quick_retries(retry, throttle), 500 / 5);
        pail_retry_free(retry);
}

/* With the quota used up, late attempts keep their longer delays. */
static void test_quota_and_backoff(void **state)
{
        struct pail_retry *retry = make(0, 3);
        struct pail_error error = answer(500, "");

        (void)state;
        quick_retries(retry, error);
        for (unsigned i = 0; i < 100; i++) {
                int64_t delay_ms = -1;
                assert_int_equal(pail_retry_decide(retry, &error, 10, true, INT64_MAX, &delay_ms), PAIL_RETRY_LATER);
                assert_in_range(delay_ms, 10000, 19999);
        }
        pail_retry_free(retry);
}

static void test_attempts(void **state)
{
        struct pail_retry *limited = make(3, 1), *once = make(1, 1), *free_of_limit = make(0, 1);

        (void)state;
        assert_int_equal(ask(limited, answer(500, ""), 2), PAIL_RETRY_LATER);
        assert_int_equal(ask(limited, answer(500, ""), 3), PAIL_RETRY_NO);
        assert_int_equal(ask(once, answer(500, ""), 1), PAIL_RETRY_NO);
        /* Corrections are no failed attempts, but they end somewhere. */
        assert_int_equal(ask(once, answer(301, "PermanentRedirect"), 1), PAIL_RETRY_REGION);
        assert_int_equal(ask(once, answer(403, "RequestTimeTooSkewed"), 1), PAIL_RETRY_CLOCK);
        assert_int_equal(ask(free_of_limit, answer(301, "PermanentRedirect"), 8), PAIL_RETRY_REGION);
        assert_int_equal(ask(free_of_limit, answer(301, "PermanentRedirect"), 9), PAIL_RETRY_NO);
        assert_int_equal(ask(free_of_limit, answer(500, ""), 100), PAIL_RETRY_LATER);
        assert_int_equal(ask(free_of_limit, answer(400, "BadDigest"), 1), PAIL_RETRY_LATER);
        assert_int_equal(ask(free_of_limit, answer(400, "BadDigest"), 2), PAIL_RETRY_NO);
        assert_int_equal(ask(free_of_limit, answer(409, "ConditionalRequestConflict"), 4), PAIL_RETRY_LATER);
        assert_int_equal(ask(free_of_limit, answer(409, "ConditionalRequestConflict"), 5), PAIL_RETRY_NO);
        assert_int_equal(ask(free_of_limit, answer(404, "NoSuchKey"), 1), PAIL_RETRY_NO);
        pail_retry_free(limited);
        pail_retry_free(once);
        pail_retry_free(free_of_limit);
}

static void test_deadline(void **state)
{
        struct pail_retry *retry = make(0, 5);
        struct pail_error error = answer(500, ""), redirect = answer(301, "PermanentRedirect");
        int64_t deadline_ms = pail_clock_monotonic_ms() + 3600 * 1000, delay_ms = -1;

        (void)state;
        assert_int_equal(pail_retry_decide(retry, &error, 10, true, deadline_ms, &delay_ms), PAIL_RETRY_LATER);
        error.retry_after_ms = 30 * 1000;
        pail_clock_test_advance(3600 * 1000 - 5000);
        delay_ms = -1;
        assert_int_equal(pail_retry_decide(retry, &error, 1, true, deadline_ms, &delay_ms), PAIL_RETRY_NO);
        assert_int_equal(delay_ms, -1);
        assert_int_equal(pail_retry_decide(retry, &redirect, 1, true, deadline_ms, &delay_ms), PAIL_RETRY_REGION);
        assert_int_equal(delay_ms, 0);
        pail_clock_test_advance(5000);
        assert_int_equal(pail_retry_decide(retry, &redirect, 1, true, deadline_ms, &delay_ms), PAIL_RETRY_NO);
        error.retry_after_ms = -1;
        assert_int_equal(pail_retry_decide(retry, &error, 1, true, deadline_ms, &delay_ms), PAIL_RETRY_NO);
        assert_int_equal(pail_retry_decide(retry, &error, 1, true, INT64_MIN, &delay_ms), PAIL_RETRY_NO);
        pail_retry_free(retry);
}

static void test_not_idempotent(void **state)
{
        struct pail_retry *retry = make(0, 5);
        struct pail_error reset = PAIL_ERROR_INIT, server = answer(500, ""), throttle = answer(503, "SlowDown"),
                          skewed = answer(403, "RequestTimeTooSkewed");
        int64_t delay_ms;

        (void)state;
        reset.class = PAIL_ERROR_TRANSFER;
        assert_int_equal(pail_retry_decide(retry, &reset, 1, false, INT64_MAX, &delay_ms), PAIL_RETRY_LATER);
        reset.sent = true;
        assert_int_equal(pail_retry_decide(retry, &reset, 1, false, INT64_MAX, &delay_ms), PAIL_RETRY_NO);
        assert_int_equal(pail_retry_decide(retry, &reset, 1, true, INT64_MAX, &delay_ms), PAIL_RETRY_LATER);
        assert_int_equal(pail_retry_decide(retry, &server, 1, false, INT64_MAX, &delay_ms), PAIL_RETRY_NO);
        assert_int_equal(pail_retry_decide(retry, &throttle, 1, false, INT64_MAX, &delay_ms), PAIL_RETRY_LATER);
        assert_int_equal(pail_retry_decide(retry, &skewed, 1, false, INT64_MAX, &delay_ms), PAIL_RETRY_CLOCK);
        pail_retry_free(retry);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_backoff),
                cmocka_unit_test(test_retry_after),
                cmocka_unit_test(test_seeds),
                cmocka_unit_test(test_quota),
                cmocka_unit_test(test_quota_and_backoff),
                cmocka_unit_test(test_attempts),
                cmocka_unit_test(test_deadline),
                cmocka_unit_test(test_not_idempotent),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
