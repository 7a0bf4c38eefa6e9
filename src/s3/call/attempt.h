/* SPDX-License-Identifier: Apache-2.0 */
/* One attempt of a call. */
#ifndef PAIL_SRC_S3_CALL_ATTEMPT_H
#define PAIL_SRC_S3_CALL_ATTEMPT_H

#include "call.h"
#include "pail/aws/sigv4.h"

/*
 * Makes the request ready for its next attempt: endpoint, headers of the attempt, signature. 1: not yet, because
 * there are no credentials at the moment, or the bucket's region is being asked for, and this thread may not wait; *ret_error
 * says why. 2: other credentials were awaited, and there are none.
 */
int pail_s3_attempt_prepare(struct pail_s3_call *call, struct pail_error *ret_error);
/* Of a call that is not sent: its URL and credentials, and *ret_scope (borrowed from it) to sign it for now. Returns as the above. */
int pail_s3_attempt_address(struct pail_s3_call *call, struct pail_sigv4_scope *ret_scope,
                            struct pail_error *ret_error);
/* The server does not accept the credentials of the last attempt. false: trying again is of no use. */
bool pail_s3_attempt_refuse_credentials(struct pail_s3_call *call, enum pail_refusal refusal);

#endif
