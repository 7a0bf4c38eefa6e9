/* SPDX-License-Identifier: Apache-2.0 */
/* unlink and rmdir: DELETE, then the name. A file that is open keeps its bytes (orphan.h). */
#include "unlink.h"

#include <errno.h>
#include <string.h>

#include "fs/core/lock.h"
#include "fs/tree/directory.h"
#include "fs/tree/listing.h"
#include "operation.h"
#include "orphan.h"
#include "pail/util/str.h"
#include "server_copy.h"

static void forget_name(struct pail_fs *fs, struct pail_inode *parent, struct pail_inode *inode)
{
        PAIL_LOCK(&fs->tree.mutex);
        pail_directory_keep_implied_locked(fs, parent);
        pail_directory_note_removed_locked(fs, parent, inode->name);
        pail_inode_detach_locked(fs, inode);
}

static int unlink_under_lock(struct pail_fs *fs, struct pail_inode *parent, struct pail_inode *inode)
{
        _cleanup_free_ char *key = NULL;
        bool is_remote;
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                r = inode->is_detached ? -ENOENT : pail_inode_key_locked(fs, inode, &key);
        }
        if (r == 0)
                r = pail_orphan_keep(fs, inode);
        if (r < 0)
                return r;
        {
                PAIL_LOCK(&fs->tree.mutex);
                is_remote = inode->is_remote; /* saving what only an open upload had may have made it so */
        }
        r = is_remote ? pail_server_copy_delete(fs, key) : 0;
        if (r == 0)
                forget_name(fs, parent, inode);
        else
                pail_orphan_undo(fs, inode);
        return r;
}

static int run_unlink(void *context)
{
        struct pail_operation *operation = context;
        int r = pail_operation_find(operation->fs, operation->parent, operation->name, &operation->inode);

        if (r < 0)
                return r;
        if (operation->inode->is_directory)
                return -EISDIR;
        r = pail_lock_acquire(operation->fs, &operation->inode->lock, INT64_MAX);
        if (r < 0)
                return r;
        r = unlink_under_lock(operation->fs, operation->parent, operation->inode);
        pail_lock_release(operation->fs, &operation->inode->lock);
        return r;
}

int pail_fs_unlink(struct pail_fs *fs, uint64_t parent, const char *name)
{
        struct pail_operation *operation;
        int r = pail_operation_new(fs, parent, name, 0, NULL, &operation);

        return r < 0 ? r : pail_operation_run(operation, run_unlink, NULL);
}

int pail_unlink_check_empty(struct pail_fs *fs, struct pail_inode *inode, const char *key, bool *ret_has_marker)
{
        struct pail_remote_page page = { 0 };
        bool is_empty = true;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        for (struct pail_inode *child = inode->children; child; child = child->by_name.next)
                is_empty = is_empty && !pail_inode_is_in_use_locked(fs, child);
        *ret_has_marker = inode->is_remote;
        pail_mutex_unlock(&fs->tree.mutex);
        if (!is_empty)
                return -ENOTEMPTY;
        if (!fs->options.can_list)
                return 0;
        r = pail_listing_peek(fs, key, 2, &page);
        if (r < 0)
                return r;
        *ret_has_marker = false;
        for (size_t i = 0; i < page.count; i++) {
                if (pail_str_equal(page.entries[i].key, key))
                        *ret_has_marker = true;
                else
                        is_empty = false;
        }
        pail_remote_page_done(&page);
        return is_empty ? 0 : -ENOTEMPTY;
}

static int rmdir_moving(struct pail_fs *fs, struct pail_inode *parent, struct pail_inode *inode)
{
        _cleanup_free_ char *key = NULL;
        bool has_marker;
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                r = inode->is_detached ? -ENOENT : pail_inode_key_locked(fs, inode, &key);
        }
        if (r == 0)
                r = pail_unlink_check_empty(fs, inode, key, &has_marker);
        if (r == 0 && has_marker)
                r = pail_server_copy_delete(fs, key);
        if (r == 0)
                forget_name(fs, parent, inode);
        return r;
}

static int run_rmdir(void *context)
{
        struct pail_operation *operation = context;
        int r = pail_operation_find(operation->fs, operation->parent, operation->name, &operation->inode);

        if (r < 0)
                return r;
        if (!operation->inode->is_directory)
                return -ENOTDIR;
        r = pail_lock_acquire_tree(operation->fs, &operation->inode->lock, INT64_MAX);
        if (r < 0)
                return r;
        r = rmdir_moving(operation->fs, operation->parent, operation->inode);
        pail_lock_release_tree(operation->fs, &operation->inode->lock);
        return r;
}

int pail_fs_rmdir(struct pail_fs *fs, uint64_t parent, const char *name)
{
        struct pail_operation *operation;
        int r = pail_operation_new(fs, parent, name, 0, NULL, &operation);

        return r < 0 ? r : pail_operation_run(operation, run_rmdir, NULL);
}
