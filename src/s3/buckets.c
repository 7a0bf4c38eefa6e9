/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets as resources of an account: the collection of all, and what is done to one as a whole. */
#include <errno.h>

#include "paginator.h"
#include "pail/s3/bucket.h"
#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"

static int fetch(void *context, const char *token, unsigned max_items, void *ret_page, struct pail_error *ret_error)
{
        (void)max_items; /* older servers tell all at once, and newer ones know best how many */
        return pail_s3_list_buckets(context, token, ret_page, ret_error);
}

static size_t count(const void *page)
{
        return ((const struct pail_s3_buckets *)page)->count;
}

static const char *first(const void *page)
{
        const struct pail_s3_buckets *buckets = page;
        return buckets->count ? buckets->items[0].name : NULL;
}

static const char *token_of(const void *page)
{
        return ((const struct pail_s3_buckets *)page)->next_token;
}

static void trim(void *page, size_t keep)
{
        struct pail_s3_buckets *buckets = page;
        while (buckets->count > keep)
                free(buckets->items[--buckets->count].name);
}

static void release(void *page)
{
        pail_s3_buckets_done(page);
}

static const struct pail_paginated paginated = {
        .fetch = fetch, .count = count, .first = first, .token = token_of, .trim = trim, .release = release
};

/* Moves the items of a page behind those of the others. */
static int append(struct pail_s3_buckets *all, struct pail_s3_buckets *page)
{
        struct pail_s3_bucket_entry *items = reallocarray(all->items, all->count + page->count + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        all->items = items;
        for (size_t i = 0; i < page->count; i++)
                items[all->count++] = page->items[i];
        page->count = 0;
        return 0;
}

int pail_buckets_all(struct pail_s3_client *client, struct pail_s3_buckets *ret_buckets, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets all = { 0 };
        _cleanup_(pail_paginator_done) struct pail_paginator paginator;
        pail_paginator_init(&paginator, &paginated, client, 0, 0);
        for (;;) {
                _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets page = { 0 };
                int r = pail_paginator_next(&paginator, &page, ret_error);
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

int pail_bucket_exists(struct pail_bucket *bucket, struct pail_error *ret_error)
{
        return pail_s3_head_bucket(pail_bucket_client(bucket), pail_bucket_name(bucket), ret_error);
}

int pail_bucket_create(struct pail_bucket *bucket, struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_bucket_exists(bucket, &error);
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
