/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an upload sends, and when.
 *
 *   NEW --advance or finish, beyond one part--> STARTED --finish--> (COMPLETED, headers to apply) --> NEW
 *    |                                             |
 *    +--finish, one part: PutObject                +--abort, or finish with less than a part--> NEW
 *
 * STARTED is upload_id != NULL. A failed finish leaves the upload STARTED with the parts that S3 has, and the next
 * one sends the rest. An upload that S3 has lost (NoSuchUpload: someone aborted it, or a life-cycle rule did;
 * InvalidPart) is begun anew once in the same finish, since prepare makes every byte readable that the caller still
 * has. So is one whose copied parts the server refuses: without checksums, or with bytes in place of the copies.
 *
 * COMPLETED exists because multipart headers are fixed when the upload begins, which is before the program that
 * writes has closed the file. If they have changed since, a copy onto itself applies them; if that fails, the bytes
 * are safe, and the next finish tries the copy again.
 *
 * Parts are started by the owner's thread in advance and finish only, never by a completion: hashing a part takes
 * milliseconds, which an engine's thread does not have.
 */
#include <errno.h>

#include "conditional.h"
#include "copy.h"
#include "feature.h"
#include "ops.h"
#include "pail/util/str.h"
#include "request.h"
#include "upload.h"

enum { PARTS_IN_FLIGHT = 4 };

PAIL_DEFINE_CLEANUP(struct pail_upload, pail_upload_free);

int pail_upload_new(const struct pail_upload_options *options, struct pail_upload **ret_upload)
{
        if (options->part_size_bytes < PAIL_S3_PART_MIN || options->part_size_bytes > PAIL_S3_PART_LIMIT)
                return -EINVAL;
        struct pail_upload *upload = calloc(1, sizeof(*upload));
        if (!upload)
                return -ENOMEM;
        _cleanup_(pail_upload_free_p) struct pail_upload *owned = upload;
        pail_mutex_init(&upload->guarded.mutex);
        pail_cond_init(&upload->guarded.changed);
        upload->guarded.error = PAIL_ERROR_INIT;
        upload->bucket = pail_bucket_ref(options->bucket);
        upload->client = pail_bucket_client(options->bucket);
        upload->fd = options->fd;
        upload->source = options->source;
        upload->copy_size_bytes = options->copy_size_bytes;
        upload->part_size_bytes = options->part_size_bytes;
        unsigned slot_count = options->max_parts_in_flight ? options->max_parts_in_flight : PARTS_IN_FLIGHT;
        upload->guarded.slots = calloc(slot_count, sizeof(*upload->guarded.slots));
        if (!upload->guarded.slots)
                return -ENOMEM;
        upload->slot_count = slot_count;
        if (pail_str_dup(options->key, &upload->key) < 0 || pail_str_dup(options->copy_key, &upload->copy_key) < 0 ||
            pail_str_dup(options->copy_etag, &upload->copy_etag) < 0)
                return -ENOMEM;
        for (unsigned i = 0; i < upload->slot_count; i++)
                upload->guarded.slots[i].upload = upload;
        *ret_upload = pail_steal(&owned);
        return 0;
}

void pail_upload_free(struct pail_upload *upload)
{
        if (!upload)
                return;
        pail_upload_abort(upload);
        free(upload->guarded.slots);
        pail_bucket_unref(upload->bucket);
        free(upload->key);
        free(upload->copy_key);
        free(upload->copy_etag);
        pail_cond_done(&upload->guarded.changed);
        pail_mutex_done(&upload->guarded.mutex);
        free(upload);
}

const char *pail_upload_key(const struct pail_upload *upload)
{
        return upload->key;
}

bool pail_upload_is_started(const struct pail_upload *upload)
{
        return upload->upload_id != NULL;
}

static enum pail_s3_support support_of(const struct pail_upload *upload, enum pail_s3_feature feature)
{
        return pail_s3_feature_support(upload->client, pail_bucket_name(upload->bucket), feature);
}

/* Back to NEW; nothing is in flight. */
static void reset(struct pail_upload *upload)
{
        free(pail_steal(&upload->upload_id));
        free(pail_steal(&upload->tagging));
        pail_s3_headers_done(&upload->headers);
        upload->has_copies = upload->is_completed = false;
        pail_upload_forget_parts(upload);
}

