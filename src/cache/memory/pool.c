/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may have how much. One inequality does all of it: sum over classes of max(used, floor) <= limit. A class that
 * stays within its floor always gets what it asks for at once; beyond that the classes share what the floors of the
 * others leave. Read-ahead moreover leaves alone what was read ahead and not yet consumed: it never displaces itself.
 *
 * Those who wait stand in one line, and nobody overtakes: a reader of 9 blocks would otherwise starve behind readers
 * of one. The head of the line gets everything it wants or nothing, and nobody in the line holds anything, so the line
 * moves as long as blocks in use come back: those lent are returned by a reply to the kernel, those being filled by
 * the end of a request.
 *
 * Rather than touching new memory a block is used that holds data read once, when there is plenty of that (eviction.c):
 * the first touch of a page costs several times what copying the data into it does.
 */
#include "pool.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "block.h"
#include "pail/cache/view.h"
#include "pail/util/cleanup.h"
#include "pail/util/interrupt.h"
#include "pail/util/math.h"

enum { FLOOR_SHARE = 8, READER_FLOOR_MIN = PAIL_VIEW_MAX_BLOCKS };

struct pail_pool_waiter {
        enum pail_pool_class class;
        unsigned count;
        bool is_granted;
        struct pail_cond granted;
        struct pail_pool_waiter *prev, *next;
};

static bool fits_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        uint64_t sum;

        pail_mutex_assert_held(&pool->guarded.mutex);
        sum = class == PAIL_POOL_AHEAD ? pail_eviction_count_unread(&pool->guarded.eviction) : 0;
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                sum += pail_max(pool->guarded.used[i] + (i == class ? count : 0), pool->floors[i]);
        return sum <= pool->limit_blocks;
}

/* The block that is missed least, without its data; NULL: all are in use. */
static struct pail_block *reclaim_block_locked(struct pail_pool *pool)
{
        struct pail_block *block;

        pail_mutex_assert_held(&pool->guarded.mutex);
        block = pail_eviction_remove_victim(&pool->guarded.eviction);
        if (!block)
                return NULL;
        pail_block_table_remove(&pool->guarded.table, block);
        block->state = BLOCK_FREE;
        return block;
}

struct pail_block *pail_pool_get_block_locked(struct pail_pool *pool)
{
        struct pail_block *block;

        pail_mutex_assert_held(&pool->guarded.mutex);
        block = pail_block_list_remove_first(&pool->guarded.arena.free);
        if (!block && !pail_eviction_has_plenty(&pool->guarded.eviction))
                block = pail_arena_touch_new(&pool->guarded.arena, pool->guarded.used[PAIL_POOL_OTHER]);
        if (!block)
                block = reclaim_block_locked(pool);
        assert(block); /* the reservation says that there is one */
        return block;
}

void pail_pool_put_block_locked(struct pail_pool *pool, struct pail_block *block)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        assert(!block->owner && !block->waiters);
        block->state = BLOCK_FREE;
        pail_block_list_prepend(&pool->guarded.arena.free, block);
}

/* Gives memory back to the system until resident_limit holds, or only used blocks are left. */
static void shrink_locked(struct pail_pool *pool, uint64_t resident_limit)
{
        struct pail_arena *arena = &pool->guarded.arena;

        pail_mutex_assert_held(&pool->guarded.mutex);
        while (arena->resident > resident_limit) {
                struct pail_block *block = pail_block_list_remove_first(&arena->free);
                if (!block)
                        block = reclaim_block_locked(pool);
                if (!block)
                        return;
                pail_arena_give_back(arena, block);
        }
}

static void charge_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        pool->guarded.used[class] += count;
        if (class == PAIL_POOL_OTHER) {
                shrink_locked(pool, pool->limit_blocks - pool->guarded.used[class]);
                pail_arena_note_peak(&pool->guarded.arena, pool->guarded.used[class]);
        }
}

bool pail_pool_try_reserve_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        if (count == 0)
                return true;
        if (pool->guarded.waiters || !fits_locked(pool, class, count))
                return false;
        charge_locked(pool, class, count);
        return true;
}

static void serve_waiters_locked(struct pail_pool *pool)
{
        struct pail_pool_waiter *waiter;

        pail_mutex_assert_held(&pool->guarded.mutex);
        while ((waiter = pool->guarded.waiters) && fits_locked(pool, waiter->class, waiter->count)) {
                charge_locked(pool, waiter->class, waiter->count);
                waiter->is_granted = true;
                DL_DELETE(pool->guarded.waiters, waiter);
                pail_cond_signal(&waiter->granted);
        }
}

void pail_pool_unreserve_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        assert(pool->guarded.used[class] >= count);
        pool->guarded.used[class] -= count;
        serve_waiters_locked(pool);
}

static bool is_possible(const struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        uint64_t sum = 0;

        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                sum += i == class ? pail_max((uint64_t)count, pool->floors[i]) : pool->floors[i];
        return sum <= pool->limit_blocks;
}

