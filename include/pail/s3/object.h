/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The object resource: (bucket, key) with the attributes of its last load() and the actions of the file system. One thread at a
 * time; cheap to make (one allocation and a copy of the key).
 */
#ifndef PAIL_S3_OBJECT_H
#define PAIL_S3_OBJECT_H

#include "pail/s3/bucket.h"

struct pail_object;

int pail_object_new(struct pail_bucket *bucket, const char *key, struct pail_object **ret_object);
void pail_object_free(struct pail_object *object);
const char *pail_object_key(const struct pail_object *object);
struct pail_bucket *pail_object_bucket(const struct pail_object *object);

/* HeadObject. -ENOENT when absent. */
int pail_object_load(struct pail_object *object, struct pail_error *ret_error);
/* Takes what the caller knows of the object for loaded (a copy is made): saves the HEAD of a copy. -ENOMEM. */
int pail_object_assume(struct pail_object *object, const struct pail_s3_info *info);
/* What the last load() or put() told; NULL when nothing is loaded. Borrowed until the next action. */
const struct pail_s3_info *pail_object_info(const struct pail_object *object);

/* PutObject from memory or a file range. ret_etag as in the operation. */
int pail_object_put(struct pail_object *object, const struct pail_s3_headers *headers, const struct pail_http_body *body,
                    const struct pail_s3_conditions *conditions /* NULL: none */, char ret_etag[static PAIL_S3_ETAG_SIZE],
                    struct pail_error *ret_error);
/* The whole object into memory, up to the cap of target. */
int pail_object_get(struct pail_object *object, struct pail_buf *target, struct pail_error *ret_error);
int pail_object_delete(struct pail_object *object, struct pail_error *ret_error);

/*
 * A copy on the server that loses nothing: content headers, metadata, tags, storage class, encryption, and the ACL where it can be
 * read and is not the default. Objects above threshold_bytes go as a multipart copy with parallel parts, conditioned on the
 * ETag of the source. Proven at the end by comparing sizes and ETags as far as S3 lets one. The source is loaded first unless it is already.
 */
struct pail_object_copy_options {
        const struct pail_http_headers *metadata; /* replaces all user metadata; NULL: kept */
        const char *content_type;                 /* replaces it; NULL: kept */
        uint64_t threshold_bytes;                 /* 0: 5 GiB, the limit of CopyObject */
        uint64_t part_size_bytes;                 /* 0: 128 MiB, and larger where 10,000 parts would not do */
        const char *source_if_match;              /* NULL: none */
        bool acl_is_default;                      /* the mount has just made it: it has the ACL of new objects, which is not read unless the options ask for one */
};
/* source and destination may be the same key. ret_etag: the new version's. Changes the destination: call it from a thread without interrupt token. */
int pail_object_copy(struct pail_object *source, struct pail_object *destination,
                     const struct pail_object_copy_options *options, char ret_etag[static PAIL_S3_ETAG_SIZE],
                     struct pail_error *ret_error);

#endif
