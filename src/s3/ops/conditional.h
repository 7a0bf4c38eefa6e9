/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes under conditions, and what stands in for these where the server does not take them: a look just before, which leaves a
 * window of milliseconds.
 */
#ifndef PAIL_SRC_S3_OPS_CONDITIONAL_H
#define PAIL_SRC_S3_OPS_CONDITIONAL_H

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

/* CompleteMultipartUpload in that way. */
struct pail_s3_complete_input {
        const char *bucket, *key, *upload_id;
        const struct pail_s3_part *parts; /* ascending */
        size_t count;
        const struct pail_s3_conditions *conditions; /* NULL: none */
        const char *copy_key, *copy_etag;            /* what parts were copied from, in the bucket; NULL: none were */
};
/*
 * After a look at both: Ceph ignores the conditions of copied parts and of CompleteMultipartUpload, and a look just before leaves a window of
 * milliseconds where the upload took minutes.
 */
int pail_s3_complete_upload_if(struct pail_s3_client *client, const struct pail_s3_complete_input *input,
                               char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);

/* One HEAD. 1: the object, or its version, has this ETag; 0: it has another; -ENOENT: there is none. */
int pail_s3_compare_version(struct pail_s3_client *client, const char *bucket, const char *key, const char *version_id,
                            const char *etag, struct pail_error *ret_error);
/* -ESTALE with code PreconditionFailed: "s3://bucket/key what". */
int pail_s3_set_stale(const char *bucket, const char *key, const char *what, struct pail_error *ret_error);

#endif
