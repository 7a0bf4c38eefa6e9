/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an upload sends, and when.
 *
 *   NEW --advance or finish, beyond one part--> STARTED --finish--> (COMPLETED, content to apply) --> NEW
 *    |                                             |
 *    +--finish, one part: PutObject                +--abort, or finish with less than a part--> NEW
 *
 * STARTED is begun != NULL. A failed finish leaves the upload STARTED with the parts that S3 has, and the next
 * one sends the rest. An upload that S3 has lost (someone aborted it, or a rule of
 * the bucket did) is begun anew once in the same finish, since prepare makes every byte readable that the caller still
 * has.
 *
 * COMPLETED exists because the metadata of a multipart upload is fixed when the upload begins, which is before the program that
 * writes has closed the file. If it has changed since, a copy onto itself applies it; if that fails, the bytes
 * are safe, and the next finish tries the copy again.
 *
 * Parts are started by the owner's thread in advance and finish only, never by a completion: hashing a part takes
 * milliseconds, which a thread of the remote does not have.
 */
#include "upload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

enum { PARTS_IN_FLIGHT = 4 };

struct pail_fs_upload {
        /* Immutable. */
        struct pail_remote *remote; /* a reference */
        char *key;
        int fd;
        struct pail_fs_upload_source source;
        char *copy_key, *copy_etag;
        uint64_t copy_size_bytes;
        uint64_t part_size_bytes, part_min_bytes;

        /* The owner's thread. */
        struct pail_remote_upload *begun;     /* NULL: not started */
        struct pail_remote_metadata metadata; /* that it was begun with */
        char *content_type, *tagging;         /* the same */
        bool has_copies;                      /* some parts are ranges of copy_key */
        bool avoids_copies;                   /* from now on: the server does not make them */
        bool is_cancelled_part;               /* a part was cancelled in flight and may still arrive */
        bool is_completed;                    /* but the content is still to be applied */
        struct pail_remote_stored completed;
        uint64_t completed_size_bytes;

        struct pail_fs_parts parts; /* thread safe */
};

PAIL_DEFINE_CLEANUP(struct pail_fs_upload, pail_fs_upload_free);

int pail_fs_upload_new(const struct pail_fs_upload_options *options, struct pail_fs_upload **ret_upload)
{
        uint64_t part_min_bytes = options->remote->ops->features(options->remote).part_min_bytes;
        if (options->part_size_bytes < part_min_bytes || options->part_size_bytes > PAIL_REMOTE_PART_LIMIT)
                return -EINVAL;
        struct pail_fs_upload *upload = calloc(1, sizeof(*upload));
        if (!upload)
                return -ENOMEM;
        _cleanup_(pail_fs_upload_free_p) struct pail_fs_upload *owned = upload;
        upload->remote = options->remote->ops->ref(options->remote);
        upload->fd = options->fd;
        upload->source = options->source;
        upload->copy_size_bytes = options->copy_size_bytes;
        upload->part_size_bytes = options->part_size_bytes;
        upload->part_min_bytes = part_min_bytes;
        int r = pail_fs_parts_init(&upload->parts,
                                   options->max_parts_in_flight ? options->max_parts_in_flight : PARTS_IN_FLIGHT);
        if (r < 0)
                return r;
        if (pail_str_dup(options->key, &upload->key) < 0 || pail_str_dup(options->copy_key, &upload->copy_key) < 0 ||
            pail_str_dup(options->copy_etag, &upload->copy_etag) < 0)
                return -ENOMEM;
        upload->parts.remote = upload->remote;
        upload->parts.fd = upload->fd;
        upload->parts.copy_key = upload->copy_key;
        upload->parts.copy_etag = upload->copy_etag;
        upload->parts.part_sent = upload->source.part_sent;
        upload->parts.context = upload->source.context;
        upload->parts.part_size_bytes = upload->part_size_bytes;
        *ret_upload = pail_steal(&owned);
        return 0;
}

void pail_fs_upload_free(struct pail_fs_upload *upload)
{
        if (!upload)
                return;
        pail_fs_upload_abort(upload);
        upload->remote->ops->unref(upload->remote);
        free(upload->key);
        free(upload->copy_key);
        free(upload->copy_etag);
        pail_fs_parts_done(&upload->parts);
        free(upload);
}

const char *pail_fs_upload_key(const struct pail_fs_upload *upload)
{
        return upload->key;
}

uint64_t pail_fs_upload_sent_bytes(struct pail_fs_upload *upload)
{
        return pail_fs_parts_sent_bytes(&upload->parts);
}

