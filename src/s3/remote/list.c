/* SPDX-License-Identifier: Apache-2.0 */
/* Listings of the remote: a cursor over the collection of the bucket's objects. */
#include "list.h"

#include <errno.h>

#include "cause.h"
#include "handle.h"
#include "pail/s3/collection.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

struct pail_remote_list {
        struct pail_cursor *cursor;
        char prefix[]; /* which the cursor borrows */
};

int pail_s3_remote_list(struct pail_remote *remote, const struct pail_remote_listing *listing,
                        struct pail_remote_list **ret_list)
{
        size_t size = strlen(listing->prefix) + 1;
        _cleanup_free_ struct pail_remote_list *list = calloc(1, sizeof(*list) + size);
        struct pail_collection objects = pail_bucket_objects(pail_s3_remote_of(remote)->bucket);
        int r;

        if (!list)
                return -ENOMEM;
        memcpy(list->prefix, listing->prefix, size);
        objects = pail_collection_filter(objects, list->prefix, listing->by_directory ? "/" : NULL);
        if (listing->limit)
                objects = pail_collection_limit(objects, listing->limit);
        r = pail_collection_pages(&objects, &list->cursor);
        if (r < 0)
                return r;
        *ret_list = pail_steal(&list);
        return 0;
}

/* The keys are handed over: a page has up to a thousand of them. */
static int convert_page(struct pail_s3_page *page, struct pail_remote_page *ret_page)
{
        struct pail_remote_entry *entries = calloc(page->count ? page->count : 1, sizeof(*entries));

        if (!entries)
                return -ENOMEM;
        for (size_t i = 0; i < page->count; i++) {
                struct pail_s3_entry *entry = &page->entries[i];

                entries[i] = (struct pail_remote_entry){
                        .key = pail_steal(&entry->key),
                        .is_prefix = entry->is_prefix,
                        .size_bytes = entry->size_bytes,
                        .last_modified = entry->last_modified,
                };
                pail_str_copy(entries[i].etag, sizeof(entries[i].etag), entry->etag);
        }
        *ret_page = (struct pail_remote_page){ .entries = entries, .count = page->count };
        return 1;
}

int pail_s3_remote_next_page(struct pail_remote_list *list, struct pail_remote_page *ret_page,
                             struct pail_remote_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_s3_page page = { 0 };
        int r = pail_cursor_next(list->cursor, &page, &error);

        if (r > 0) {
                r = convert_page(&page, ret_page);
                pail_s3_page_done(&page);
        }
        return pail_s3_remote_end(r, &error, ret_error);
}

void pail_s3_remote_end_list(struct pail_remote_list *list)
{
        if (!list)
                return;
        pail_cursor_free(list->cursor);
        free(list);
}
