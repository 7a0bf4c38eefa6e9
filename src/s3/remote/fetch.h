/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches of the remote. */
#ifndef PAIL_SRC_S3_REMOTE_FETCH_H
#define PAIL_SRC_S3_REMOTE_FETCH_H

#include "pail/remote/remote.h"

int pail_s3_remote_fetch(struct pail_remote *remote, const struct pail_remote_range *range,
                         const struct pail_remote_sink *sink, void *context, struct pail_remote_call **ret_call,
                         struct pail_remote_error *ret_error);

#endif
