/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The result of a job that runs on a work pool. Whoever started it may wait, interruptibly, or go away: the job runs to its end
 * all the same ("detached"), and its argument lives until both are done with it. Thread safe.
 */
#ifndef PAIL_UTIL_FUTURE_H
#define PAIL_UTIL_FUTURE_H

#include <stdint.h>

#include "pail/util/cleanup.h"
#include "pail/util/workpool.h"

struct pail_future;

/*
 * Starts run(argument) on the pool. The future owns the argument: release (may be NULL) is called once, when the job has
 * ended and every reference is given up; on failure to start, before this returns. -ENOMEM, -EAGAIN.
 */
int pail_future_start(struct pail_workpool *pool, int (*run)(void *argument), void (*release)(void *argument),
                      void *argument, struct pail_future **ret_future);
/* The job's own value; or -EINTR (pail/util/interrupt.h), -ETIMEDOUT: it goes on. May be called again. */
int pail_future_wait(struct pail_future *future, int64_t until_ms);
/* The argument stays readable until this. NULL is fine. */
void pail_future_unref(struct pail_future *future);

PAIL_DEFINE_CLEANUP(struct pail_future, pail_future_unref);
#define _cleanup_future_ _cleanup_(pail_future_unref_p)

#endif