bool pail_fs_upload_is_started(const struct pail_fs_upload *upload)
{
        return upload->begun != NULL;
}

/* Back to NEW; nothing is in flight. */
static void reset_upload(struct pail_fs_upload *upload)
{
        upload->remote->ops->end_upload(pail_steal(&upload->begun), upload->is_cancelled_part);
        free(pail_steal(&upload->content_type));
        free(pail_steal(&upload->tagging));
        pail_remote_metadata_done(&upload->metadata);
        pail_remote_stored_done(&upload->completed);
        upload->has_copies = upload->is_cancelled_part = upload->is_completed = false;
        pail_fs_parts_forget(&upload->parts);
}

/* What the upload is begun with, to compare with at its end. */
static int keep_content(struct pail_fs_upload *upload, const struct pail_remote_content *content)
{
        upload->metadata.attributes = content->metadata->attributes;
        int r = pail_str_replace(&upload->metadata.extra, content->metadata->extra);
        if (r >= 0)
                r = pail_str_replace(&upload->content_type, content->content_type);
        if (r >= 0)
                r = pail_str_replace(&upload->tagging, content->tagging);
        return r;
}

static int begin_multipart(struct pail_fs_upload *upload, const struct pail_remote_content *content,
                           struct pail_remote_error *ret_error)
{
        if (upload->begun)
                return 0;
        int r = keep_content(upload, content);
        if (r < 0)
                return pail_fs_parts_fail(ret_error, r, "cannot begin an upload");
        return upload->remote->ops->begin_upload(upload->remote, upload->key, content, upload->copy_key != NULL,
                                                 &upload->begun, ret_error);
}

int pail_fs_upload_advance(struct pail_fs_upload *upload, const struct pail_remote_content *content,
                           uint64_t available_bytes, struct pail_remote_error *ret_error)
{
        struct pail_remote_error error;
        int r = pail_fs_parts_error(&upload->parts, &error);
        if (r < 0 && error.cause == PAIL_REMOTE_ABSENT)
                return 0; /* finish begins anew */
        if (r < 0 && ret_error)
                *ret_error = error;
        if (r < 0 || available_bytes <= pail_fs_part_size(upload->part_size_bytes, 1))
                return r;
        if (upload->is_completed)
                reset_upload(upload); /* the file goes on: a new version, which will have its own metadata */
        r = begin_multipart(upload, content, ret_error);
        for (unsigned n = 1; r >= 0 && pail_fs_parts_has_idle_slot(&upload->parts); n++) {
                uint64_t size = pail_fs_part_size(upload->part_size_bytes, n);
                if (pail_fs_part_offset(upload->part_size_bytes, n) + size > available_bytes)
                        break;
                r = pail_fs_parts_reserve(&upload->parts, n);
                if (r < 0)
                        return pail_fs_parts_fail(ret_error, r, "a file of more than 10000 parts");
                if (pail_fs_parts_state(&upload->parts, n, size) == PAIL_FS_PART_UNSENT)
                        r = pail_fs_parts_start(&upload->parts, upload->begun, n, size, PAIL_FS_PART_DATA,
                                                PAIL_REMOTE_BACKGROUND, ret_error);
        }
        return r;
}

void pail_fs_upload_invalidate(struct pail_fs_upload *upload, uint64_t offset, uint64_t size_bytes)
{
        if (size_bytes == 0)
                return;
        uint64_t end;
        if (__builtin_add_overflow(offset, size_bytes, &end))
                end = UINT64_MAX;
        if (upload->is_completed)
                reset_upload(upload); /* the version that is there stays, the next one has all its parts to come */
        unsigned first = pail_fs_part_at(upload->part_size_bytes, offset);
        unsigned last = pail_fs_part_at(upload->part_size_bytes, end - 1);
        unsigned count = pail_fs_parts_count(&upload->parts);
        for (unsigned n = first; n <= last && n <= count; n++) {
                pail_fs_parts_wait(&upload->parts, n);
                pail_fs_parts_mark_unsent(&upload->parts, n);
        }
}

void pail_fs_upload_abort(struct pail_fs_upload *upload)
{
        if (pail_fs_parts_cancel_all(&upload->parts))
                upload->is_cancelled_part = true;
        pail_fs_parts_wait_all(&upload->parts);
        reset_upload(upload);
}

