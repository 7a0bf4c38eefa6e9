/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes under conditions, and what stands in for these where the server does not take them: a look just before, which leaves a
 * window of milliseconds.
 */
#ifndef PAIL_SRC_S3_CONDITIONAL_H
#define PAIL_SRC_S3_CONDITIONAL_H

#include "pail/s3/operations.h"

/* Writes under these conditions; NULL: under none. */
typedef int pail_s3_conditional_write(void *context, const struct pail_s3_conditions *conditions,
                                      struct pail_error *ret_error);

/* write() under the conditions (may be NULL), or, where the server refuses them, a look and then write() under none. */
int pail_s3_write_if(struct pail_s3_client *client, const char *bucket, const char *key,
                     const struct pail_s3_conditions *conditions, pail_s3_conditional_write *write, void *context,
                     struct pail_error *ret_error);

/* PutObject in that way. */
int pail_s3_put_object_if(struct pail_s3_client *client, const struct pail_s3_put_input *input,
                          char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);

/* The ETag that the object is to have, "": there is to be none; NULL: nothing is said of it. conditions may be NULL. */
const char *pail_s3_wanted_version(const struct pail_s3_conditions *conditions);
/* One HEAD. -ESTALE with code PreconditionFailed: the object is another version; etag "": there is one. */
int pail_s3_check_version(struct pail_s3_client *client, const char *bucket, const char *key, const char *etag,
                          struct pail_error *ret_error);

#endif