int pail_pool_reserve(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        struct pail_pool_waiter waiter = { .class = class, .count = count };
        int r = 0;

        if (!is_possible(pool, class, count))
                return -EINVAL;
        PAIL_LOCK(&pool->guarded.mutex);
        if (pail_pool_try_reserve_locked(pool, class, count))
                return 0;
        pail_cond_init(&waiter.granted);
        DL_APPEND(pool->guarded.waiters, &waiter);
        while (!waiter.is_granted && r == 0)
                r = pail_interrupt_wait(&waiter.granted, &pool->guarded.mutex, INT64_MAX);
        if (!waiter.is_granted) {
                DL_DELETE(pool->guarded.waiters, &waiter);
                serve_waiters_locked(pool); /* it may have been this one that did not fit */
        }
        pail_cond_done(&waiter.granted);
        return waiter.is_granted ? 0 : r;
}

int pail_pool_try_reserve(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        PAIL_LOCK(&pool->guarded.mutex);
        return pail_pool_try_reserve_locked(pool, class, count) ? 0 : -EAGAIN;
}

void pail_pool_unreserve(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        PAIL_LOCK(&pool->guarded.mutex);
        pail_pool_unreserve_locked(pool, class, count);
}

void pail_pool_trim(struct pail_pool *pool)
{
        PAIL_LOCK(&pool->guarded.mutex);
        shrink_locked(pool, 0);
}

void pail_pool_stats(struct pail_pool *pool, struct pail_pool_stats *ret_stats)
{
        PAIL_LOCK(&pool->guarded.mutex);
        *ret_stats = (struct pail_pool_stats){
                .limit_bytes = pool->limit_blocks * PAIL_BLOCK_SIZE,
                .resident_bytes = pool->guarded.arena.resident * PAIL_BLOCK_SIZE,
                .peak_bytes = pool->guarded.arena.peak * PAIL_BLOCK_SIZE,
                .valid_blocks = pail_eviction_count(&pool->guarded.eviction),
                .hits = pool->guarded.hits,
                .misses = pool->guarded.misses,
                .fetches = pool->guarded.fetches,
                .bytes_fetched = pool->guarded.bytes_fetched,
        };
        memcpy(ret_stats->used_blocks, pool->guarded.used, sizeof(pool->guarded.used));
}

static int set_limits(struct pail_pool *pool, const struct pail_pool_options *options)
{
        uint64_t limit = options->limit_bytes / PAIL_BLOCK_SIZE;
        uint64_t share = limit / FLOOR_SHARE;
        uint64_t *floors = pool->floors;

        if (limit < PAIL_POOL_MIN_BLOCKS || limit > SIZE_MAX / PAIL_BLOCK_SIZE)
                return -EINVAL;
        floors[PAIL_POOL_READER] = options->reader_floor_blocks;
        if (floors[PAIL_POOL_READER] == 0)
                floors[PAIL_POOL_READER] = pail_max(share, (uint64_t)READER_FLOOR_MIN);
        floors[PAIL_POOL_AHEAD] = options->ahead_floor_blocks ? options->ahead_floor_blocks : share;
        floors[PAIL_POOL_OTHER] = options->other_floor_blocks;
        if (floors[PAIL_POOL_READER] < READER_FLOOR_MIN ||
            floors[PAIL_POOL_READER] + floors[PAIL_POOL_AHEAD] + floors[PAIL_POOL_OTHER] > limit)
                return -EINVAL;
        pool->limit_blocks = limit;
        return 0;
}

static void free_pool(struct pail_pool *pool)
{
        if (!pool)
                return;
        pail_arena_done(&pool->guarded.arena);
        pail_block_table_done(&pool->guarded.table);
        pail_cond_done(&pool->guarded.fetch_gone);
        pail_mutex_done(&pool->guarded.mutex);
        free(pool);
}
PAIL_DEFINE_CLEANUP(struct pail_pool, free_pool);

static int init_guarded(struct pail_pool *pool, uint64_t touched_blocks)
{
        int r;

        PAIL_LOCK(&pool->guarded.mutex);
        pail_eviction_init(&pool->guarded.eviction, pool->limit_blocks);
        r = pail_block_table_init(&pool->guarded.table, pool->limit_blocks);
        if (r == 0)
                r = pail_arena_init(&pool->guarded.arena, PAIL_BLOCK_SIZE, pool->limit_blocks, touched_blocks);
        return r;
}

int pail_pool_new(const struct pail_pool_options *options, struct pail_pool **ret_pool)
{
        struct pail_pool *blank = calloc(1, sizeof(*blank));
        int r;

        if (!blank)
                return -ENOMEM;
        pail_mutex_init(&blank->guarded.mutex);
        pail_cond_init(&blank->guarded.fetch_gone);
        _cleanup_(free_pool_p) struct pail_pool *pool = blank;
        r = set_limits(pool, options);
        if (r == 0)
                r = init_guarded(pool, options->pretouch_bytes / PAIL_BLOCK_SIZE);
        if (r < 0)
                return r;
        *ret_pool = pail_steal(&pool);
        return 0;
}

static void await_fetches(struct pail_pool *pool)
{
        PAIL_LOCK(&pool->guarded.mutex);
        while (pool->guarded.fetches_alive > 0)
                pail_cond_wait(&pool->guarded.fetch_gone, &pool->guarded.mutex);
}

void pail_pool_free(struct pail_pool *pool)
{
        if (!pool)
                return;
        await_fetches(pool);
        free_pool(pool);
}
