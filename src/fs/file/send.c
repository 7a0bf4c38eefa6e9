/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending a file: under a claim (nothing else changes the object) and frozen (nobody changes the bytes), so that what S3 gets is one
 * moment of the file. On success the object is the new base; the spool keeps its bytes for those who have the file open.
 */
#include <errno.h>

#include "fs/core/lock.h"
#include "fs/file/file.h"
#include "fs/file/upload_source.h"
#include "fs/tree/remote_stat.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

enum { NAMELESS = 1 }; /* unlinked meanwhile: nothing is owed to anyone */

struct sending {
        struct pail_draft *draft;
        uint64_t generation, size_bytes;
        char *key;
        char *tagging;
        struct pail_remote_metadata metadata;
        const char *content_type;
        struct pail_attributes attributes;
        char *base_etag; /* the edit is based on this version; NULL: on none */
        bool is_exclusive;
        struct pail_remote_stored stored;
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
static int set_conditions(struct sending *sending, struct pail_remote_condition *condition)
{
        struct pail_draft *draft = sending->draft;
        int r = 0;

        PAIL_LOCK(&draft->fs->tree.mutex);
        PAIL_LOCK(&draft->guarded.mutex);
        condition->if_absent = sending->is_exclusive && !draft->node->is_remote;
        if (draft->guarded.base_bytes && draft->node->is_remote)
                r = pail_str_dup(draft->node->etag, &sending->base_etag);
        condition->if_match = sending->base_etag;
        return r;
}

/* Is the object what the conditions want? Asked where the server does not check them: the window shrinks to the moment of the PUT. */
static int check_conditions(struct sending *sending, const struct pail_remote_condition *condition)
{
        struct pail_remote_object object = { 0 };
        int r = pail_load_head(sending->draft->fs, sending->key, &object);
        bool is_there = r == 0, is_same;

        if (r < 0 && r != -ENOENT)
                return r;
        is_same = is_there && pail_str_equal(object.etag, condition->if_match);
        pail_remote_object_done(&object);
        if (condition->if_absent)
                return is_there ? -ESTALE : 0;
        return is_same ? 0 : -ESTALE;
}

static int finish_with(struct sending *sending, const struct pail_remote_condition *condition,
                       struct pail_remote_error *ret_error)
{
        const struct pail_remote_content content = { .metadata = &sending->metadata,
                                                     .content_type = sending->content_type,
                                                     .tagging = sending->tagging };

        return pail_fs_upload_finish(sending->draft->guarded.upload, &content, sending->size_bytes, condition,
                                     &sending->stored, ret_error);
}

/*
 * Ceph answers 412 to every If-Match in a bucket with versions. That is seen once, and from then on the object is looked at just before.
 * Servers that refuse conditional writes are found out by the upload itself.
 */
static int finish(struct sending *sending, struct pail_remote_error *ret_error)
{
        struct pail_fs *fs = sending->draft->fs;
        static const struct pail_remote_condition none = { 0 };
        struct pail_remote_condition condition = { 0 };
        int r = set_conditions(sending, &condition);

        if (r < 0)
                return r;
        if (!condition.if_match && !condition.if_absent)
                return finish_with(sending, &none, ret_error);
        bool looks = fs->lacks_conditions;
        r = looks ? -ESTALE : finish_with(sending, &condition, ret_error);
        if (looks || (r == -ESTALE && condition.if_match)) {
                r = check_conditions(sending, &condition);
                if (r == 0) {
                        fs->lacks_conditions = true;
                        r = finish_with(sending, &none, ret_error);
                }
        }
        return r == -ESTALE && condition.if_absent ? -EEXIST : r;
}

/*
 * The headers of a multipart upload are fixed when it begins. A modification time that merely went on since is not worth a copy of
 * the whole object: it stays that of the beginning, here and there. One that was set is.
 */
static int reconcile_times(struct sending *sending)
{
        struct pail_draft *draft = sending->draft;
        struct pail_attributes *attributes = &sending->attributes;

        if (!draft->guarded.upload || !pail_fs_upload_is_started(draft->guarded.upload))
                return 0;
        PAIL_LOCK(&draft->guarded.mutex);
        if (draft->guarded.has_explicit_times)
                return 0;
        attributes->atime = draft->guarded.begun_with.atime;
        attributes->mtime = draft->guarded.begun_with.mtime;
        attributes->ctime = draft->guarded.begun_with.ctime;
        sending->metadata.attributes = pail_attributes_stored(attributes);
        return 0;
}

/* A PUT replaces the tags too. */
static int keep_tags(struct sending *sending)
{
        struct pail_fs *fs = sending->draft->fs;
        struct pail_remote *remote = fs->options.remote;
        bool has_tags;

        pail_mutex_lock(&fs->tree.mutex);
        has_tags = sending->draft->node->tag_count > 0;
        pail_mutex_unlock(&fs->tree.mutex);
        return has_tags ? remote->ops->tags(remote, sending->key, &sending->tagging, NULL) : 0;
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

        if (pail_fs_upload_is_started(draft->guarded.upload))
                return;
        PAIL_LOCK(&draft->guarded.mutex);
        draft->guarded.begun_with = sending->attributes;
        draft->guarded.has_explicit_times = false;
}

static int upload(struct sending *sending)
{
        struct pail_draft *draft = sending->draft;
        struct pail_remote_error error = { 0 };
        int r = pail_draft_metadata(draft, &sending->key, &sending->metadata, &sending->content_type,
                                    &sending->attributes);

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
                pail_fs_log(draft->fs, true, "uploading '%s': %s", sending->key, error.message);
        return r;
}

/* What was sent is the base now. */
static int adopt(struct sending *sending)
{
        struct pail_draft *draft = sending->draft;
        struct pail_fs *fs = draft->fs;
        struct pail_content *content = NULL, *old;
        struct pail_fs_upload *done;
        int r = 0;

        if (sending->size_bytes)
                r = pail_content_new(fs->shared->engine, fs->options.remote, sending->key, sending->stored.etag,
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
        pail_fs_upload_free(done);

        PAIL_LOCK(&fs->tree.mutex);
        pail_node_drop_content_locked(draft->node);
        draft->node->content = content ? pail_content_ref(content) : NULL;
        draft->node->attributes.atime = sending->attributes.atime;
        draft->node->attributes.mtime = sending->attributes.mtime;
        draft->node->attributes.ctime = sending->attributes.ctime;
        r = pail_str_replace(&draft->node->extra, sending->stored.extra);
        return r < 0 ? r : pail_node_written_locked(fs, draft->node, sending->stored.etag, true);
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
        pail_remote_metadata_done(&sending.metadata);
        pail_remote_stored_done(&sending.stored);
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
