/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/retry/retry_rate.h"

#include <math.h>

#include "../../support/test.h"
#include "pail/aws/retry.h"
#include "pail/util/clock.h"

enum { START_MS = 1000 * 1000 };

static void assert_near(double value, double expected)
{
        if (fabs(value - expected) > 2e-6)
                fail_msg("%.9f, not %.9f", value, expected);
}

/* The same answers, given to the adaptive mode of botocore 1.29 with a clock that stands still between them, and what it made of them. */
struct history {
        struct pail_retry_rate rate;
        int64_t now_ms;
        unsigned count;
};

static void answers(struct history *history, unsigned count, int64_t step_ms, bool throttled)
{
        static const struct {
                unsigned number;
                double measured, limit;
        } witness[] = {
                { 0, 0.000000, 0.500000 },    { 10, 16.000000, 0.500000 },  { 20, 19.200000, 0.500000 },
                { 25, 19.200000, 0.878800 },  { 30, 19.840000, 1.489550 },  { 35, 19.840000, 2.332800 },
                { 40, 19.968000, 13.977600 }, { 45, 13.593600, 16.933559 }, { 50, 10.718720, 18.710580 },
                { 55, 10.143744, 19.608663 }, { 60, 10.028749, 19.927809 }, { 61, 10.028749, 7.020124 },
                { 62, 10.028749, 4.914087 },  { 63, 10.028749, 3.439861 },  { 64, 10.028749, 2.407903 },
                { 65, 10.005750, 3.318737 },  { 66, 3.601150, 3.439870 },   { 67, 1.520230, 3.040460 },
                { 70, 1.836162, 3.672324 },   { 74, 1.167738, 2.335476 },   { 76, 0.286710, 0.573419 },
                { 78, 0.251468, 0.502937 },   { 79, 0.250294, 0.500587 },
        };
        for (; count > 0; count--) {
                history->now_ms += step_ms;
                pail_retry_rate_answered(&history->rate, throttled, history->now_ms);
                for (size_t i = 0; i < TEST_COUNT(witness); i++) {
                        if (witness[i].number != history->count)
                                continue;
                        assert_near(history->rate.measured, witness[i].measured);
                        assert_near(history->rate.limit, witness[i].limit);
                }
                history->count++;
        }
}

static void test_botocore(void **state)
{
        struct history history = { .now_ms = START_MS };
        (void)state;
        pail_retry_rate_init(&history.rate, START_MS);
        answers(&history, 40, 50, false);
        assert_false(history.rate.is_on);
        answers(&history, 1, 50, true);
        assert_true(history.rate.is_on);
        answers(&history, 20, 100, false);
        answers(&history, 4, 10, true);
        answers(&history, 10, 700, false);
        answers(&history, 5, 4000, false);
        assert_int_equal(history.count, 80);
}

/* 100 answers a second all the time, so that twice the measured rate bounds nothing: the curve alone. */
static void test_cubic(void **state)
{
        struct pail_retry_rate rate;
        int64_t now_ms = START_MS;
        (void)state;
        pail_retry_rate_init(&rate, now_ms);
        for (unsigned i = 0; i < 1000; i++)
                pail_retry_rate_answered(&rate, false, now_ms += 10);
        assert_near(rate.measured, 100);
        pail_retry_rate_answered(&rate, true, now_ms);
        double wide = rate.measured;
        int64_t throttled_ms = now_ms;
        assert_near(rate.limit, 0.7 * wide);
        /* 0.4 (t - k)^3 + w, multiplied out; 0.4 k^3 is 0.3 w. */
        double k = exp(log(0.75 * wide) / 3);
        while (now_ms < throttled_ms + 8000) {
                pail_retry_rate_answered(&rate, false, now_ms += 10);
                double t = (double)(now_ms - throttled_ms) / 1000;
                double curve = 0.4 * t * t * t - 1.2 * t * t * k + 1.2 * t * k * k - 0.3 * wide + wide;
                assert_near(rate.limit, fmin(curve, 2 * rate.measured));
        }
        assert_true(rate.limit > wide); /* k is about 4.2 s: it has gone beyond where it was */
        pail_retry_rate_answered(&rate, true, now_ms);
        assert_near(rate.limit, 0.7 * fmin(rate.measured, rate.wide));
}

