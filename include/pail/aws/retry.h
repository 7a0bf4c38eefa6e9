/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a failed attempt is worth another, and when: the "standard" retry behaviour of the AWS SDKs (exponential backoff with
 * full jitter, longer for throttling, a quota so that a dead service is not hammered), with the patience of a file system: attempts
 * go on until the call's deadline where an SDK stops after three. "adaptive" adds a rate that no more requests than are sent at, which is
 * found from how the service throttles (retry_rate.h). Thread safe.
 */
#ifndef PAIL_AWS_RETRY_H
#define PAIL_AWS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/util/error.h"

struct pail_retry; /* the state shared by all requests of one client: the quota and the rate */

enum pail_retry_mode {
        PAIL_RETRY_MODE_DEFAULT, /* standard, where nothing else is configured */
        PAIL_RETRY_MODE_STANDARD,
        PAIL_RETRY_MODE_ADAPTIVE,
        PAIL_RETRY_MODE_LEGACY, /* a valid value of the setting; taken as standard */
};

struct pail_retry_options {
        enum pail_retry_mode mode;
        unsigned max_attempts; /* total attempts; 0: no limit but the deadline */
        uint64_t seed;         /* for the jitter; 0: from the clock */
};

int pail_retry_new(const struct pail_retry_options *options, struct pail_retry **ret_retry);
void pail_retry_free(struct pail_retry *retry);

enum pail_retry_decision {
        PAIL_RETRY_NO,
        PAIL_RETRY_LATER,  /* after *ret_delay_ms */
        PAIL_RETRY_CLOCK,  /* sign again with error->clock_offset_s and retry at once (once a request) */
        PAIL_RETRY_REGION, /* the bucket lives in error->region (may be ""): re-resolve and retry (once a request) */
};
/*
 * attempt: number of attempts made so far (1 after the first). idempotent: false for requests that must not be sent twice
 * when the first may have reached the server (none of S3's data operations; CreateMultipartUpload is safe but leaves an upload).
 * deadline_ms: monotonic, INT64_MAX: none; no retry is scheduled past it. *ret_delay_ms is written unless the decision is NO.
 *
 * CLOCK and REGION do not count against max_attempts; the caller sees to it that each is obeyed once a request (after eight attempts the
 * decision is NO in any case). A body that arrived damaged (BadDigest) is sent once more, a conflict (409 ConditionalRequestConflict) at most
 * four times. When the quota is used up a retry is not refused but waits longer, at least 2.5 s.
 */
enum pail_retry_decision pail_retry_decide(struct pail_retry *retry, const struct pail_error *error, unsigned attempt,
                                           bool idempotent, int64_t deadline_ms, int64_t *ret_delay_ms);
/* A request succeeded: the quota gets back what its last retry cost, or 1. last_failure: of the attempt before; NULL: there was none. */
void pail_retry_succeeded(struct pail_retry *retry, const struct pail_error *last_failure);

/*
 * Takes a token of the rate of the adaptive mode: milliseconds from now before which an attempt is not to be sent, 0: at once. Always 0 in
 * standard mode, and until the service has throttled for the first time.
 */
int64_t pail_retry_admit(struct pail_retry *retry);
/* An attempt came to an end, from which the rate learns. error NULL or of class NONE: it did well. */
void pail_retry_observe(struct pail_retry *retry, const struct pail_error *error);

bool pail_retry_is_throttle(const struct pail_error *error);

#endif
