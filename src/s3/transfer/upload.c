/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an upload sends, and when.
 *
 *   NEW --advance or finish, beyond one part--> BEGUN --finish--> NEW     (the object is there)
 *    |                                             |
 *    +--finish, one part: PutObject                +--abort--> NEW
 *
 * BEGUN means that the parts have an upload id. A failed finish leaves the upload BEGUN with the parts that S3 has, and another one sends the
 * rest. An upload that S3 has lost (NoSuchUpload: someone aborted it, or a life-cycle rule did; InvalidPart) is begun anew once in the same
 * finish, since the file has all its bytes. So is one that was begun with checksums which turn out not to work here.
 *
 * Headers and tags are given when the upload is made, because S3 takes those of a multipart object when it is begun.
 */
#include <errno.h>

#include "pail/s3/operations.h"
#include "pail/s3/transfer.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"
#include "part_grid.h"
#include "parts.h"
#include "s3/call/checksum.h"
#include "s3/ops/conditional.h"
#include "tags.h"

enum { PARTS_IN_FLIGHT = 4 };

struct pail_upload {
        /* Immutable. */
        struct pail_bucket *bucket; /* a reference */
        struct pail_s3_client *client;
        char *key, *tagging;
        struct pail_s3_headers headers;
        int fd;
        uint64_t part_size_bytes;
        pail_transfer_progress *progress;
        void *context;

        struct pail_parts *parts;

        struct {
                struct pail_mutex mutex;
                struct pail_s3_call *put; /* of a file that is one request, while it is under way; borrowed from it */
        } guarded;
};

static int make_parts(struct pail_upload *upload, unsigned max_in_flight)
{
        const struct pail_parts_options options = { .client = upload->client,
                                                    .bucket = pail_bucket_name(upload->bucket),
                                                    .key = upload->key,
                                                    .fd = upload->fd,
                                                    .max_in_flight = max_in_flight ? max_in_flight : PARTS_IN_FLIGHT,
                                                    .progress = upload->progress,
                                                    .context = upload->context };
        return pail_parts_new(&options, &upload->parts);
}

int pail_upload_new(const struct pail_upload_options *options, struct pail_upload **ret_upload)
{
        if (options->part_size_bytes < PAIL_S3_PART_MIN || options->part_size_bytes > PAIL_S3_PART_LIMIT)
                return -EINVAL;
        _cleanup_(pail_upload_free_p) struct pail_upload *upload = calloc(1, sizeof(*upload));
        if (!upload)
                return -ENOMEM;
        pail_mutex_init(&upload->guarded.mutex);
        upload->bucket = pail_bucket_ref(options->bucket);
        upload->client = pail_bucket_client(options->bucket);
        upload->fd = options->fd;
        upload->part_size_bytes = options->part_size_bytes;
        upload->progress = options->progress;
        upload->context = options->context;
        int r = pail_str_dup(options->key, &upload->key);
        if (r >= 0)
                r = pail_str_dup(options->tagging, &upload->tagging);
        if (r >= 0 && options->headers)
                r = pail_s3_headers_copy(options->headers, &upload->headers);
        if (r >= 0)
                r = make_parts(upload, options->max_parts_in_flight);
        if (r < 0)
                return r;
        *ret_upload = pail_steal(&upload);
        return 0;
}

void pail_upload_free(struct pail_upload *upload)
{
        if (!upload)
                return;
        if (upload->parts)
                pail_parts_abort(upload->parts);
        pail_parts_free(upload->parts);
        pail_bucket_unref(upload->bucket);
        pail_s3_headers_done(&upload->headers);
        free(upload->key);
        free(upload->tagging);
        pail_mutex_done(&upload->guarded.mutex);
        free(upload);
}

bool pail_upload_is_begun(const struct pail_upload *upload)
{
        return pail_parts_upload_id(upload->parts) != NULL;
}

void pail_upload_abort(struct pail_upload *upload)
{
        pail_parts_abort(upload->parts);
}

