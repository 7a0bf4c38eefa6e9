/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rename(2): the object is copied to the new key, then the old one is deleted, so that at every moment one of the two names holds all
 * bytes; a directory bucket does it in one step. A file of which S3 has nothing yet is renamed here only: its bytes will go to the new key. Directories: rename_directory.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fs/core/lock.h"
#include "fs/file/file.h"
#include "fs/file/rebind.h"
#include "fs/ops/operation.h"
#include "fs/ops/rename.h"
#include "fs/tree/directory.h"
#include "fs/tree/resolve.h"
#include "pail/util/str.h"

int pail_rename_follow_locked(struct pail_fs *fs, struct pail_node *node, const char *key, const char *etag)
{
        int r = pail_node_written_locked(fs, node, etag, false);

        if (r == 0 && node->content)
                r = pail_content_rebase(node->content, key, etag);
        if (r == 0 && node->draft)
                r = pail_draft_rebase(node->draft, key, etag);
        return r;
}

int pail_rename_enter_locked(struct pail_fs *fs, const struct pail_rename *rename)
{
        struct pail_node *node = rename->node, *parent = node->parent, *victim = rename->victim;
        bool victim_is_remote = victim && victim->is_remote;
        int r;

        pail_directory_note_removed_locked(fs, parent, node->name);
        pail_directory_keep_implied_locked(parent);
        if (victim)
                pail_node_detach_locked(fs, victim);
        pail_node_clear_name_locked(fs, rename->new_parent, rename->new_name, node);
        r = pail_node_move_locked(fs, node, rename->new_parent, rename->new_name);
        node->is_remote = node->is_remote || victim_is_remote; /* an unsent file over one that S3 has */
        node->changed_serial = ++fs->tree.serial;
        return r;
}

/* The old key is deleted only when the copy is proven; readers of the file wait for its new place meanwhile. */
static int move_key(struct pail_fs *fs, struct pail_node *node, const char *old_key, const char *new_key)
{
        char etag[PAIL_REMOTE_ETAG_SIZE];
        bool is_local;
        int r = pail_change_move_key(fs, node, old_key, new_key, etag);

        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        is_local = node->is_local;
        r = pail_rename_follow_locked(fs, node, new_key, etag);
        node->is_local = is_local;
        return r;
}

static int move_object(struct pail_fs *fs, struct pail_node *node, const char *old_key, const char *new_key)
{
        _cleanup_(pail_followers_done) struct pail_followers followers = { 0 };
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        r = pail_followers_add_locked(&followers, node);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r < 0)
                return r;
        pail_followers_begin(&followers);
        r = move_key(fs, node, old_key, new_key);
        pail_followers_end(&followers);
        return r;
}

static int keys(struct pail_fs *fs, const struct pail_rename *rename, char **ret_old, char **ret_new)
{
        PAIL_LOCK(&fs->tree.mutex);
        int r = rename->node->is_detached ? -ENOENT : pail_node_key_locked(fs, rename->node, ret_old);

        if (r == 0)
                r = pail_node_child_key_locked(fs, rename->new_parent, rename->new_name, rename->node->is_directory,
                                               ret_new);
        return r;
}

/* An upload that has begun under the old key ends: as a whole object there, or not at all. */
static int settle(struct pail_fs *fs, struct pail_node *node)
{
        struct pail_draft *draft;
        bool is_open;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        is_open = node->draft;
        pail_mutex_unlock(&fs->tree.mutex);
        if (!is_open)
                return 0;
        r = pail_draft_acquire(fs, node, &draft);
        if (r < 0)
                return r;
        r = pail_draft_settle(draft);
        pail_draft_release_later(draft);
        return r;
}

