/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims count upwards: each directory knows how many claims its subtree holds, so that moving it needs no walk. One condition
 * variable serves all; claims last for requests, so the spurious wake-ups do not matter.
 */
#include "fs/core/lock.h"

#include <errno.h>

#include "pail/util/interrupt.h"

static bool is_blocked_locked(const struct pail_node *node)
{
        if (node->is_claimed)
                return true;
        return pail_node_is_moving_locked(node);
}

static void count_locked(struct pail_node *node, int difference)
{
        for (; node; node = node->parent)
                node->claims_below += (unsigned)difference;
}

int pail_claim_locked(struct pail_fs *fs, struct pail_node *node, int64_t deadline_ms)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        while (is_blocked_locked(node)) {
                int r = pail_interrupt_wait(&fs->tree.changed, &fs->tree.mutex, deadline_ms);

                if (r < 0)
                        return r;
        }
        node->is_claimed = true;
        count_locked(node, 1);
        return 0;
}

void pail_claim_end_locked(struct pail_fs *fs, struct pail_node *node)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        node->is_claimed = false;
        count_locked(node, -1);
        pail_cond_broadcast(&fs->tree.changed);
}

int pail_claim(struct pail_fs *fs, struct pail_node *node, int64_t deadline_ms)
{
        PAIL_LOCK(&fs->tree.mutex);
        return pail_claim_locked(fs, node, deadline_ms);
}

void pail_claim_end(struct pail_fs *fs, struct pail_node *node)
{
        PAIL_LOCK(&fs->tree.mutex);
        pail_claim_end_locked(fs, node);
}

int pail_move_begin(struct pail_fs *fs, struct pail_node *node, int64_t deadline_ms)
{
        PAIL_LOCK(&fs->tree.mutex);
        int r = pail_claim_locked(fs, node, deadline_ms);

        if (r < 0)
                return r;
        node->is_moving = true;
        while (node->claims_below > 1) {
                r = pail_interrupt_wait(&fs->tree.changed, &fs->tree.mutex, deadline_ms);
                if (r < 0) {
                        node->is_moving = false;
                        pail_claim_end_locked(fs, node);
                        return r;
                }
        }
        return 0;
}

void pail_move_end(struct pail_fs *fs, struct pail_node *node)
{
        PAIL_LOCK(&fs->tree.mutex);
        node->is_moving = false;
        pail_claim_end_locked(fs, node);
}