/* Whether one that begins now declares a checksum. */
static bool wants_checksums(const struct pail_upload *upload)
{
        enum pail_crc_kind kind;
        bool is_hindered = upload->avoids_checksums ||
                           (upload->copy_key && support_of(upload, PAIL_S3_FEATURE_DECLARED_COPIES) == PAIL_S3_MISSING);
        return !is_hindered && pail_s3_checksum_kind(upload->client, &kind);
}

static int start(struct pail_upload *upload, const struct pail_s3_headers *headers, const char *tagging,
                 struct pail_error *ret_error)
{
        static const struct pail_s3_headers none = { 0 };
        if (upload->upload_id)
                return 0;
        upload->has_checksums = wants_checksums(upload);
        const struct pail_s3_create_upload_input input = { .bucket = pail_bucket_name(upload->bucket),
                                                           .key = upload->key,
                                                           .headers = &upload->headers,
                                                           .tagging = tagging,
                                                           .without_crc = !upload->has_checksums };
        int r = pail_s3_headers_copy(headers ? headers : &none, &upload->headers);
        if (r >= 0)
                r = pail_str_replace(&upload->tagging, tagging);
        if (r < 0)
                pail_error_set_errno(ret_error, -r, "cannot begin an upload");
        else
                r = pail_s3_create_upload(upload->client, &input, &upload->upload_id, ret_error);
        if (r < 0)
                pail_s3_headers_done(&upload->headers);
        return r;
}

/* Nobody's failure: it is begun anew. That is so, too, when checksums were found not to work here after it had begun with them. */
static bool is_lost(const struct pail_upload *upload, const struct pail_error *error)
{
        if (pail_str_equal(error->code, "InvalidRequest") && upload->has_checksums != wants_checksums(upload))
                return true;
        return pail_str_equal(error->code, "NoSuchUpload") || pail_str_equal(error->code, "InvalidPart") ||
               pail_str_equal(error->code, "InvalidPartOrder");
}

/*
 * Parts are copied, into an upload that declares a checksum. MinIO refuses the part; versitygw refuses the end, if the source of the copy
 * has a checksum of the same kind. The codes are those of any bad request, so whether that was it is seen when the upload does well
 * without.
 */
static bool may_be_for_checksums(const struct pail_upload *upload, const struct pail_error *error)
{
        return upload->has_copies && upload->has_checksums &&
               (pail_s3_is_vague_refusal(error) || pail_str_equal(error->code, "InvalidPart"));
}

/* After a failure: whether the upload is to be begun anew in another way. Once for each way. */
static bool change_course(struct pail_upload *upload, const struct pail_error *error)
{
        if (upload->has_copies && pail_s3_error_is_unsupported(error))
                return upload->avoids_copies = true;
        if (may_be_for_checksums(upload, error))
                return upload->avoids_checksums = true;
        return false;
}

/* It has done well: what it had to avoid was the cause. Never the other way round: what one source is copied with says nothing of the next. */
static void settle(const struct pail_upload *upload)
{
        if (upload->has_copies && upload->avoids_checksums)
                pail_s3_feature_learn(upload->client, pail_bucket_name(upload->bucket), PAIL_S3_FEATURE_DECLARED_COPIES,
                                      PAIL_S3_MISSING);
}

int pail_upload_advance(struct pail_upload *upload, const struct pail_s3_headers *headers, uint64_t available_bytes,
                        struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_upload_error(upload, &error);
        if (r < 0 && is_lost(upload, &error))
                return 0; /* finish begins anew */
        if (r < 0 && ret_error)
                *ret_error = error;
        if (r < 0 || available_bytes <= pail_upload_part_size(upload->part_size_bytes, 1))
                return r;
        if (upload->is_completed)
                reset(upload); /* the file goes on: a new version, which will have its own headers */
        r = start(upload, headers, NULL, ret_error);
        for (unsigned n = 1; r >= 0 && pail_upload_has_idle_slot(upload); n++) {
                uint64_t size = pail_upload_part_size(upload->part_size_bytes, n);
                if (pail_upload_part_offset(upload->part_size_bytes, n) + size > available_bytes)
                        break;
                r = pail_upload_reserve(upload, n);
                if (r < 0)
                        return pail_error_set_errno(ret_error, -r, "a file of more than %d parts", PAIL_S3_PARTS_MAX);
                if (pail_upload_part_state(upload, n, size) == PAIL_PART_UNSENT)
                        r = pail_upload_start_part(upload, n, size, PAIL_UPLOAD_DATA, PAIL_HTTP_PRIORITY_BACKGROUND,
                                                   ret_error);
        }
        return r;
}

