/* SPDX-License-Identifier: Apache-2.0 */
/* Object Lock in headers: whether a version may be deleted. */
#ifndef PAIL_SRC_S3_CALL_RETENTION_H
#define PAIL_SRC_S3_CALL_RETENTION_H

#include <stdbool.h>

#include "client.h"
#include "pail/s3/types.h"
#include "pail/util/error.h"

/* Until when, by the clock of the server. false: retention is over, or there is none. */
bool pail_s3_is_retained(const struct pail_s3_client *client, const struct pail_s3_headers *headers);
bool pail_s3_is_held(const struct pail_s3_headers *headers);
/* One of the two. */
bool pail_s3_has_object_lock(const struct pail_s3_client *client, const struct pail_s3_headers *headers);
/* What servers answer of an object that has neither; of a bucket that can have none they say something else. */
bool pail_s3_is_unlocked(const struct pail_error *error);
/* Removes retention and legal hold. */
void pail_s3_object_lock_clear(struct pail_s3_headers *headers);

#endif
