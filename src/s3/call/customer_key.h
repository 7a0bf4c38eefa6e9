/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of the customer (SSE-C): S3 encrypts an object with a key that it does not keep, and wants it with each request
 * that reads the object again. All is written with the first key of the file. Which one an object was written with is
 * in no answer, so it is searched for: the key that the last object was read with, then the others in their order, then
 * none (an object from before there were keys). Wiped when they are freed.
 */
#ifndef PAIL_SRC_S3_CALL_CUSTOMER_KEY_H
#define PAIL_SRC_S3_CALL_CUSTOMER_KEY_H

#include <stdbool.h>

#include "call.h"

/* Sets the headers of an attempt, as the operation wants them. */
int pail_s3_customer_key_apply(struct pail_s3_call *call);
/* true: the object may have been written with another key, and the call is to be sent again with that. */
bool pail_s3_customer_key_next(struct pail_s3_call *call, const struct pail_error *error);
/* The call failed: *error says so, if none of the keys fits. The last of the refusals, which is for no key at all, would mislead. */
void pail_s3_customer_key_describe_refusal(const struct pail_s3_call *call, struct pail_error *error);
/* The call succeeded. */
void pail_s3_customer_key_learn(struct pail_s3_call *call);

#endif
