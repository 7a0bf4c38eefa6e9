/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The multipart copy, for objects that one CopyObject does not take: parts side by side, each conditioned on the source's version. When one
 * fails, those under way are cancelled: nothing of them is of use. Whether the copy is to end is asked before each part, while one is waited
 * for, and before the parts become the object.
 */
#include "copy_parts.h"

#include <errno.h>

#include "pail/s3/operations.h"
#include "parts.h"
#include "s3/ops/conditional.h"

enum { PARTS_IN_FLIGHT = 8 };
static const uint64_t DEFAULT_PART_SIZE = UINT64_C(128) << 20;

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

static struct pail_part_range range_of(const struct pail_s3_copy_plan *plan, uint64_t part_size_bytes, unsigned count,
                                       unsigned number)
{
        uint64_t offset = (number - 1) * part_size_bytes, left = plan->source->size_bytes - offset;
        return (struct pail_part_range){
                .number = number,
                .offset = offset,
                .size_bytes = left < part_size_bytes ? left : part_size_bytes,
                .is_whole = count == 1, /* a range needs a source of more than 5 MiB; one part is all of it anyway */
        };
}

static int copy_all(struct pail_parts *parts, const struct pail_s3_copy_plan *plan, uint64_t part_size_bytes,
                    unsigned count, struct pail_error *ret_error)
{
        int r = 0;
        for (unsigned n = 1; r >= 0 && n <= count; n++) {
                const struct pail_part_range range = range_of(plan, part_size_bytes, count, n);
                pail_parts_wait_some(parts);
                r = pail_parts_error(parts, ret_error);
                if (r >= 0)
                        r = pail_s3_copy_check_stop(plan, ret_error);
                if (r >= 0)
                        r = pail_parts_start(parts, &range, PAIL_HTTP_PRIORITY_WAITED, ret_error);
        }
        if (r < 0)
                pail_parts_cancel_all(parts);
        pail_parts_wait_all(parts);
        return r < 0 ? r : pail_parts_error(parts, ret_error);
}

/* For servers that ignore the condition of the parts: the source is still the version that was copied. */
static int check_source(const struct pail_s3_copy_plan *plan, struct pail_error *ret_error)
{
        int r = pail_s3_compare_version(plan->client, plan->source_bucket, plan->source_key, plan->source_version_id,
                                        plan->source->etag, ret_error);
        return r != 0 ? r : pail_s3_set_source_changed(plan->source_bucket, plan->source_key, ret_error);
}

static int complete_copy(struct pail_parts *parts, const struct pail_s3_copy_plan *plan, unsigned count,
                         char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        _cleanup_free_ struct pail_s3_part *list = pail_parts_list(parts, count);
        if (!list)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot copy an object");
        return pail_s3_complete_multipart_upload(plan->client, plan->bucket, plan->key, pail_parts_upload_id(parts),
                                                 list, count, NULL, ret_etag, ret_error);
}

static int make_parts(const struct pail_s3_copy_plan *plan, unsigned count, struct pail_parts **ret_parts)
{
        const struct pail_parts_options options = { .client = plan->client,
                                                    .bucket = plan->bucket,
                                                    .key = plan->key,
                                                    .fd = -1,
                                                    .source_bucket = plan->source_bucket,
                                                    .source_key = plan->source_key,
                                                    .source_version_id = plan->source_version_id,
                                                    .source_if_match = pail_s3_copy_version(plan),
                                                    .max_in_flight = PARTS_IN_FLIGHT,
                                                    .progress = plan->progress,
                                                    .is_stopped = plan->is_stopped,
                                                    .context = plan->progress_context };
        int r = pail_parts_new(&options, ret_parts);
        return r < 0 ? r : pail_parts_reserve(*ret_parts, count);
}

int pail_s3_copy_parts(const struct pail_s3_copy_plan *plan, const char *tagging,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        uint64_t part_size_bytes = choose_part_size(plan);
        uint64_t count = (plan->source->size_bytes + part_size_bytes - 1) / part_size_bytes;
        if (count == 0)
                count = 1; /* an object without bytes is one part without bytes */
        if (count > PAIL_S3_PARTS_MAX)
                return pail_error_set_errno(ret_error, EFBIG, "s3://%s/%s is too large to be copied",
                                            plan->source_bucket, plan->source_key);
        _cleanup_(pail_parts_free_p) struct pail_parts *parts = NULL;
        int r = make_parts(plan, (unsigned)count, &parts);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot copy an object");
        /* Not every server has checksums of parts that it copies; those that have keep one of the whole without being asked. */
        const struct pail_s3_create_upload_input input = { .bucket = plan->bucket,
                                                           .key = plan->key,
                                                           .headers = plan->headers,
                                                           .tagging = tagging,
                                                           .is_copy = true,
                                                           .without_crc = true };
        r = pail_parts_begin(parts, &input, ret_error);
        if (r < 0)
                return r;
        r = copy_all(parts, plan, part_size_bytes, (unsigned)count, ret_error);
        if (r >= 0)
                r = check_source(plan, ret_error);
        if (r >= 0)
                r = pail_s3_copy_check_stop(plan, ret_error);
        if (r >= 0)
                r = complete_copy(parts, plan, (unsigned)count, ret_etag, ret_error);
        if (r < 0)
                pail_parts_abort(parts);
        return r < 0 ? r : 0;
}
