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
 * The memory is one mapping of the limit's size, of which the kernel gives pages as they are touched. Blocks are
 * reused last in, first out, and rather than touching new memory a block is taken from data read once, when there is
 * plenty of that (order.c): the first touch of a page costs several times what copying the data into it does. Huge
 * pages are declined for the mapping: they would make more resident than was asked for. (Slabs mapped on demand were
 * the alternative; they make the way from pointer to block a search and save only address space.)
 */
#include "pail/cache/pool.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <utlist.h>

#include "cache/memory/private.h"
#include "pail/util/cleanup.h"
#include "pail/util/interrupt.h"

enum { FLOOR_SHARE = 8, READER_FLOOR_MIN = PAIL_VIEW_MAX_BLOCKS };

static uint64_t max_u64(uint64_t a, uint64_t b)
{
        return a > b ? a : b;
}

static bool fits_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        uint64_t sum = class == PAIL_POOL_AHEAD ? order_fresh_locked(pool) : 0;

        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                sum += max_u64(pool->guarded.used[i] + (i == class ? count : 0), pool->floors[i]);
        return sum <= pool->limit_blocks;
}

static void take_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        pool->guarded.used[class] += count;
        if (class == PAIL_POOL_OTHER) {
                order_squeeze_locked(pool, pool->limit_blocks - pool->guarded.used[class]);
                pool->guarded.peak = max_u64(pool->guarded.peak, pool->guarded.resident + pool->guarded.used[class]);
        }
}

bool pool_try_reserve_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        if (count == 0)
                return true;
        if (pool->guarded.waits || !fits_locked(pool, class, count))
                return false;
        take_locked(pool, class, count);
        return true;
}

static void serve_line_locked(struct pail_pool *pool)
{
        struct pool_wait *wait;

        while ((wait = pool->guarded.waits) && fits_locked(pool, wait->class, wait->count)) {
                take_locked(pool, wait->class, wait->count);
                wait->is_granted = true;
                DL_DELETE(pool->guarded.waits, wait);
                pail_cond_signal(&wait->granted);
        }
}

void pool_unreserve_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        assert(pool->guarded.used[class] >= count);
        pool->guarded.used[class] -= count;
        serve_line_locked(pool);
}

static bool is_possible(const struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        uint64_t sum = 0;

        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                sum += i == class ? max_u64(count, pool->floors[i]) : pool->floors[i];
        return sum <= pool->limit_blocks;
}

int pail_pool_reserve(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        struct pool_wait wait = { .class = class, .count = count };
        int r = 0;

        if (!is_possible(pool, class, count))
                return -EINVAL;
        PAIL_LOCK(&pool->guarded.mutex);
        if (pool_try_reserve_locked(pool, class, count))
                return 0;
        pail_cond_init(&wait.granted);
        DL_APPEND(pool->guarded.waits, &wait);
        while (!wait.is_granted && r == 0)
                r = pail_interrupt_wait(&wait.granted, &pool->guarded.mutex, INT64_MAX);
        if (!wait.is_granted) {
                DL_DELETE(pool->guarded.waits, &wait);
                serve_line_locked(pool); /* it may have been this one that did not fit */
        }
        pail_cond_done(&wait.granted);
        return wait.is_granted ? 0 : r;
}

int pail_pool_try_reserve(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        PAIL_LOCK(&pool->guarded.mutex);
        return pool_try_reserve_locked(pool, class, count) ? 0 : -EAGAIN;
}

void pail_pool_unreserve(struct pail_pool *pool, enum pail_pool_class class, unsigned count)
{
        PAIL_LOCK(&pool->guarded.mutex);
        pool_unreserve_locked(pool, class, count);
}

void pail_pool_trim(struct pail_pool *pool)
{
        PAIL_LOCK(&pool->guarded.mutex);
        order_squeeze_locked(pool, 0);
}

