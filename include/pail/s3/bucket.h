/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resources: bucket and object, identifiers with lazily loaded attributes and actions over a client, and the collection of a
 * bucket's objects. The model of boto3's resources. This is what the file system is built on.
 */
#ifndef PAIL_S3_BUCKET_H
#define PAIL_S3_BUCKET_H

#include "pail/s3/client.h"
#include "pail/s3/types.h"

struct pail_bucket; /* immutable, reference counted, thread safe */

int pail_bucket_new(struct pail_s3_client *client, const char *name, struct pail_bucket **ret_bucket);
struct pail_bucket *pail_bucket_ref(struct pail_bucket *bucket);
void pail_bucket_unref(struct pail_bucket *bucket);
const char *pail_bucket_name(const struct pail_bucket *bucket);
struct pail_s3_client *pail_bucket_client(const struct pail_bucket *bucket);
/*
 * Whether lists come in the order of the keys, so that the first of a list has a meaning. false for directory buckets, which moreover
 * list only below prefixes that end with '/', know no other delimiter, and know no start_after.
 */
bool pail_bucket_lists_in_order(const struct pail_bucket *bucket);

/* Bulk delete of any number of keys, 1000 a request, some requests in parallel. First failure returned, the others are tried all the same.
 * A server without DeleteObjects (501, MethodNotAllowed) gets single deletes. */
int pail_bucket_delete_objects(struct pail_bucket *bucket, const char *const *keys, size_t count, struct pail_error *ret_error);

/*
 * bucket.objects: a collection is a value that says what to list; nothing is sent before the first page. filter and
 * limit return a narrowed copy, as in boto3. Strings are borrowed until the cursor is closed.
 */
struct pail_objects {
        struct pail_bucket *bucket;
        const char *prefix, *delimiter, *start_after; /* NULL: none */
        uint64_t limit;                               /* entries in all; 0: no limit */
        unsigned page_size;                           /* 0: 1000 */
};
struct pail_objects pail_bucket_objects(struct pail_bucket *bucket);
struct pail_objects pail_objects_filter(struct pail_objects objects, const char *prefix, const char *delimiter);
struct pail_objects pail_objects_limit(struct pail_objects objects, uint64_t limit);
struct pail_objects pail_objects_page_size(struct pail_objects objects, unsigned page_size);

/* Iterates pages; the next one is fetched lazily. One thread at a time. A page token that repeats is PROTOCOL ("a list that never ends"). */
struct pail_objects_cursor;
int pail_objects_pages(const struct pail_objects *objects, struct pail_objects_cursor **ret_cursor);
/* 1: *ret_page holds a page (pail_s3_page_done); 0: no more; < 0: error. */
int pail_objects_cursor_next(struct pail_objects_cursor *cursor, struct pail_s3_page *ret_page, struct pail_error *ret_error);
void pail_objects_cursor_free(struct pail_objects_cursor *cursor);
/* Deletes all objects of the collection, page by page. */
int pail_objects_delete(const struct pail_objects *objects, struct pail_error *ret_error);

#endif