static void test_tokens_in_advance(void **state)
{
        struct pail_retry_rate rate;
        int64_t now_ms = START_MS;
        (void)state;
        pail_retry_rate_init(&rate, now_ms);
        for (unsigned i = 0; i < 5000; i++)
                assert_int_equal(pail_retry_rate_take(&rate, now_ms), 0);
        for (unsigned i = 0; i < 1000; i++)
                pail_retry_rate_answered(&rate, false, now_ms += 50);
        pail_retry_rate_answered(&rate, true, now_ms); /* of 20 a second remain 14 */
        assert_near(rate.limit, 0.7 * rate.measured);
        double step_ms = 1000 / rate.limit;
        rate.tokens = 0;
        for (int i = 1; i <= 100; i++)
                assert_int_equal(pail_retry_rate_take(&rate, now_ms), (int64_t)ceil(i * step_ms - 1e-9));
        /* Half of them have gone. */
        now_ms += (int64_t)(50 * step_ms);
        assert_in_range(pail_retry_rate_take(&rate, now_ms), (uint64_t)(51 * step_ms) - 1,
                        (uint64_t)(51 * step_ms) + 2);
        /* Never further away than the longest backoff, however many ask. */
        for (unsigned i = 0; i < 1000; i++)
                assert_in_range(pail_retry_rate_take(&rate, now_ms), 1, 20000);
        assert_int_equal(pail_retry_rate_take(&rate, now_ms), 20000);
        /* What was not taken for a long time is not kept for more than a second. */
        now_ms += 3600 * 1000;
        unsigned at_once = 0;
        while (pail_retry_rate_take(&rate, now_ms) == 0)
                at_once++;
        assert_int_equal(at_once, (unsigned)rate.limit);
}

static struct pail_retry *make(enum pail_retry_mode mode)
{
        const struct pail_retry_options options = { .mode = mode, .seed = 1 };
        struct pail_retry *retry = NULL;
        assert_int_equal(pail_retry_new(&options, &retry), 0);
        return retry;
}

static void test_modes(void **state)
{
        struct pail_error throttle = PAIL_ERROR_INIT, broken = PAIL_ERROR_INIT;
        (void)state;
        throttle.class = PAIL_ERROR_SERVICE;
        throttle.http_status = 503;
        snprintf(throttle.code, sizeof(throttle.code), "SlowDown");
        broken.class = PAIL_ERROR_TRANSFER;
        for (int mode = PAIL_RETRY_MODE_DEFAULT; mode <= PAIL_RETRY_MODE_LEGACY; mode++) {
                struct pail_retry *retry = make((enum pail_retry_mode)mode);
                for (unsigned i = 0; i < 20; i++) {
                        assert_int_equal(pail_retry_admit(retry), 0);
                        pail_retry_observe(retry, i % 2 ? &broken : NULL);
                        pail_clock_test_advance(100);
                }
                assert_int_equal(pail_retry_admit(retry), 0);
                pail_retry_observe(retry, &throttle);
                /* 10 a second were measured, 7 remain. */
                if (mode == PAIL_RETRY_MODE_ADAPTIVE) {
                        int64_t first_ms = 0;
                        for (unsigned i = 0; i < 10 && first_ms == 0; i++)
                                first_ms = pail_retry_admit(retry);
                        assert_in_range(pail_retry_admit(retry) - first_ms, 130, 160);
                        pail_clock_test_advance(60 * 1000);
                        assert_int_equal(pail_retry_admit(retry), 0);
                } else {
                        assert_int_equal(pail_retry_admit(retry), 0);
                        assert_int_equal(pail_retry_admit(retry), 0);
                }
                pail_retry_free(retry);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_botocore),
                cmocka_unit_test(test_cubic),
                cmocka_unit_test(test_tokens_in_advance),
                cmocka_unit_test(test_modes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
