/* SPDX-License-Identifier: Apache-2.0 */
/* All collections are one: the paginator over a list operation. What they list is what their kind says (list.h). */
#include "pail/s3/collection.h"

#include <errno.h>

#include "paginator.h"
#include "pail/util/cleanup.h"
#include "s3/ops/list.h"

struct pail_cursor {
        struct pail_collection collection; /* holds a reference on its bucket */
        struct pail_paginator paginator;
        struct pail_s3_page page; /* of next_entry */
        size_t given;             /* entries of it */
};

struct pail_collection pail_client_buckets(struct pail_s3_client *client)
{
        return (struct pail_collection){ .kind = &pail_s3_buckets_kind, .client = client };
}

struct pail_collection pail_client_directory_buckets(struct pail_s3_client *client)
{
        return (struct pail_collection){ .kind = &pail_s3_directory_buckets_kind, .client = client };
}

static struct pail_collection collection_of(struct pail_bucket *bucket, const struct pail_s3_list_kind *kind)
{
        return (struct pail_collection){ .kind = kind, .client = pail_bucket_client(bucket), .bucket = bucket };
}

struct pail_collection pail_bucket_objects(struct pail_bucket *bucket)
{
        return collection_of(bucket, &pail_s3_objects_kind);
}

struct pail_collection pail_bucket_object_versions(struct pail_bucket *bucket)
{
        return collection_of(bucket, &pail_s3_versions_kind);
}

struct pail_collection pail_bucket_multipart_uploads(struct pail_bucket *bucket)
{
        return collection_of(bucket, &pail_s3_uploads_kind);
}

struct pail_collection pail_collection_filter(struct pail_collection collection, const char *prefix,
                                              const char *delimiter)
{
        collection.prefix = prefix;
        collection.delimiter = delimiter;
        return collection;
}

struct pail_collection pail_collection_limit(struct pail_collection collection, uint64_t limit)
{
        collection.limit = limit;
        return collection;
}

struct pail_collection pail_collection_page_size(struct pail_collection collection, unsigned page_size)
{
        collection.page_size = page_size;
        return collection;
}

struct pail_collection pail_collection_start_at(struct pail_collection collection, const char *token)
{
        collection.starting_token = token;
        return collection;
}

static int begin_page(void *context, const struct pail_s3_page_token *at, unsigned max_items, void **ret_request,
                      struct pail_error *ret_error)
{
        const struct pail_collection *collection = context;
        bool is_first = !at->token, is_plain = collection->kind->is_open && !collection->page_size;
        const struct pail_s3_list_input input = {
                .bucket = collection->bucket ? pail_bucket_name(collection->bucket) : NULL,
                .key = collection->key,
                .upload_id = collection->upload_id,
                .prefix = collection->prefix,
                .delimiter = collection->delimiter,
                .start_after = is_first ? collection->start_after : NULL,
                .continuation_token = at->token,
                .id_marker = at->id,
                .max_keys = is_plain ? 0 : max_items,
        };
        struct pail_s3_call *call = NULL;
        int r = pail_s3_list_begin(collection->client, collection->kind, &input, &call, ret_error);
        if (r >= 0)
                *ret_request = call;
        return r;
}

static int wait_page(void *request, struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        return pail_s3_list_wait(request, ret_page, ret_error);
}

static void cancel_page(void *request)
{
        pail_s3_call_cancel(request);
        pail_s3_call_unref(request);
}

static const struct pail_paginated paginated = { .begin = begin_page, .wait = wait_page, .cancel = cancel_page };

int pail_collection_pages(const struct pail_collection *collection, struct pail_cursor **ret_cursor)
{
        struct pail_s3_page_token at = { 0 };
        int r = collection->starting_token
                        ? pail_s3_page_token_parse(collection->starting_token, collection->kind->letter, &at)
                        : 0;
        if (r < 0)
                return r;
        struct pail_cursor *cursor = calloc(1, sizeof(*cursor));
        if (!cursor) {
                pail_s3_page_token_done(&at);
                return -ENOMEM;
        }
        cursor->collection = *collection;
        if (collection->bucket)
                pail_bucket_ref(collection->bucket);
        /* Of the buckets, those without the prefix leave gaps in a page, as prefixes do. */
        bool is_mixed = collection->delimiter || collection->kind->is_open;
        pail_paginator_init(&cursor->paginator, &paginated, &cursor->collection, collection->limit,
                            collection->page_size, is_mixed);
        cursor->paginator.at = at;
        *ret_cursor = cursor;
        return 0;
}

int pail_cursor_next(struct pail_cursor *cursor, struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        return pail_paginator_next(&cursor->paginator, ret_page, ret_error);
}

int pail_cursor_next_entry(struct pail_cursor *cursor, const struct pail_s3_entry **ret_entry,
                           struct pail_error *ret_error)
{
        while (cursor->given == cursor->page.count) {
                pail_s3_page_done(&cursor->page);
                cursor->given = 0;
                int r = pail_cursor_next(cursor, &cursor->page, ret_error);
                if (r <= 0)
                        return r;
        }
        *ret_entry = &cursor->page.entries[cursor->given++];
        return 1;
}

int pail_cursor_resume_token(const struct pail_cursor *cursor, char **ret_token)
{
        *ret_token = NULL;
        if (cursor->paginator.is_exhausted)
                return 0;
        return pail_s3_page_token_format(&cursor->paginator.at, cursor->collection.kind->letter, ret_token);
}

void pail_cursor_free(struct pail_cursor *cursor)
{
        if (!cursor)
                return;
        pail_paginator_done(&cursor->paginator);
        pail_s3_page_done(&cursor->page);
        pail_bucket_unref(cursor->collection.bucket);
        free(cursor);
}

/* Prefixes of a collection with a delimiter are no objects. */
static int delete_page(struct pail_bucket *bucket, const struct pail_s3_page *page, struct pail_error *ret_error)
{
        _cleanup_free_ const char **keys = calloc(page->count + 1, sizeof(*keys));
        _cleanup_free_ const char **ids = calloc(page->count + 1, sizeof(*ids));
        size_t used = 0;
        if (!keys || !ids)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot delete %zu objects", page->count);
        for (size_t i = 0; i < page->count; i++) {
                if (page->entries[i].is_prefix)
                        continue;
                keys[used] = page->entries[i].key;
                ids[used++] = page->entries[i].id;
        }
        return pail_bucket_delete_versions(bucket, keys, ids, used, ret_error);
}

int pail_collection_delete(const struct pail_collection *collection, struct pail_error *ret_error)
{
        _cleanup_(pail_cursor_free_p) struct pail_cursor *cursor = NULL;
        if (!collection->kind->can_delete)
                return pail_error_set_errno(ret_error, EOPNOTSUPP, "cannot delete what %s lists",
                                            collection->kind->operation.name);
        int failed = 0, r = pail_collection_pages(collection, &cursor);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot list");
        /* One page behind the list, which goes on where the last page ended: Ceph passes over versions when that one is gone. */
        struct pail_s3_page behind = { 0 }, page = { 0 };
        do {
                r = pail_cursor_next(cursor, &page, failed ? NULL : ret_error);
                failed = failed || r >= 0 ? failed : r;
                int deleted = delete_page(collection->bucket, &behind, failed ? NULL : ret_error);
                failed = failed ? failed : deleted;
                pail_s3_page_done(&behind);
                behind = page;
                page = (struct pail_s3_page){ 0 };
        } while (r > 0);
        return failed;
}
