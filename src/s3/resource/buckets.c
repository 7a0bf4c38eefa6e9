/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The buckets of an account. Directory buckets are listed by an operation of their own, which few have: its failure must not hide the others,
 * so it is told once and asked again later.
 */
#include "pail/s3/buckets.h"

#include <errno.h>

#include "bucket.h"
#include "pail/aws/endpoint.h"
#include "pail/s3/collection.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "s3/call/client.h"

enum { ASK_AGAIN_MS = 5 * 60 * 1000 };

/* Moves the entries of a page behind those of the others. */
static int append_page(struct pail_s3_buckets *all, struct pail_s3_page *page)
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

static int append_all(const struct pail_collection *collection, struct pail_s3_buckets *all,
                      struct pail_error *ret_error)
{
        _cleanup_(pail_cursor_free_p) struct pail_cursor *cursor = NULL;
        int r = pail_collection_pages(collection, &cursor);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot list the buckets");
        for (;;) {
                _cleanup_(pail_s3_page_done) struct pail_s3_page page = { 0 };
                r = pail_cursor_next(cursor, &page, ret_error);
                if (r > 0 && append_page(all, &page) < 0)
                        r = pail_error_set_errno(ret_error, ENOMEM, "cannot list the buckets");
                if (r <= 0)
                        return r;
        }
}

/* Other servers have none, and whoever has no name may list nothing. */
static bool has_directory_buckets(const struct pail_s3_client *client)
{
        return !pail_session_endpoint_url(client->session) && !pail_session_is_anonymous(client->session) &&
               pail_clock_monotonic_ms() >= client->directory_buckets_from_ms;
}

/* No word where there are probably none: the region has no such service, or the policy does not speak of it. */
static void note_failure(struct pail_s3_client *client, const struct pail_error *error)
{
        char message[sizeof(error->message) + 64];
        bool is_expected = error->class == PAIL_ERROR_RESOLVE || error->class == PAIL_ERROR_CONFIG ||
                           error->http_status == 403;
        client->directory_buckets_from_ms = pail_clock_monotonic_ms() + ASK_AGAIN_MS;
        if (is_expected || !client->options.warn || atomic_exchange(&client->is_warned_of_directory_buckets, true))
                return;
        snprintf(message, sizeof(message), "directory buckets are not shown: %s", error->message);
        client->options.warn(client->options.warn_context, message);
}

/* Who has buckets of the ordinary kind alone must not notice that there are others: nothing here fails but the caller's own end. */
static int append_directory_buckets(struct pail_s3_client *client, struct pail_s3_buckets *all,
                                    struct pail_error *ret_error)
{
        const struct pail_collection collection = pail_client_directory_buckets(client);
        struct pail_error error = PAIL_ERROR_INIT;
        if (!has_directory_buckets(client))
                return 0;
        int r = append_all(&collection, all, &error);
        if (r == -EINTR || r == -ENOMEM) {
                if (ret_error)
                        *ret_error = error;
                return r;
        }
        if (r < 0)
                note_failure(client, &error);
        return 0;
}

int pail_buckets_all(struct pail_s3_client *client, struct pail_s3_buckets *ret_buckets, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets all = { 0 };
        const struct pail_collection collection = pail_client_buckets(client);
        int r = append_all(&collection, &all, ret_error);
        if (r >= 0)
                r = append_directory_buckets(client, &all, ret_error);
        if (r < 0)
                return r;
        *ret_buckets = all;
        all = (struct pail_s3_buckets){ 0 };
        return 0;
}

/* 1: found. */
static int find_date(const struct pail_bucket *bucket, struct timespec *ret_date, struct pail_error *ret_error)
{
        const struct pail_collection all = pail_endpoint_is_directory(pail_bucket_name(bucket))
                                                   ? pail_client_directory_buckets(pail_bucket_client(bucket))
                                                   : pail_client_buckets(pail_bucket_client(bucket));
        const struct pail_collection same = pail_collection_filter(all, pail_bucket_name(bucket), NULL);
        const struct pail_s3_entry *entry = NULL;
        _cleanup_(pail_cursor_free_p) struct pail_cursor *cursor = NULL;
        int r = pail_collection_pages(&same, &cursor);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot list the buckets");
        do
                r = pail_cursor_next_entry(cursor, &entry, ret_error);
        while (r > 0 && !pail_str_equal(entry->key, pail_bucket_name(bucket)));
        if (r > 0)
                *ret_date = entry->last_modified;
        return r;
}

int pail_bucket_creation_date(struct pail_bucket *bucket, struct timespec *ret_date, struct pail_error *ret_error)
{
        struct timespec date;
        if (!pail_bucket_known_date(bucket, &date)) {
                int r = find_date(bucket, &date, ret_error);
                if (r == 0)
                        return pail_error_set_errno(ret_error, ENOENT, "s3://%s is not among your buckets",
                                                    pail_bucket_name(bucket));
                if (r < 0)
                        return r;
                pail_bucket_keep_date(bucket, date);
        }
        *ret_date = date;
        return 0;
}
