/* SPDX-License-Identifier: Apache-2.0 */
/* Calls under way: what may be done with one from outside. Operations begin them (operations.h). */
#ifndef PAIL_S3_CALL_H
#define PAIL_S3_CALL_H

#include "pail/util/error.h"

/*
 * An asynchronous call under way, reference counted. done runs exactly once, on an engine's thread (never from within the function that
 * started the call), and must not block; error is NULL on success and borrowed for the call of done.
 */
struct pail_s3_call;
typedef void pail_s3_done(void *context, const struct pail_error *error);
/* Ends the call soon with class CANCELLED; done still runs. Any thread. */
void pail_s3_call_cancel(struct pail_s3_call *call);
/* Somebody waits for it now: a queued background request becomes a reader's. */
void pail_s3_call_raise(struct pail_s3_call *call);
void pail_s3_call_unref(struct pail_s3_call *call);

/*
 * Blocking forms wait interruptibly (pail/util/interrupt.h). Interrupted, they return -EINTR with class CANCELLED: a reading operation is
 * cancelled; a changing one must be called from a thread without a token (pail_workpool_run), so that it is never half done.
 */

#endif
