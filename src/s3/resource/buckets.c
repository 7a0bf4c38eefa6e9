/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets as resources of an account: the collection of all, and what is done to one as a whole. */
#include <errno.h>

#include "pail/s3/bucket.h"
#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "s3/call/client.h"

enum { ASK_AGAIN_MS = 5 * 60 * 1000 };

PAIL_DEFINE_CLEANUP(struct pail_cursor, pail_cursor_free);

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
