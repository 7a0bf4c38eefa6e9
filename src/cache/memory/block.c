/* SPDX-License-Identifier: Apache-2.0 */
/* Pins: a block with at least one is in no queue and counts as used by the class that pinned it first. */
#include <assert.h>

#include "cache/memory/private.h"

/* The class has reserved the block if it had no pin. */
void block_pin_locked(struct pail_pool *pool, struct pail_block *block, enum pail_pool_class class)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        if (block->pins++ > 0)
                return;
        block->class = class;
        if (block->queue != QUEUE_NONE)
                order_remove_locked(pool, block);
}

void block_unpin_locked(struct pail_pool *pool, struct pail_block *block)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        assert(block->pins > 0);
        if (--block->pins > 0)
                return;
        if (block->state == BLOCK_VALID && block->owner) {
                order_settle_locked(pool, block);
        } else {
                assert(!block->owner && !block->waits);
                block->state = BLOCK_FREE;
                order_prepend_locked(pool, QUEUE_FREE, block);
        }
        pool_unreserve_locked(pool, block->class, 1);
}