static int rename_file(struct pail_fs *fs, const struct pail_rename *rename)
{
        _cleanup_free_ char *old_key = NULL, *new_key = NULL;
        bool is_remote;
        int r = keys(fs, rename, &old_key, &new_key);

        if (r == 0)
                r = settle(fs, rename->node);
        if (r == 0 && rename->victim)
                r = pail_change_stash(fs, rename->victim);
        if (r < 0)
                return r;
        pail_mutex_lock(&fs->tree.mutex);
        is_remote = rename->node->is_remote;
        pail_mutex_unlock(&fs->tree.mutex);
        if (is_remote)
                r = move_object(fs, rename->node, old_key, new_key);
        if (r < 0) {
                if (rename->victim)
                        pail_change_unstash(fs, rename->victim);
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
        pail_mutex_lock(&fs->tree.mutex);
        r = pail_node_key_locked(fs, rename->victim, &key);
        pail_mutex_unlock(&fs->tree.mutex);
        return r < 0 ? r : pail_remove_check_empty(fs, rename->victim, key, &has_marker);
}

static int rename_directory(struct pail_fs *fs, const struct pail_rename *rename)
{
        _cleanup_free_ char *old_key = NULL, *new_key = NULL;
        int r = pail_move_begin(fs, rename->node, INT64_MAX);

        if (r < 0)
                return r;
        r = keys(fs, rename, &old_key, &new_key);
        if (r == 0)
                r = check_directories(fs, rename);
        if (r == 0)
                r = pail_rename_directory(fs, rename, old_key, new_key);
        pail_move_end(fs, rename->node);
        return r;
}

/* What rename(2) forbids; the kernel has checked what it knows. */
static int check(const struct pail_change *change, const struct pail_rename *rename)
{
        const struct pail_node *victim = rename->victim;

        if (victim && change->flags & RENAME_NOREPLACE)
                return -EEXIST;
        if (victim && victim->is_directory && !rename->node->is_directory)
                return -EISDIR;
        if (victim && !victim->is_directory && rename->node->is_directory)
                return -ENOTDIR;
        for (const struct pail_node *above = rename->new_parent; above; above = above->parent)
                if (above == rename->node)
                        return -EINVAL;
        return 0;
}

static int find_victim(struct pail_change *change, struct pail_node **ret_victim)
{
        int r = pail_change_find(change->fs, change->new_parent, change->new_name, ret_victim);

        if (r != -ENOENT)
                return r;
        PAIL_LOCK(&change->fs->tree.mutex);
        return pail_change_check_name_locked(change->fs, change->new_parent, change->new_name,
                                             change->node->is_directory);
}

static int rename_file_claimed(struct pail_fs *fs, const struct pail_rename *rename)
{
        _cleanup_claim_ struct pail_node_pin first = { fs, NULL }, second = { fs, NULL };
        int r = pail_claim(fs, rename->node, INT64_MAX);

        if (r < 0)
                return r;
        first.node = rename->node;
        if (rename->victim) {
                r = pail_claim(fs, rename->victim, INT64_MAX);
                if (r < 0)
                        return r;
                second.node = rename->victim;
        }
        return rename_file(fs, rename);
}

static int run_rename(void *context)
{
        struct pail_change *change = context;
        struct pail_fs *fs = change->fs;
        _cleanup_pin_ struct pail_node_pin victim = { fs, NULL };
        struct pail_rename rename = { .new_parent = change->new_parent, .new_name = change->new_name };
        int r = pail_change_find(fs, change->parent, change->name, &change->node);

        if (r == 0)
                r = find_victim(change, &victim.node);
        if (r < 0)
                return r;
        rename.node = change->node;
        rename.victim = victim.node;
        if (rename.node == rename.victim)
                return 0;
        pail_mutex_lock(&fs->tree.mutex);
        r = check(change, &rename);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r < 0)
                return r;
        return rename.node->is_directory ? rename_directory(fs, &rename) : rename_file_claimed(fs, &rename);
}

int pail_fs_rename(struct pail_fs *fs, uint64_t parent, const char *name, uint64_t new_parent, const char *new_name,
                   unsigned flags)
{
        struct pail_change *change;
        int r;

        if (flags & ~(unsigned)RENAME_NOREPLACE)
                return -EINVAL;
        r = pail_change_new(fs, parent, name, new_parent, new_name, &change);
        if (r < 0)
                return r;
        change->flags = flags;
        return pail_change_run(change, run_rename, NULL);
}
