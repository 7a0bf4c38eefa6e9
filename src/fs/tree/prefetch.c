/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attributes ahead of the caller: `ls -l` stats the names of a directory one after the other, and each would wait for a HEAD. Once
 * a second one is asked for, the next siblings in the order of the listing are asked for in parallel, in a window that
 * doubles as the caller keeps up. Nothing is asked twice: a node that loads is shared.
 */
#include <stdlib.h>

#include "fs/tree/directory.h"
#include "fs/tree/remote_stat.h"

enum { FIRST_WINDOW = 8, LAST_WINDOW = 64 };

struct ahead {
        struct pail_fs *fs;
        struct pail_node *node;
};

static void load_one(void *context)
{
        struct ahead *ahead = context;

        (void)pail_load(ahead->fs, ahead->node); /* who needs it asks again and learns of a failure then */
        pail_node_put(ahead->fs, ahead->node);
        free(ahead);
}

static void start_locked(struct pail_fs *fs, struct pail_node *node)
{
        struct ahead *ahead = malloc(sizeof(*ahead));

        if (!ahead)
                return;
        *ahead = (struct ahead){ fs, node };
        pail_node_ref_locked(node);
        if (pail_workpool_submit(fs->shared->queries, load_one, ahead) < 0) {
                pail_node_unref_locked(fs, node);
                free(ahead);
        }
}

/* Unloaded siblings behind node, at most one window. Those that start are marked, so that the next call passes over them. */
static void start_window_locked(struct pail_fs *fs, struct pail_node *node, unsigned window)
{
        struct pail_node *sibling = node->by_name.next;

        for (unsigned i = 0; i < window && sibling; i++, sibling = sibling->by_name.next) {
                if (sibling->is_loaded || sibling->is_loading || sibling->is_local || sibling->is_queued)
                        continue;
                sibling->is_queued = true;
                start_locked(fs, sibling);
        }
}

void pail_load_ahead_locked(struct pail_fs *fs, struct pail_node *node)
{
        struct pail_directory *directory = node->parent ? node->parent->directory : NULL;

        if (!directory || !pail_directory_is_fresh_locked(fs, node->parent) || fs->tree.draining)
                return;
        if (!node->is_loaded || node->is_loading)
                directory->ahead = directory->ahead == 0            ? 1
                                   : directory->ahead == 1          ? FIRST_WINDOW
                                   : directory->ahead < LAST_WINDOW ? directory->ahead * 2
                                                                    : LAST_WINDOW;
        if (directory->ahead > 1)
                start_window_locked(fs, node, directory->ahead);
}
