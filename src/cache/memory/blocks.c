/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Views on an object's blocks.
 *
 * A view is acquired in one critical section: what is idle is pinned, what is loading is waited for, what is absent gets
 * memory and a fetch. Before anything is pinned the whole need (idle blocks count too: pinned, they can no longer be
 * reclaimed) is reserved, all or none. If that has to wait, it waits with empty hands and looks again afterwards. So a
 * view holds blocks only while it waits for fetches that have all the memory they will ever need, and no circle of
 * waiting can close.
 */
#include "pail/cache/blocks.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "block.h"
#include "fetch.h"
#include "pail/util/interrupt.h"
#include "pail/util/math.h"
#include "pin.h"
#include "pool.h"

int pail_blocks_new(struct pail_pool *pool, uint64_t size_bytes, const struct pail_source *source, void *context,
                    struct pail_blocks **ret_blocks)
{
        struct pail_blocks *blocks = calloc(1, sizeof(*blocks));

        if (!blocks)
                return -ENOMEM;
        blocks->pool = pool;
        blocks->size_bytes = size_bytes;
        blocks->count = size_bytes / PAIL_BLOCK_SIZE + (size_bytes % PAIL_BLOCK_SIZE != 0);
        blocks->source = source;
        blocks->context = context;
        *ret_blocks = blocks;
        return 0;
}

static void empty_blocks(struct pail_blocks *blocks, struct pail_fetch **cancelled)
{
        struct pail_pool *pool = blocks->pool;

        PAIL_LOCK(&pool->guarded.mutex);
        while (blocks->guarded.fetches)
                pail_fetch_cancel_locked(blocks->guarded.fetches, cancelled);
        while (blocks->guarded.items) {
                struct pail_block *block = blocks->guarded.items;
                pail_block_table_remove(&pool->guarded.table, block);
                if (block->pins > 0)
                        continue; /* lent: freed as it comes back */
                pail_block_list_remove(block);
                pail_pool_put_block_locked(pool, block);
        }
}

void pail_blocks_free(struct pail_blocks *blocks)
{
        struct pail_fetch *cancelled = NULL;

        if (!blocks)
                return;
        empty_blocks(blocks, &cancelled);
        pail_fetch_cancel_all(cancelled);
        free(blocks);
}

/* NULL: absent. */
static struct pail_block *find_block_locked(const struct pail_blocks *blocks, uint64_t index)
{
        pail_mutex_assert_held(&blocks->pool->guarded.mutex);
        return pail_block_table_find(&blocks->pool->guarded.table, blocks, index);
}

/* Blocks of the range that become used by pinning them. */
static unsigned count_needed_locked(const struct pail_blocks *blocks, uint64_t first, unsigned count)
{
        unsigned need = 0;

        pail_mutex_assert_held(&blocks->pool->guarded.mutex);
        for (unsigned i = 0; i < count; i++) {
                const struct pail_block *block = find_block_locked(blocks, first + i);
                need += !block || block->pins == 0;
        }
        return need;
}

/* Called and returns with the lock held, but may let go of it in between. */
static int reserve_locked(struct pail_blocks *blocks, uint64_t first, unsigned count, unsigned *ret_reserved)
{
        struct pail_pool *pool = blocks->pool;
        unsigned need;
        int r;

        pail_mutex_assert_held(&pool->guarded.mutex);
        need = count_needed_locked(blocks, first, count);
        if (pail_pool_try_reserve_locked(pool, PAIL_POOL_READER, need)) {
                *ret_reserved = need;
                return 0;
        }
        pail_mutex_unlock(&pool->guarded.mutex);
        r = pail_pool_reserve(pool, PAIL_POOL_READER, count);
        pail_mutex_lock(&pool->guarded.mutex);
        if (r == 0)
                *ret_reserved = count;
        return r;
}

/* How many blocks from first on are absent, up to limit and the end of the object. */
static unsigned absent_run_locked(const struct pail_blocks *blocks, uint64_t first, uint64_t limit)
{
        unsigned run = 0;

        pail_mutex_assert_held(&blocks->pool->guarded.mutex);
        while (run < limit && first + run < blocks->count && !find_block_locked(blocks, first + run))
                run++;
        return run;
}

