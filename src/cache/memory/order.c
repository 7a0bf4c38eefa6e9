/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which block goes when room is needed. The blocks that hold data and that nobody uses stand in three queues over all
 * files:
 *
 *   FRESH  read ahead, their reader has not come yet
 *   ONCE   read, perhaps several times in a row (a program that reads 4 KiB at a time, a reader in parallel)
 *   AGAIN  read again after much else had landed in between
 *
 * Taken first is the head of ONCE, so that one scan of a huge file displaces only what was read once; then FRESH that
 * are stale (a whole pool has landed since: their reader does not come), then AGAIN, then FRESH. AGAIN is bounded to
 * three quarters of the pool, its head goes back to ONCE beyond that: what was loved once must be able to leave. This
 * is segmented LRU; S3-FIFO with its ghosts was the alternative, whose strength is a queue much bigger than memory,
 * which the cache on disk has and this one has not.
 *
 * New memory is not touched while ONCE holds more than an eighth of the pool (in a small pool a quarter): recycling
 * its head is cheaper (pool.c).
 */
#include <assert.h>
#include <sys/mman.h>
#include <utlist.h>

#include "cache/memory/private.h"

enum { ONCE_MIN = 256 }; /* 32 MiB */

static struct block_list *list_of(struct pail_pool *pool, enum block_queue queue)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        return &pool->guarded.queues[queue];
}

void order_append_locked(struct pail_pool *pool, enum block_queue queue, struct pail_block *block)
{
        struct block_list *list = list_of(pool, queue);

        assert(block->queue == QUEUE_NONE);
        DL_APPEND(list->head, block);
        list->count++;
        block->queue = queue;
}

void order_prepend_locked(struct pail_pool *pool, enum block_queue queue, struct pail_block *block)
{
        struct block_list *list = list_of(pool, queue);

        assert(block->queue == QUEUE_NONE);
        DL_PREPEND(list->head, block);
        list->count++;
        block->queue = queue;
}

void order_remove_locked(struct pail_pool *pool, struct pail_block *block)
{
        struct block_list *list = list_of(pool, block->queue);

        assert(block->queue != QUEUE_NONE);
        DL_DELETE(list->head, block);
        list->count--;
        block->queue = QUEUE_NONE;
}

static bool is_stale_locked(const struct pail_pool *pool, const struct pail_block *block)
{
        return pool->guarded.landed - block->landed_at > pool->limit_blocks;
}

uint64_t order_fresh_locked(struct pail_pool *pool)
{
        struct block_list *fresh = list_of(pool, QUEUE_FRESH);

        while (fresh->head && is_stale_locked(pool, fresh->head)) {
                struct pail_block *block = fresh->head;
                order_remove_locked(pool, block);
                order_prepend_locked(pool, QUEUE_ONCE, block);
        }
        return fresh->count;
}

/* The block that is missed least, without its data; NULL: all are in use. */
static struct pail_block *reclaim_locked(struct pail_pool *pool)
{
        struct pail_block *block;

        order_fresh_locked(pool); /* stale ones join ONCE */
        block = pool->guarded.queues[QUEUE_ONCE].head;
        if (!block)
                block = pool->guarded.queues[QUEUE_AGAIN].head;
        if (!block)
                block = pool->guarded.queues[QUEUE_FRESH].head;
        if (!block)
                return NULL;
        order_remove_locked(pool, block);
        table_remove_locked(pool, block);
        block->state = BLOCK_FREE;
        return block;
}

/* How many blocks ONCE may hold before they are recycled rather than new memory touched. */
static uint64_t once_limit(const struct pail_pool *pool)
{
        uint64_t eighth = pool->limit_blocks / 8, quarter = pool->limit_blocks / 4;

        if (eighth < ONCE_MIN)
                eighth = ONCE_MIN;
        return eighth < quarter ? eighth : quarter;
}

/* A block without memory of its own, if the limit allows for that memory. */
static struct pail_block *touch_new_locked(struct pail_pool *pool)
{
        uint64_t outside = pool->guarded.used[PAIL_POOL_OTHER];
        struct pail_block *block = pool->guarded.queues[QUEUE_COLD].head;

        if (pool->guarded.resident + outside >= pool->limit_blocks)
                return NULL;
        if (pool->guarded.untouched < pool->limit_blocks) {
                uint64_t number = pool->guarded.untouched++;
                block = &pool->blocks[number];
                block->data = pool->memory + number * PAIL_BLOCK_SIZE;
        } else if (block) {
                order_remove_locked(pool, block);
        } else {
                return NULL;
        }
        pool->guarded.resident++;
        if (pool->guarded.resident + outside > pool->guarded.peak)
                pool->guarded.peak = pool->guarded.resident + outside;
        return block;
}

struct pail_block *order_take_locked(struct pail_pool *pool)
{
        struct pail_block *block = list_of(pool, QUEUE_FREE)->head;

        if (block) {
                order_remove_locked(pool, block);
                return block;
        }
        if (pool->guarded.queues[QUEUE_ONCE].count <= once_limit(pool))
                block = touch_new_locked(pool);
        if (!block)
                block = reclaim_locked(pool);
        assert(block); /* the reservation says that there is one */
        return block;
}

void order_settle_locked(struct pail_pool *pool, struct pail_block *block)
{
        struct block_list *again = list_of(pool, QUEUE_AGAIN);

        assert(block->state == BLOCK_VALID && block->pins == 0);
        if (!block->was_read)
                order_append_locked(pool, QUEUE_FRESH, block);
        else if (!block->was_read_again)
                order_append_locked(pool, QUEUE_ONCE, block);
        else
                order_append_locked(pool, QUEUE_AGAIN, block);
        if (again->count > pool->limit_blocks - pool->limit_blocks / 4) {
                block = again->head;
                order_remove_locked(pool, block);
                block->was_read_again = false;
                block->read_at = pool->guarded.landed;
                order_append_locked(pool, QUEUE_ONCE, block);
        }
}

void order_touch_locked(struct pail_pool *pool, struct pail_block *block)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        if (!block->was_read) {
                block->was_read = true;
                block->read_at = pool->guarded.landed;
        } else if (pool->guarded.landed - block->read_at > pool->limit_blocks / 16) {
                block->was_read_again = true;
        }
}

void order_squeeze_locked(struct pail_pool *pool, uint64_t resident_limit)
{
        while (pool->guarded.resident > resident_limit) {
                struct pail_block *block = list_of(pool, QUEUE_FREE)->head;
                if (block)
                        order_remove_locked(pool, block);
                else
                        block = reclaim_locked(pool);
                if (!block)
                        return;
                (void)madvise(block->data, PAIL_BLOCK_SIZE, MADV_DONTNEED); /* fails on a locked mapping only */
                order_append_locked(pool, QUEUE_COLD, block);
                pool->guarded.resident--;
        }
}