void pail_upload_stop(struct pail_upload *upload)
{
        pail_parts_stop(upload->parts);
        PAIL_LOCK(&upload->guarded.mutex);
        if (upload->guarded.put)
                pail_s3_call_cancel(upload->guarded.put);
}

/* Whether one that begins now declares a checksum. */
static bool declares_checksums(const struct pail_upload *upload)
{
        enum pail_crc_kind kind;
        return pail_s3_checksum_kind(upload->client, &kind);
}

static int begin_parts(struct pail_upload *upload, struct pail_error *ret_error)
{
        const struct pail_s3_create_upload_input input = { .bucket = pail_bucket_name(upload->bucket),
                                                           .key = upload->key,
                                                           .headers = &upload->headers,
                                                           .tagging = upload->tagging,
                                                           .without_crc = !declares_checksums(upload) };
        return pail_parts_begin(upload->parts, &input, ret_error);
}

/* It is not the upload that failed, and it is begun anew. */
static bool is_lost(const struct pail_upload *upload, const struct pail_error *error)
{
        return pail_s3_is_upload_lost(error, pail_parts_has_checksums(upload->parts), declares_checksums(upload));
}

static int reserve_parts(struct pail_upload *upload, unsigned count, struct pail_error *ret_error)
{
        int r = pail_parts_reserve(upload->parts, count);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "a file of more than %d parts", PAIL_S3_PARTS_MAX) : 0;
}

/* Of the grid; the last part ends at size_bytes. */
static struct pail_part_range range_of(const struct pail_upload *upload, unsigned number, uint64_t size_bytes)
{
        struct pail_part_range range = { .number = number,
                                         .offset = pail_part_grid_offset(upload->part_size_bytes, number),
                                         .size_bytes = pail_part_grid_size(upload->part_size_bytes, number) };
        if (range.size_bytes > size_bytes - range.offset)
                range.size_bytes = size_bytes - range.offset;
        return range;
}

int pail_upload_advance(struct pail_upload *upload, uint64_t available_bytes, struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_parts_error(upload->parts, &error);
        if (r < 0 && is_lost(upload, &error))
                return 0; /* finish begins anew */
        if (r < 0 && ret_error)
                *ret_error = error;
        if (r < 0 || available_bytes <= upload->part_size_bytes)
                return r;
        r = begin_parts(upload, ret_error);
        for (unsigned n = 1; r >= 0 && pail_parts_can_start(upload->parts); n++) {
                if (pail_part_grid_offset(upload->part_size_bytes, n + 1) > available_bytes)
                        break;
                const struct pail_part_range range = range_of(upload, n, available_bytes);
                r = reserve_parts(upload, n, ret_error);
                if (r >= 0 && pail_parts_is_missing(upload->parts, n, range.size_bytes))
                        r = pail_parts_start(upload->parts, &range, PAIL_HTTP_PRIORITY_BACKGROUND, ret_error);
        }
        return r;
}

static void set_put(struct pail_upload *upload, struct pail_s3_call *call)
{
        PAIL_LOCK(&upload->guarded.mutex);
        upload->guarded.put = call;
}

/* Whoever stops the upload says so to the parts first, and then looks for the call: one of the two sees the other. */
static void watch_put(void *context, struct pail_s3_call *call)
{
        struct pail_upload *upload = context;
        struct pail_error error = PAIL_ERROR_INIT;
        set_put(upload, call);
        if (call && pail_parts_error(upload->parts, &error) < 0 && error.class == PAIL_ERROR_CANCELLED)
                pail_s3_call_cancel(call);
}

static int put_whole(struct pail_upload *upload, uint64_t size_bytes, const struct pail_s3_conditions *conditions,
                     char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        const struct pail_s3_put_input input = {
                .bucket = pail_bucket_name(upload->bucket),
                .key = upload->key,
                .headers = &upload->headers,
                .tagging = upload->tagging,
                .body = { .fd = upload->fd,
                          .size_bytes = size_bytes,
                          .progress = upload->progress,
                          .progress_context = upload->context },
                .conditions = conditions ? *conditions : (struct pail_s3_conditions){ 0 },
                .priority = PAIL_HTTP_PRIORITY_WAITED,
                .watch = watch_put,
                .watch_context = upload,
        };
        return pail_s3_put_object_if(upload->client, &input, ret_etag, ret_error);
}

