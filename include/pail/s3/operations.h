/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations of S3, one function each, named as in the Amazon S3 API reference, one file each under src/s3/ops/.
 * Inputs are borrowed for the call (asynchronous forms: until done, unless said otherwise); strings are unencoded. Outputs are owned by
 * the caller. 0 or pail_s3_errno() of *ret_error (which may be NULL). A success body that holds <Error>, or that cannot be
 * parsed, is retried like status 500.
 */
#ifndef PAIL_S3_OPERATIONS_H
#define PAIL_S3_OPERATIONS_H

#include "pail/s3/call.h"
#include "pail/s3/client.h"
#include "pail/s3/types.h"

int pail_s3_head_bucket(struct pail_s3_client *client, const char *bucket, struct pail_error *ret_error);
/* In the region of the session. -EEXIST: somebody has a bucket of that name; some servers answer 0 when it is the caller's own. */
int pail_s3_create_bucket(struct pail_s3_client *client, const char *bucket, struct pail_error *ret_error);
/* -ENOTEMPTY. */
int pail_s3_delete_bucket(struct pail_s3_client *client, const char *bucket, struct pail_error *ret_error);

/* Of directory buckets: NEVER, without a request. */
int pail_s3_get_bucket_versioning(struct pail_s3_client *client, const char *bucket,
                                  struct pail_s3_versioning *ret_versioning, struct pail_error *ret_error);

int pail_s3_list_buckets(struct pail_s3_client *client, struct pail_s3_buckets *ret_buckets,
                         struct pail_error *ret_error);

/* Of all list operations; each ignores what it has not. */
struct pail_s3_list_input {
        const char *bucket;
        const char *key, *upload_id;    /* of ListParts */
        const char *prefix;             /* NULL: none */
        const char *delimiter;          /* NULL: none */
        const char *start_after;        /* NULL: none; of ListObjectsV2 */
        const char *continuation_token; /* next_token of the page before; NULL: first page */
        const char *id_marker;          /* next_id of the page before */
        unsigned max_keys;              /* 0: 1000; buckets: all that the server gives */
};
/* A server that has version 1 only is asked in that from then on; tokens are then keys. */
int pail_s3_list_objects_v2(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                            struct pail_s3_page *ret_page, struct pail_error *ret_error);
/* Of the session's region. */
int pail_s3_list_directory_buckets(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                                   struct pail_s3_page *ret_page, struct pail_error *ret_error);
/* Version 1: a continuation_token is the key to go on behind, as start_after is. */
int pail_s3_list_objects(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                         struct pail_s3_page *ret_page, struct pail_error *ret_error);
/* Versions and delete markers, newest first for each key. */
int pail_s3_list_object_versions(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                                 struct pail_s3_page *ret_page, struct pail_error *ret_error);
int pail_s3_list_multipart_uploads(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                                   struct pail_s3_page *ret_page, struct pail_error *ret_error);
int pail_s3_list_parts(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                       struct pail_s3_page *ret_page, struct pail_error *ret_error);

int pail_s3_head_object(struct pail_s3_client *client, const char *bucket, const char *key,
                        struct pail_s3_object_metadata *ret_metadata, struct pail_error *ret_error);

struct pail_s3_attributes_input {
        const char *bucket, *key;
        const char *version_id;      /* NULL: the current one */
        unsigned part_number_marker; /* next_part_number_marker of the page before; 0: first page */
        unsigned max_parts;          /* 0: 1000 */
};
/* -EOPNOTSUPP: the server does not know it. */
int pail_s3_get_object_attributes(struct pail_s3_client *client, const struct pail_s3_attributes_input *input,
                                  struct pail_s3_object_attributes *ret_attributes, struct pail_error *ret_error);

/*
 * Asynchronous GET of a range. The bytes reach the sink exactly once and in order, whatever attempts it takes: a transfer that
 * broke is resumed where it stood, with If-Match on the ETag seen first (a change in between: ESTALE, code PreconditionFailed).
 * A server that ignores Range is tolerated (the bytes before the range are skipped); a Content-Range that does not fit is PROTOCOL.
 *
 * Of a whole object (size 0) S3 tells the CRC that is stored with it, and the bytes are compared with it: damaged ones are asked for once
 * more, if the sink can take them again, and then the call fails with EIO. Of a range S3 tells none; nor is one that was made
 * of those of parts ("composite") of any use.
 */
