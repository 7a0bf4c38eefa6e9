/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collections: the buckets of a session, the objects, versions and multipart uploads of a bucket, the parts of an
 * upload. A collection is a value that says what to list; nothing is sent before the first page. filter, limit,
 * page_size and start_at each return a narrowed copy, as in boto3:
 *
 *      struct pail_collection logs = pail_collection_filter(pail_bucket_objects(bucket), "logs/", NULL);
 *      logs = pail_collection_limit(logs, 100);
 *
 * Strings are borrowed, and so is the bucket, until the cursor is closed.
 */
#ifndef PAIL_S3_COLLECTION_H
#define PAIL_S3_COLLECTION_H

#include "pail/s3/bucket.h"
#include "pail/s3/client.h"
#include "pail/s3/types.h"

struct pail_s3_list_kind;

struct pail_collection {
        const struct pail_s3_list_kind *kind;
        struct pail_s3_client *client;
        struct pail_bucket *bucket;                   /* NULL: of the buckets */
        const char *key, *upload_id;                  /* of the parts */
        const char *prefix, *delimiter, *start_after; /* NULL: none */
        const char *starting_token;                   /* NULL: from the beginning */
        uint64_t limit;                               /* items in all, prefixes not counted; 0: no limit */
        unsigned page_size;                           /* 0: 1000; more is taken for 1000 */
};

/* Of the session that the client is of. A prefix is compared here; pages only come from servers that know them. */
struct pail_collection pail_client_buckets(struct pail_s3_client *client);
/* The directory buckets of the session's region, which ListBuckets does not show. */
struct pail_collection pail_client_directory_buckets(struct pail_s3_client *client);
struct pail_collection pail_bucket_objects(struct pail_bucket *bucket);
/* Versions and delete markers. The limit counts both. */
struct pail_collection pail_bucket_object_versions(struct pail_bucket *bucket);
struct pail_collection pail_bucket_multipart_uploads(struct pail_bucket *bucket);

/* Only keys that begin with prefix; what follows up to delimiter is shown once, as a prefix. NULL: none. */
struct pail_collection pail_collection_filter(struct pail_collection collection, const char *prefix,
                                              const char *delimiter);
struct pail_collection pail_collection_limit(struct pail_collection collection, uint64_t limit);
struct pail_collection pail_collection_page_size(struct pail_collection collection, unsigned page_size);
/* Goes on where a cursor of the same collection stood: token is from pail_cursor_resume_token(). */
struct pail_collection pail_collection_start_at(struct pail_collection collection, const char *token);

/*
 * Iterates pages. One thread at a time. While the caller works on a page the next one is on its way, unless the limit
 * says that it is not wanted: two pages are in memory at most. A page token that repeats is PROTOCOL ("the server's
 * list does not end").
 */
struct pail_cursor;
/* -EINVAL: the starting token is not of this kind of collection. -ENOMEM. */
int pail_collection_pages(const struct pail_collection *collection, struct pail_cursor **ret_cursor);
/*
 * 1: *ret_page holds a page (pail_s3_page_done); 0: no more; < 0: error. After -EINTR and -ETIMEDOUT it may be called
 * again.
 */
int pail_cursor_next(struct pail_cursor *cursor, struct pail_s3_page *ret_page, struct pail_error *ret_error);
/* The same entry by entry: *ret_entry is borrowed until the next call. Not to be mixed with the above. */
int pail_cursor_next_entry(struct pail_cursor *cursor, const struct pail_s3_entry **ret_entry,
                           struct pail_error *ret_error);
/*
 * Where to go on behind the pages given so far, in this process or another: an opaque word, good for the same
 * collection with any limit and page size. *ret_token (owned) is NULL when the list has no more. A limit that ends
 * within a page is resumed at the very item; prefixes of that page are not given twice. Entries that
 * pail_cursor_next_entry() has not come to yet are taken for given when their page is.
 */
int pail_cursor_resume_token(const struct pail_cursor *cursor, char **ret_token);
/* Gives up what is on its way, without a wait. NULL is fine. */
void pail_cursor_free(struct pail_cursor *cursor);
PAIL_DEFINE_CLEANUP(struct pail_cursor, pail_cursor_free);

/*
 * Deletes what a collection of objects or versions holds, one DeleteObjects a page; prefixes are left alone. The first
 * failure is returned, the rest is tried all the same. Of objects in a bucket with versions, each gets a delete marker.
 * -EOPNOTSUPP: of other collections. Call it from a thread without interrupt token.
 */
int pail_collection_delete(const struct pail_collection *collection, struct pail_error *ret_error);

#endif
