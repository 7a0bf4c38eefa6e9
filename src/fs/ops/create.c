/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkdir, symlink, mknod: one PUT, then the name. The kernel has just looked the name up, so only what this mount knows is asked
 * again. The parent is locked: no directory above moves while the object is being made.
 */
#include <errno.h>
#include <string.h>

#include "fs/core/lock.h"
#include "fs/tree/directory.h"
#include "operation.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

static void new_attributes_locked(const struct pail_operation *operation, struct pail_attributes *ret_attributes)
{
        pail_mutex_assert_held(&operation->fs->tree.mutex);
        const struct pail_attributes *parent = &operation->parent->attributes;
        mode_t mode = operation->wanted.st_mode;
        bool inherits = parent->mode & S_ISGID;

        if (inherits && S_ISDIR(mode))
                mode |= S_ISGID; /* as mkdir(2) on Linux */
        pail_attributes_default(&operation->fs->options, mode & S_IFMT, 0, pail_clock_now(), ret_attributes);
        ret_attributes->mode = mode;
        if (!operation->fs->options.force_owner) {
                ret_attributes->uid = operation->caller.uid;
                ret_attributes->gid = inherits ? parent->gid : operation->caller.gid;
        }
        ret_attributes->rdev = operation->wanted.st_rdev;
        ret_attributes->size_bytes = operation->target ? strlen(operation->target) : 0;
}

static int put_object(const struct pail_operation *operation, const char *key, const struct pail_attributes *attributes,
                      struct pail_remote_stored *ret_stored)
{
        struct pail_remote *remote = operation->fs->options.remote;
        const struct pail_remote_metadata metadata = { .attributes = pail_attributes_stored(attributes) };
        const struct pail_remote_put what = {
                .key = key,
                .content = { .metadata = &metadata,
                             .content_type = pail_fs_content_type(operation->fs, attributes->mode, operation->name) },
                .bytes = { .data = operation->target ? operation->target : "", .size_bytes = attributes->size_bytes },
        };

        return remote->ops->put(remote, &what, ret_stored, NULL);
}

static int add_inode_locked(struct pail_operation *operation, const struct pail_attributes *attributes,
                            const struct pail_remote_stored *stored)
{
        pail_mutex_assert_held(&operation->fs->tree.mutex);
        struct pail_fs *fs = operation->fs;
        bool is_directory = S_ISDIR(attributes->mode);
        struct pail_inode *inode;
        int r;

        pail_inode_clear_name_locked(fs, operation->parent, operation->name, NULL);
        inode = pail_inode_new_locked(fs, operation->parent, operation->name, is_directory, 0);
        if (!inode)
                return -ENOMEM;
        inode->attributes = *attributes;
        r = pail_str_replace(&inode->extra, stored->extra);
        if (r == 0)
                r = pail_inode_written_locked(fs, inode, stored->etag, true);
        if (is_directory)
                pail_directory_set_empty_locked(fs, inode);
        if (r == 0 && operation->target)
                r = pail_str_dup(operation->target, &inode->target);
        pail_inode_entry_locked(fs, inode, &operation->entry);
        return r;
}

static int create_under_lock(struct pail_operation *operation)
{
        struct pail_fs *fs = operation->fs;
        _cleanup_(pail_remote_stored_done) struct pail_remote_stored stored = { 0 };
        _cleanup_free_ char *key = NULL;
        struct pail_attributes attributes;
        bool is_directory = S_ISDIR(operation->wanted.st_mode);
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        r = pail_operation_check_name_locked(fs, operation->parent, operation->name, is_directory);
        if (r == 0)
                r = pail_inode_child_key_locked(fs, operation->parent, operation->name, is_directory, &key);
        new_attributes_locked(operation, &attributes);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r == 0)
                r = put_object(operation, key, &attributes, &stored);
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        return add_inode_locked(operation, &attributes, &stored);
}

static int run_create(void *context)
{
        struct pail_operation *operation = context;
        int r = pail_lock_acquire(operation->fs, &operation->parent->lock, INT64_MAX);

        if (r < 0)
                return r;
        r = create_under_lock(operation);
        pail_lock_release(operation->fs, &operation->parent->lock);
        return r;
}

static int create_object(struct pail_fs *fs, uint64_t parent, const char *name, const char *target, mode_t mode,
                         dev_t device, const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        struct pail_operation *operation;
        int r = pail_operation_new(fs, parent, name, 0, NULL, &operation);

        if (r < 0)
                return r;
        operation->wanted = (struct stat){ .st_mode = mode, .st_rdev = device };
        operation->caller = *caller;
        r = pail_str_dup(target, &operation->target);
        if (r < 0) {
                pail_operation_free(operation);
                return r;
        }
        return pail_operation_run(operation, run_create, ret_entry);
}

int pail_fs_mkdir(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode,
                  const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        return create_object(fs, parent, name, NULL, (mode & ~(mode_t)S_IFMT) | S_IFDIR, 0, caller, ret_entry);
}

int pail_fs_mknod(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode, dev_t device,
                  const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        return create_object(fs, parent, name, NULL, mode & S_IFMT ? mode : mode | S_IFREG, device, caller, ret_entry);
}

int pail_fs_symlink(struct pail_fs *fs, uint64_t parent, const char *name, const char *target,
                    const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        return create_object(fs, parent, name, target, S_IFLNK | 0777, 0, caller, ret_entry);
}