struct pail_s3_get_input {
        const char *bucket, *key;
        const char *version_id;      /* NULL: the current one */
        uint64_t offset, size_bytes; /* size 0: the whole object, no Range header */
        const char *if_match;        /* NULL: none. A mismatch is 412, ESTALE */
        enum pail_http_priority priority;
        int64_t timeout_ms; /* 0: the client's */
};
int pail_s3_get_object_start(struct pail_s3_client *client, const struct pail_s3_get_input *input /* copied */,
                             const struct pail_s3_get_sink *sink, void *sink_context, pail_s3_done *done,
                             void *done_context, struct pail_s3_call **ret_call, struct pail_error *ret_error);
/* Blocking, into a buffer whose cap bounds it. */
int pail_s3_get_object(struct pail_s3_client *client, const struct pail_s3_get_input *input, struct pail_buf *target,
                       struct pail_s3_object_metadata *ret_metadata /* may be NULL */, struct pail_error *ret_error);

struct pail_s3_put_input {
        const char *bucket, *key;
        const struct pail_s3_headers *headers; /* NULL: none */
        const char *tagging;                   /* x-amz-tagging value (query form); NULL: none */
        struct pail_http_body body;
        struct pail_s3_conditions conditions;
        enum pail_http_priority priority;
        /* Told the call once it is under way, and NULL when it has ended: in between any thread may cancel it. May be NULL. */
        void (*watch)(void *context, struct pail_s3_call *call);
        void *watch_context;
};
int pail_s3_put_object(struct pail_s3_client *client, const struct pail_s3_put_input *input,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);

/* Absent keys are no error (as S3). */
int pail_s3_delete_object(struct pail_s3_client *client, const char *bucket, const char *key,
                          struct pail_error *ret_error);
/* Removes that version for good; of a delete marker: what was hidden shows again. */
int pail_s3_delete_object_version(struct pail_s3_client *client, const char *bucket, const char *key,
                                  const char *version_id, struct pail_error *ret_error);

/* Up to 1000 keys. ret_failed (may be NULL): how many of them failed; the first failure is in *ret_error and returned. */
int pail_s3_delete_objects(struct pail_s3_client *client, const char *bucket, const char *const *keys, size_t count,
                           size_t *ret_failed, struct pail_error *ret_error);

struct pail_s3_copy_input {
        const char *bucket, *key; /* destination */
        const char *source_bucket, *source_key;
        const char *source_version_id;         /* NULL: the current one */
        const char *source_if_match;           /* NULL: none */
        const struct pail_s3_headers *headers; /* NULL: MetadataDirective COPY; else REPLACE with these */
        /* storage class and encryption of the destination are always given from here; NULL: the bucket's defaults */
        const struct pail_s3_headers *keep;   /* may equal headers */
        struct pail_s3_conditions conditions; /* of the destination */
};
int pail_s3_copy_object(struct pail_s3_client *client, const struct pail_s3_copy_input *input,
                        char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);

struct pail_s3_rename_input {
        const char *bucket, *key;             /* destination */
        const char *source_key;               /* in the same bucket */
        const char *source_if_match;          /* NULL: none. With it a lost answer is no doubt */
        struct pail_s3_conditions conditions; /* of what has the destination's key */
};
/* Of directory buckets; what has the key is replaced. -EOPNOTSUPP, -EPERM: the bucket has no such operation. -ESTALE: a condition. */
int pail_s3_rename_object(struct pail_s3_client *client, const struct pail_s3_rename_input *input,
                          struct pail_error *ret_error);

int pail_s3_create_multipart_upload(struct pail_s3_client *client, const char *bucket, const char *key,
                                    const struct pail_s3_headers *headers, const char *tagging, char **ret_upload_id,
                                    struct pail_error *ret_error);

struct pail_s3_part_input {
        const char *bucket, *key, *upload_id;
        unsigned part_number;       /* 1..10000 */
        struct pail_http_body body; /* upload_part */
        bool without_crc;           /* the upload was begun without, and S3 refuses parts that have one then */
        const char *source_bucket, *source_key; /* upload_part_copy, whole source range: */
        const char *source_version_id;          /* NULL: the current one */
        const char *source_if_match;
        uint64_t source_offset, source_size_bytes; /* size 0: the whole source */
        enum pail_http_priority priority;
};
/*
 * etag and checksum of the part are filled in, before done is called (the part is the caller's). The input struct and its strings are
 * copied; a body's memory is borrowed until done, its fd too. The body is hashed in the calling thread where that is needed.
 */
int pail_s3_upload_part_start(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                              struct pail_s3_part *part, pail_s3_done *done, void *done_context,
                              struct pail_s3_call **ret_call, struct pail_error *ret_error);
