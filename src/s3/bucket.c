/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/s3/bucket.h"

#include <errno.h>
#include <stdatomic.h>

#include "client.h"
#include "ops.h"
#include "pail/aws/endpoint.h"
#include "pail/util/str.h"

enum { BATCHES_IN_FLIGHT = 4 };

struct pail_bucket {
        atomic_uint references;
        struct pail_s3_client *client;
        char *name;
};

int pail_bucket_new(struct pail_s3_client *client, const char *name, struct pail_bucket **ret_bucket)
{
        struct pail_bucket *bucket = calloc(1, sizeof(*bucket));
        if (!bucket)
                return -ENOMEM;
        atomic_init(&bucket->references, 1);
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
        atomic_fetch_add_explicit(&bucket->references, 1, memory_order_relaxed);
        return bucket;
}

void pail_bucket_unref(struct pail_bucket *bucket)
{
        if (!bucket || atomic_fetch_sub_explicit(&bucket->references, 1, memory_order_acq_rel) > 1)
                return;
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

bool pail_bucket_lists_in_order(const struct pail_bucket *bucket)
{
        return !pail_endpoint_is_directory(bucket->name);
}

/* The first failure counts; the rest is tried all the same. */
struct outcome {
        int result;
        struct pail_error *error;
};

static void note(struct outcome *outcome, int r, const struct pail_error *error)
{
        if (r >= 0 || outcome->result < 0)
                return;
        outcome->result = r;
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
        note(outcome, r, &error);
}

int pail_bucket_delete_objects(struct pail_bucket *bucket, const char *const *keys, size_t count,
                               struct pail_error *ret_error)
{
        struct pail_s3_delete_batch window[BATCHES_IN_FLIGHT] = { 0 };
        struct outcome outcome = { 0, ret_error };
        size_t started = 0;
        for (size_t at = 0; at < count; at += PAIL_S3_PAGE_MAX) {
                struct pail_s3_delete_batch *batch = &window[started++ % BATCHES_IN_FLIGHT];
                wait_batch(batch, &outcome);
                struct pail_error error = PAIL_ERROR_INIT;
                size_t size = count - at < PAIL_S3_PAGE_MAX ? count - at : PAIL_S3_PAGE_MAX;
                int r = pail_s3_delete_batch_begin(bucket->client, bucket->name, keys + at, size, batch, &error);
                if (r < 0)
                        batch->client = NULL;
                note(&outcome, r, &error);
        }
        for (size_t i = 0; i < BATCHES_IN_FLIGHT; i++)
                wait_batch(&window[i], &outcome);
        return outcome.result;
}
