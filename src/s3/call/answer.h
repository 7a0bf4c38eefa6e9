/* SPDX-License-Identifier: Apache-2.0 */
/* What an attempt brought. */
#ifndef PAIL_SRC_S3_CALL_ANSWER_H
#define PAIL_SRC_S3_CALL_ANSWER_H

#include "call.h"

/*
 * Looks at what an attempt brought: 0, or *ret_error. *ret_malformed: the answer could not be read, as if
 * it had been status 500.
 */
int pail_s3_answer_check(struct pail_s3_call *call, bool *ret_malformed, struct pail_error *ret_error);

#endif