/* Sends what is missing of parts 1 to count, whose last ends at size_bytes, and waits for all. */
static int send_missing(struct pail_upload *upload, unsigned count, uint64_t size_bytes, struct pail_error *ret_error)
{
        struct pail_parts *parts = upload->parts;
        int r = reserve_parts(upload, count, ret_error);
        if (r < 0)
                return r;
        pail_parts_raise_all(parts);
        for (unsigned n = 1; r >= 0 && n <= count; n++) {
                const struct pail_part_range range = range_of(upload, n, size_bytes);
                if (!pail_parts_is_missing(parts, n, range.size_bytes))
                        continue;
                pail_parts_wait_some(parts);
                r = pail_parts_error(parts, ret_error);
                if (r >= 0)
                        r = pail_parts_start(parts, &range, PAIL_HTTP_PRIORITY_WAITED, ret_error);
        }
        pail_parts_wait_all(parts);
        return r < 0 ? r : pail_parts_error(parts, ret_error);
}

static int complete_parts(struct pail_upload *upload, unsigned count, const struct pail_s3_conditions *conditions,
                          char etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        _cleanup_free_ struct pail_s3_part *list = pail_parts_list(upload->parts, count);
        const struct pail_s3_complete_input input = { .bucket = pail_bucket_name(upload->bucket),
                                                      .key = upload->key,
                                                      .upload_id = pail_parts_upload_id(upload->parts),
                                                      .parts = list,
                                                      .count = count,
                                                      .conditions = conditions };
        if (!list)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot complete an upload");
        return pail_s3_complete_upload_if(upload->client, &input, etag, ret_error);
}

static int send_multipart(struct pail_upload *upload, uint64_t size_bytes, const struct pail_s3_conditions *conditions,
                          char etag[static PAIL_S3_ETAG_SIZE], struct pail_error *error)
{
        unsigned count = pail_part_grid_at(upload->part_size_bytes, size_bytes - 1);
        for (bool was_lost = false;; was_lost = true) {
                int r = begin_parts(upload, error);
                if (r >= 0)
                        r = send_missing(upload, count, size_bytes, error);
                if (r >= 0)
                        r = complete_parts(upload, count, conditions, etag, error);
                if (r >= 0 || was_lost || !pail_upload_is_begun(upload) || !is_lost(upload, error))
                        return r;
                pail_parts_abort(upload->parts);
        }
}

static int finish_multipart(struct pail_upload *upload, uint64_t size_bytes,
                            const struct pail_s3_conditions *conditions, char etag[static PAIL_S3_ETAG_SIZE],
                            struct pail_error *error)
{
        int r = send_multipart(upload, size_bytes, conditions, etag, error);
        if (r < 0)
                return r;
        pail_parts_reset(upload->parts); /* whatever comes now, the object is there */
        return pail_s3_ensure_tags_of(upload->client, pail_bucket_name(upload->bucket), upload->key, etag,
                                      upload->tagging, error);
}

int pail_upload_finish(struct pail_upload *upload, uint64_t size_bytes, const struct pail_s3_conditions *conditions,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        char etag[PAIL_S3_ETAG_SIZE];
        int r;
        pail_parts_clear_error(upload->parts);
        if (size_bytes <= upload->part_size_bytes) {
                pail_parts_abort(upload->parts);
                r = put_whole(upload, size_bytes, conditions, etag, &error);
        } else {
                r = finish_multipart(upload, size_bytes, conditions, etag, &error);
        }
        if (r >= 0)
                memcpy(ret_etag, etag, sizeof(etag));
        else if (ret_error)
                *ret_error = error;
        return r;
}
