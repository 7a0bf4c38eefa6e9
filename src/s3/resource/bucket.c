/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bucket resource. Attributes are guarded, since one bucket is shared by all threads of a mount; no lock is held over a request, so two that
 * load at once both ask, and the later answer stays.
 */
#include "bucket.h"

#include <errno.h>
#include <stdatomic.h>

#include "pail/aws/endpoint.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/client.h"
#include "s3/call/request.h"
#include "s3/call/retention.h"
#include "s3/ops/ops.h"
#include "waiter.h"

enum { BATCHES_IN_FLIGHT = 4 };

struct pail_bucket {
        atomic_uint refs;
        struct pail_s3_client *client;
        char *name;
        struct {
                struct pail_mutex mutex;
                bool is_loaded, is_dated;
                char *region; /* NULL: not told */
                struct timespec creation_date;
        } guarded;
};

int pail_bucket_new(struct pail_s3_client *client, const char *name, struct pail_bucket **ret_bucket)
{
        struct pail_bucket *bucket = calloc(1, sizeof(*bucket));
        if (!bucket)
                return -ENOMEM;
        atomic_init(&bucket->refs, 1);
        pail_mutex_init(&bucket->guarded.mutex);
        bucket->client = client;
        int r = pail_str_dup(name, &bucket->name);
        if (r < 0) {
                pail_bucket_unref(bucket);
                return r;
        }
        *ret_bucket = bucket;
        return 0;
}

struct pail_bucket *pail_bucket_ref(struct pail_bucket *bucket)
{
        atomic_fetch_add_explicit(&bucket->refs, 1, memory_order_relaxed);
        return bucket;
}

void pail_bucket_unref(struct pail_bucket *bucket)
{
        if (!bucket || atomic_fetch_sub_explicit(&bucket->refs, 1, memory_order_acq_rel) > 1)
                return;
        pail_mutex_done(&bucket->guarded.mutex);
        free(bucket->guarded.region);
        free(bucket->name);
        free(bucket);
}

const char *pail_bucket_name(const struct pail_bucket *bucket)
{
        return bucket->name;
}

struct pail_s3_client *pail_bucket_client(const struct pail_bucket *bucket)
{
        return bucket->client;
}

int pail_bucket_content_headers(const struct pail_bucket *bucket, struct pail_s3_headers *headers)
{
        int r = pail_s3_headers_for_content(bucket->client, headers);
        if (r >= 0)
                pail_s3_object_lock_clear(headers);
        return r;
}

struct pail_resource_meta pail_bucket_meta(const struct pail_bucket *bucket)
{
        return (struct pail_resource_meta){ .service_name = "s3",
                                            .type = "Bucket",
                                            .identifiers = { { "name", bucket->name } },
                                            .identifier_count = 1,
                                            .client = bucket->client };
}

static int keep_region(struct pail_bucket *bucket, const char *region)
{
        PAIL_LOCK(&bucket->guarded.mutex);
        int r = pail_str_replace(&bucket->guarded.region, region);
        bucket->guarded.is_loaded = bucket->guarded.is_loaded || r >= 0;
        return r;
}

int pail_bucket_load(struct pail_bucket *bucket, struct pail_error *ret_error)
{
        _cleanup_free_ char *region = NULL;
        int r = pail_s3_head_bucket_within(bucket->client, bucket->name, 0, &region, ret_error);
        if (r < 0)
                return r;
        r = keep_region(bucket, region);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot load a bucket") : 0;
}

static bool is_loaded(struct pail_bucket *bucket)
{
        PAIL_LOCK(&bucket->guarded.mutex);
        return bucket->guarded.is_loaded;
}

int pail_bucket_region(struct pail_bucket *bucket, char **ret_region, struct pail_error *ret_error)
{
        int r = is_loaded(bucket) ? 0 : pail_bucket_load(bucket, ret_error);
        if (r < 0)
                return r;
        PAIL_LOCK(&bucket->guarded.mutex);
        r = pail_str_dup(bucket->guarded.region, ret_region);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot load a bucket") : 0;
}

bool pail_bucket_known_date(struct pail_bucket *bucket, struct timespec *ret_date)
{
        PAIL_LOCK(&bucket->guarded.mutex);
        *ret_date = bucket->guarded.creation_date;
        return bucket->guarded.is_dated;
}

void pail_bucket_keep_date(struct pail_bucket *bucket, struct timespec date)
{
        PAIL_LOCK(&bucket->guarded.mutex);
        bucket->guarded.creation_date = date;
        bucket->guarded.is_dated = true;
}