/* One fetch for each run of absent blocks, empty as yet. The last one may go extra blocks beyond the range. */
static int plan_fetches_locked(struct pail_blocks *blocks, uint64_t first, unsigned count, unsigned extra,
                               struct pail_fetch **ret_fetches)
{
        struct pail_fetch *fetches = NULL, *fetch, *next;
        uint64_t end = first + count;

        pail_mutex_assert_held(&blocks->pool->guarded.mutex);
        for (uint64_t i = first; i < end;) {
                unsigned run = absent_run_locked(blocks, i, end - i);
                if (run == 0) {
                        i++;
                        continue;
                }
                if (i + run == end && extra > 0) {
                        unsigned more = absent_run_locked(blocks, end, extra);
                        if (pail_pool_try_reserve_locked(blocks->pool, PAIL_POOL_AHEAD, more))
                                run += more;
                }
                fetch = pail_fetch_new_locked(blocks, i, run, NULL, false);
                if (!fetch) {
                        if (i + run > end)
                                pail_pool_unreserve_locked(blocks->pool, PAIL_POOL_AHEAD, (unsigned)(i + run - end));
                        LL_FOREACH_SAFE2(fetches, fetch, next, guarded.start_next)
                        pail_fetch_discard_locked(fetch);
                        return -ENOMEM;
                }
                LL_APPEND2(fetches, fetch, guarded.start_next);
                i += run;
        }
        *ret_fetches = fetches;
        return 0;
}

static void add_waiter_locked(struct pail_view *view, struct pail_view_waiter *waiter, struct pail_block *block)
{
        pail_mutex_assert_held(&view->pool->guarded.mutex);
        waiter->view = view;
        waiter->next = block->waiters;
        block->waiters = waiter;
        block->fetch->guarded.waiters++;
        view->pending++;
}

/* Pins what exists of the range. */
static unsigned pin_present_locked(struct pail_blocks *blocks, uint64_t first, struct pail_view *view,
                                   struct pail_fetch **raised)
{
        unsigned used = 0;

        pail_mutex_assert_held(&blocks->pool->guarded.mutex);
        for (unsigned i = 0; i < view->count; i++) {
                struct pail_block *block = find_block_locked(blocks, first + i);
                view->items[i] = block;
                if (!block)
                        continue;
                used += block->pins == 0;
                pail_block_pin_locked(blocks->pool, block, PAIL_POOL_READER);
                pail_eviction_note_read(&blocks->pool->guarded.eviction, block);
                if (block->state == BLOCK_LOADING) {
                        pail_fetch_raise_locked(block->fetch, raised);
                        add_waiter_locked(view, &view->waiters[i], block);
                } else {
                        blocks->pool->guarded.hits++;
                }
        }
        return used;
}

/* Gives the planned fetches their blocks, and pins those of the view. */
static unsigned fill_fetches_locked(struct pail_blocks *blocks, uint64_t first, struct pail_view *view,
                                    struct pail_fetch *fetches)
{
        struct pail_fetch *fetch;
        unsigned used = 0;

        pail_mutex_assert_held(&blocks->pool->guarded.mutex);
        LL_FOREACH2(fetches, fetch, guarded.start_next)
        {
                unsigned from = (unsigned)(fetch->range.offset / PAIL_BLOCK_SIZE - first);
                unsigned wanted = pail_min(fetch->count, view->count - from);

                pail_fetch_fill_locked(fetch, 0, wanted, PAIL_POOL_READER);
                pail_fetch_fill_locked(fetch, wanted, fetch->count, PAIL_POOL_AHEAD);
                used += wanted;
                for (unsigned i = 0; i < wanted; i++) {
                        struct pail_block *block = fetch->items[i];
                        view->items[from + i] = block;
                        pail_block_pin_locked(blocks->pool, block, PAIL_POOL_READER);
                        pail_eviction_note_read(&blocks->pool->guarded.eviction, block);
                        add_waiter_locked(view, &view->waiters[from + i], block);
                }
        }
        return used;
}