void pail_upload_invalidate(struct pail_upload *upload, uint64_t offset, uint64_t size_bytes)
{
        if (size_bytes == 0)
                return;
        uint64_t end;
        if (__builtin_add_overflow(offset, size_bytes, &end))
                end = UINT64_MAX;
        if (upload->is_completed)
                reset(upload); /* the version that is there stays, the next one has all its parts to come */
        unsigned first = pail_upload_part_at(upload->part_size_bytes, offset);
        unsigned last = pail_upload_part_at(upload->part_size_bytes, end - 1);
        unsigned count = pail_upload_part_count(upload);
        for (unsigned n = first; n <= last && n <= count; n++) {
                pail_upload_wait_part(upload, n);
                pail_upload_mark_unsent(upload, n);
        }
}

void pail_upload_abort(struct pail_upload *upload)
{
        pail_upload_cancel_all(upload);
        pail_upload_wait_all(upload);
        if (upload->upload_id && !upload->is_completed) {
                const char *bucket = pail_bucket_name(upload->bucket);
                (void)pail_s3_abort_multipart_upload(upload->client, bucket, upload->key, upload->upload_id, NULL);
                /*
                 * A part that the server was still receiving may have been kept after the first abort, and be billed.
                 */
                if (pail_upload_has_cancelled_part(upload))
                        (void)pail_s3_abort_multipart_upload(upload->client, bucket, upload->key, upload->upload_id,
                                                             NULL);
        }
        reset(upload);
}

/* What prepare says of a range; DATA without it. */
static int prepare(struct pail_upload *upload, uint64_t offset, uint64_t size_bytes, bool offer_copy,
                   enum pail_upload_part_kind *ret_kind, struct pail_error *ret_error)
{
        *ret_kind = PAIL_UPLOAD_DATA;
        if (!upload->source.prepare)
                return 0;
        int r = upload->source.prepare(upload->source.context, offset, size_bytes, offer_copy, ret_kind);
        if (r >= 0 && *ret_kind == PAIL_UPLOAD_COPY && !offer_copy)
                r = -EINVAL;
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot read the bytes to send") : 0;
}

static void watch_put(void *context, struct pail_s3_call *call)
{
        struct pail_upload *upload = context;
        PAIL_LOCK(&upload->guarded.mutex);
        upload->guarded.put = call;
        if (call && upload->guarded.error.class == PAIL_ERROR_CANCELLED)
                pail_s3_call_cancel(call);
}

static int put_whole(struct pail_upload *upload, const struct pail_s3_headers *headers, const char *tagging,
                     uint64_t size_bytes, const struct pail_s3_conditions *conditions,
                     char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        enum pail_upload_part_kind kind;
        int r = size_bytes ? prepare(upload, 0, size_bytes, false, &kind, ret_error) : 0;
        if (r < 0)
                return r;
        const struct pail_s3_put_input input = {
                .bucket = pail_bucket_name(upload->bucket),
                .key = upload->key,
                .headers = headers,
                .tagging = tagging,
                .body = { .fd = upload->fd,
                          .size_bytes = size_bytes,
                          .progress = upload->source.progress,
                          .progress_context = upload->source.context },
                .conditions = conditions ? *conditions : (struct pail_s3_conditions){ 0 },
                .priority = PAIL_HTTP_PRIORITY_WAITED,
                .watch = watch_put,
                .watch_context = upload,
        };
        return pail_s3_put_object_if(upload->client, &input, ret_etag, ret_error);
}

static bool can_copy(const struct pail_upload *upload, uint64_t offset, uint64_t part_bytes, bool is_last)
{
        return upload->copy_key && !upload->avoids_copies &&
               support_of(upload, PAIL_S3_FEATURE_PART_COPIES) != PAIL_S3_MISSING &&
               offset + part_bytes <= upload->copy_size_bytes && (part_bytes >= PAIL_S3_PART_MIN || is_last) &&
               upload->copy_size_bytes > PAIL_S3_PART_MIN;
}

