/* SPDX-License-Identifier: Apache-2.0 */
/* The formulas are in the header, under the names that are used here; "wide" is w, "zero" is k. */
#include "retry_rate.h"

#include <math.h>

static const double BETA = 0.7, SCALE = 0.4, SMOOTHING = 0.8, LIMIT_MIN = 0.5, WAIT_MAX_S = 20;

enum { PERIOD_MS = 500, MS = 1000 };

void pail_retry_rate_init(struct pail_retry_rate *rate, int64_t now_ms)
{
        *rate = (struct pail_retry_rate){
                .limit = 1,
                .capacity = 1,
                .filled_ms = now_ms,
                .throttled_ms = now_ms,
                .period = now_ms / PERIOD_MS,
        };
}

static void fill_bucket(struct pail_retry_rate *rate, int64_t now_ms)
{
        rate->tokens += (double)(now_ms - rate->filled_ms) / MS * rate->limit;
        if (rate->tokens > rate->capacity)
                rate->tokens = rate->capacity;
        rate->filled_ms = now_ms;
}

/* What has come in until now came at the old rate. */
static void set_limit(struct pail_retry_rate *rate, double limit, int64_t now_ms)
{
        fill_bucket(rate, now_ms);
        rate->limit = limit > LIMIT_MIN ? limit : LIMIT_MIN;
        rate->capacity = limit > 1 ? limit : 1;
        if (rate->tokens > rate->capacity)
                rate->tokens = rate->capacity;
}

int64_t pail_retry_rate_take(struct pail_retry_rate *rate, int64_t now_ms)
{
        if (!rate->is_on)
                return 0;
        fill_bucket(rate, now_ms);
        double wait_s = (1 - rate->tokens) / rate->limit;
        if (wait_s > WAIT_MAX_S)
                return (int64_t)(WAIT_MAX_S * MS);
        rate->tokens -= 1;
        return wait_s > 0 ? (int64_t)ceil(wait_s * MS) : 0;
}

static void measure_rate(struct pail_retry_rate *rate, int64_t now_ms)
{
        int64_t period = now_ms / PERIOD_MS;
        rate->count++;
        if (period <= rate->period)
                return;
        double current = (double)rate->count * MS / (double)((period - rate->period) * PERIOD_MS);
        rate->measured = SMOOTHING * current + (1 - SMOOTHING) * rate->measured;
        rate->count = 0;
        rate->period = period;
}

void pail_retry_rate_answered(struct pail_retry_rate *rate, bool throttled, int64_t now_ms)
{
        double limit;
        measure_rate(rate, now_ms);
        if (throttled) {
                rate->wide = rate->is_on && rate->limit < rate->measured ? rate->limit : rate->measured;
                rate->zero_s = cbrt(rate->wide * (1 - BETA) / SCALE);
                rate->throttled_ms = now_ms;
                rate->is_on = true;
                limit = BETA * rate->wide;
        } else {
                double since_s = (double)(now_ms - rate->throttled_ms) / MS - rate->zero_s;
                limit = SCALE * since_s * since_s * since_s + rate->wide;
        }
        if (limit > 2 * rate->measured)
                limit = 2 * rate->measured;
        set_limit(rate, limit, now_ms);
}
