/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds a block by its object and number: one hash table over all objects, with a bucket for each block of the pool,
 * made with the pool. It never grows, so looking up and inserting cannot fail. (A table an object would cost every
 * small file one.)
 */
#include <assert.h>
#include <utlist.h>

#include "cache/memory/private.h"

static struct pail_block **bucket_locked(const struct pail_pool *pool, const struct pail_blocks *owner, uint64_t index)
{
        /*
         * Multiplication spreads the low bits upwards (Knuth, The Art of Computer Programming 3, 6.4); the top ones
         * count.
         */
        uint64_t hash = ((uintptr_t)owner / sizeof(void *) + index) * UINT64_C(0x9E3779B97F4A7C15);

        pail_mutex_assert_held(&pool->guarded.mutex);
        return &pool->guarded.buckets[(hash >> 32) & (pool->bucket_count - 1)];
}

struct pail_block *table_find_locked(const struct pail_blocks *blocks, uint64_t index)
{
        struct pail_block *block = *bucket_locked(blocks->pool, blocks, index);

        while (block && (block->owner != blocks || block->index != index))
                block = block->hash_next;
        return block;
}

void table_insert_locked(struct pail_blocks *blocks, uint64_t index, struct pail_block *block)
{
        struct pail_block **bucket = bucket_locked(blocks->pool, blocks, index);

        assert(!block->owner);
        block->owner = blocks;
        block->index = index;
        block->hash_next = *bucket;
        *bucket = block;
        DL_APPEND2(blocks->guarded.items, block, owner_prev, owner_next);
}

void table_remove_locked(struct pail_pool *pool, struct pail_block *block)
{
        struct pail_block **link = bucket_locked(pool, block->owner, block->index);

        while (*link != block)
                link = &(*link)->hash_next;
        *link = block->hash_next;
        DL_DELETE2(block->owner->guarded.items, block, owner_prev, owner_next);
        block->owner = NULL;
}
