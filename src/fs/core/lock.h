/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims: exclusive use of a node's object for the length of requests, without holding a lock meanwhile.
 *
 *   claim    one at a time per node; waits while the node or a directory above it is moving
 *   move     of a directory: waits until nothing in its subtree is claimed, and keeps new claims out
 *
 * A thread takes at most: one move, then claims outside of that subtree. The kernel orders renames among themselves.
 */
#ifndef PAIL_FS_TREE_CLAIM_H
#define PAIL_FS_TREE_CLAIM_H

#include "fs/tree/inode.h"

/* Waits interruptibly until deadline_ms: 0, -EINTR, -ETIMEDOUT. */
int pail_claim_locked(struct pail_fs *fs, struct pail_node *node, int64_t deadline_ms);
void pail_claim_end_locked(struct pail_fs *fs, struct pail_node *node);
int pail_claim(struct pail_fs *fs, struct pail_node *node, int64_t deadline_ms);
void pail_claim_end(struct pail_fs *fs, struct pail_node *node);

/* For directories: claims the node and closes its subtree. */
int pail_move_begin(struct pail_fs *fs, struct pail_node *node, int64_t deadline_ms);
void pail_move_end(struct pail_fs *fs, struct pail_node *node);

/* A claim for the length of a scope; NULL node: none. */
static inline void pail_claim_pin_done(struct pail_node_pin *pin)
{
        if (pin->node)
                pail_claim_end(pin->fs, pin->node);
}
#define _cleanup_claim_ __attribute__((cleanup(pail_claim_pin_done)))

#endif
