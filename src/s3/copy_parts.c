/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The multipart copy, for objects that one CopyObject does not take: parts side by side, each conditioned on the
 * source's version. Whether it is to end is asked before each part and while one is waited for.
 */
#include <errno.h>

#include "copy.h"
#include "ops.h"
#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

enum { PARTS_IN_FLIGHT = 8, LOOK_EVERY_MS = 100 };
static const uint64_t DEFAULT_PART_SIZE = UINT64_C(128) << 20;

struct slot {
        struct copying *copying;
        struct pail_s3_call *call; /* NULL: none */
        uint64_t size_bytes;
        bool is_done; /* guarded */
};

struct copying {
        const struct pail_s3_copy_plan *plan;
        const char *upload_id;
        uint64_t part_size_bytes;
        struct pail_s3_part *parts; /* all of them */
        size_t count;
        struct slot window[PARTS_IN_FLIGHT];
        bool is_cancelled_part; /* it may still arrive */
        struct {
                struct pail_mutex mutex;
                struct pail_cond cond;
        } guarded; /* and what is guarded of each slot */
};

/* At least 5 MiB, at most 5 GiB, and no more than 10,000 parts. */
static uint64_t choose_part_size(const struct pail_s3_copy_plan *plan)
{
        uint64_t size = plan->part_size_bytes ? plan->part_size_bytes : DEFAULT_PART_SIZE;
        uint64_t least = plan->source->size_bytes / PAIL_S3_PARTS_MAX + 1;
        if (size < PAIL_S3_PART_MIN)
                size = PAIL_S3_PART_MIN;
        if (size < least)
                size = least;
        return size > PAIL_S3_PART_LIMIT ? PAIL_S3_PART_LIMIT : size;
}

/* Engine's thread. */
static void on_part_done(void *context, const struct pail_error *error)
{
        struct slot *slot = context;
        (void)error;
        PAIL_LOCK(&slot->copying->guarded.mutex);
        slot->is_done = true;
        pail_cond_signal(&slot->copying->guarded.cond);
}

static int start_part(struct copying *copying, size_t i, struct pail_error *ret_error)
{
        struct slot *slot = &copying->window[i % PARTS_IN_FLIGHT];
        const struct pail_s3_copy_plan *plan = copying->plan;
        struct pail_s3_part *part = &copying->parts[i];
        uint64_t offset = i * copying->part_size_bytes, left = plan->source->size_bytes - offset;
        part->part_number = (unsigned)i + 1;
        part->size_bytes = left < copying->part_size_bytes ? left : copying->part_size_bytes;
        slot->copying = copying;
        slot->size_bytes = part->size_bytes;
        slot->is_done = false;
        const struct pail_s3_part_input input = {
                .bucket = plan->bucket,
                .key = plan->key,
                .upload_id = copying->upload_id,
                .part_number = part->part_number,
                .without_crc = true,
                .source_bucket = plan->source_bucket,
                .source_key = plan->source_key,
                .source_version_id = plan->source_version_id,
                .source_if_match = pail_s3_copy_version(plan),
                .source_offset = offset,
                /* A range needs a source of more than 5 MiB; one part is all of it anyway. */
                .source_size_bytes = copying->count > 1 ? part->size_bytes : 0,
                .priority = PAIL_HTTP_PRIORITY_WAITED,
        };
        return pail_s3_upload_part_copy_start(plan->client, &input, part, on_part_done, slot, &slot->call, ret_error);
}

static void cancel_part(struct copying *copying, struct pail_s3_call *call)
{
        copying->is_cancelled_part = true;
        pail_s3_call_cancel(call);
}

static bool wait_some(struct copying *copying, const struct slot *slot)
{
        PAIL_LOCK(&copying->guarded.mutex);
        if (!slot->is_done)
                (void)pail_cond_wait_until(&copying->guarded.cond, &copying->guarded.mutex,
                                           pail_clock_monotonic_ms() + LOOK_EVERY_MS);
        return slot->is_done;
}

static int wait_slot(struct copying *copying, size_t i, struct pail_error *ret_error)
{
        const struct pail_s3_copy_plan *plan = copying->plan;
        struct slot *slot = &copying->window[i];
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = pail_steal(&slot->call);
        if (!call)
                return 0;
        while (plan->is_stopped && !wait_some(copying, slot)) {
                if (plan->is_stopped(plan->progress_context))
                        cancel_part(copying, call);
        }
        int r = pail_s3_call_wait(call, ret_error);
        if (r >= 0 && plan->progress)
                plan->progress(plan->progress_context, (int64_t)slot->size_bytes);
        return r;
}

