/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HEAD and its consequences. The version of an object is its ETag and LastModified: a copy that changes only metadata keeps the
 * ETag of a plain object. Another ETag means other bytes: the kernel may hold pages of the old ones, so the name gets a new
 * node (same st_ino) and the old one lives on detached for those who have it open.
 */
#include "fs/tree/remote_stat.h"

#include <errno.h>
#include <string.h>

#include "fs/tree/directory.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

int pail_load_head(struct pail_fs *fs, const char *key, struct pail_remote_object *ret_object)
{
        struct pail_remote *remote = fs->options.remote;
        struct pail_remote_error error;
        int r = remote->ops->head(remote, key, ret_object, &error);

        if (r < 0 && error.cause == PAIL_REMOTE_REFUSED &&
            (!fs->options.can_list || pail_str_equal(key, fs->options.prefix)))
                return -ENOENT; /* S3 does not tell a missing key to those who may not list, or not above the prefix */
        return r;
}

static int adopt(struct pail_fs *fs, struct pail_node *node, const struct pail_remote_object *object)
{
        int r = pail_str_replace(&node->etag, object->etag);

        if (r == 0)
                r = pail_str_replace(&node->extra, object->metadata.extra);
        if (r < 0)
                return r;
        pail_attributes_read(&fs->options, object, node->is_directory, &node->attributes);
        node->put_ms = INT64_MIN;
        node->last_modified = object->last_modified;
        node->tag_count = object->tag_count;
        node->is_loaded = node->is_remote = true;
        node->checked_ms = pail_clock_monotonic_ms();
        return 0;
}

enum pail_loaded pail_load_apply_locked(struct pail_fs *fs, struct pail_node **node,
                                        const struct pail_remote_object *object, uint64_t serial, int *ret_error)
{
        struct pail_node *old = *node, *successor;
        bool is_known = old->etag && !old->is_directory;

        pail_mutex_assert_held(&fs->tree.mutex);
        *ret_error = 0;
        if (old->is_local || old->is_claimed)
                return PAIL_LOADED_SAME; /* ours is newer */
        if (old->changed_serial > serial)
                return PAIL_LOADED_RETRY;
        if (is_known && !pail_str_equal(old->etag, object->etag))
                old->has_delivered = false;
        if (!is_known || pail_str_equal(old->etag, object->etag) || (!old->lookups && !old->draft)) {
                if (is_known && !pail_str_equal(old->etag, object->etag))
                        pail_node_drop_content_locked(old);
                *ret_error = adopt(fs, old, object);
                return PAIL_LOADED_SAME;
        }
        if (old->is_detached)
                return PAIL_LOADED_SAME;
        struct pail_node *parent = old->parent;
        _cleanup_free_ char *name = strdup(old->name);
        uint64_t ino = old->ino;

        if (!name) {
                *ret_error = -ENOMEM;
                return PAIL_LOADED_SAME;
        }
        old->is_superseded = true;
        pail_node_detach_locked(fs, old);
        successor = pail_node_new_locked(fs, parent, name, false, ino);
        *ret_error = successor ? adopt(fs, successor, object) : -ENOMEM;
        *node = successor;
        return PAIL_LOADED_REPLACED;
}

/* The object is not there. */
static int apply_absence_locked(struct pail_fs *fs, struct pail_node *node, uint64_t serial)
{
        if (node->is_local || node->is_claimed || node->changed_serial > serial)
                return 0;
        if (node->is_directory) {
                if (!node->is_loaded || node->is_remote)
                        pail_attributes_default(&fs->options, S_IFDIR, 0, (struct timespec){ 0 }, &node->attributes);
                node->is_loaded = true;
                node->is_remote = false;
                node->checked_ms = pail_clock_monotonic_ms();
                return 0;
        }
        node->is_superseded = true;
        pail_node_detach_locked(fs, node);
        return -ENOENT;
}

static int ask(struct pail_fs *fs, struct pail_node *node, const char *key, uint64_t serial)
{
        _cleanup_(pail_remote_object_done) struct pail_remote_object object = { 0 };
        int r = pail_load_head(fs, key, &object), error = 0;

        PAIL_LOCK(&fs->tree.mutex);
        node->is_loading = false;
        pail_cond_broadcast(&fs->tree.changed);
        if (r == -ENOENT)
                return apply_absence_locked(fs, node, serial);
        if (r < 0)
                return r;
        struct pail_node *current = node;
        enum pail_loaded loaded = pail_load_apply_locked(fs, &current, &object, serial, &error);

        if (error < 0)
                return error;
        return loaded == PAIL_LOADED_SAME ? 0 : -ESTALE;
}

/* Waits for another thread's question, or takes it up: 1 when this thread is to ask. */
static int begin_locked(struct pail_fs *fs, struct pail_node *node, char **ret_key, uint64_t *ret_serial)
{
        int r;

        while (node->is_loading) {
                r = pail_interrupt_wait(&fs->tree.changed, &fs->tree.mutex, pail_fs_deadline(fs));
                if (r < 0)
                        return r;
        }
        if (node->is_detached)
                return -ESTALE;
        if (node->is_loaded && pail_node_ttl_locked(fs, node) > 0)
                return 0;
        r = pail_node_key_locked(fs, node, ret_key);
        if (r < 0)
                return r;
        node->is_loading = true;
        *ret_serial = fs->tree.serial;
        return 1;
}

int pail_load(struct pail_fs *fs, struct pail_node *node)
{
        _cleanup_free_ char *key = NULL;
        uint64_t serial = 0;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        node->is_queued = false;
        r = begin_locked(fs, node, &key, &serial);
        pail_mutex_unlock(&fs->tree.mutex);
        return r == 1 ? ask(fs, node, key, serial) : r;
}
