/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision on a failed attempt, in two steps: what kind of failure it is (retry_classify.c), then whether and when.
 *
 *   delay = random in [0, 1) * min(base * 2^(attempt - 1), 20 s), base 50 ms, for throttling 1 s
 *   x-amz-retry-after: max(delay, min(asked, delay + 5 s))
 *
 * The quota (500 tokens, a retry takes 14, after throttling 5) differs from the SDKs' in one point: where they give up, because a
 * web service has to answer its own caller, a retry here only waits longer, because a mount that fails all its calls the moment
 * a server restarts has lost the outage that its timeout was meant to bridge. So the quota limits the rate at which an ailing service
 * is asked, and the call's deadline limits for how long. A success returns what the retry before it cost, or 1.
 */
#include <errno.h>
#include <string.h>

#include "pail/aws/retry.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/math.h"
#include "pail/util/mutex.h"
#include "retry_classify.h"
#include "retry_rate.h"

enum {
        RETRY_BASE_MS = 50,
        RETRY_BASE_THROTTLE_MS = 1000,
        RETRY_MAX_DELAY_MS = 20 * 1000,
        RETRY_AFTER_SLACK_MS = 5 * 1000,
        RETRY_EXHAUSTED_MS = 5 * 1000, /* least bound of the delay when no token is left */
        RETRY_QUOTA = 500,
        RETRY_COST = 14,
        RETRY_COST_THROTTLE = 5,
        RETRY_CORRECTIONS_MAX = 8, /* attempts after which clock and region are not corrected any more */
};

struct pail_retry {
        unsigned max_attempts;
        bool is_adaptive;
        struct {
                struct pail_mutex mutex;
                unsigned tokens;
                uint64_t random_state;
                struct pail_retry_rate rate;
        } guarded;
};

int pail_retry_new(const struct pail_retry_options *options, struct pail_retry **ret_retry)
{
        struct pail_retry *retry = calloc(1, sizeof(*retry));
        struct timespec now = pail_clock_now();

        if (!retry)
                return -ENOMEM;
        retry->max_attempts = options->max_attempts;
        retry->is_adaptive = options->mode == PAIL_RETRY_MODE_ADAPTIVE;
        pail_retry_rate_init(&retry->guarded.rate, pail_clock_monotonic_ms());
        pail_mutex_init(&retry->guarded.mutex);
        retry->guarded.tokens = RETRY_QUOTA;
        retry->guarded.random_state = options->seed;
        if (options->seed == 0)
                retry->guarded.random_state = (uint64_t)now.tv_sec * 1000000007u ^ (uint64_t)now.tv_nsec ^
                                              (uintptr_t)retry;
        *ret_retry = retry;
        return 0;
}

void pail_retry_free(struct pail_retry *retry)
{
        if (!retry)
                return;
        pail_mutex_done(&retry->guarded.mutex);
        free(retry);
}

/* splitmix64 (Steele, Lea, Flood 2014): jitter needs spread, not secrecy. */
static uint64_t random_locked(struct pail_retry *retry)
{
        uint64_t z;

        pail_mutex_assert_held(&retry->guarded.mutex);
        z = (retry->guarded.random_state += UINT64_C(0x9e3779b97f4a7c15));
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        return z ^ (z >> 31);
}

/* The upper bound of the delay after this attempt. */
static int64_t bound_ms(unsigned attempt, bool throttled)
{
        int64_t bound = throttled ? RETRY_BASE_THROTTLE_MS : RETRY_BASE_MS;

        for (; attempt > 1 && bound < RETRY_MAX_DELAY_MS; attempt--)
                bound *= 2;
        return pail_min(bound, (int64_t)RETRY_MAX_DELAY_MS);
}

/* Tokens for a retry after that failure. */
static unsigned cost_of(const struct pail_error *error)
{
        return pail_retry_is_throttle(error) ? RETRY_COST_THROTTLE : RETRY_COST;
}

