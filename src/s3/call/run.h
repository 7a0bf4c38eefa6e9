/* SPDX-License-Identifier: Apache-2.0 */
/* A call from its start to its end. */
#ifndef PAIL_SRC_S3_CALL_RUN_H
#define PAIL_SRC_S3_CALL_RUN_H

#include "call.h"

/* Sends it. May block for credentials and for hashing the body. On failure nothing was sent and done never runs. */
int pail_s3_call_start(struct pail_s3_call *call, pail_s3_done *done, void *done_context, struct pail_error *ret_error);
/* start and wait. */
int pail_s3_call_run(struct pail_s3_call *call, struct pail_error *ret_error);
/* The end of an asynchronous form: starts the call and hands the reference over. Takes the reference on failure too. */
int pail_s3_call_launch(struct pail_s3_call *call, pail_s3_done *done, void *done_context,
                        struct pail_s3_call **ret_call, struct pail_error *ret_error);

#endif
