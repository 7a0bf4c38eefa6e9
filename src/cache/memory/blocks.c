/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Views on an object's blocks.
 *
 * A view is taken in one critical section: what is idle is pinned, what is loading is waited for, what is absent gets
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

#include "cache/memory/private.h"
#include "pail/util/interrupt.h"

int pail_blocks_new(struct pail_pool *pool, uint64_t size_bytes, const struct pail_source *source, void *context,
                    struct pail_blocks **ret_blocks)
{
        struct pail_blocks *blocks = calloc(1, sizeof *blocks);

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

void pail_blocks_free(struct pail_blocks *blocks)
{
        struct pail_fetch *cancelled = NULL;

        if (!blocks)
                return;
        pail_mutex_lock(&blocks->pool->guarded.mutex);
        while (blocks->guarded.fetches)
                fetch_cancel_locked(blocks->guarded.fetches, &cancelled);
        while (blocks->guarded.items) {
                struct pail_block *block = blocks->guarded.items;
                table_remove_locked(blocks->pool, block);
                if (block->pins > 0)
                        continue; /* lent: freed as it comes back */
                order_remove_locked(blocks->pool, block);
                block->state = BLOCK_FREE;
                order_prepend_locked(blocks->pool, QUEUE_FREE, block);
        }
        pail_mutex_unlock(&blocks->pool->guarded.mutex);
        fetch_cancel_all(cancelled);
        free(blocks);
}

/* Blocks of the range that become used by pinning them. */
static unsigned need_locked(const struct pail_blocks *blocks, uint64_t first, unsigned count)
{
        unsigned need = 0;

        for (unsigned i = 0; i < count; i++) {
                const struct pail_block *block = table_find_locked(blocks, first + i);
                need += !block || block->pins == 0;
        }
        return need;
}

/* Called and returns with the lock held, but may let go of it in between. */
static int reserve_locked(struct pail_blocks *blocks, uint64_t first, unsigned count, unsigned *ret_reserved)
{
        struct pail_pool *pool = blocks->pool;
        unsigned need = need_locked(blocks, first, count);
        int r;

        if (pool_try_reserve_locked(pool, PAIL_POOL_READER, need)) {
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

        while (run < limit && first + run < blocks->count && !table_find_locked(blocks, first + run))
                run++;
        return run;
}

/* One fetch for each run of absent blocks, empty as yet. The last one may go extra blocks beyond the range. */
static int plan_locked(struct pail_blocks *blocks, uint64_t first, unsigned count, unsigned extra,
                       struct pail_fetch **ret_fetches)
{
        struct pail_fetch *fetches = NULL, *fetch, *next;
        uint64_t end = first + count;

        for (uint64_t i = first; i < end;) {
                unsigned run = absent_run_locked(blocks, i, end - i);
                if (run == 0) {
                        i++;
                        continue;
                }
                if (i + run == end && extra > 0) {
                        unsigned more = absent_run_locked(blocks, end, extra);
                        if (pool_try_reserve_locked(blocks->pool, PAIL_POOL_AHEAD, more))
                                run += more;
                }
                fetch = fetch_new_locked(blocks, i, run, NULL, false);
                if (!fetch) {
                        if (i + run > end)
                                pool_unreserve_locked(blocks->pool, PAIL_POOL_AHEAD, (unsigned)(i + run - end));
                        LL_FOREACH_SAFE2(fetches, fetch, next, guarded.start_next)
                        fetch_discard_locked(fetch);
                        return -ENOMEM;
                }
                LL_APPEND2(fetches, fetch, guarded.start_next);
                i += run;
        }
        *ret_fetches = fetches;
        return 0;
}

static void wait_for_locked(struct pail_view *view, struct pail_view_wait *wait, struct pail_block *block)
{
        wait->view = view;
        wait->next = block->waits;
        block->waits = wait;
        block->fetch->guarded.waits++;
        view->pending++;
}

/* Pins what exists of the range. */
static unsigned pin_locked(struct pail_blocks *blocks, uint64_t first, struct pail_view *view,
                           struct pail_fetch **hurried)
{
        unsigned used = 0;

        for (unsigned i = 0; i < view->count; i++) {
                struct pail_block *block = table_find_locked(blocks, first + i);
                view->items[i] = block;
                if (!block)
                        continue;
                used += block->pins == 0;
                block_pin_locked(blocks->pool, block, PAIL_POOL_READER);
                order_touch_locked(blocks->pool, block);
                if (block->state == BLOCK_LOADING) {
                        fetch_hurry_locked(block->fetch, hurried);
                        wait_for_locked(view, &view->waits[i], block);
                } else {
                        blocks->pool->guarded.hits++;
                }
        }
        return used;
}

/* Gives the planned fetches their blocks, and pins those of the view. */
static unsigned fill_locked(struct pail_blocks *blocks, uint64_t first, struct pail_view *view,
                            struct pail_fetch *fetches)
{
        struct pail_fetch *fetch;
        unsigned used = 0;

        LL_FOREACH2(fetches, fetch, guarded.start_next)
        {
                unsigned from = (unsigned)(fetch->range.offset / PAIL_BLOCK_SIZE - first);
                unsigned wanted = fetch->count < view->count - from ? fetch->count : view->count - from;

                fetch_fill_locked(fetch, 0, wanted, PAIL_POOL_READER);
                fetch_fill_locked(fetch, wanted, fetch->count, PAIL_POOL_AHEAD);
                used += wanted;
                for (unsigned i = 0; i < wanted; i++) {
                        struct pail_block *block = fetch->items[i];
                        view->items[from + i] = block;
                        block_pin_locked(blocks->pool, block, PAIL_POOL_READER);
                        order_touch_locked(blocks->pool, block);
                        wait_for_locked(view, &view->waits[from + i], block);
                }
        }
        return used;
}

int pail_blocks_acquire(struct pail_blocks *blocks, uint64_t first, unsigned count, unsigned extra,
                        struct pail_view *ret_view)
{
        struct pail_pool *pool = blocks->pool;
        struct pail_fetch *fetches = NULL, *hurried = NULL, *fetch, *next;
        struct pail_view *view = ret_view;
        unsigned reserved = 0;
        int r;

        assert(count > 0 && count <= PAIL_VIEW_MAX_BLOCKS && first < blocks->count && count <= blocks->count - first);
        pail_mutex_lock(&pool->guarded.mutex);
        r = reserve_locked(blocks, first, count, &reserved);
        if (r == 0)
                r = plan_locked(blocks, first, count, extra, &fetches);
        if (r == 0) {
                *view = (struct pail_view){ .pool = pool, .count = count };
                reserved -= pin_locked(blocks, first, view, &hurried);
                reserved -= fill_locked(blocks, first, view, fetches);
                pool->guarded.misses += view->pending;
                view->has_waited = view->pending > 0;
        }
        pool_unreserve_locked(pool, PAIL_POOL_READER, reserved);
        pail_mutex_unlock(&pool->guarded.mutex);
        if (r < 0)
                return r;
        fetch_hurry_all(hurried);
        LL_FOREACH_SAFE2(fetches, fetch, next, guarded.start_next)
        (void)fetch_launch(fetch); /* its failure reaches the view */
        return 0;
}

/*
 * The view no longer waits: takes it out of the lists of blocks that have not landed, and gives up what only it
 * wanted.
 */
static void stop_waiting_locked(struct pail_view *view, struct pail_fetch **cancelled)
{
        for (unsigned i = 0; i < view->count; i++) {
                struct pail_view_wait **link = &view->items[i]->waits, *wait = &view->waits[i];
                struct pail_fetch *fetch = view->items[i]->fetch;

                if (!wait->view)
                        continue;
                while (*link != wait)
                        link = &(*link)->next;
                *link = wait->next;
                wait->view = NULL;
                view->pending--;
                fetch->guarded.waits--;
                if (fetch_is_unwanted_locked(fetch))
                        fetch_cancel_locked(fetch, cancelled);
        }
}

static void unpin_all_locked(struct pail_view *view)
{
        for (unsigned i = 0; i < view->count; i++)
                block_unpin_locked(view->pool, view->items[i]);
        view->count = 0;
}

static int sleep_locked(struct pail_view *view)
{
        struct pail_cond landed;

        if (view->pending == 0 || view->result < 0)
                return view->result;
        pail_cond_init(&landed);
        view->landed = &landed;
        while (view->pending > 0 && view->result == 0) {
                int r = pail_interrupt_wait(&landed, &view->pool->guarded.mutex, INT64_MAX);
                if (r < 0 && view->pending > 0 && view->result == 0)
                        view->result = r;
        }
        view->landed = NULL;
        pail_cond_done(&landed);
        return view->result;
}

int pail_view_wait(struct pail_view *view)
{
        struct pail_fetch *cancelled = NULL;
        int r;

        pail_mutex_lock(&view->pool->guarded.mutex);
        r = sleep_locked(view);
        if (r < 0) {
                stop_waiting_locked(view, &cancelled);
                unpin_all_locked(view);
        }
        pail_mutex_unlock(&view->pool->guarded.mutex);
        fetch_cancel_all(cancelled);
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

int pail_blocks_prefetch(struct pail_blocks *blocks, uint64_t first, uint64_t count, const void *reader,
                         uint64_t *ret_next)
{
        struct pail_pool *pool = blocks->pool;
        struct pail_fetch *fetch = NULL;
        uint64_t end = count < blocks->count - first ? first + count : blocks->count;
        unsigned run;
        int r;

        pail_mutex_lock(&pool->guarded.mutex);
        for (; first < end; first++) {
                struct pail_block *block = table_find_locked(blocks, first);
                if (!block)
                        break;
                if (block->state == BLOCK_LOADING && block->fetch->range.reader != reader)
                        block->fetch->guarded.is_shared = true;
        }
        run = first < end ? absent_run_locked(blocks, first, end - first) : 0;
        bool has_room = pool_try_reserve_locked(pool, PAIL_POOL_AHEAD, run);
        if (run > 0 && has_room) {
                fetch = fetch_new_locked(blocks, first, run, reader, true);
                if (fetch)
                        fetch_fill_locked(fetch, 0, run, PAIL_POOL_AHEAD);
                else
                        pool_unreserve_locked(pool, PAIL_POOL_AHEAD, run);
        }
        pail_mutex_unlock(&pool->guarded.mutex);
        *ret_next = first + run;
        if (run == 0)
                return 0;
        if (!has_room)
                return -EAGAIN;
        if (!fetch)
                return -ENOMEM;
        r = fetch_launch(fetch);
        return r < 0 ? r : 1;
}

void pail_blocks_abandon(struct pail_blocks *blocks, uint64_t first, uint64_t count, const void *reader)
{
        struct pail_pool *pool = blocks->pool;
        struct pail_fetch *cancelled = NULL;

        pail_mutex_lock(&pool->guarded.mutex);
        for (uint64_t i = first; i - first < count && i < blocks->count; i++) {
                struct pail_block *block = table_find_locked(blocks, i);
                if (!block)
                        continue;
                if (block->queue == QUEUE_FRESH) {
                        order_remove_locked(pool, block);
                        order_prepend_locked(pool, QUEUE_ONCE, block);
                } else if (block->state == BLOCK_LOADING && block->fetch->range.reader == reader &&
                           !block->fetch->guarded.is_shared && block->fetch->guarded.waits == 0) {
                        fetch_cancel_locked(block->fetch, &cancelled);
                }
        }
        pail_mutex_unlock(&pool->guarded.mutex);
        fetch_cancel_all(cancelled);
}
