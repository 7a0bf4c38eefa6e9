/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkdir, symlink, mknod: one PUT, then the name. The kernel has just looked the name up, so only what this mount knows is asked
 * again. The parent is claimed: no directory above moves while the object is being made.
 */
#include <errno.h>
#include <string.h>

#include "fs/core/lock.h"
#include "fs/file/upload_source.h"
#include "fs/ops/operation.h"
#include "fs/tree/directory.h"
#include "fs/tree/remote_stat.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

static void new_attributes_locked(const struct pail_change *change, struct pail_attributes *ret_attributes)
{
        const struct pail_attributes *parent = &change->parent->attributes;
        mode_t mode = change->wanted.st_mode;
        bool inherits = parent->mode & S_ISGID;

        if (inherits && S_ISDIR(mode))
                mode |= S_ISGID; /* as mkdir(2) on Linux */
        pail_attributes_default(&change->fs->options, mode & S_IFMT, 0, pail_clock_now(), ret_attributes);
        ret_attributes->mode = mode;
        if (!change->fs->options.force_owner) {
                ret_attributes->uid = change->caller.uid;
                ret_attributes->gid = inherits ? parent->gid : change->caller.gid;
        }
        ret_attributes->rdev = change->wanted.st_rdev;
        ret_attributes->size_bytes = change->target ? strlen(change->target) : 0;
}

static int put(const struct pail_change *change, const char *key, const struct pail_attributes *attributes,
               struct pail_remote_stored *ret_stored)
{
        struct pail_remote *remote = change->fs->options.remote;
        const struct pail_remote_metadata metadata = { .attributes = pail_attributes_stored(attributes) };
        const struct pail_remote_put what = {
                .key = key,
                .content = { .metadata = &metadata,
                             .content_type = pail_content_type(change->fs, attributes->mode, change->name) },
                .bytes = { .data = change->target ? change->target : "", .size_bytes = attributes->size_bytes },
        };

        return remote->ops->put(remote, &what, ret_stored, NULL);
}

static int add_node_locked(struct pail_change *change, const struct pail_attributes *attributes,
                           const struct pail_remote_stored *stored)
{
        struct pail_fs *fs = change->fs;
        bool is_directory = S_ISDIR(attributes->mode);
        struct pail_node *node;
        int r;

        pail_node_clear_name_locked(fs, change->parent, change->name, NULL);
        node = pail_node_new_locked(fs, change->parent, change->name, is_directory, 0);
        if (!node)
                return -ENOMEM;
        node->attributes = *attributes;
        r = pail_str_replace(&node->extra, stored->extra);
        if (r == 0)
                r = pail_node_written_locked(fs, node, stored->etag, true);
        if (is_directory)
                pail_directory_set_empty_locked(node);
        if (r == 0 && change->target)
                r = pail_str_dup(change->target, &node->target);
        pail_node_entry_locked(fs, node, &change->entry);
        return r;
}

static int make_claimed(struct pail_change *change)
{
        struct pail_fs *fs = change->fs;
        _cleanup_(pail_remote_stored_done) struct pail_remote_stored stored = { 0 };
        _cleanup_free_ char *key = NULL;
        struct pail_attributes attributes;
        bool is_directory = S_ISDIR(change->wanted.st_mode);
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        r = pail_change_check_name_locked(fs, change->parent, change->name, is_directory);
        if (r == 0)
                r = pail_node_child_key_locked(fs, change->parent, change->name, is_directory, &key);
        new_attributes_locked(change, &attributes);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r == 0)
                r = put(change, key, &attributes, &stored);
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        return add_node_locked(change, &attributes, &stored);
}

static int run_make(void *context)
{
        struct pail_change *change = context;
        int r = pail_claim(change->fs, change->parent, INT64_MAX);

        if (r < 0)
                return r;
        r = make_claimed(change);
        pail_claim_end(change->fs, change->parent);
        return r;
}

static int make(struct pail_fs *fs, uint64_t parent, const char *name, const char *target, mode_t mode, dev_t device,
                const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        struct pail_change *change;
        int r = pail_change_new(fs, parent, name, 0, NULL, &change);

        if (r < 0)
                return r;
        change->wanted = (struct stat){ .st_mode = mode, .st_rdev = device };
        change->caller = *caller;
        r = pail_str_dup(target, &change->target);
        if (r < 0) {
                pail_change_free(change);
                return r;
        }
        return pail_change_run(change, run_make, ret_entry);
}

int pail_fs_mkdir(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode,
                  const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        return make(fs, parent, name, NULL, (mode & ~(mode_t)S_IFMT) | S_IFDIR, 0, caller, ret_entry);
}

int pail_fs_mknod(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode, dev_t device,
                  const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        return make(fs, parent, name, NULL, mode & S_IFMT ? mode : mode | S_IFREG, device, caller, ret_entry);
}

int pail_fs_symlink(struct pail_fs *fs, uint64_t parent, const char *name, const char *target,
                    const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        return make(fs, parent, name, target, S_IFLNK | 0777, 0, caller, ret_entry);
}
