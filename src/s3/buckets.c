/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets as resources of an account: the collection of all, and what is done to one as a whole. */
#include <errno.h>

#include "pail/s3/bucket.h"
#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"

PAIL_DEFINE_CLEANUP(struct pail_cursor, pail_cursor_free);

/* Moves the entries of a page behind those of the others. */
static int append(struct pail_s3_buckets *all, struct pail_s3_page *page)
{
        struct pail_s3_bucket_entry *items = reallocarray(all->items, all->count + page->count + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        all->items = items;
        for (size_t i = 0; i < page->count; i++)
                items[all->count++] = (struct pail_s3_bucket_entry){ .name = pail_steal(&page->entries[i].key),
                                                                     .creation_date = page->entries[i].last_modified };
        return 0;
}

int pail_buckets_all(struct pail_s3_client *client, struct pail_s3_buckets *ret_buckets, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets all = { 0 };
        _cleanup_(pail_cursor_free_p) struct pail_cursor *cursor = NULL;
        const struct pail_collection collection = pail_client_buckets(client);
        int r = pail_collection_pages(&collection, &cursor);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot list the buckets");
        for (;;) {
                _cleanup_(pail_s3_page_done) struct pail_s3_page page = { 0 };
                r = pail_cursor_next(cursor, &page, ret_error);
                if (r == 0)
                        break;
                if (r > 0 && append(&all, &page) < 0)
                        r = pail_error_set_errno(ret_error, ENOMEM, "cannot list the buckets");
                if (r < 0)
                        return r;
        }
        *ret_buckets = all;
        all = (struct pail_s3_buckets){ 0 };
        return 0;
}

int pail_bucket_versioning(const struct pail_bucket *bucket, struct pail_s3_versioning *ret_versioning,
                           struct pail_error *ret_error)
{
        return pail_s3_get_bucket_versioning(pail_bucket_client(bucket), pail_bucket_name(bucket), ret_versioning,
                                             ret_error);
}

int pail_bucket_create(struct pail_bucket *bucket, struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_bucket_load(bucket, &error);
        if (r == 0 || (r == -EACCES && error.class == PAIL_ERROR_SERVICE))
                return pail_error_set_errno(ret_error, EEXIST, "bucket %s", pail_bucket_name(bucket));
        if (r != -ENOENT) {
                if (ret_error)
                        *ret_error = error;
                return r;
        }
        return pail_s3_create_bucket(pail_bucket_client(bucket), pail_bucket_name(bucket), ret_error);
}

int pail_bucket_delete(struct pail_bucket *bucket, struct pail_error *ret_error)
{
        return pail_s3_delete_bucket(pail_bucket_client(bucket), pail_bucket_name(bucket), ret_error);
}