int pail_s3_upload_part_copy_start(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                                   struct pail_s3_part *part, pail_s3_done *done, void *done_context,
                                   struct pail_s3_call **ret_call, struct pail_error *ret_error);
int pail_s3_upload_part(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                        struct pail_s3_part *part, struct pail_error *ret_error);
int pail_s3_upload_part_copy(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                             struct pail_s3_part *part, struct pail_error *ret_error);

/* parts in ascending order. Finds out what became of it when that is in doubt (the answer was lost, NoSuchUpload on the retry) by HEAD on the key: the ETag of a
 * multipart object is computable from its parts ("<md5 of part md5s>-<n>"), size is compared too. */
int pail_s3_complete_multipart_upload(struct pail_s3_client *client, const char *bucket, const char *key,
                                      const char *upload_id, const struct pail_s3_part *parts, size_t count,
                                      const struct pail_s3_conditions *conditions,
                                      char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);
/* NoSuchUpload is success. */
int pail_s3_abort_multipart_upload(struct pail_s3_client *client, const char *bucket, const char *key,
                                   const char *upload_id, struct pail_error *ret_error);

/* Tags in the form of x-amz-tagging; "" when there are none. Owned. */
int pail_s3_get_object_tagging(struct pail_s3_client *client, const char *bucket, const char *key, char **ret_tagging,
                               struct pail_error *ret_error);
/* All tags at once, in the same form; "": none. */
int pail_s3_put_object_tagging(struct pail_s3_client *client, const char *bucket, const char *key, const char *tagging,
                               struct pail_error *ret_error);
int pail_s3_delete_object_tagging(struct pail_s3_client *client, const char *bucket, const char *key,
                                  struct pail_error *ret_error);

/* Of an archived object, a copy that can be read is asked for; that takes minutes to days. HeadObject tells when it is there. */
struct pail_s3_restore_input {
        const char *bucket, *key;
        const char *version_id; /* NULL: the current one */
        unsigned days;          /* how long the copy is kept; 0: of INTELLIGENT_TIERING, where it stays */
        const char *tier;       /* "Standard", "Bulk", "Expedited"; NULL: the server's default */
};
int pail_s3_restore_object(struct pail_s3_client *client, const struct pail_s3_restore_input *input,
                           enum pail_s3_restore_state *ret_state, struct pail_error *ret_error);

/*
 * A URL with which anybody may GET or PUT the object until it ends, without keys (<pail/aws/sigv4.h>). No request is sent, but for
 * credentials; the region is the one that this client knows for the bucket, so load the bucket first where that may be another than the
 * session's. CONFIG: with a customer's key, and with expires_s that is not 1 to PAIL_SIGV4_EXPIRES_MAX_S.
 */
struct pail_s3_presign_input {
        const char *bucket, *key;
        const char *version_id; /* NULL: the current one */
        bool put;
        int64_t expires_s;
};
int pail_s3_presign(struct pail_s3_client *client, const struct pail_s3_presign_input *input,
                    struct pail_s3_presigned *ret_presigned, struct pail_error *ret_error);

/* The ACL document as it is, and back. */
int pail_s3_get_object_acl(struct pail_s3_client *client, const char *bucket, const char *key, char **ret_document,
                           struct pail_error *ret_error);
int pail_s3_put_object_acl(struct pail_s3_client *client, const char *bucket, const char *key, const char *document,
                           struct pail_error *ret_error);

/*
 * Object Lock, of a version; version_id NULL: the current one. What an object without retention or legal hold has is "" and false;
 * in a bucket that is not made for them (it must have Object Lock on, and so versions) asking is an error of the server's choice.
 */
int pail_s3_get_object_retention(struct pail_s3_client *client, const char *bucket, const char *key,
                                 const char *version_id, struct pail_s3_retention *ret_retention,
                                 struct pail_error *ret_error);
/*
 * -EACCES: it would be shortened. bypasses_governance: of mode "GOVERNANCE" it may be, or be taken away (mode ""), by who has
 * s3:BypassGovernanceRetention.
 */
int pail_s3_put_object_retention(struct pail_s3_client *client, const char *bucket, const char *key,
                                 const char *version_id, const struct pail_s3_retention *retention,
                                 bool bypasses_governance, struct pail_error *ret_error);
int pail_s3_get_object_legal_hold(struct pail_s3_client *client, const char *bucket, const char *key,
                                  const char *version_id, bool *ret_is_held, struct pail_error *ret_error);
int pail_s3_put_object_legal_hold(struct pail_s3_client *client, const char *bucket, const char *key,
                                  const char *version_id, bool is_held, struct pail_error *ret_error);

#endif
