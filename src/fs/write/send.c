/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending a file: under a claim (nothing else changes the object) and frozen (nobody changes the bytes), so that what S3 gets is one
 * moment of the file. On success the object is the new base; the spool keeps its bytes for those who have the file open.
 */
#include <errno.h>

#include "fs/tree/claim.h"
#include "fs/tree/load.h"
#include "fs/write/draft.h"
#include "fs/write/headers.h"
#include "pail/s3/object.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

enum { NAMELESS = 1 }; /* unlinked meanwhile: nothing is owed to anyone */

struct sending {
        struct pail_draft *draft;
        uint64_t generation, size_bytes;
        char *key;
        char *tagging;
        struct pail_s3_headers headers;
        struct pail_attributes attributes;
        char *base_etag; /* the edit is based on this version; NULL: on none */
        bool is_exclusive;
        char etag[PAIL_S3_ETAG_SIZE];
};

/* 1: something is to be sent, and the bytes stand still. */
static int freeze(struct sending *sending)
{
        struct pail_draft *draft = sending->draft;

        PAIL_LOCK(&draft->guarded.mutex);
        if (draft->guarded.generation == draft->guarded.sent_generation)
                return 0;
        draft->guarded.is_frozen = true;
        sending->generation = draft->guarded.generation;
        sending->size_bytes = draft->guarded.size_bytes;
        sending->is_exclusive = draft->guarded.is_exclusive;
        return 1;
}

/* What the object must be for this version to take its place: absent, or what the edit is based on. A file written anew replaces anything. */
static int set_conditions(struct sending *sending, struct pail_s3_conditions *conditions)
{
        struct pail_draft *draft = sending->draft;
        int r = 0;

        PAIL_LOCK(&draft->fs->tree.mutex);
        PAIL_LOCK(&draft->guarded.mutex);
        conditions->if_none_match = sending->is_exclusive && !draft->node->is_remote;
        if (draft->guarded.base_bytes && draft->node->is_remote)
                r = pail_str_dup(draft->node->etag, &sending->base_etag);
        conditions->if_match = sending->base_etag;
        return r;
}

/* Is the object what the conditions want? Asked where the server does not check them: the window shrinks to the moment of the PUT. */
static int check_conditions(struct sending *sending, const struct pail_s3_conditions *conditions)
{
        struct pail_s3_info info = { 0 };
        int r = pail_load_head(sending->draft->fs, sending->key, &info);
        bool is_there = r == 0, is_same;

        if (r < 0 && r != -ENOENT)
                return r;
        is_same = is_there && pail_str_equal(info.etag, conditions->if_match);
        pail_s3_info_done(&info);
        if (conditions->if_none_match)
                return is_there ? -ESTALE : 0;
        return is_same ? 0 : -ESTALE;
}

static int finish_with(struct sending *sending, const struct pail_s3_conditions *conditions,
                       struct pail_error *ret_error)
{
        return pail_upload_finish(sending->draft->guarded.upload, &sending->headers, sending->tagging,
                                  sending->size_bytes, conditions, sending->etag, ret_error);
}

/*
 * Ceph answers 412 to every If-Match in a bucket with versions. That is seen once, and from then on the object is looked at just before.
 * Servers that refuse conditional writes are found out by the upload itself.
 */
static int finish(struct sending *sending, struct pail_error *ret_error)
{
        struct pail_fs *fs = sending->draft->fs;
        struct pail_s3_conditions conditions = { 0 };
        int r = set_conditions(sending, &conditions);

        if (r < 0)
                return r;
        if (!conditions.if_match && !conditions.if_none_match)
                return finish_with(sending, NULL, ret_error);
        bool looks = fs->lacks_conditions;
        r = looks ? -ESTALE : finish_with(sending, &conditions, ret_error);
        if (looks || (r == -ESTALE && conditions.if_match)) {
                r = check_conditions(sending, &conditions);
                if (r == 0) {
                        fs->lacks_conditions = true;
                        r = finish_with(sending, NULL, ret_error);
                }
        }
        return r == -ESTALE && conditions.if_none_match ? -EEXIST : r;
}

/*
 * The headers of a multipart upload are fixed when it begins. A modification time that merely went on since is not worth a copy of
 * the whole object: it stays that of the beginning, here and there. One that was set is.
 */
static int reconcile_times(struct sending *sending)
{
        struct pail_draft *draft = sending->draft;
        struct pail_attributes *attributes = &sending->attributes;

        if (!draft->guarded.upload || !pail_upload_is_started(draft->guarded.upload))
                return 0;
        PAIL_LOCK(&draft->guarded.mutex);
        if (draft->guarded.has_explicit_times)
                return 0;
        attributes->atime = draft->guarded.begun_with.atime;
        attributes->mtime = draft->guarded.begun_with.mtime;
        attributes->ctime = draft->guarded.begun_with.ctime;
        return pail_attributes_write(attributes, &sending->headers.metadata);
}

/* A PUT replaces the tags too. */
static int keep_tags(struct sending *sending)
{
        struct pail_fs *fs = sending->draft->fs;
        struct pail_object *object = NULL;
        bool has_tags;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        has_tags = sending->draft->node->tag_count > 0;
        pail_mutex_unlock(&fs->tree.mutex);
        if (!has_tags)
                return 0;
        r = pail_object_new(fs->options.bucket, sending->key, &object);
        if (r == 0)
                r = pail_object_tagging(object, &sending->tagging, NULL);
        pail_object_free(object);
        return r;
}

