/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiters: a HEAD again and again until a bucket or an object is there, or is not, as in boto3. They end with 0; with
 * -ETIMEDOUT (class TIMEOUT) when the attempts or the time are used up; with -EINTR (pail/util/interrupt.h); or with
 * the error of an answer that says neither yes nor no.
 *
 *                        done            again    failure
 *      bucket exists     200 301 403     404      all others
 *      object exists     200             404      all others
 *      not exists        404             200      all others
 *
 * The functions are in bucket.h and object.h.
 */
#ifndef PAIL_S3_WAITER_H
#define PAIL_S3_WAITER_H

#include <stdint.h>

struct pail_wait_options {
        int64_t delay_ms;      /* between two questions; 0: 5000 */
        unsigned max_attempts; /* 0: 20 */
        int64_t deadline_ms;   /* monotonic: no question begins after it, and one under way ends soon; 0: none */
};

#endif
