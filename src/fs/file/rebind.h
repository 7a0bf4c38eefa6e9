/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of objects that are being copied by us to another key or ETag: while the old version goes and the new one is not entered yet, their
 * requests wait instead of failing (pail_content_move_begin). Collected with the tree locked, begun and ended without.
 */
#ifndef PAIL_FS_TREE_FOLLOWERS_H
#define PAIL_FS_TREE_FOLLOWERS_H

#include <stddef.h>

#include "fs/tree/inode.h"

/* Zero-initialised is empty. */
struct pail_followers {
        struct pail_content **items; /* references */
        size_t count, allocated;
};

/* The content of a node and of its open file, if there are any. -ENOMEM: some may be missing. */
int pail_followers_add_locked(struct pail_followers *followers, struct pail_node *node);
void pail_followers_begin(struct pail_followers *followers);
/* Once for each begin. */
void pail_followers_end(struct pail_followers *followers);
void pail_followers_done(struct pail_followers *followers);

#endif