/* A file of which nothing was written here may still need a place for bytes of the base. */
static int ensure_spool(struct sending *sending)
{
        struct pail_draft *draft = sending->draft;
        int r;

        PAIL_LOCK(&draft->guarded.mutex);
        r = draft->guarded.spool ? 0 : pail_spool_file_new(draft->fs->spool, sending->key, &draft->guarded.spool);
        /* A file that was made longer by truncate ends in a hole that must be there to be read. */
        return r < 0 ? r : pail_spool_file_truncate(draft->guarded.spool, sending->size_bytes);
}

/* An upload that begins now has the attributes of now: what a later attempt compares with. */
static void note_begin(struct sending *sending)
{
        struct pail_draft *draft = sending->draft;

        if (pail_upload_is_started(draft->guarded.upload))
                return;
        PAIL_LOCK(&draft->guarded.mutex);
        draft->guarded.begun_with = sending->attributes;
        draft->guarded.has_explicit_times = false;
}

static int upload(struct sending *sending)
{
        struct pail_draft *draft = sending->draft;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_draft_headers(draft, &sending->key, &sending->headers, &sending->attributes);

        if (r == -ENOENT)
                return NAMELESS;
        if (r == 0)
                r = reconcile_times(sending);
        if (r == 0)
                r = keep_tags(sending);
        if (r == 0)
                r = ensure_spool(sending);
        if (r == 0)
                r = pail_draft_check_upload(draft, sending->key);
        if (r == 0 && !draft->guarded.upload)
                r = pail_draft_open_upload(draft, sending->key);
        if (r < 0)
                return r;
        note_begin(sending);
        r = finish(sending, &error);
        if (r < 0)
                pail_fs_log(draft->fs, true, "uploading '%s': %s%s%s", sending->key, error.message,
                            *error.code ? " " : "", error.code);
        return r;
}

/* What was sent is the base now. */
static int adopt(struct sending *sending)
{
        struct pail_draft *draft = sending->draft;
        struct pail_fs *fs = draft->fs;
        struct pail_content *content = NULL, *old;
        struct pail_upload *done;
        int r = 0;

        if (sending->size_bytes)
                r = pail_content_new(fs->shared->engine, fs->options.bucket, sending->key, sending->etag,
                                     sending->size_bytes, &content);
        if (r < 0)
                return r;
        pail_mutex_lock(&draft->guarded.mutex);
        old = draft->guarded.base;
        draft->guarded.base = content;
        draft->guarded.base_bytes = sending->size_bytes;
        draft->guarded.sent_generation = sending->generation;
        draft->guarded.is_exclusive = false;
        pail_extents_done(&draft->guarded.altered);
        pail_extents_done(&draft->guarded.punched);
        pail_extents_done(&draft->guarded.streamed);
        done = draft->guarded.upload;
        draft->guarded.upload = NULL;
        pail_mutex_unlock(&draft->guarded.mutex);
        pail_content_unref(old);
        pail_upload_free(done);

        PAIL_LOCK(&fs->tree.mutex);
        pail_node_drop_content_locked(draft->node);
        draft->node->content = content ? pail_content_ref(content) : NULL;
        draft->node->attributes.atime = sending->attributes.atime;
        draft->node->attributes.mtime = sending->attributes.mtime;
        draft->node->attributes.ctime = sending->attributes.ctime;
        r = pail_load_keep_foreign_locked(draft->node, &sending->headers);
        return r < 0 ? r : pail_node_written_locked(fs, draft->node, sending->etag, true);
}

static void thaw(struct sending *sending, int result)
{
        struct pail_draft *draft = sending->draft;

        PAIL_LOCK(&draft->guarded.mutex);
        draft->guarded.is_frozen = false;
        if (result < 0) {
                draft->guarded.failed_generation = sending->generation;
                draft->guarded.failure = result;
                /* Parts that S3 has already are called back before they change. */
                if (draft->guarded.upload && pail_extents_add(&draft->guarded.streamed, 0, sending->size_bytes) < 0)
                        draft->guarded.must_restart = true;
        }
        pail_cond_broadcast(&draft->guarded.changed);
}

int pail_draft_send_claimed(struct pail_draft *draft)
{
        struct sending sending = { .draft = draft };
        int r = freeze(&sending);

        if (r <= 0)
                return r;
        r = upload(&sending);
        if (r == 0)
                r = adopt(&sending);
        thaw(&sending, r);
        pail_s3_headers_done(&sending.headers);
        free(sending.tagging);
        free(sending.base_etag);
        free(sending.key);
        return r == NAMELESS ? 0 : r;
}

int pail_draft_send(struct pail_draft *draft)
{
        const struct pail_interrupt *interrupt = pail_interrupt_install(NULL);
        int r = pail_claim(draft->fs, draft->node, INT64_MAX);

        if (r == 0) {
                r = pail_draft_send_claimed(draft);
                pail_claim_end(draft->fs, draft->node);
        }
        pail_interrupt_install(interrupt);
        return r;
}
