/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object Lock across a copy. Retention and legal hold belong to a version: a copy is another one, and has what its request says, else
 * the default retention of its bucket.
 */
#ifndef PAIL_SRC_S3_OPS_OBJECT_LOCK_H
#define PAIL_SRC_S3_OPS_OBJECT_LOCK_H

#include "pail/s3/client.h"
#include "pail/s3/types.h"
#include "pail/util/error.h"

/* Gives the object, of which HEAD told metadata, what it lacks of the lock in wanted: for servers that do not take it from a copy's request. */
int pail_s3_object_lock_ensure(struct pail_s3_client *client, const char *bucket, const char *key,
                               const struct pail_s3_object_metadata *metadata, const struct pail_s3_headers *wanted,
                               struct pail_error *ret_error);

#endif