/* Pins what is there, and makes fetches, to be launched, for what is not. raised: of fetches under way. */
static int acquire_view(struct pail_blocks *blocks, uint64_t first, unsigned count, unsigned extra,
                        struct pail_view *view, struct pail_fetch **ret_fetches, struct pail_fetch **raised)
{
        struct pail_pool *pool = blocks->pool;
        unsigned reserved = 0;
        int r;

        PAIL_LOCK(&pool->guarded.mutex);
        r = reserve_locked(blocks, first, count, &reserved);
        if (r == 0)
                r = plan_fetches_locked(blocks, first, count, extra, ret_fetches);
        if (r == 0) {
                *view = (struct pail_view){ .pool = pool, .count = count };
                reserved -= pin_present_locked(blocks, first, view, raised);
                reserved -= fill_fetches_locked(blocks, first, view, *ret_fetches);
                pool->guarded.misses += view->pending;
                view->has_waited = view->pending > 0;
        }
        pail_pool_unreserve_locked(pool, PAIL_POOL_READER, reserved);
        return r;
}

int pail_blocks_acquire(struct pail_blocks *blocks, uint64_t first, unsigned count, unsigned extra,
                        struct pail_view *ret_view)
{
        struct pail_fetch *fetches = NULL, *raised = NULL, *fetch, *next;
        int r;

        assert(count > 0 && count <= PAIL_VIEW_MAX_BLOCKS && first < blocks->count && count <= blocks->count - first);
        r = acquire_view(blocks, first, count, extra, ret_view, &fetches, &raised);
        if (r < 0)
                return r;
        pail_fetch_raise_all(raised);
        LL_FOREACH_SAFE2(fetches, fetch, next, guarded.start_next)
        (void)pail_fetch_launch(fetch); /* its failure reaches the view */
        return 0;
}

/*
 * The view no longer waits: takes it out of the lists of blocks that have not landed, and gives up what only it
 * wanted.
 */
static void stop_waiting_locked(struct pail_view *view, struct pail_fetch **cancelled)
{
        pail_mutex_assert_held(&view->pool->guarded.mutex);
        for (unsigned i = 0; i < view->count; i++) {
                struct pail_view_waiter **link = &view->items[i]->waiters, *waiter = &view->waiters[i];
                struct pail_fetch *fetch = view->items[i]->fetch;

                if (!waiter->view)
                        continue;
                while (*link != waiter)
                        link = &(*link)->next;
                *link = waiter->next;
                waiter->view = NULL;
                view->pending--;
                fetch->guarded.waiters--;
                if (pail_fetch_is_unneeded_locked(fetch))
                        pail_fetch_cancel_locked(fetch, cancelled);
        }
}

static void unpin_all_locked(struct pail_view *view)
{
        pail_mutex_assert_held(&view->pool->guarded.mutex);
        for (unsigned i = 0; i < view->count; i++)
                pail_block_unpin_locked(view->pool, view->items[i]);
        view->count = 0;
}

static int sleep_locked(struct pail_view *view)
{
        struct pail_cond landed;

        pail_mutex_assert_held(&view->pool->guarded.mutex);
        if (view->pending == 0 || view->error < 0)
                return view->error;
        pail_cond_init(&landed);
        view->landed = &landed;
        while (view->pending > 0 && view->error == 0) {
                int r = pail_interrupt_wait(&landed, &view->pool->guarded.mutex, INT64_MAX);
                if (r < 0 && view->pending > 0 && view->error == 0)
                        view->error = r;
        }
        view->landed = NULL;
        pail_cond_done(&landed);
        return view->error;
}

static int wait_for_view(struct pail_view *view, struct pail_fetch **cancelled)
{
        int r;

        PAIL_LOCK(&view->pool->guarded.mutex);
        r = sleep_locked(view);
        if (r < 0) {
                stop_waiting_locked(view, cancelled);
                unpin_all_locked(view);
        }
        return r;
}