static int send_part(struct pail_upload *upload, unsigned n, uint64_t part_bytes, bool is_last,
                     struct pail_error *ret_error)
{
        uint64_t offset = pail_upload_part_offset(upload->part_size_bytes, n);
        enum pail_upload_part_kind kind;
        int r = prepare(upload, offset, part_bytes, can_copy(upload, offset, part_bytes, is_last), &kind, ret_error);
        if (r < 0)
                return r;
        upload->has_copies = upload->has_copies || kind == PAIL_UPLOAD_COPY;
        pail_upload_wait_slot(upload);
        r = pail_upload_error(upload, ret_error);
        return r < 0 ? r : pail_upload_start_part(upload, n, part_bytes, kind, PAIL_HTTP_PRIORITY_WAITED, ret_error);
}

/* Sends what is missing of parts 1 to count, whose last ends at size_bytes, and waits for all. */
static int send_missing(struct pail_upload *upload, unsigned count, uint64_t size_bytes, struct pail_error *ret_error)
{
        int r = pail_upload_reserve(upload, count);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "a file of more than %d parts", PAIL_S3_PARTS_MAX);
        pail_upload_hurry_all(upload);
        for (unsigned n = 1; r >= 0 && n <= count; n++) {
                uint64_t part_bytes = pail_upload_part_size(upload->part_size_bytes, n);
                if (n == count) {
                        part_bytes = size_bytes - pail_upload_part_offset(upload->part_size_bytes, n);
                        pail_upload_wait_part(upload, n); /* under way with another size, perhaps */
                }
                if (pail_upload_part_state(upload, n, part_bytes) == PAIL_PART_UNSENT)
                        r = send_part(upload, n, part_bytes, n == count, ret_error);
        }
        pail_upload_wait_all(upload);
        return r < 0 ? r : pail_upload_error(upload, ret_error);
}

/*
 * Ceph ignores the conditions of copied parts and of CompleteMultipartUpload. A look just before leaves a window of
 * milliseconds where the upload took minutes.
 */
static int check_versions(struct pail_upload *upload, const struct pail_s3_conditions *conditions,
                          struct pail_error *ret_error)
{
        const char *wanted = pail_s3_wanted_version(conditions), *bucket = pail_bucket_name(upload->bucket);
        /* Where it takes no conditions, whoever writes looks by himself. */
        bool looks = wanted && support_of(upload, pail_s3_feature_of(conditions)) != PAIL_S3_MISSING;
        int r = looks ? pail_s3_check_version(upload->client, bucket, upload->key, wanted, ret_error) : 0;
        if (r < 0 || !upload->has_copies || !upload->copy_etag ||
            (wanted && pail_str_equal(upload->key, upload->copy_key) && pail_str_equal(wanted, upload->copy_etag)))
                return r;
        return pail_s3_check_version(upload->client, bucket, upload->copy_key, upload->copy_etag, ret_error);
}

struct completion {
        struct pail_upload *upload;
        const struct pail_s3_part *parts;
        unsigned count;
};

static int complete_under(void *context, const struct pail_s3_conditions *conditions, struct pail_error *ret_error)
{
        const struct completion *completion = context;
        struct pail_upload *upload = completion->upload;
        return pail_s3_complete_multipart_upload(upload->client, pail_bucket_name(upload->bucket), upload->key,
                                                 upload->upload_id, completion->parts, completion->count, conditions,
                                                 upload->completed_etag, ret_error);
}

static int complete(struct pail_upload *upload, unsigned count, uint64_t size_bytes,
                    const struct pail_s3_conditions *conditions, struct pail_error *ret_error)
{
        _cleanup_free_ struct pail_s3_part *parts = pail_upload_part_list(upload, count);
        struct completion completion = { .upload = upload, .parts = parts, .count = count };
        if (!parts)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot complete an upload");
        int r = check_versions(upload, conditions, ret_error);
        if (r >= 0)
                r = pail_s3_write_if(upload->client, pail_bucket_name(upload->bucket), upload->key, conditions,
                                     complete_under, &completion, ret_error);
        if (r < 0)
                return r;
        upload->is_completed = true;
        upload->completed_size_bytes = size_bytes;
        settle(upload);
        return 0;
}