static int head_bucket(void *context, int64_t timeout_ms, struct pail_error *ret_error)
{
        const struct pail_bucket *bucket = context;
        return pail_s3_head_bucket_within(bucket->client, bucket->name, timeout_ms, NULL, ret_error);
}

static struct pail_waiter waiter_of(struct pail_bucket *bucket, bool is_for_absence)
{
        return (struct pail_waiter){
                .bucket = bucket->name, .is_for_absence = is_for_absence, .head = head_bucket, .context = bucket
        };
}

int pail_bucket_exists(struct pail_bucket *bucket, bool *ret_exists, struct pail_error *ret_error)
{
        const struct pail_waiter waiter = waiter_of(bucket, false);
        return pail_waiter_check(&waiter, ret_exists, ret_error);
}

int pail_bucket_wait_until_exists(struct pail_bucket *bucket, const struct pail_wait_options *options,
                                  struct pail_error *ret_error)
{
        const struct pail_waiter waiter = waiter_of(bucket, false);
        return pail_waiter_run(&waiter, options, ret_error);
}

int pail_bucket_wait_until_not_exists(struct pail_bucket *bucket, const struct pail_wait_options *options,
                                      struct pail_error *ret_error)
{
        const struct pail_waiter waiter = waiter_of(bucket, true);
        return pail_waiter_run(&waiter, options, ret_error);
}

bool pail_bucket_lists_in_order(const struct pail_bucket *bucket)
{
        return !pail_endpoint_is_directory(bucket->name);
}

/* The first failure counts; the rest is tried all the same. */
struct outcome {
        int r;
        struct pail_error *error;
};

static void note_outcome(struct outcome *outcome, int r, const struct pail_error *error)
{
        if (r >= 0 || outcome->r < 0)
                return;
        outcome->r = r;
        if (outcome->error)
                *outcome->error = *error;
}

static void wait_batch(struct pail_s3_delete_batch *batch, struct outcome *outcome)
{
        if (!batch->client)
                return;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_delete_batch_wait(batch, NULL, &error);
        batch->client = NULL;
        note_outcome(outcome, r, &error);
}

int pail_bucket_delete_versions(struct pail_bucket *bucket, const char *const *keys, const char *const *version_ids,
                                size_t count, struct pail_error *ret_error)
{
        struct pail_s3_delete_batch window[BATCHES_IN_FLIGHT] = { 0 };
        struct outcome outcome = { 0, ret_error };
        size_t started = 0;
        for (size_t at = 0; at < count; at += PAIL_S3_PAGE_MAX) {
                struct pail_s3_delete_batch *batch = &window[started++ % BATCHES_IN_FLIGHT];
                wait_batch(batch, &outcome);
                struct pail_error error = PAIL_ERROR_INIT;
                size_t size = count - at < PAIL_S3_PAGE_MAX ? count - at : PAIL_S3_PAGE_MAX;
                int r = pail_s3_delete_batch_begin(bucket->client, bucket->name, keys + at,
                                                   version_ids ? version_ids + at : NULL, size, batch, &error);
                if (r < 0)
                        batch->client = NULL;
                note_outcome(&outcome, r, &error);
        }
        for (size_t i = 0; i < BATCHES_IN_FLIGHT; i++)
                wait_batch(&window[i], &outcome);
        return outcome.r;
}

int pail_bucket_delete_objects(struct pail_bucket *bucket, const char *const *keys, size_t count,
                               struct pail_error *ret_error)
{
        return pail_bucket_delete_versions(bucket, keys, NULL, count, ret_error);
}

struct pail_bucket_features pail_bucket_features(const struct pail_bucket *bucket)
{
        struct pail_s3_client *client = pail_bucket_client(bucket);
        const char *name = pail_bucket_name(bucket);
        return (struct pail_bucket_features){
                .copies = pail_s3_client_support(client, name, PAIL_S3_FEATURE_COPIES),
                .part_copies = pail_s3_client_support(client, name, PAIL_S3_FEATURE_PART_COPIES),
                .if_match = pail_s3_client_support(client, name, PAIL_S3_FEATURE_IF_MATCH),
                .if_none_match = pail_s3_client_support(client, name, PAIL_S3_FEATURE_IF_NONE_MATCH),
                .bulk_deletes = pail_s3_client_support(client, name, PAIL_S3_FEATURE_BULK_DELETES),
        };
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
