/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multipart uploads of the remote. What an upload was begun with is remembered: Ceph ignores the conditions of copied
 * parts and of CompleteMultipartUpload, and loses tags, so that versions are looked at before and tags after.
 */
#include "upload.h"

#include <errno.h>

#include "cause.h"
#include "handle.h"
#include "metadata.h"
#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "pending.h"
#include "s3/call/checksum.h"
#include "s3/call/feature.h"
#include "s3/ops/conditional.h"
#include "s3/ops/ops.h"
#include "s3/transfer/tags.h"

struct pail_remote_upload {
        struct pail_s3_remote *remote; /* a reference */
        char *key, *id, *tagging;
        struct pail_s3_headers headers;
        char *copy_key, *copy_etag; /* what parts were copied from; NULL: none were */
        bool may_copy;
        bool has_checksums; /* of its parts, when it was begun */
        bool is_trial;      /* begun without them because another was refused, perhaps for them */
        bool is_completed;  /* though its tags may still be missing */
        char etag[PAIL_S3_ETAG_SIZE];
};

/* Whether an upload that begins now declares a checksum of its parts. */
static bool declares_checksums(const struct pail_s3_remote *remote, bool may_copy)
{
        const char *bucket = pail_bucket_name(remote->bucket);
        enum pail_crc_kind kind;

        if (may_copy &&
            (atomic_load(&remote->doubts_declared_copies) ||
             pail_s3_feature_support(remote->client, bucket, PAIL_S3_FEATURE_DECLARED_COPIES) == PAIL_S3_MISSING))
                return false;
        return pail_s3_checksum_kind(remote->client, &kind);
}

static void free_upload(struct pail_remote_upload *upload)
{
        if (!upload)
                return;
        pail_s3_headers_done(&upload->headers);
        free(upload->key);
        free(upload->id);
        free(upload->tagging);
        free(upload->copy_key);
        free(upload->copy_etag);
        pail_s3_remote_unref(&upload->remote->base);
        free(upload);
}
PAIL_DEFINE_CLEANUP(struct pail_remote_upload, free_upload);

int pail_s3_remote_begin_upload(struct pail_remote *base, const char *key, const struct pail_remote_content *content,
                                bool may_copy, struct pail_remote_upload **ret_upload,
                                struct pail_remote_error *ret_error)
{
        struct pail_s3_remote *remote = pail_s3_remote_of(base);
        _cleanup_(free_upload_p) struct pail_remote_upload *upload = calloc(1, sizeof(*upload));
        struct pail_error error = PAIL_ERROR_INIT;
        int r;

        if (!upload)
                return pail_s3_remote_end(-ENOMEM, &error, ret_error);
        upload->remote = pail_s3_remote_of(pail_s3_remote_ref(base));
        upload->may_copy = may_copy;
        upload->has_checksums = declares_checksums(remote, may_copy);
        upload->is_trial = may_copy && atomic_load(&remote->doubts_declared_copies);
        r = pail_remote_content_pack(content, &upload->headers);
        if (r == 0)
                r = pail_str_dup(key, &upload->key);
        if (r == 0)
                r = pail_str_dup(content->tagging, &upload->tagging);
        const struct pail_s3_create_upload_input input = { .bucket = pail_bucket_name(remote->bucket),
                                                           .key = key,
                                                           .headers = &upload->headers,
                                                           .tagging = upload->tagging,
                                                           .without_crc = !upload->has_checksums };
        if (r == 0)
                r = pail_s3_create_upload(remote->client, &input, &upload->id, &error);
        if (r < 0)
                return pail_s3_remote_end(r, &error, ret_error);
        *ret_upload = pail_steal(&upload);
        return 0;
}

/* It is not the upload that failed, and it is begun anew. */
static bool is_lost(const struct pail_remote_upload *upload, const struct pail_error *error)
{
        return pail_s3_is_upload_lost(error, upload->has_checksums,
                                      declares_checksums(upload->remote, upload->may_copy));
}

/*
 * Parts are copied, into an upload that declares a checksum. MinIO refuses the part; versitygw refuses the end, if the source of the copy
 * has a checksum of the same kind. The codes are those of any bad request, so whether that was it is seen when the upload does well
 * without: the next one that may copy is tried so.
 */
static bool is_refused_for_checksums(const struct pail_remote_upload *upload, const struct pail_error *error)
{
        bool is_suspicious = upload->copy_key &&
                             (pail_s3_is_vague_refusal(error) || pail_str_equal(error->code, "InvalidPart"));

        if (is_suspicious)
                atomic_store(&upload->remote->doubts_declared_copies, upload->has_checksums);
        return is_suspicious && upload->has_checksums;
}

static void note_lost(const struct pail_remote_upload *upload, const struct pail_error *error,
                      struct pail_remote_error *remote_error)
{
        bool is_refused = is_refused_for_checksums(upload, error);

        if (remote_error && (is_refused || is_lost(upload, error)))
                remote_error->cause = PAIL_REMOTE_ABSENT;
}

static void on_part_done(void *context, const struct pail_error *error)
{
        struct pail_remote_call *call = context;
        struct pail_remote_error remote_error;
        int r = pail_s3_remote_result(error, &remote_error);

        if (error) {
                note_lost(call->upload, error, &remote_error);
        } else {
                call->part->size_bytes = call->sent.size_bytes;
                pail_str_copy(call->part->etag, sizeof(call->part->etag), call->sent.etag);
                pail_str_copy(call->part->checksum, sizeof(call->part->checksum), call->sent.checksum);
        }
        call->done(call->context, r, error ? &remote_error : NULL);
        pail_s3_remote_unref_call(call);
}

