/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bucket resource: a name, attributes that are loaded when they are first asked for, and actions. What resources are is in resource.h;
 * the collections of what is in a bucket are in collection.h.
 */
#ifndef PAIL_S3_BUCKET_H
#define PAIL_S3_BUCKET_H

#include "pail/s3/resource.h"
#include "pail/util/cleanup.h"

struct pail_bucket; /* reference counted, thread safe */

int pail_bucket_new(struct pail_s3_client *client, const char *name, struct pail_bucket **ret_bucket);
struct pail_bucket *pail_bucket_ref(struct pail_bucket *bucket);
void pail_bucket_unref(struct pail_bucket *bucket);
PAIL_DEFINE_CLEANUP(struct pail_bucket, pail_bucket_unref);
const char *pail_bucket_name(const struct pail_bucket *bucket);
struct pail_s3_client *pail_bucket_client(const struct pail_bucket *bucket);
/*
 * Makes headers those of new content in the bucket: what the client's options ask for (class, encryption) takes the place of what is there.
 * Retention and legal hold are taken away: those of the old content stay with the version that has it, and new content gets the bucket's
 * default. -ENOMEM: unchanged.
 */
int pail_bucket_content_headers(const struct pail_bucket *bucket, struct pail_s3_headers *headers);
struct pail_resource_meta pail_bucket_meta(const struct pail_bucket *bucket);

/* HeadBucket. -ENOENT: there is none; -EACCES: it is somebody else's. */
int pail_bucket_load(struct pail_bucket *bucket, struct pail_error *ret_error);
/* Owned; NULL where the server does not tell it. Loads unless it is loaded. */
int pail_bucket_region(struct pail_bucket *bucket, char **ret_region, struct pail_error *ret_error);

/* GetBucketVersioning, each time. */
int pail_bucket_versioning(const struct pail_bucket *bucket, struct pail_s3_versioning *ret_versioning,
                           struct pail_error *ret_error);

/* One HeadBucket; a bucket that exists but may not be entered exists. options NULL: the defaults. */
int pail_bucket_exists(struct pail_bucket *bucket, bool *ret_exists, struct pail_error *ret_error);
int pail_bucket_wait_until_exists(struct pail_bucket *bucket, const struct pail_wait_options *options,
                                  struct pail_error *ret_error);
int pail_bucket_wait_until_not_exists(struct pail_bucket *bucket, const struct pail_wait_options *options,
                                      struct pail_error *ret_error);

/*
 * Whether lists come in the order of the keys, so that the first of a list has a meaning. false for directory buckets, which moreover
 * list only below prefixes that end with '/', know no other delimiter, and know no start_after.
 */
bool pail_bucket_lists_in_order(const struct pail_bucket *bucket);

/*
 * What is known of what the server does in the bucket, from the requests that were made; nothing is sent.
 */
struct pail_bucket_features {
        enum pail_s3_support copies;      /* CopyObject */
        enum pail_s3_support part_copies; /* UploadPartCopy: uploads fetch and send what cannot be copied */
        /* Of writes: uploads look at the object just before, where they are MISSING. */
        enum pail_s3_support if_match, if_none_match;
        enum pail_s3_support bulk_deletes; /* DeleteObjects: deleted one by one, where it is MISSING */
};
struct pail_bucket_features pail_bucket_features(const struct pail_bucket *bucket);

/*
 * In the region of the session. -EEXIST: somebody has one of that name (asked for first, because not every server tells
 * when it is the caller's own). Call it from a thread without interrupt token, as the next.
 */
int pail_bucket_create(struct pail_bucket *bucket, struct pail_error *ret_error);
/* -ENOTEMPTY. */
int pail_bucket_delete(struct pail_bucket *bucket, struct pail_error *ret_error);

/* Bulk delete of any number of keys, 1000 a request, some requests in parallel. First failure returned, the others are tried all the same.
 * A server without DeleteObjects (501, MethodNotAllowed) gets single deletes. */
int pail_bucket_delete_objects(struct pail_bucket *bucket, const char *const *keys, size_t count,
                               struct pail_error *ret_error);
/* The same of versions: version_ids[i] of keys[i], NULL: the current one. */
int pail_bucket_delete_versions(struct pail_bucket *bucket, const char *const *keys, const char *const *version_ids,
                                size_t count, struct pail_error *ret_error);

#endif
