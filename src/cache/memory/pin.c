/* SPDX-License-Identifier: Apache-2.0 */
#include "pin.h"

#include <assert.h>

#include "block.h"
#include "pool.h"

void pail_block_pin_locked(struct pail_pool *pool, struct pail_block *block, enum pail_pool_class class)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        if (block->pins++ > 0)
                return;
        block->class = class;
        if (block->list)
                pail_block_list_remove(block);
}

void pail_block_unpin_locked(struct pail_pool *pool, struct pail_block *block)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        assert(block->pins > 0);
        if (--block->pins > 0)
                return;
        if (block->state == BLOCK_VALID && block->owner)
                pail_eviction_insert(&pool->guarded.eviction, block);
        else
                pail_pool_put_block_locked(pool, block);
        pail_pool_unreserve_locked(pool, block->class, 1);
}