static int copy_all(struct copying *copying, struct pail_error *ret_error)
{
        int r = 0;
        for (size_t i = 0; r >= 0 && i < copying->count; i++) {
                r = wait_slot(copying, i % PARTS_IN_FLIGHT, ret_error);
                if (r >= 0)
                        r = pail_s3_copy_check_stop(copying->plan, ret_error);
                if (r >= 0)
                        r = start_part(copying, i, ret_error);
        }
        if (r < 0) {
                for (size_t slot = 0; slot < PARTS_IN_FLIGHT; slot++) {
                        if (copying->window[slot].call)
                                cancel_part(copying, copying->window[slot].call);
                }
        }
        for (size_t slot = 0; slot < PARTS_IN_FLIGHT; slot++) {
                int k = wait_slot(copying, slot, r < 0 ? NULL : ret_error);
                r = r < 0 ? r : k;
        }
        return r;
}

/* For servers that ignore the condition of the parts: the source is still the version that was copied. */
static int check_source(const struct pail_s3_copy_plan *plan, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_info_done) struct pail_s3_info info = { 0 };
        int r = pail_s3_head_object_within(plan->client, plan->source_bucket, plan->source_key, plan->source_version_id,
                                           0, &info, ret_error);
        if (r < 0)
                return r;
        return pail_str_equal(info.etag, plan->source->etag) ? 0 : pail_s3_copy_source_changed(plan, ret_error);
}

static int copy_and_complete(struct copying *copying, char ret_etag[static PAIL_S3_ETAG_SIZE],
                             struct pail_error *ret_error)
{
        const struct pail_s3_copy_plan *plan = copying->plan;
        int r = copy_all(copying, ret_error);
        if (r >= 0)
                r = check_source(plan, ret_error);
        if (r >= 0)
                r = pail_s3_copy_check_stop(plan, ret_error);
        if (r < 0)
                return r;
        return pail_s3_complete_multipart_upload(plan->client, plan->bucket, plan->key, copying->upload_id,
                                                 copying->parts, copying->count, NULL, ret_etag, ret_error);
}

/* Twice where a part was cancelled, which the server may have kept after the first time. */
static void abort_upload(const struct copying *copying)
{
        const struct pail_s3_copy_plan *plan = copying->plan;
        for (int times = copying->is_cancelled_part ? 2 : 1; times > 0; times--)
                (void)pail_s3_abort_multipart_upload(plan->client, plan->bucket, plan->key, copying->upload_id, NULL);
}

int pail_s3_copy_parts(const struct pail_s3_copy_plan *plan, const char *tagging,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        struct copying copying = { .plan = plan, .part_size_bytes = choose_part_size(plan) };
        copying.count = (size_t)((plan->source->size_bytes + copying.part_size_bytes - 1) / copying.part_size_bytes);
        if (copying.count == 0)
                copying.count = 1; /* an object without bytes is one part without bytes */
        if (copying.count > PAIL_S3_PARTS_MAX)
                return pail_error_set_errno(ret_error, EFBIG, "s3://%s/%s is too large to be copied",
                                            plan->source_bucket, plan->source_key);
        _cleanup_free_ struct pail_s3_part *parts = calloc(copying.count, sizeof(*parts));
        if (!parts)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot copy an object");
        copying.parts = parts;
        _cleanup_free_ char *upload_id = NULL;
        /* Not every server has checksums of parts that it copies; those that have keep one of the whole without being asked. */
        const struct pail_s3_create_upload_input input = { .bucket = plan->bucket,
                                                           .key = plan->key,
                                                           .headers = plan->headers,
                                                           .tagging = tagging,
                                                           .is_copy = true,
                                                           .without_crc = true };
        int r = pail_s3_create_upload(plan->client, &input, &upload_id, ret_error);
        if (r < 0)
                return r;
        copying.upload_id = upload_id;
        pail_mutex_init(&copying.guarded.mutex);
        pail_cond_init(&copying.guarded.cond);
        r = copy_and_complete(&copying, ret_etag, ret_error);
        if (r < 0)
                abort_upload(&copying);
        pail_cond_done(&copying.guarded.cond);
        pail_mutex_done(&copying.guarded.mutex);
        return r;
}
