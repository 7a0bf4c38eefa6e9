/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of ops/ give each other and the resources, beside <pail/s3/operations.h>. */
#ifndef PAIL_SRC_S3_OPS_OPS_H
#define PAIL_SRC_S3_OPS_OPS_H

#include "pail/aws/credentials.h"
#include "pail/s3/types.h"
#include "s3/call/call.h"

/* HeadBucket and HeadObject that give up after timeout_ms; 0: when the client does. version_id NULL: the current one. */
int pail_s3_head_bucket_within(struct pail_s3_client *client, const char *bucket, int64_t timeout_ms,
                               char **ret_region /* owned; NULL where it is not told; may be NULL */,
                               struct pail_error *ret_error);
int pail_s3_head_object_within(struct pail_s3_client *client, const char *bucket, const char *key,
                               const char *version_id, int64_t timeout_ms, struct pail_s3_object_metadata *ret_metadata,
                               struct pail_error *ret_error);

/* struct pail_s3_side_requests. */
int pail_s3_ask_region(struct pail_s3_client *client, const char *bucket);
/* Credentials for the requests of some minutes to a directory bucket. They expire by our own clock. Blocks. */
int pail_s3_create_session(struct pail_s3_client *client, const char *bucket, struct pail_credentials *ret_credentials,
                           struct pail_error *ret_error);

/* Asynchronous DeleteObject, of a version if there is an id; pail_s3_call_wait() ends it. */
int pail_s3_delete_object_begin(struct pail_s3_client *client, const char *bucket, const char *key,
                                const char *version_id, struct pail_s3_call **ret_call, struct pail_error *ret_error);

/* CreateMultipartUpload. */
struct pail_s3_create_upload_input {
        const char *bucket, *key;
        const struct pail_s3_headers *headers; /* NULL: none */
        const char *tagging;                   /* NULL: none */
        bool is_copy;     /* the headers are all that the object gets; else the client's options are added */
        bool without_crc; /* no checksum is declared: as in struct pail_s3_part_input */
};
int pail_s3_create_upload(struct pail_s3_client *client, const struct pail_s3_create_upload_input *input,
                          char **ret_upload_id, struct pail_error *ret_error);

/*
 * error is not one of the upload that failed, and the upload is to be begun anew: the server has lost it, or some of its parts; or checksums,
 * which it was begun with, were found not to work here since.
 */
bool pail_s3_is_upload_lost(const struct pail_error *error, bool had_checksums, bool has_checksums_now);

/*
 * The ETag element of an answer to a copy. -EBADMSG: none, which means that the copy failed after status 200 had been
 * sent.
 */
int pail_s3_parse_copy_result(struct pail_s3_call *call, const char *etag_path, char *ret_etag);

/*
 * DeleteObjects in two halves, so that several can be under way. keys are borrowed until wait() has returned, which
 * must be called for every begun batch.
 */
struct pail_s3_delete_batch {
        struct pail_s3_client *client;
        const char *bucket;
        const char *const *keys;
        const char *const *version_ids; /* of each key, NULL: the current one; NULL: of all */
        size_t count;
        bool *is_single; /* per key: it is deleted alone */
        size_t failed;
        struct pail_s3_call *call; /* NULL: all are deleted alone */
        struct pail_error error;   /* of the first key that failed */
};
int pail_s3_delete_batch_begin(struct pail_s3_client *client, const char *bucket, const char *const *keys,
                               const char *const *version_ids, size_t count, struct pail_s3_delete_batch *ret_batch,
                               struct pail_error *ret_error);
int pail_s3_delete_batch_wait(struct pail_s3_delete_batch *batch, size_t *ret_failed /* may be NULL */,
                              struct pail_error *ret_error);

/* Asynchronous GetObjectAcl into *document (NULL at first), which must live until pail_s3_call_wait() has ended it. */
int pail_s3_get_object_acl_begin(struct pail_s3_client *client, const char *bucket, const char *key,
                                 const char *version_id, char **document, struct pail_s3_call **ret_call,
                                 struct pail_error *ret_error);

/* GetObjectTagging of a version; version_id NULL: the current one. */
int pail_s3_get_version_tagging(struct pail_s3_client *client, const char *bucket, const char *key,
                                const char *version_id, char **ret_tagging, struct pail_error *ret_error);

#endif