/* What prepare says of a range; DATA without it. */
static int prepare_range(struct pail_fs_upload *upload, uint64_t offset, uint64_t size_bytes, bool offer_copy,
                         enum pail_fs_part_kind *ret_kind, struct pail_remote_error *ret_error)
{
        *ret_kind = PAIL_FS_PART_DATA;
        if (!upload->source.prepare)
                return 0;
        int r = upload->source.prepare(upload->source.context, offset, size_bytes, offer_copy, ret_kind);
        if (r >= 0 && *ret_kind == PAIL_FS_PART_COPY && !offer_copy)
                r = -EINVAL;
        return r < 0 ? pail_fs_parts_fail(ret_error, r, "cannot read the bytes to send") : 0;
}

static int put_whole(struct pail_fs_upload *upload, const struct pail_remote_content *content, uint64_t size_bytes,
                     const struct pail_remote_condition *condition, struct pail_remote_stored *ret_stored,
                     struct pail_remote_error *ret_error)
{
        enum pail_fs_part_kind kind;
        int r = size_bytes ? prepare_range(upload, 0, size_bytes, false, &kind, ret_error) : 0;
        if (r < 0)
                return r;
        const struct pail_remote_put put = { .key = upload->key,
                                             .content = *content,
                                             .bytes = { .fd = upload->fd, .size_bytes = size_bytes },
                                             .condition = *condition };
        return upload->remote->ops->put(upload->remote, &put, ret_stored, ret_error);
}

static bool can_copy(const struct pail_fs_upload *upload, uint64_t offset, uint64_t part_bytes, bool is_last)
{
        return upload->copy_key && !upload->avoids_copies &&
               upload->remote->ops->features(upload->remote).copies_parts &&
               offset + part_bytes <= upload->copy_size_bytes && (part_bytes >= upload->part_min_bytes || is_last) &&
               upload->copy_size_bytes > upload->part_min_bytes;
}

static int send_part(struct pail_fs_upload *upload, unsigned n, uint64_t part_bytes, bool is_last,
                     struct pail_remote_error *ret_error)
{
        uint64_t offset = pail_fs_part_offset(upload->part_size_bytes, n);
        enum pail_fs_part_kind kind;
        int r = prepare_range(upload, offset, part_bytes, can_copy(upload, offset, part_bytes, is_last), &kind,
                              ret_error);
        if (r < 0)
                return r;
        upload->has_copies = upload->has_copies || kind == PAIL_FS_PART_COPY;
        pail_fs_parts_wait_slot(&upload->parts);
        r = pail_fs_parts_error(&upload->parts, ret_error);
        return r < 0 ? r
                     : pail_fs_parts_start(&upload->parts, upload->begun, n, part_bytes, kind, PAIL_REMOTE_WAITED,
                                           ret_error);
}

/* Sends what is missing of parts 1 to count, whose last ends at size_bytes, and waits for all. */
static int send_missing(struct pail_fs_upload *upload, unsigned count, uint64_t size_bytes,
                        struct pail_remote_error *ret_error)
{
        int r = pail_fs_parts_reserve(&upload->parts, count);
        if (r < 0)
                return pail_fs_parts_fail(ret_error, r, "a file of more than 10000 parts");
        pail_fs_parts_raise_all(&upload->parts);
        for (unsigned n = 1; r >= 0 && n <= count; n++) {
                uint64_t part_bytes = pail_fs_part_size(upload->part_size_bytes, n);
                if (n == count) {
                        part_bytes = size_bytes - pail_fs_part_offset(upload->part_size_bytes, n);
                        pail_fs_parts_wait(&upload->parts, n); /* under way with another size, perhaps */
                }
                if (pail_fs_parts_state(&upload->parts, n, part_bytes) == PAIL_FS_PART_UNSENT)
                        r = send_part(upload, n, part_bytes, n == count, ret_error);
        }
        pail_fs_parts_wait_all(&upload->parts);
        return r < 0 ? r : pail_fs_parts_error(&upload->parts, ret_error);
}

static int complete_multipart(struct pail_fs_upload *upload, unsigned count, uint64_t size_bytes,
                              const struct pail_remote_condition *condition, struct pail_remote_error *ret_error)
{
        _cleanup_free_ struct pail_remote_part *parts = pail_fs_parts_list(&upload->parts, count);
        if (!parts)
                return pail_fs_parts_fail(ret_error, -ENOMEM, "cannot complete an upload");
        int r = upload->remote->ops->complete_upload(upload->begun, parts, count, condition, &upload->completed,
                                                     ret_error);
        if (r < 0)
                return r;
        upload->is_completed = true;
        upload->completed_size_bytes = size_bytes;
        return 0;
}

