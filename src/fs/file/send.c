/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending a file: under its lock (nothing else changes the object) and frozen (nobody changes the bytes), so that what S3 gets is one
 * moment of the file. On success the object is the new base; the spool keeps its bytes for those who have the file open.
 */
#include "send.h"

#include <errno.h>
#include <stdlib.h>

#include "fs/core/lock.h"
#include "fs/core/volume.h"
#include "fs/data/inode_data.h"
#include "fs/tree/remote_stat.h"
#include "open_upload.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"
#include "state.h"
#include "upload_source.h"

enum { NAMELESS = 1 }; /* unlinked meanwhile: nothing is owed to anyone */

struct sending {
        struct pail_file *file;
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
static int freeze_bytes(struct sending *sending)
{
        struct pail_file *file = sending->file;

        PAIL_LOCK(&file->base.guarded.mutex);
        if (file->guarded.generation == file->guarded.sent_generation)
                return 0;
        file->guarded.is_frozen = true;
        sending->generation = file->guarded.generation;
        sending->size_bytes = file->base.guarded.size_bytes;
        sending->is_exclusive = file->guarded.is_exclusive;
        return 1;
}

/* What the object must be for this version to take its place: absent, or what the edit is based on. A file written anew replaces anything. */
static int set_conditions(struct sending *sending, struct pail_remote_condition *condition)
{
        struct pail_file *file = sending->file;
        int r = 0;

        PAIL_LOCK(&file->fs->tree.mutex);
        PAIL_LOCK(&file->base.guarded.mutex);
        condition->if_absent = sending->is_exclusive && !file->inode->is_remote;
        if (file->base.guarded.data_bytes)
                r = pail_str_dup(pail_inode_remote_etag_locked(file->fs, file->inode), &sending->base_etag);
        condition->if_match = sending->base_etag;
        return r;
}

/* Is the object what the conditions want? Asked where the server does not check them: the window shrinks to the moment of the PUT. */
static int check_conditions(struct sending *sending, const struct pail_remote_condition *condition)
{
        struct pail_remote_object object = { 0 };
        int r = pail_remote_stat_key(sending->file->fs, sending->key, &object);
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

        return pail_fs_upload_finish(sending->file->guarded.upload, &content, sending->size_bytes, condition,
                                     &sending->stored, ret_error);
}

/*
 * Ceph answers 412 to every If-Match in a bucket with versions. That is seen once, and from then on the object is looked at just before.
 * Servers that refuse conditional writes are found out by the upload itself.
 */
static int finish_conditionally(struct sending *sending, struct pail_remote_error *ret_error)
{
        struct pail_fs *fs = sending->file->fs;
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
        struct pail_file *file = sending->file;
        struct pail_attributes *attributes = &sending->attributes;

        if (!file->guarded.upload || !pail_fs_upload_is_started(file->guarded.upload))
                return 0;
        PAIL_LOCK(&file->base.guarded.mutex);
        if (file->guarded.has_explicit_times)
                return 0;
        attributes->atime = file->guarded.begun_with.atime;
        attributes->mtime = file->guarded.begun_with.mtime;
        attributes->ctime = file->guarded.begun_with.ctime;
        sending->metadata.attributes = pail_attributes_stored(attributes);
        return 0;
}

/* A PUT replaces the tags too. */
static int keep_tags(struct sending *sending)
{
        struct pail_fs *fs = sending->file->fs;
        struct pail_remote *remote = fs->options.remote;
        bool has_tags;

        {
                PAIL_LOCK(&fs->tree.mutex);
                has_tags = sending->file->inode->tag_count > 0;
        }
        return has_tags ? remote->ops->tags(remote, sending->key, &sending->tagging, NULL) : 0;
}

/* A file of which nothing was written here may still need room for bytes of the base. */
static int ensure_spool(struct sending *sending)
{
        struct pail_file *file = sending->file;
        int r;

        PAIL_LOCK(&file->base.guarded.mutex);
        file->base.guarded.is_all = false;
        r = file->guarded.spool ? 0 : pail_spool_file_new(file->fs->spool, sending->key, &file->guarded.spool);
        /* A file that was made longer by truncate ends in a hole that must be there to be read. */
        return r < 0 ? r : pail_spool_file_truncate(file->guarded.spool, sending->size_bytes);
}

/* An upload that begins now has the attributes of now: what a later attempt compares with. */
static void note_begin(struct sending *sending)
{
        struct pail_file *file = sending->file;

        if (pail_fs_upload_is_started(file->guarded.upload))
                return;
        PAIL_LOCK(&file->base.guarded.mutex);
        file->guarded.begun_with = sending->attributes;
        file->guarded.has_explicit_times = false;
}

static int upload_frozen(struct sending *sending)
{
        struct pail_file *file = sending->file;
        struct pail_remote_error error = { 0 };
        int r = pail_upload_source_metadata(file, &sending->key, &sending->metadata, &sending->content_type,
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
                r = pail_open_upload_check(file, sending->key);
        if (r == 0 && !file->guarded.upload)
                r = pail_open_upload_begin(file, sending->key);
        if (r < 0)
                return r;
        note_begin(sending);
        r = finish_conditionally(sending, &error);
        if (r < 0)
                pail_fs_log(file->fs, true, "uploading '%s': %s", sending->key, error.message);
        return r;
}

/* What was sent is the base now. */
static int adopt_as_base(struct sending *sending)
{
        struct pail_file *file = sending->file;
        struct pail_fs *fs = file->fs;
        struct pail_object_data *data = NULL, *old;
        struct pail_fs_upload *done;
        int r = 0;

        if (sending->size_bytes)
                r = pail_object_data_new(fs->shared->engine, fs->options.remote, sending->key, sending->stored.etag,
                                         sending->size_bytes, &data);
        if (r < 0)
                return r;
        pail_mutex_lock(&file->base.guarded.mutex);
        old = file->base.guarded.data;
        file->base.guarded.data = data;
        file->base.guarded.data_bytes = sending->size_bytes;
        file->guarded.sent_generation = sending->generation;
        file->guarded.is_exclusive = false;
        pail_extents_done(&file->guarded.altered);
        pail_extents_done(&file->guarded.punched);
        pail_extents_done(&file->guarded.streamed);
        done = file->guarded.upload;
        file->guarded.upload = NULL;
        pail_mutex_unlock(&file->base.guarded.mutex);
        pail_object_data_unref(old);
        pail_fs_upload_free(done);

        PAIL_LOCK(&fs->tree.mutex);
        pail_inode_data_set_locked(fs, file->inode, data ? pail_object_data_ref(data) : NULL);
        file->inode->attributes.atime = sending->attributes.atime;
        file->inode->attributes.mtime = sending->attributes.mtime;
        file->inode->attributes.ctime = sending->attributes.ctime;
        r = pail_str_replace(&file->inode->extra, sending->stored.extra);
        return r < 0 ? r : pail_inode_written_locked(fs, file->inode, sending->stored.etag, true);
}

static void thaw_bytes(struct sending *sending, int r)
{
        struct pail_file *file = sending->file;

        PAIL_LOCK(&file->base.guarded.mutex);
        file->guarded.is_frozen = false;
        if (r < 0) {
                file->guarded.failed_generation = sending->generation;
                file->guarded.failure = r;
                /* Parts that S3 has already are called back before they change. */
                if (file->guarded.upload && pail_extents_add(&file->guarded.streamed, 0, sending->size_bytes) < 0)
                        file->guarded.must_restart = true;
        }
        pail_cond_broadcast(&file->guarded.changed);
}

int pail_file_send_under_lock(struct pail_file *file)
{
        struct sending sending = { .file = file };
        int r = freeze_bytes(&sending);

        if (r <= 0)
                return r;
        r = upload_frozen(&sending);
        if (r == 0)
                r = adopt_as_base(&sending);
        thaw_bytes(&sending, r);
        pail_remote_metadata_done(&sending.metadata);
        pail_remote_stored_done(&sending.stored);
        free(sending.tagging);
        free(sending.base_etag);
        free(sending.key);
        return r == NAMELESS ? 0 : r;
}

int pail_file_send(struct pail_file *file)
{
        const struct pail_interrupt *interrupt = pail_interrupt_install(NULL);
        int r = pail_lock_acquire(file->fs, &file->inode->lock, INT64_MAX);

        if (r == 0) {
                r = pail_file_send_under_lock(file);
                pail_lock_release(file->fs, &file->inode->lock);
        }
        pail_interrupt_install(interrupt);
        return r;
}
