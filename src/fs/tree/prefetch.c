/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attributes ahead of the caller: `ls -l` stats the names of a directory one after the other, and each would wait for a HEAD. Once
 * a second one is asked for, the next siblings in the order of the listing are asked for in parallel, in a window that
 * doubles as the caller keeps up. Nothing is asked twice: an inode that loads is shared.
 */
#include "prefetch.h"

#include <stdlib.h>

#include "directory.h"
#include "remote_stat.h"

enum { FIRST_WINDOW = 8, LAST_WINDOW = 64 };

struct prefetch {
        struct pail_fs *fs;
        struct pail_inode *inode;
};

static void stat_one(void *context)
{
        struct prefetch *prefetch = context;

        (void)pail_remote_stat_inode(prefetch->fs,
                                     prefetch->inode); /* who needs it asks again and learns of a failure then */
        pail_inode_put(prefetch->fs, prefetch->inode);
        free(prefetch);
}

static void start_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct prefetch *prefetch = malloc(sizeof(*prefetch));

        if (!prefetch)
                return;
        *prefetch = (struct prefetch){ fs, inode };
        pail_inode_ref_locked(fs, inode);
        if (pail_workpool_submit(fs->shared->queries, stat_one, prefetch) < 0) {
                pail_inode_unref_locked(fs, inode);
                free(prefetch);
        }
}

/* Unloaded siblings behind inode, at most one window. Those that start are marked, so that the next call passes over them. */
static void start_window_locked(struct pail_fs *fs, struct pail_inode *inode, unsigned window)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_inode *sibling = inode->by_name.next;

        for (unsigned i = 0; i < window && sibling; i++, sibling = sibling->by_name.next) {
                if (sibling->is_loaded || sibling->is_loading || sibling->is_local || sibling->is_queued)
                        continue;
                sibling->is_queued = true;
                start_locked(fs, sibling);
        }
}

void pail_prefetch_attributes_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_listing_state *state = inode->parent ? inode->parent->listing : NULL;

        if (!state || !pail_directory_is_fresh_locked(fs, inode->parent) || fs->tree.draining)
                return;
        if (!inode->is_loaded || inode->is_loading)
                state->prefetch_window = state->prefetch_window == 0            ? 1
                                         : state->prefetch_window == 1          ? FIRST_WINDOW
                                         : state->prefetch_window < LAST_WINDOW ? state->prefetch_window * 2
                                                                                : LAST_WINDOW;
        if (state->prefetch_window > 1)
                start_window_locked(fs, inode, state->prefetch_window);
}
