/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rate of requests in the "adaptive" retry mode, as the AWS SDKs have it: a bucket of tokens, one a request, whose
 * rate follows CUBIC (RFC 9438). The first throttle switches it on.
 *
 * measured: answers a second, in periods of 0.5 s, each new period weighing 0.8 against what was before.
 * On a throttle, at rate w (what was measured, but not above the limit): limit = 0.7 * w, and
 *   k = cbrt(0.3 * w / 0.4), the seconds after which w is reached again.
 * On any other answer, t seconds after the last throttle: limit = 0.4 * (t - k)^3 + w.
 * Never more than twice what is measured, never less than 0.5 a second. The bucket holds what one second gives, or 1.
 *
 * Where the SDKs let a thread sleep for its token, a token is taken in advance here, and the caller is told from when on it
 * counts. Such a time is not taken back when the rate goes up, so it is never further away than the longest backoff.
 *
 * Plain data, guarded by its owner. Times are milliseconds of a monotonic clock.
 */
#ifndef PAIL_SRC_AWS_RETRY_RETRY_RATE_H
#define PAIL_SRC_AWS_RETRY_RETRY_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct pail_retry_rate {
        bool is_on;
        double limit;    /* requests a second */
        double capacity; /* of the bucket */
        double tokens;   /* negative: given in advance */
        int64_t filled_ms;
        double wide, zero_s; /* w and k of CUBIC */
        int64_t throttled_ms;
        double measured;
        int64_t period; /* number of the half second that count is of */
        uint64_t count;
};

void pail_retry_rate_init(struct pail_retry_rate *rate, int64_t now_ms);
/* Takes a token; milliseconds until it counts, at most 20 000. */
int64_t pail_retry_rate_take(struct pail_retry_rate *rate, int64_t now_ms);
void pail_retry_rate_answered(struct pail_retry_rate *rate, bool throttled, int64_t now_ms);

#endif
