/* SPDX-License-Identifier: Apache-2.0 */
/* The end of what the remote does: its result, and why it failed. */
#ifndef PAIL_SRC_S3_REMOTE_CAUSE_H
#define PAIL_SRC_S3_REMOTE_CAUSE_H

#include "pail/remote/remote.h"
#include "pail/util/error.h"

/*
 * The end of each function: r, and what error says of a failure in the terms of the remote. Returns r; a
 * failure that says nothing of itself was one of this machine.
 */
int pail_s3_remote_end(int r, const struct pail_error *error, struct pail_remote_error *ret_error);
/* The same for the asynchronous ones, where error NULL is success. */
int pail_s3_remote_result(const struct pail_error *error, struct pail_remote_error *ret_error);

#endif
