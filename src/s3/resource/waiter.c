/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wait is a HEAD, a pause, and a HEAD again. The pause can be interrupted; the deadline bounds the pauses and is handed to each HEAD, so that
 * none lasts beyond it.
 */
#include "waiter.h"

#include <errno.h>

#include "pail/util/clock.h"
#include "pail/util/interrupt.h"

enum { DELAY_MS = 5000, ATTEMPTS_MAX = 20 };

/* What a HEAD says of existence, where it says anything: 1, 0; -1 otherwise. r: its result. */
static int existence(const struct pail_waiter *waiter, int r, const struct pail_error *error)
{
        if (r >= 0)
                return 1;
        if (error->http_status == 404)
                return 0;
        /* Of a bucket that exists elsewhere, or that somebody else has. */
        return !waiter->key && !waiter->is_for_absence && (error->http_status == 301 || error->http_status == 403) ? 1
                                                                                                                   : -1;
}

/* 0, or -EINTR. */
static int pause_until(int64_t until_ms)
{
        struct pail_mutex mutex;
        struct pail_cond cond;
        pail_mutex_init(&mutex);
        pail_cond_init(&cond);
        pail_mutex_lock(&mutex);
        int r = 0;
        while (r == 0)
                r = pail_interrupt_wait(&cond, &mutex, until_ms);
        pail_mutex_unlock(&mutex);
        pail_cond_done(&cond);
        pail_mutex_done(&mutex);
        return r == -ETIMEDOUT ? 0 : r;
}

static int set_timed_out(const struct pail_waiter *waiter, unsigned attempts, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_TIMEOUT, "s3://%s%s%s %s after %u attempts", waiter->bucket,
                       waiter->key ? "/" : "", waiter->key ? waiter->key : "",
                       waiter->is_for_absence ? "still exists" : "still does not exist", attempts);
        return -ETIMEDOUT;
}

static int set_interrupted(struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_CANCELLED, "the wait was interrupted");
        return -EINTR;
}

static int check_within(const struct pail_waiter *waiter, int64_t timeout_ms, bool *ret_is_there,
                        struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int r = waiter->head(waiter->context, timeout_ms, &error);
        int answer = existence(waiter, r, &error);
        if (answer < 0) {
                if (ret_error)
                        *ret_error = error;
                return r;
        }
        *ret_is_there = answer;
        return 0;
}

int pail_waiter_check(const struct pail_waiter *waiter, bool *ret_is_there, struct pail_error *ret_error)
{
        return check_within(waiter, 0, ret_is_there, ret_error);
}

int pail_waiter_run(const struct pail_waiter *waiter, const struct pail_wait_options *options,
                    struct pail_error *ret_error)
{
        static const struct pail_wait_options defaults = { 0 };
        options = options ? options : &defaults;
        int64_t delay_ms = options->delay_ms > 0 ? options->delay_ms : DELAY_MS;
        int64_t deadline_ms = options->deadline_ms ? options->deadline_ms : INT64_MAX;
        unsigned attempts_max = options->max_attempts ? options->max_attempts : ATTEMPTS_MAX;
        for (unsigned attempt = 0; attempt < attempts_max; attempt++) {
                int64_t now_ms = pail_clock_monotonic_ms();
                if (attempt > 0) {
                        int64_t until_ms = deadline_ms - now_ms < delay_ms ? deadline_ms : now_ms + delay_ms;
                        if (pause_until(until_ms) < 0)
                                return set_interrupted(ret_error);
                        now_ms = pail_clock_monotonic_ms();
                }
                if (now_ms >= deadline_ms)
                        return set_timed_out(waiter, attempt, ret_error);
                bool is_there = false;
                int r = check_within(waiter, options->deadline_ms ? deadline_ms - now_ms : 0, &is_there, ret_error);
                if (r < 0 || is_there != waiter->is_for_absence)
                        return r;
        }
        return set_timed_out(waiter, attempts_max, ret_error);
}
