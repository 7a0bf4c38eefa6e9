/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The object resource: (bucket, key), or one version of it (bucket, key, version id), with the attributes of its last
 * load() and the actions of the file system. One thread at a time; cheap to make (one allocation and a copy of the
 * key).
 */
#ifndef PAIL_S3_OBJECT_H
#define PAIL_S3_OBJECT_H

#include "pail/s3/bucket.h"
#include "pail/s3/call.h"

struct pail_object;

int pail_object_new(struct pail_bucket *bucket, const char *key, struct pail_object **ret_object);
/* One version: load, get, delete and what is copied from it are of it; it cannot be written (-EINVAL). version_id NULL: the current. */
int pail_object_new_version(struct pail_bucket *bucket, const char *key, const char *version_id,
                            struct pail_object **ret_object);
/*
 * What a listing showed (copied): of a listing of versions, the version. Its summary is known without a request.
 * -EINVAL: a prefix.
 */
int pail_object_new_from_entry(struct pail_bucket *bucket, const struct pail_s3_entry *entry,
                               struct pail_object **ret_object);
void pail_object_free(struct pail_object *object);
PAIL_DEFINE_CLEANUP(struct pail_object, pail_object_free);
const char *pail_object_key(const struct pail_object *object);
const char *pail_object_version_id(const struct pail_object *object); /* NULL: the current one */
struct pail_bucket *pail_object_bucket(const struct pail_object *object);
struct pail_resource_meta pail_object_meta(const struct pail_object *object);

/* HeadObject. -ENOENT when absent. */
int pail_object_load(struct pail_object *object, struct pail_error *ret_error);
/*
 * Takes what the caller knows of the object for loaded (a copy is made): saves the HEAD of a copy, but not in a bucket that keeps versions,
 * where somebody may have put the object under retention or legal hold since. -ENOMEM.
 */
int pail_object_assume(struct pail_object *object, const struct pail_s3_object_metadata *metadata);
/* What the last load() or put() told; NULL when nothing is loaded. Borrowed until the next action. */
const struct pail_s3_object_metadata *pail_object_metadata(const struct pail_object *object);

/* The attributes that a listing and a HEAD have in common. */
struct pail_object_summary {
        uint64_t size_bytes;
        struct timespec last_modified; /* whole seconds once loaded; 0 after a put */
        const char *etag;              /* borrowed until the next action, as storage_class */
        const char *storage_class;     /* NULL: STANDARD, or not told */
};
/* Of the listing or the last load; loads where there is neither. */
int pail_object_summarize(struct pail_object *object, struct pail_object_summary *ret_summary,
                          struct pail_error *ret_error);

/* One HeadObject, which loads the object. options NULL: the defaults. */
int pail_object_exists(struct pail_object *object, bool *ret_exists, struct pail_error *ret_error);
int pail_object_wait_until_exists(struct pail_object *object, const struct pail_wait_options *options,
                                  struct pail_error *ret_error);
int pail_object_wait_until_not_exists(struct pail_object *object, const struct pail_wait_options *options,
                                      struct pail_error *ret_error);

/* PutObject from memory or a file range. ret_etag as in the operation. */
int pail_object_put(struct pail_object *object, const struct pail_s3_headers *headers,
                    const struct pail_http_body *body, const struct pail_s3_conditions *conditions /* NULL: none */,
                    char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);
/* The whole object into memory, up to the cap of target. */
int pail_object_get(struct pail_object *object, struct pail_buf *target, struct pail_error *ret_error);
/*
 * A range of it to a sink, asynchronously: what the sink gets, and when the call succeeds, is in types.h and
 * operations.h (GetObject). The object may be freed as soon as this has returned.
 */
struct pail_object_range {
        uint64_t offset, size_bytes; /* size 0: the whole object */
        const char *if_match;        /* NULL: none. A mismatch is 412, ESTALE */
        enum pail_http_priority priority;
};
int pail_object_get_start(const struct pail_object *object, const struct pail_object_range *range,
                          const struct pail_s3_get_sink *sink, void *sink_context, pail_s3_done *done,
                          void *done_context, struct pail_s3_call **ret_call, struct pail_error *ret_error);
/* Tags in the form of x-amz-tagging; "" when there are none. Owned. */
int pail_object_tagging(const struct pail_object *object, char **ret_tagging, struct pail_error *ret_error);
/* GetObjectAttributes: up to max_parts (0: 1000) parts behind a number, as in the operation. */
int pail_object_attributes(const struct pail_object *object, unsigned part_number_marker, unsigned max_parts,
                           struct pail_s3_object_attributes *ret_attributes, struct pail_error *ret_error);
/* Object Lock, of the version or the current one, as the operations have it. */
int pail_object_retention(const struct pail_object *object, struct pail_s3_retention *ret_retention,
                          struct pail_error *ret_error);
int pail_object_put_retention(struct pail_object *object, const struct pail_s3_retention *retention,
                              bool bypasses_governance, struct pail_error *ret_error);
int pail_object_legal_hold(const struct pail_object *object, bool *ret_is_held, struct pail_error *ret_error);
int pail_object_put_legal_hold(struct pail_object *object, bool is_held, struct pail_error *ret_error);
/* All tags at once; "" or none: DeleteObjectTagging. Not of a version (-EINVAL). */
int pail_object_put_tagging(struct pail_object *object, const char *tagging, struct pail_error *ret_error);
int pail_object_delete_tagging(struct pail_object *object, struct pail_error *ret_error);
/* RestoreObject; days and tier as there (<pail/s3/operations.h>). A load() tells how far it is. */
int pail_object_restore(struct pail_object *object, unsigned days, const char *tier,
                        enum pail_s3_restore_state *ret_state, struct pail_error *ret_error);
/* A URL to get or put it with, see <pail/s3/operations.h>. A version cannot be put (-EINVAL). */
int pail_object_presign(const struct pail_object *object, bool put, int64_t expires_s,
                        struct pail_s3_presigned *ret_presigned, struct pail_error *ret_error);
/* Absent keys are no error (as S3). */
int pail_object_delete(struct pail_object *object, struct pail_error *ret_error);

/*
 * RenameObject, which directory buckets have: atomic, and the ETag stays. conditions: of what the destination was; NULL: it is replaced.
 * Both objects are unloaded afterwards. Call it from a thread without interrupt token.
 */
int pail_object_rename(struct pail_object *source, struct pail_object *destination, const char *source_if_match,
                       const struct pail_s3_conditions *conditions, struct pail_error *ret_error);
#endif