int pail_view_wait(struct pail_view *view)
{
        struct pail_fetch *cancelled = NULL;
        int r = wait_for_view(view, &cancelled);

        pail_fetch_cancel_all(cancelled);
        return r;
}

char *pail_view_data(const struct pail_view *view, unsigned number)
{
        assert(number < view->count);
        return view->items[number]->data;
}

void pail_view_release(struct pail_view *view)
{
        if (view->count == 0)
                return;
        PAIL_LOCK(&view->pool->guarded.mutex);
        assert(view->pending == 0);
        unpin_all_locked(view);
}

/* The first absent block of [first, end); fetches under way for other readers learn on the way that this one comes too. */
static uint64_t skip_present_locked(struct pail_blocks *blocks, uint64_t first, uint64_t end, const void *reader)
{
        struct pail_block *block;

        pail_mutex_assert_held(&blocks->pool->guarded.mutex);
        while (first < end && (block = find_block_locked(blocks, first))) {
                if (block->state == BLOCK_LOADING && block->fetch->range.reader != reader)
                        block->fetch->guarded.is_shared = true;
                first++;
        }
        return first;
}

/* 0 and no fetch: nothing is absent in [first, end). */
static int plan_prefetch(struct pail_blocks *blocks, uint64_t first, uint64_t end, const void *reader,
                         struct pail_fetch **ret_fetch, uint64_t *ret_next)
{
        struct pail_pool *pool = blocks->pool;
        struct pail_fetch *fetch;
        unsigned run;

        PAIL_LOCK(&pool->guarded.mutex);
        first = skip_present_locked(blocks, first, end, reader);
        run = first < end ? absent_run_locked(blocks, first, end - first) : 0;
        *ret_next = first + run;
        if (run == 0)
                return 0;
        if (!pail_pool_try_reserve_locked(pool, PAIL_POOL_AHEAD, run))
                return -EAGAIN;
        fetch = pail_fetch_new_locked(blocks, first, run, reader, true);
        if (!fetch) {
                pail_pool_unreserve_locked(pool, PAIL_POOL_AHEAD, run);
                return -ENOMEM;
        }
        pail_fetch_fill_locked(fetch, 0, run, PAIL_POOL_AHEAD);
        *ret_fetch = fetch;
        return 0;
}

int pail_blocks_prefetch(struct pail_blocks *blocks, uint64_t first, uint64_t count, const void *reader,
                         uint64_t *ret_next)
{
        struct pail_fetch *fetch = NULL;
        uint64_t end = first + pail_min(count, blocks->count - first);
        int r = plan_prefetch(blocks, first, end, reader, &fetch, ret_next);

        if (r < 0 || !fetch)
                return r;
        r = pail_fetch_launch(fetch);
        return r < 0 ? r : 1;
}

static bool is_for_reader_alone(const struct pail_fetch *fetch, const void *reader)
{
        return fetch->range.reader == reader && !fetch->guarded.is_shared && fetch->guarded.waiters == 0;
}

static void abandon_blocks(struct pail_blocks *blocks, uint64_t first, uint64_t count, const void *reader,
                           struct pail_fetch **cancelled)
{
        struct pail_pool *pool = blocks->pool;

        PAIL_LOCK(&pool->guarded.mutex);
        for (uint64_t i = first; i - first < count && i < blocks->count; i++) {
                struct pail_block *block = find_block_locked(blocks, i);
                if (block && block->state == BLOCK_LOADING && is_for_reader_alone(block->fetch, reader))
                        pail_fetch_cancel_locked(block->fetch, cancelled);
                else if (block)
                        pail_eviction_abandon(&pool->guarded.eviction, block);
        }
}

void pail_blocks_abandon(struct pail_blocks *blocks, uint64_t first, uint64_t count, const void *reader)
{
        struct pail_fetch *cancelled = NULL;

        abandon_blocks(blocks, first, count, reader, &cancelled);
        pail_fetch_cancel_all(cancelled);
}
