/* SPDX-License-Identifier: Apache-2.0 */
/* bucket.objects: the paginator over ListObjectsV2. */
#include <errno.h>

#include "paginator.h"
#include "pail/s3/bucket.h"
#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

struct pail_objects_cursor {
        struct pail_objects objects; /* holds a reference on its bucket */
        struct pail_paginator paginator;
};

struct pail_objects pail_bucket_objects(struct pail_bucket *bucket)
{
        return (struct pail_objects){ .bucket = bucket };
}

struct pail_objects pail_objects_filter(struct pail_objects objects, const char *prefix, const char *delimiter)
{
        objects.prefix = prefix;
        objects.delimiter = delimiter;
        return objects;
}

struct pail_objects pail_objects_limit(struct pail_objects objects, uint64_t limit)
{
        objects.limit = limit;
        return objects;
}

struct pail_objects pail_objects_page_size(struct pail_objects objects, unsigned page_size)
{
        objects.page_size = page_size;
        return objects;
}

static int fetch(void *context, const char *token, unsigned max_items, void *ret_page, struct pail_error *ret_error)
{
        const struct pail_objects *objects = context;
        const struct pail_s3_list_input input = {
                .bucket = pail_bucket_name(objects->bucket),
                .prefix = objects->prefix,
                .delimiter = objects->delimiter,
                .start_after = token ? NULL : objects->start_after,
                .continuation_token = token,
                .max_keys = max_items,
        };
        return pail_s3_list_objects_v2(pail_bucket_client(objects->bucket), &input, ret_page, ret_error);
}

static size_t count(const void *page)
{
        return ((const struct pail_s3_page *)page)->count;
}

static const char *first(const void *page)
{
        const struct pail_s3_page *objects = page;
        return objects->count ? objects->entries[0].key : NULL;
}

static const char *token_of(const void *page)
{
        const struct pail_s3_page *objects = page;
        return objects->is_truncated ? objects->next_token : NULL;
}

static void trim(void *page, size_t keep)
{
        struct pail_s3_page *objects = page;
        while (objects->count > keep) {
                struct pail_s3_entry *entry = &objects->entries[--objects->count];
                free(entry->key);
                free(entry->storage_class);
        }
}

static void release(void *page)
{
        pail_s3_page_done(page);
}

static const struct pail_paginated paginated = {
        .fetch = fetch, .count = count, .first = first, .token = token_of, .trim = trim, .release = release
};

int pail_objects_pages(const struct pail_objects *objects, struct pail_objects_cursor **ret_cursor)
{
        struct pail_objects_cursor *cursor = calloc(1, sizeof(*cursor));
        if (!cursor)
                return -ENOMEM;
        cursor->objects = *objects;
        pail_bucket_ref(objects->bucket);
        pail_paginator_init(&cursor->paginator, &paginated, &cursor->objects, objects->limit, objects->page_size);
        *ret_cursor = cursor;
        return 0;
}

int pail_objects_cursor_next(struct pail_objects_cursor *cursor, struct pail_s3_page *ret_page,
                             struct pail_error *ret_error)
{
        return pail_paginator_next(&cursor->paginator, ret_page, ret_error);
}

void pail_objects_cursor_free(struct pail_objects_cursor *cursor)
{
        if (!cursor)
                return;
        pail_paginator_done(&cursor->paginator);
        pail_bucket_unref(cursor->objects.bucket);
        free(cursor);
}
PAIL_DEFINE_CLEANUP(struct pail_objects_cursor, pail_objects_cursor_free);

/* Prefixes of a collection with a delimiter are no objects. */
static int delete_page(struct pail_bucket *bucket, const struct pail_s3_page *page, struct pail_error *ret_error)
{
        _cleanup_free_ const char **keys = calloc(page->count + 1, sizeof(*keys));
        size_t used = 0;
        if (!keys)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot delete %zu objects", page->count);
        for (size_t i = 0; i < page->count; i++) {
                if (!page->entries[i].is_prefix)
                        keys[used++] = page->entries[i].key;
        }
        return pail_bucket_delete_objects(bucket, keys, used, ret_error);
}

int pail_objects_delete(const struct pail_objects *objects, struct pail_error *ret_error)
{
        _cleanup_(pail_objects_cursor_free_p) struct pail_objects_cursor *cursor = NULL;
        int failed = 0, r = pail_objects_pages(objects, &cursor);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot list");
        for (;;) {
                struct pail_s3_page page = { 0 };
                r = pail_objects_cursor_next(cursor, &page, failed ? NULL : ret_error);
                if (r <= 0)
                        return failed ? failed : r;
                r = delete_page(objects->bucket, &page, failed ? NULL : ret_error);
                pail_s3_page_done(&page);
                failed = failed ? failed : r;
        }
}
