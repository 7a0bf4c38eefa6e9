/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HEAD and its consequences. The version of an object is its ETag and LastModified: a copy that changes only metadata keeps the
 * ETag of a plain object. Another ETag means other bytes: the kernel may hold pages of the old ones, so the name gets a new
 * inode (same st_ino) and the old one lives on detached for those who have it open.
 */
#include "remote_stat.h"

#include <errno.h>
#include <string.h>

#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

int pail_remote_stat_key(struct pail_fs *fs, const char *key, struct pail_remote_object *ret_object)
{
        struct pail_remote *remote = fs->options.remote;
        struct pail_remote_error error;
        int r = remote->ops->head(remote, key, ret_object, &error);

        if (r < 0 && error.cause == PAIL_REMOTE_REFUSED &&
            (!fs->options.can_list || pail_str_equal(key, fs->options.prefix)))
                return -ENOENT; /* S3 does not tell a missing key to those who may not list, or not above the prefix */
        return r;
}

static int adopt_object(struct pail_fs *fs, struct pail_inode *inode, const struct pail_remote_object *object)
{
        int r = pail_str_replace(&inode->etag, object->etag);

        if (r == 0)
                r = pail_str_replace(&inode->extra, object->metadata.extra);
        if (r < 0)
                return r;
        pail_attributes_read(&fs->options, object, inode->is_directory, &inode->attributes);
        inode->put_ms = INT64_MIN;
        inode->last_modified = object->last_modified;
        inode->tag_count = object->tag_count;
        inode->is_loaded = inode->is_remote = true;
        inode->checked_ms = pail_clock_monotonic_ms();
        return 0;
}

enum pail_remote_stat_outcome pail_remote_stat_apply_locked(struct pail_fs *fs, struct pail_inode **inode,
                                                            const struct pail_remote_object *object, uint64_t serial,
                                                            int *ret_error)
{
        struct pail_inode *old = *inode, *successor;
        bool is_known = old->etag && !old->is_directory;

        pail_mutex_assert_held(&fs->tree.mutex);
        *ret_error = 0;
        if (old->is_local || old->lock.is_held)
                return PAIL_REMOTE_STAT_SAME; /* ours is newer */
        if (old->changed_serial > serial)
                return PAIL_REMOTE_STAT_RETRY;
        if (is_known && !pail_str_equal(old->etag, object->etag))
                old->has_delivered = false;
        if (!is_known || pail_str_equal(old->etag, object->etag) || (!old->lookups && !old->file)) {
                if (is_known && !pail_str_equal(old->etag, object->etag))
                        pail_inode_drop_data_locked(fs, old);
                *ret_error = adopt_object(fs, old, object);
                return PAIL_REMOTE_STAT_SAME;
        }
        if (old->is_detached)
                return PAIL_REMOTE_STAT_SAME;
        struct pail_inode *parent = old->parent;
        _cleanup_free_ char *name = strdup(old->name);
        uint64_t ino = old->ino;

        if (!name) {
                *ret_error = -ENOMEM;
                return PAIL_REMOTE_STAT_SAME;
        }
        old->is_superseded = true;
        pail_inode_detach_locked(fs, old);
        successor = pail_inode_new_locked(fs, parent, name, false, ino);
        *ret_error = successor ? adopt_object(fs, successor, object) : -ENOMEM;
        *inode = successor;
        return PAIL_REMOTE_STAT_REPLACED;
}

/* The object is not there. */
static int apply_absence_locked(struct pail_fs *fs, struct pail_inode *inode, uint64_t serial)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        if (inode->is_local || inode->lock.is_held || inode->changed_serial > serial)
                return 0;
        if (inode->is_directory) {
                if (!inode->is_loaded || inode->is_remote)
                        pail_attributes_default(&fs->options, S_IFDIR, 0, (struct timespec){ 0 }, &inode->attributes);
                inode->is_loaded = true;
                inode->is_remote = false;
                inode->checked_ms = pail_clock_monotonic_ms();
                return 0;
        }
        inode->is_superseded = true;
        pail_inode_detach_locked(fs, inode);
        return -ENOENT;
}

static int stat_inode(struct pail_fs *fs, struct pail_inode *inode, const char *key, uint64_t serial)
{
        _cleanup_(pail_remote_object_done) struct pail_remote_object object = { 0 };
        int r = pail_remote_stat_key(fs, key, &object), error = 0;

        PAIL_LOCK(&fs->tree.mutex);
        inode->is_loading = false;
        pail_cond_broadcast(&fs->tree.changed);
        if (r == -ENOENT)
                return apply_absence_locked(fs, inode, serial);
        if (r < 0)
                return r;
        struct pail_inode *current = inode;
        enum pail_remote_stat_outcome outcome = pail_remote_stat_apply_locked(fs, &current, &object, serial, &error);

        if (error < 0)
                return error;
        return outcome == PAIL_REMOTE_STAT_SAME ? 0 : -ESTALE;
}

/* Waits for another thread's question, or takes it up: 1 when this thread is to ask. */
static int begin_locked(struct pail_fs *fs, struct pail_inode *inode, char **ret_key, uint64_t *ret_serial)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        int r;

        while (inode->is_loading) {
                r = pail_interrupt_wait(&fs->tree.changed, &fs->tree.mutex, pail_fs_deadline(fs));
                if (r < 0)
                        return r;
        }
        if (inode->is_detached)
                return -ESTALE;
        if (inode->is_loaded && pail_inode_ttl_locked(fs, inode) > 0)
                return 0;
        r = pail_inode_key_locked(fs, inode, ret_key);
        if (r < 0)
                return r;
        inode->is_loading = true;
        *ret_serial = fs->tree.serial;
        return 1;
}

int pail_remote_stat_inode(struct pail_fs *fs, struct pail_inode *inode)
{
        _cleanup_free_ char *key = NULL;
        uint64_t serial = 0;
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                inode->is_queued = false;
                r = begin_locked(fs, inode, &key, &serial);
        }
        return r == 1 ? stat_inode(fs, inode, key, serial) : r;
}
