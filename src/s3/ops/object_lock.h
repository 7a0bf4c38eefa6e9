/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object Lock across a copy. Retention and legal hold belong to a version: a copy is another one, and has what its request says, else
 * the default retention of its bucket.
 */
#ifndef PAIL_SRC_S3_OBJECT_LOCK_H
#define PAIL_SRC_S3_OBJECT_LOCK_H

#include <stdbool.h>

#include "pail/s3/types.h"
#include "pail/util/error.h"
#include "s3/call/client.h"

/* Until when, by the clock of the server. false: retention is over, or there is none. */
bool pail_s3_is_retained(const struct pail_s3_client *client, const struct pail_s3_headers *headers);
bool pail_s3_is_locked(const struct pail_s3_client *client, const struct pail_s3_headers *headers);
/* What servers answer of an object that has neither; of a bucket that can have none they say something else. */
bool pail_s3_is_unlocked(const struct pail_error *error);
/* Removes retention and legal hold. */
void pail_s3_object_lock_clear(struct pail_s3_headers *headers);
/* Gives the object, of which HEAD told info, what it lacks of the lock in wanted: for servers that do not take it from a copy's request. */
int pail_s3_object_lock_ensure(struct pail_s3_client *client, const char *bucket, const char *key,
                               const struct pail_s3_object_metadata *metadata, const struct pail_s3_headers *wanted,
                               struct pail_error *ret_error);

#endif
