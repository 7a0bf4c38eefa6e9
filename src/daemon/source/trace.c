/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An outage fails hundreds of attempts a second, and a log of them all would hide the first, so warnings are
 * rationed: BURST in a PERIOD_MS, then only their number.
 */
#include "trace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "pail/util/clock.h"
#include "pail/util/log.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

enum { BURST = 20, PERIOD_MS = 10000 };

struct pail_trace {
        struct {
                struct pail_mutex mutex;
                int64_t period_began_ms;
                unsigned said, withheld;
        } guarded;
};

int pail_trace_new(struct pail_trace **ret_trace)
{
        struct pail_trace *trace = calloc(1, sizeof(*trace));
        if (!trace)
                return -ENOMEM;
        pail_mutex_init(&trace->guarded.mutex);
        *ret_trace = trace;
        return 0;
}

void pail_trace_free(struct pail_trace *trace)
{
        if (!trace)
                return;
        pail_mutex_done(&trace->guarded.mutex);
        free(trace);
}

/* Answers that are part of normal work: absent, exists already, changed meanwhile; that a bucket is somebody else's; and what
 * nobody wanted any more. */
static bool is_expected(const char *operation, const struct pail_error *error)
{
        if (error->class == PAIL_ERROR_CANCELLED || error->error_number == ECANCELED)
                return true;
        if (error->http_status == 403 && pail_str_equal(operation, "HeadBucket"))
                return true;
        return error->class == PAIL_ERROR_SERVICE && (error->http_status == 404 || error->http_status == 412 ||
                                                      error->http_status == 409 || error->http_status == 304);
}

static bool may_warn(struct pail_trace *trace, unsigned *ret_withheld)
{
        int64_t now_ms = pail_clock_monotonic_ms();
        PAIL_LOCK(&trace->guarded.mutex);
        *ret_withheld = 0;
        if (now_ms - trace->guarded.period_began_ms >= PERIOD_MS) {
                *ret_withheld = trace->guarded.withheld;
                trace->guarded.period_began_ms = now_ms;
                trace->guarded.said = 0;
                trace->guarded.withheld = 0;
        }
        if (trace->guarded.said < BURST) {
                trace->guarded.said++;
                return true;
        }
        trace->guarded.withheld++;
        return false;
}

void pail_trace_request(void *context, const char *operation, const char *path, int http_status, unsigned attempt,
                        int64_t duration_ms, const struct pail_error *error, const char *request_id)
{
        struct pail_trace *trace = context;
        const char *id = request_id ? request_id : "";
        if (!error || is_expected(operation, error)) {
                pail_log_debug("%s %s: %d, attempt %u, %lld ms%s%s", operation, path, http_status, attempt,
                               (long long)duration_ms, *id ? ", request " : "", id);
                return;
        }
        unsigned withheld;
        if (!may_warn(trace, &withheld)) {
                pail_log_debug("%s %s failed (attempt %u): %s", operation, path, attempt, error->message);
                return;
        }
        if (withheld > 0)
                pail_log_warning("%u more requests failed before", withheld);
        pail_log_warning("%s %s failed (attempt %u, %lld ms): %s%s%s%s%s", operation, path, attempt,
                         (long long)duration_ms, error->message, error->code[0] ? ", " : "", error->code,
                         *id ? ", request " : "", id);
}

void pail_trace_warn(void *context, const char *message)
{
        (void)context;
        pail_log_warning("%s", message);
}