void pail_pool_stats(struct pail_pool *pool, struct pail_pool_stats *ret_stats)
{
        PAIL_LOCK(&pool->guarded.mutex);
        *ret_stats = (struct pail_pool_stats){
                .limit_bytes = pool->limit_blocks * PAIL_BLOCK_SIZE,
                .resident_bytes = pool->guarded.resident * PAIL_BLOCK_SIZE,
                .peak_bytes = pool->guarded.peak * PAIL_BLOCK_SIZE,
                .valid_blocks = pool->guarded.queues[QUEUE_FRESH].count + pool->guarded.queues[QUEUE_ONCE].count +
                                pool->guarded.queues[QUEUE_AGAIN].count,
                .hits = pool->guarded.hits,
                .misses = pool->guarded.misses,
                .fetches = pool->guarded.fetches,
                .bytes_fetched = pool->guarded.bytes_fetched,
        };
        memcpy(ret_stats->used_blocks, pool->guarded.used, sizeof pool->guarded.used);
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
                floors[PAIL_POOL_READER] = max_u64(share, READER_FLOOR_MIN);
        floors[PAIL_POOL_AHEAD] = options->ahead_floor_blocks ? options->ahead_floor_blocks : share;
        floors[PAIL_POOL_OTHER] = options->other_floor_blocks;
        if (floors[PAIL_POOL_READER] < READER_FLOOR_MIN ||
            floors[PAIL_POOL_READER] + floors[PAIL_POOL_AHEAD] + floors[PAIL_POOL_OTHER] > limit)
                return -EINVAL;
        pool->limit_blocks = limit;
        pool->bucket_count = 1;
        while (pool->bucket_count < limit)
                pool->bucket_count *= 2;
        return 0;
}

static int allocate(struct pail_pool *pool)
{
        size_t size = pool->limit_blocks * PAIL_BLOCK_SIZE;
        void *memory;

        pool->blocks = calloc(pool->limit_blocks, sizeof *pool->blocks);
        pool->guarded.buckets = calloc(pool->bucket_count, sizeof *pool->guarded.buckets);
        if (!pool->blocks || !pool->guarded.buckets)
                return -ENOMEM;
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
                return -ENOMEM;
        pool->memory = memory;
        (void)madvise(memory, size, MADV_NOHUGEPAGE); /* EINVAL: a kernel without them */
        (void)madvise(memory, size, MADV_DONTFORK);
        return 0;
}

static void pretouch(struct pail_pool *pool, uint64_t count)
{
        PAIL_LOCK(&pool->guarded.mutex);
        if (count > pool->limit_blocks)
                count = pool->limit_blocks;
        memset(pool->memory, 0, count * PAIL_BLOCK_SIZE);
        for (uint64_t i = count; i-- > 0;) { /* the lowest address is taken first */
                pool->blocks[i].data = pool->memory + i * PAIL_BLOCK_SIZE;
                order_prepend_locked(pool, QUEUE_FREE, &pool->blocks[i]);
        }
        pool->guarded.untouched = pool->guarded.resident = pool->guarded.peak = count;
}

static void release(struct pail_pool *pool)
{
        if (!pool)
                return;
        if (pool->memory)
                munmap(pool->memory, pool->limit_blocks * PAIL_BLOCK_SIZE);
        free(pool->guarded.buckets);
        free(pool->blocks);
        free(pool);
}
PAIL_DEFINE_CLEANUP(struct pail_pool, release);

int pail_pool_new(const struct pail_pool_options *options, struct pail_pool **ret_pool)
{
        _cleanup_(release_p) struct pail_pool *pool = calloc(1, sizeof *pool);
        int r;

        if (!pool)
                return -ENOMEM;
        r = set_limits(pool, options);
        if (r == 0)
                r = allocate(pool);
        if (r < 0)
                return r;
        pail_mutex_init(&pool->guarded.mutex);
        pail_cond_init(&pool->guarded.fetch_gone);
        pretouch(pool, options->pretouch_bytes / PAIL_BLOCK_SIZE);
        *ret_pool = pail_steal(&pool);
        return 0;
}

void pail_pool_free(struct pail_pool *pool)
{
        if (!pool)
                return;
        pail_mutex_lock(&pool->guarded.mutex);
        while (pool->guarded.fetches_alive > 0)
                pail_cond_wait(&pool->guarded.fetch_gone, &pool->guarded.mutex);
        pail_mutex_unlock(&pool->guarded.mutex);
        pail_cond_done(&pool->guarded.fetch_gone);
        pail_mutex_done(&pool->guarded.mutex);
        release(pool);
}