static int send_multipart(struct pail_upload *upload, const struct pail_s3_headers *headers, const char *tagging,
                          uint64_t size_bytes, const struct pail_s3_conditions *conditions, struct pail_error *error)
{
        unsigned count = pail_upload_part_at(upload->part_size_bytes, size_bytes - 1);
        int r = 0;
        for (bool was_lost = false;;) {
                r = start(upload, headers, tagging, error);
                if (r >= 0)
                        r = send_missing(upload, count, size_bytes, error);
                if (r >= 0)
                        r = complete(upload, count, size_bytes, conditions, error);
                if (r >= 0 || !upload->upload_id)
                        return r;
                if (!change_course(upload, error)) {
                        if (was_lost || !is_lost(upload, error))
                                return r;
                        was_lost = true;
                }
                pail_upload_abort(upload);
        }
}

/* The upload was begun with other headers or tags than the object is to have: a copy onto itself gives it these. */
static int apply_headers(struct pail_upload *upload, const struct pail_s3_headers *headers, const char *tagging,
                         char *etag, struct pail_error *ret_error)
{
        static const struct pail_s3_headers none = { 0 };
        headers = headers ? headers : &none;
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers wanted = { 0 };
        const char *wanted_tags = tagging ? tagging : "", *begun_tags = upload->tagging ? upload->tagging : "";
        if (pail_s3_headers_equal(headers, &upload->headers) && pail_str_equal(wanted_tags, begun_tags))
                return pail_s3_copy_ensure_tags(upload->client, pail_bucket_name(upload->bucket), upload->key, etag,
                                                wanted_tags, ret_error);
        int r = pail_s3_headers_copy(headers, &wanted);
        if (r >= 0)
                r = pail_s3_headers_for_content(upload->client,
                                                &wanted); /* to the server it is a copy, but not to us */
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot keep the headers of an upload");
        struct pail_s3_info info = { .size_bytes = upload->completed_size_bytes };
        memcpy(info.etag, etag, sizeof(info.etag));
        const struct pail_s3_copy_plan plan = {
                .client = upload->client,
                .source_bucket = pail_bucket_name(upload->bucket),
                .source_key = upload->key,
                .bucket = pail_bucket_name(upload->bucket),
                .key = upload->key,
                .source = &info,
                .headers = &wanted,
                .replaces_headers = true,
                .tagging = wanted_tags,
        };
        r = pail_s3_copy_run(&plan, etag, ret_error);
        if (r < 0)
                pail_error_prefix(ret_error, "the file was sent, but not its attributes");
        return r;
}

static int finish_multipart(struct pail_upload *upload, const struct pail_s3_headers *headers, const char *tagging,
                            uint64_t size_bytes, const struct pail_s3_conditions *conditions, char *etag,
                            struct pail_error *error)
{
        if (upload->is_completed && upload->completed_size_bytes != size_bytes)
                reset(upload);
        int r = upload->is_completed ? 0 : send_multipart(upload, headers, tagging, size_bytes, conditions, error);
        if (r < 0)
                return r;
        memcpy(etag, upload->completed_etag, PAIL_S3_ETAG_SIZE);
        return apply_headers(upload, headers, tagging, etag, error);
}

int pail_upload_finish(struct pail_upload *upload, const struct pail_s3_headers *headers, const char *tagging,
                       uint64_t size_bytes, const struct pail_s3_conditions *conditions,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        char etag[PAIL_S3_ETAG_SIZE];
        int r;
        pail_upload_clear_error(upload);
        if (size_bytes <= pail_upload_part_size(upload->part_size_bytes, 1)) {
                pail_upload_abort(upload);
                r = put_whole(upload, headers, tagging, size_bytes, conditions, etag, &error);
        } else {
                r = finish_multipart(upload, headers, tagging, size_bytes, conditions, etag, &error);
        }
        if (r >= 0) {
                reset(upload);
                memcpy(ret_etag, etag, sizeof(etag));
        } else if (ret_error) {
                *ret_error = error;
        }
        return r;
}