static int start_copy(struct pail_remote_upload *upload, const struct pail_remote_part_source *source,
                      struct pail_s3_part_input *input, struct pail_remote_call *call, struct pail_error *ret_error)
{
        int r = upload->copy_key ? 0 : pail_str_dup(source->copy_key, &upload->copy_key);

        if (r == 0)
                r = pail_str_replace(&upload->copy_etag, source->copy_etag);
        if (r < 0)
                return r;
        input->source_bucket = input->bucket;
        input->source_key = source->copy_key;
        input->source_if_match = source->copy_etag;
        input->source_offset = source->copy_offset;
        input->source_size_bytes = call->sent.size_bytes;
        return pail_s3_upload_part_copy_start(upload->remote->client, input, &call->sent, on_part_done, call,
                                              &call->call, ret_error);
}

int pail_s3_remote_send_part(struct pail_remote_upload *upload, const struct pail_remote_part_source *source,
                             struct pail_remote_part *part, pail_remote_part_done *done, void *context,
                             struct pail_remote_call **ret_call, struct pail_remote_error *ret_error)
{
        struct pail_s3_part_input input = {
                .bucket = pail_bucket_name(upload->remote->bucket),
                .key = upload->key,
                .upload_id = upload->id,
                .part_number = part->number,
                .without_crc = !upload->has_checksums,
                .priority = pail_s3_remote_priority(source->priority),
        };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_remote_call *call;
        int r = pail_s3_remote_call_new(&call);

        if (r < 0)
                return pail_s3_remote_end(r, &error, ret_error);
        call->upload = upload;
        call->part = part;
        call->done = done;
        call->context = context;
        call->sent = (struct pail_s3_part){ .part_number = part->number, .size_bytes = part->size_bytes };
        if (source->copy_key) {
                r = start_copy(upload, source, &input, call, &error);
        } else {
                input.body = pail_s3_remote_body(&source->bytes, &call->vector);
                r = pail_s3_upload_part_start(upload->remote->client, &input, &call->sent, on_part_done, call,
                                              &call->call, &error);
        }
        if (r < 0) {
                free(call);
                return pail_s3_remote_end(r, &error, ret_error);
        }
        *ret_call = call;
        return 0;
}

static struct pail_s3_part *convert_parts(const struct pail_remote_part *parts, size_t count)
{
        struct pail_s3_part *list = calloc(count ? count : 1, sizeof(*list));

        for (size_t i = 0; list && i < count; i++) {
                list[i] = (struct pail_s3_part){ .part_number = parts[i].number, .size_bytes = parts[i].size_bytes };
                pail_str_copy(list[i].etag, sizeof(list[i].etag), parts[i].etag);
                pail_str_copy(list[i].checksum, sizeof(list[i].checksum), parts[i].checksum);
        }
        return list;
}

/* It has done well without checksums, where another was refused with them: so that was the cause. */
static void learn_from_trial(const struct pail_remote_upload *upload)
{
        if (upload->is_trial && upload->copy_key)
                pail_s3_feature_learn(upload->remote->client, pail_bucket_name(upload->remote->bucket),
                                      PAIL_S3_FEATURE_DECLARED_COPIES, PAIL_S3_MISSING);
}

static int complete_once(struct pail_remote_upload *upload, const struct pail_s3_part *parts, size_t count,
                         const struct pail_remote_condition *condition, struct pail_error *ret_error)
{
        struct pail_s3_remote *remote = upload->remote;
        const struct pail_s3_conditions conditions = { .if_match = condition->if_match,
                                                       .if_none_match = condition->if_absent };
        const struct pail_s3_complete_input input = { .bucket = pail_bucket_name(remote->bucket),
                                                      .key = upload->key,
                                                      .upload_id = upload->id,
                                                      .parts = parts,
                                                      .count = count,
                                                      .conditions = &conditions,
                                                      .copy_key = upload->copy_key,
                                                      .copy_etag = upload->copy_etag };
        int r = pail_s3_complete_upload_if(remote->client, &input, upload->etag, ret_error);

        if (r < 0)
                return r;
        upload->is_completed = true;
        learn_from_trial(upload);
        return 0;
}

int pail_s3_remote_complete_upload(struct pail_remote_upload *upload, const struct pail_remote_part *parts,
                                   size_t count, const struct pail_remote_condition *condition,
                                   struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error)
{
        struct pail_s3_remote *remote = upload->remote;
        _cleanup_free_ struct pail_s3_part *list = convert_parts(parts, count);
        struct pail_error error = PAIL_ERROR_INIT;
        int r = list ? 0 : -ENOMEM;

        if (r == 0 && !upload->is_completed)
                r = complete_once(upload, list, count, condition, &error);
        if (r == 0)
                r = pail_s3_ensure_tags_of(remote->client, pail_bucket_name(remote->bucket), upload->key, upload->etag,
                                           upload->tagging, &error);
        if (r == 0)
                r = pail_s3_remote_stored(remote, &upload->headers, upload->etag, ret_stored);
        r = pail_s3_remote_end(r, &error, ret_error);
        if (r < 0)
                note_lost(upload, &error, ret_error);
        return r;
}

void pail_s3_remote_end_upload(struct pail_remote_upload *upload, bool has_cancelled)
{
        if (!upload)
                return;
        const char *bucket = pail_bucket_name(upload->remote->bucket);
        struct pail_s3_client *client = upload->remote->client;

        if (!upload->is_completed) {
                (void)pail_s3_abort_multipart_upload(client, bucket, upload->key, upload->id, NULL);
                /* A part that the server was still receiving may have been kept after the first abort, and be billed. */
                if (has_cancelled)
                        (void)pail_s3_abort_multipart_upload(client, bucket, upload->key, upload->id, NULL);
        }
        free_upload(upload);
}
