/* SPDX-License-Identifier: Apache-2.0 */
/* unlink and rmdir: DELETE, then the name. A file that is open keeps its bytes (change.h: stash). */
#include <errno.h>
#include <string.h>

#include "fs/core/lock.h"
#include "fs/ops/operation.h"
#include "fs/tree/directory.h"
#include "pail/util/str.h"

static void forget_name(struct pail_fs *fs, struct pail_node *parent, struct pail_node *node)
{
        PAIL_LOCK(&fs->tree.mutex);
        pail_directory_keep_implied_locked(parent);
        pail_directory_note_removed_locked(fs, parent, node->name);
        pail_node_detach_locked(fs, node);
}

static int unlink_claimed(struct pail_fs *fs, struct pail_node *parent, struct pail_node *node)
{
        _cleanup_free_ char *key = NULL;
        bool is_remote;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        r = node->is_detached ? -ENOENT : pail_node_key_locked(fs, node, &key);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r == 0)
                r = pail_change_stash(fs, node);
        if (r < 0)
                return r;
        pail_mutex_lock(&fs->tree.mutex);
        is_remote = node->is_remote; /* saving what only an open upload had may have made it so */
        pail_mutex_unlock(&fs->tree.mutex);
        r = is_remote ? pail_change_delete_key(fs, key) : 0;
        if (r == 0)
                forget_name(fs, parent, node);
        else
                pail_change_unstash(fs, node);
        return r;
}

static int run_unlink(void *context)
{
        struct pail_change *change = context;
        int r = pail_change_find(change->fs, change->parent, change->name, &change->node);

        if (r < 0)
                return r;
        if (change->node->is_directory)
                return -EISDIR;
        r = pail_claim(change->fs, change->node, INT64_MAX);
        if (r < 0)
                return r;
        r = unlink_claimed(change->fs, change->parent, change->node);
        pail_claim_end(change->fs, change->node);
        return r;
}

int pail_fs_unlink(struct pail_fs *fs, uint64_t parent, const char *name)
{
        struct pail_change *change;
        int r = pail_change_new(fs, parent, name, 0, NULL, &change);

        return r < 0 ? r : pail_change_run(change, run_unlink, NULL);
}

int pail_remove_check_empty(struct pail_fs *fs, struct pail_node *node, const char *key, bool *ret_has_marker)
{
        struct pail_remote_page page = { 0 };
        bool is_empty = true;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        for (struct pail_node *child = node->children; child; child = child->by_name.next)
                is_empty = is_empty && !pail_node_is_in_use_locked(child);
        *ret_has_marker = node->is_remote;
        pail_mutex_unlock(&fs->tree.mutex);
        if (!is_empty)
                return -ENOTEMPTY;
        if (!fs->options.can_list)
                return 0;
        r = pail_directory_peek(fs, key, 2, &page);
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

static int rmdir_moving(struct pail_fs *fs, struct pail_node *parent, struct pail_node *node)
{
        _cleanup_free_ char *key = NULL;
        bool has_marker;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        r = node->is_detached ? -ENOENT : pail_node_key_locked(fs, node, &key);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r == 0)
                r = pail_remove_check_empty(fs, node, key, &has_marker);
        if (r == 0 && has_marker)
                r = pail_change_delete_key(fs, key);
        if (r == 0)
                forget_name(fs, parent, node);
        return r;
}

static int run_rmdir(void *context)
{
        struct pail_change *change = context;
        int r = pail_change_find(change->fs, change->parent, change->name, &change->node);

        if (r < 0)
                return r;
        if (!change->node->is_directory)
                return -ENOTDIR;
        r = pail_move_begin(change->fs, change->node, INT64_MAX);
        if (r < 0)
                return r;
        r = rmdir_moving(change->fs, change->parent, change->node);
        pail_move_end(change->fs, change->node);
        return r;
}

int pail_fs_rmdir(struct pail_fs *fs, uint64_t parent, const char *name)
{
        struct pail_change *change;
        int r = pail_change_new(fs, parent, name, 0, NULL, &change);

        return r < 0 ? r : pail_change_run(change, run_rmdir, NULL);
}