/* After a failure: whether the upload is to be begun anew, for each cause once. */
static bool begins_anew(struct pail_fs_upload *upload, const struct pail_remote_error *error, bool *was_lost)
{
        if (upload->has_copies && !upload->avoids_copies && error->cause == PAIL_REMOTE_UNSUPPORTED)
                return upload->avoids_copies = true;
        if (*was_lost || error->cause != PAIL_REMOTE_ABSENT)
                return false;
        return *was_lost = true;
}

static int send_multipart(struct pail_fs_upload *upload, const struct pail_remote_content *content, uint64_t size_bytes,
                          const struct pail_remote_condition *condition, struct pail_remote_error *error)
{
        unsigned count = pail_fs_part_at(upload->part_size_bytes, size_bytes - 1);
        bool was_lost = false;
        for (;;) {
                int r = begin_multipart(upload, content, error);
                if (r >= 0)
                        r = send_missing(upload, count, size_bytes, error);
                if (r >= 0)
                        r = complete_multipart(upload, count, size_bytes, condition, error);
                if (r >= 0 || !upload->begun || !begins_anew(upload, error, &was_lost))
                        return r;
                pail_fs_upload_abort(upload);
        }
}

static bool same_attributes(const struct pail_remote_attributes *a, const struct pail_remote_attributes *b)
{
        return a->present == b->present && a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
               a->rdev == b->rdev && a->atime.tv_sec == b->atime.tv_sec && a->atime.tv_nsec == b->atime.tv_nsec &&
               a->mtime.tv_sec == b->mtime.tv_sec && a->mtime.tv_nsec == b->mtime.tv_nsec &&
               a->ctime.tv_sec == b->ctime.tv_sec && a->ctime.tv_nsec == b->ctime.tv_nsec;
}

static bool is_same_content(const struct pail_fs_upload *upload, const struct pail_remote_content *content)
{
        return same_attributes(&upload->metadata.attributes, &content->metadata->attributes) &&
               pail_str_equal(upload->metadata.extra, content->metadata->extra) &&
               pail_str_equal(upload->content_type, content->content_type) &&
               pail_str_equal(upload->tagging ? upload->tagging : "", content->tagging ? content->tagging : "");
}

/* The upload was begun with other metadata or tags than the object is to have: a copy onto itself gives it these. */
static int apply_content(struct pail_fs_upload *upload, const struct pail_remote_content *content,
                         struct pail_remote_error *ret_error)
{
        struct pail_remote_object completed = { .size_bytes = upload->completed_size_bytes };
        const struct pail_remote_copy copy = {
                .from = upload->key, .to = upload->key, .source = &completed, .content = content
        };
        struct pail_remote_stored stored;
        if (is_same_content(upload, content))
                return 0;
        memcpy(completed.etag, upload->completed.etag, sizeof(completed.etag));
        int r = upload->remote->ops->copy(upload->remote, &copy, &stored, ret_error);
        if (r < 0)
                return r;
        pail_remote_stored_done(&upload->completed);
        upload->completed = stored;
        return 0;
}

static int finish_multipart(struct pail_fs_upload *upload, const struct pail_remote_content *content,
                            uint64_t size_bytes, const struct pail_remote_condition *condition,
                            struct pail_remote_stored *ret_stored, struct pail_remote_error *error)
{
        if (upload->is_completed && upload->completed_size_bytes != size_bytes)
                reset_upload(upload);
        int r = upload->is_completed ? 0 : send_multipart(upload, content, size_bytes, condition, error);
        if (r >= 0)
                r = apply_content(upload, content, error);
        if (r < 0)
                return r;
        *ret_stored = upload->completed;
        upload->completed = (struct pail_remote_stored){ 0 };
        return 0;
}

int pail_fs_upload_finish(struct pail_fs_upload *upload, const struct pail_remote_content *content, uint64_t size_bytes,
                          const struct pail_remote_condition *condition, struct pail_remote_stored *ret_stored,
                          struct pail_remote_error *ret_error)
{
        struct pail_remote_error error = { 0 };
        int r;
        pail_fs_parts_clear_error(&upload->parts);
        if (size_bytes <= pail_fs_part_size(upload->part_size_bytes, 1)) {
                pail_fs_upload_abort(upload);
                r = put_whole(upload, content, size_bytes, condition, ret_stored, &error);
        } else {
                r = finish_multipart(upload, content, size_bytes, condition, ret_stored, &error);
        }
        if (r >= 0)
                reset_upload(upload);
        else if (ret_error)
                *ret_error = error;
        return r;
}