/* false: the quota is used up. */
static bool take_tokens_locked(struct pail_retry *retry, unsigned cost)
{
        pail_mutex_assert_held(&retry->guarded.mutex);
        if (retry->guarded.tokens < cost)
                return false;
        retry->guarded.tokens -= cost;
        return true;
}

static int64_t delay_ms(struct pail_retry *retry, const struct pail_error *error, unsigned attempt)
{
        int64_t bound = bound_ms(attempt, pail_retry_is_throttle(error)), least = 0, delay;

        PAIL_LOCK(&retry->guarded.mutex);
        if (!take_tokens_locked(retry, cost_of(error))) {
                bound = pail_max(bound, (int64_t)RETRY_EXHAUSTED_MS);
                least = bound / 2;
        }
        delay = least + (int64_t)(random_locked(retry) % (uint64_t)(bound - least));
        return pail_max(delay, pail_min(error->retry_after_ms, delay + RETRY_AFTER_SLACK_MS));
}

static bool has_attempts_left(const struct pail_retry *retry, enum pail_retry_kind kind, unsigned attempt)
{
        unsigned limit = pail_retry_kind_attempts(kind);

        if (limit > 0 && attempt >= limit)
                return false;
        return retry->max_attempts == 0 || attempt < retry->max_attempts;
}

enum pail_retry_decision pail_retry_decide(struct pail_retry *retry, const struct pail_error *error, unsigned attempt,
                                           bool idempotent, int64_t deadline_ms, int64_t *ret_delay_ms)
{
        enum pail_retry_kind kind = pail_retry_classify(error);
        int64_t now = pail_clock_monotonic_ms(), delay;

        if (kind == PAIL_RETRY_KIND_FINAL || now >= deadline_ms)
                return PAIL_RETRY_NO;
        /* The request was refused before anything was done, and is sent differently now: neither counts as an attempt that failed. */
        if (kind == PAIL_RETRY_KIND_CLOCK || kind == PAIL_RETRY_KIND_REGION) {
                if (attempt > RETRY_CORRECTIONS_MAX)
                        return PAIL_RETRY_NO;
                *ret_delay_ms = 0;
                return kind == PAIL_RETRY_KIND_CLOCK ? PAIL_RETRY_CLOCK : PAIL_RETRY_REGION;
        }
        if (!has_attempts_left(retry, kind, attempt))
                return PAIL_RETRY_NO;
        if (!idempotent && error->sent && kind != PAIL_RETRY_KIND_THROTTLE)
                return PAIL_RETRY_NO;
        delay = delay_ms(retry, error, attempt);
        if (delay >= deadline_ms - now)
                return PAIL_RETRY_NO;
        *ret_delay_ms = delay;
        return PAIL_RETRY_LATER;
}

void pail_retry_succeeded(struct pail_retry *retry, const struct pail_error *last_failure)
{
        unsigned refund = last_failure ? cost_of(last_failure) : 1;

        PAIL_LOCK(&retry->guarded.mutex);
        retry->guarded.tokens = pail_min(retry->guarded.tokens + refund, (unsigned)RETRY_QUOTA);
}

int64_t pail_retry_admit(struct pail_retry *retry)
{
        if (!retry->is_adaptive)
                return 0;
        PAIL_LOCK(&retry->guarded.mutex);
        return pail_retry_rate_take(&retry->guarded.rate, pail_clock_monotonic_ms());
}

void pail_retry_observe(struct pail_retry *retry, const struct pail_error *error)
{
        if (!retry->is_adaptive)
                return;
        PAIL_LOCK(&retry->guarded.mutex);
        pail_retry_rate_answered(&retry->guarded.rate, error && pail_retry_is_throttle(error),
                                 pail_clock_monotonic_ms());
}

bool pail_retry_is_throttle(const struct pail_error *error)
{
        return pail_retry_classify(error) == PAIL_RETRY_KIND_THROTTLE;
}
