/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rename(2): the object is copied to the new key, then the old one is deleted, so that at every moment one of the two names holds all
 * bytes; a directory bucket does it in one step. A file of which S3 has nothing yet is renamed here only: its bytes will go to the new key. Directories: rename_directory.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fs/core/lock.h"
#include "fs/file/finish_upload.h"
#include "fs/file/rebind.h"
#include "fs/file/release.h"
#include "fs/tree/directory.h"
#include "operation.h"
#include "orphan.h"
#include "pail/util/str.h"
#include "rename_directory.h"
#include "rename_entry.h"
#include "server_copy.h"
#include "unlink.h"

/* The old key is deleted only when the copy is proven; readers of the file wait for its new key meanwhile. */
static int move_key(struct pail_fs *fs, struct pail_inode *inode, const char *old_key, const char *new_key)
{
        char etag[PAIL_REMOTE_ETAG_SIZE];
        bool is_local;
        int r = pail_server_copy_move(fs, inode, old_key, new_key, etag);

        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        is_local = inode->is_local;
        r = pail_rebind_inode_locked(fs, inode, new_key, etag);
        inode->is_local = is_local;
        return r;
}

static int move_object(struct pail_fs *fs, struct pail_inode *inode, const char *old_key, const char *new_key)
{
        _cleanup_(pail_rebind_done) struct pail_rebind rebind = { 0 };
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                r = pail_rebind_add_locked(&rebind, fs, inode);
        }
        if (r < 0)
                return r;
        pail_rebind_begin(&rebind);
        r = move_key(fs, inode, old_key, new_key);
        pail_rebind_end(&rebind);
        return r;
}

static int build_keys(struct pail_fs *fs, const struct pail_rename *rename, char **ret_old, char **ret_new)
{
        PAIL_LOCK(&fs->tree.mutex);
        int r = rename->inode->is_detached ? -ENOENT : pail_inode_key_locked(fs, rename->inode, ret_old);

        if (r == 0)
                r = pail_inode_child_key_locked(fs, rename->new_parent, rename->new_name, rename->inode->is_directory,
                                                ret_new);
        return r;
}

/* An upload that has begun under the old key ends: as a whole object there, or not at all. */
static int finish_upload(struct pail_fs *fs, struct pail_inode *inode)
{
        struct pail_file *file;
        bool is_open;
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                is_open = inode->file;
        }
        if (!is_open)
                return 0;
        r = pail_file_acquire(fs, inode, &file);
        if (r < 0)
                return r;
        r = pail_file_finish_upload(file);
        pail_file_release_later(file);
        return r;
}

static int rename_file(struct pail_fs *fs, const struct pail_rename *rename)
{
        _cleanup_free_ char *old_key = NULL, *new_key = NULL;
        bool is_remote;
        int r = build_keys(fs, rename, &old_key, &new_key);

        if (r == 0)
                r = finish_upload(fs, rename->inode);
        if (r == 0 && rename->victim)
                r = pail_orphan_keep(fs, rename->victim);
        if (r < 0)
                return r;
        {
                PAIL_LOCK(&fs->tree.mutex);
                is_remote = rename->inode->is_remote;
        }
        if (is_remote)
                r = move_object(fs, rename->inode, old_key, new_key);
        if (r < 0) {
                if (rename->victim)
                        pail_orphan_undo(fs, rename->victim);
                return r;
        }
        PAIL_LOCK(&fs->tree.mutex);
        return pail_rename_enter_locked(fs, rename);
}

static int check_directories(struct pail_fs *fs, const struct pail_rename *rename)
{
        _cleanup_free_ char *key = NULL;
        bool has_marker;
        int r;

        if (!rename->victim)
                return 0;
        {
                PAIL_LOCK(&fs->tree.mutex);
                r = pail_inode_key_locked(fs, rename->victim, &key);
        }
        return r < 0 ? r : pail_unlink_check_empty(fs, rename->victim, key, &has_marker);
}

static int rename_directory(struct pail_fs *fs, const struct pail_rename *rename)
{
        _cleanup_free_ char *old_key = NULL, *new_key = NULL;
        int r = pail_lock_acquire_tree(fs, &rename->inode->lock, INT64_MAX);

        if (r < 0)
                return r;
        r = build_keys(fs, rename, &old_key, &new_key);
        if (r == 0)
                r = check_directories(fs, rename);
        if (r == 0)
                r = pail_rename_directory(fs, rename, old_key, new_key);
        pail_lock_release_tree(fs, &rename->inode->lock);
        return r;
}

/* What rename(2) forbids; the kernel has checked what it knows. */
static int check_rename(const struct pail_operation *operation, const struct pail_rename *rename)
{
        const struct pail_inode *victim = rename->victim;

        if (victim && operation->flags & RENAME_NOREPLACE)
                return -EEXIST;
        if (victim && victim->is_directory && !rename->inode->is_directory)
                return -EISDIR;
        if (victim && !victim->is_directory && rename->inode->is_directory)
                return -ENOTDIR;
        for (const struct pail_inode *above = rename->new_parent; above; above = above->parent)
                if (above == rename->inode)
                        return -EINVAL;
        return 0;
}

static int find_victim(struct pail_operation *operation, struct pail_inode **ret_victim)
{
        int r = pail_operation_find(operation->fs, operation->new_parent, operation->new_name, ret_victim);

        if (r != -ENOENT)
                return r;
        PAIL_LOCK(&operation->fs->tree.mutex);
        return pail_operation_check_name_locked(operation->fs, operation->new_parent, operation->new_name,
                                                operation->inode->is_directory);
}

static int lock_and_rename_file(struct pail_fs *fs, const struct pail_rename *rename)
{
        _cleanup_lock_ struct pail_lock_pin first = { fs, NULL }, second = { fs, NULL };
        int r = pail_lock_acquire(fs, &rename->inode->lock, INT64_MAX);

        if (r < 0)
                return r;
        first.lock = &rename->inode->lock;
        if (rename->victim) {
                r = pail_lock_acquire(fs, &rename->victim->lock, INT64_MAX);
                if (r < 0)
                        return r;
                second.lock = &rename->victim->lock;
        }
        return rename_file(fs, rename);
}

static int run_rename(void *context)
{
        struct pail_operation *operation = context;
        struct pail_fs *fs = operation->fs;
        _cleanup_pin_ struct pail_inode_pin victim = { fs, NULL };
        struct pail_rename rename = { .new_parent = operation->new_parent, .new_name = operation->new_name };
        int r = pail_operation_find(fs, operation->parent, operation->name, &operation->inode);

        if (r == 0)
                r = find_victim(operation, &victim.inode);
        if (r < 0)
                return r;
        rename.inode = operation->inode;
        rename.victim = victim.inode;
        if (rename.inode == rename.victim)
                return 0;
        {
                PAIL_LOCK(&fs->tree.mutex);
                r = check_rename(operation, &rename);
        }
        if (r < 0)
                return r;
        return rename.inode->is_directory ? rename_directory(fs, &rename) : lock_and_rename_file(fs, &rename);
}

int pail_fs_rename(struct pail_fs *fs, uint64_t parent, const char *name, uint64_t new_parent, const char *new_name,
                   unsigned flags)
{
        struct pail_operation *operation;
        int r;

        if (flags & ~(unsigned)RENAME_NOREPLACE)
                return -EINVAL;
        r = pail_operation_new(fs, parent, name, new_parent, new_name, &operation);
        if (r < 0)
                return r;
        operation->flags = flags;
        return pail_operation_run(operation, run_rename, NULL);
}
