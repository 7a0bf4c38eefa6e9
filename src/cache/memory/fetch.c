/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One fetch: a run of blocks on its way into memory.
 *
 * The delivering thread writes into blocks that are LOADING without the lock: nobody else touches their data until
 * they are VALID, and the fetch's pin keeps them. The lock is taken once a block, when it lands. A cancelled fetch
 * keeps the memory of its blocks until its end, because until then somebody may be writing there; but the blocks leave
 * the table at once, so that a reader who comes a moment later asks anew instead of getting the cancellation's error.
 */
#include "fetch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "block.h"
#include "pail/cache/view.h"
#include "pail/util/math.h"
#include "pin.h"
#include "pool.h"

struct pail_fetch *pail_fetch_new_locked(struct pail_blocks *blocks, uint64_t first, unsigned count, const void *reader,
                                         bool is_background)
{
        struct pail_pool *pool = blocks->pool;
        struct pail_fetch *fetch;

        pail_mutex_assert_held(&pool->guarded.mutex);
        fetch = calloc(1, sizeof(*fetch) + count * sizeof(fetch->items[0]));
        if (!fetch)
                return NULL;
        fetch->pool = pool;
        fetch->source = blocks->source;
        fetch->context = blocks->context;
        fetch->count = count;
        fetch->range.offset = first * PAIL_BLOCK_SIZE;
        fetch->range.size_bytes = pail_min((uint64_t)count * PAIL_BLOCK_SIZE, blocks->size_bytes - fetch->range.offset);
        fetch->range.reader = reader;
        fetch->range.is_background = is_background;
        fetch->guarded.refs = 2;
        fetch->guarded.is_raised = !is_background;
        fetch->guarded.blocks = blocks;
        DL_APPEND2(blocks->guarded.fetches, fetch, guarded.prev, guarded.next);
        pool->guarded.fetches_alive++;
        return fetch;
}

void pail_fetch_discard_locked(struct pail_fetch *fetch)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        DL_DELETE2(fetch->guarded.blocks->guarded.fetches, fetch, guarded.prev, guarded.next);
        fetch->pool->guarded.fetches_alive--;
        free(fetch);
}

void pail_fetch_fill_locked(struct pail_fetch *fetch, unsigned from, unsigned to, enum pail_pool_class class)
{
        uint64_t first = fetch->range.offset / PAIL_BLOCK_SIZE;

        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        for (unsigned i = from; i < to; i++) {
                struct pail_block *block = pail_pool_get_block_locked(fetch->pool);
                assert(block->state == BLOCK_FREE && block->pins == 0);
                block->state = BLOCK_LOADING;
                block->was_read = block->was_read_again = false;
                block->fetch = fetch;
                pail_block_table_insert(&fetch->pool->guarded.table, fetch->guarded.blocks, first + i, block);
                pail_block_pin_locked(fetch->pool, block, class);
                fetch->items[i] = block;
        }
}

static bool drop_reference(struct pail_fetch *fetch)
{
        PAIL_LOCK(&fetch->pool->guarded.mutex);
        assert(fetch->guarded.refs > 0);
        return --fetch->guarded.refs == 0;
}

static void note_fetch_gone(struct pail_pool *pool)
{
        PAIL_LOCK(&pool->guarded.mutex);
        if (--pool->guarded.fetches_alive == 0)
                pail_cond_broadcast(&pool->guarded.fetch_gone);
}

static void unref_fetch(struct pail_fetch *fetch)
{
        struct pail_pool *pool = fetch->pool;

        if (!drop_reference(fetch))
                return;
        if (fetch->guarded.has_call)
                fetch->source->release(fetch->guarded.call);
        free(fetch);
        note_fetch_gone(pool);
}

/* What became of a fetch while it was being started. */
static void note_started(struct pail_fetch *fetch, void *call, bool *ret_is_cancelled, bool *ret_is_raised)
{
        PAIL_LOCK(&fetch->pool->guarded.mutex);
        fetch->guarded.has_started = fetch->guarded.has_call = true;
        fetch->guarded.call = call;
        fetch->pool->guarded.fetches++;
        *ret_is_cancelled = fetch->guarded.is_cancelled;
        *ret_is_raised = fetch->guarded.is_raised && fetch->range.is_background;
}

int pail_fetch_launch(struct pail_fetch *fetch)
{
        void *call = NULL;
        bool is_cancelled, is_raised;
        int r;

        r = fetch->source->start(fetch->context, fetch, &fetch->range, &call);
        if (r < 0) {
                pail_fetch_end(fetch, r);
                unref_fetch(fetch);
                return r;
        }
        note_started(fetch, call, &is_cancelled, &is_raised);
        if (is_cancelled)
                fetch->source->cancel(call);
        else if (is_raised)
                fetch->source->raise_priority(call);
        unref_fetch(fetch);
        return 0;
}

/* The block has come (r 0), or will not (r < 0): tells the views that wait for it. */
static void wake_waiters_locked(struct pail_block *block, int r)
{
        struct pail_view_waiter *waiter;

        pail_mutex_assert_held(&block->fetch->pool->guarded.mutex);
        while ((waiter = block->waiters)) {
                struct pail_view *view = waiter->view;
                block->waiters = waiter->next;
                waiter->view = NULL;
                block->fetch->guarded.waiters--;
                view->pending--;
                if (r < 0 && view->error == 0)
                        view->error = r;
                if (view->landed && (view->pending == 0 || view->error < 0))
                        pail_cond_signal(view->landed);
        }
}

/* Block number of the fetch is whole. */
static int land_block(struct pail_fetch *fetch, unsigned number, uint64_t size)
{
        struct pail_pool *pool = fetch->pool;
        struct pail_block *block = fetch->items[number];

        PAIL_LOCK(&pool->guarded.mutex);
        pool->guarded.bytes_fetched += size;
        if (fetch->guarded.is_cancelled)
                return -ECANCELED;
        assert(block->state == BLOCK_LOADING && fetch->guarded.landed == number);
        fetch->guarded.landed++;
        block->state = BLOCK_VALID;
        pail_eviction_note_landed(&pool->guarded.eviction, block);
        wake_waiters_locked(block, 0);
        block->fetch = NULL;
        pail_block_unpin_locked(pool, block);
        return 0;
}

int pail_fetch_deliver(struct pail_fetch *fetch, const void *data, size_t size)
{
        const char *from = data;
        int r;

        if (size > fetch->range.size_bytes - fetch->delivered_bytes)
                return -EPROTO;
        if (atomic_load_explicit(&fetch->is_stopped, memory_order_relaxed))
                return -ECANCELED;
        while (size > 0) {
                unsigned number = (unsigned)(fetch->delivered_bytes / PAIL_BLOCK_SIZE);
                size_t at = fetch->delivered_bytes % PAIL_BLOCK_SIZE;
                size_t n = pail_min(size, PAIL_BLOCK_SIZE - at);

                memcpy(fetch->items[number]->data + at, from, n);
                from += n;
                size -= n;
                fetch->delivered_bytes += n;
                if (!fetch->is_held &&
                    (at + n == PAIL_BLOCK_SIZE || fetch->delivered_bytes == fetch->range.size_bytes)) {
                        r = land_block(fetch, number, at + n);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

void pail_fetch_hold(struct pail_fetch *fetch)
{
        assert(fetch->delivered_bytes == 0);
        fetch->is_held = true;
}

void pail_fetch_rewind(struct pail_fetch *fetch)
{
        assert(fetch->is_held);
        fetch->delivered_bytes = 0;
}

/* What was held back is good. A cancelled fetch has no blocks to land. */
static void land_held_blocks(struct pail_fetch *fetch)
{
        uint64_t left = fetch->delivered_bytes;
        for (unsigned i = 0; left > 0; i++) {
                uint64_t size = pail_min(left, (uint64_t)PAIL_BLOCK_SIZE);
                if (land_block(fetch, i, size) < 0)
                        return;
                left -= size;
        }
}

/* Blocks that have not landed leave the table; the fetch still pins them. */
static void lose_blocks_locked(struct pail_fetch *fetch, int r)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        for (unsigned i = fetch->guarded.landed; i < fetch->count; i++) {
                struct pail_block *block = fetch->items[i];
                wake_waiters_locked(block, r);
                pail_block_table_remove(&fetch->pool->guarded.table, block);
                block->state = BLOCK_LOST;
                block->fetch = NULL;
        }
}

static void leave_object_locked(struct pail_fetch *fetch)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        DL_DELETE2(fetch->guarded.blocks->guarded.fetches, fetch, guarded.prev, guarded.next);
        fetch->guarded.blocks = NULL;
}

static void end_fetch_locked(struct pail_fetch *fetch, int r)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        if (!fetch->guarded.is_cancelled) {
                if (r == 0 && fetch->guarded.landed < fetch->count)
                        r = -EIO;
                lose_blocks_locked(fetch, r);
                leave_object_locked(fetch);
        }
        for (unsigned i = fetch->guarded.landed; i < fetch->count; i++)
                pail_block_unpin_locked(fetch->pool, fetch->items[i]);
}

static void end_fetch(struct pail_fetch *fetch, int r)
{
        PAIL_LOCK(&fetch->pool->guarded.mutex);
        end_fetch_locked(fetch, r);
}

void pail_fetch_end(struct pail_fetch *fetch, int r)
{
        if (fetch->is_held && r == 0 && fetch->delivered_bytes == fetch->range.size_bytes)
                land_held_blocks(fetch);
        end_fetch(fetch, r);
        unref_fetch(fetch);
}

bool pail_fetch_is_unneeded_locked(const struct pail_fetch *fetch)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        return fetch->guarded.waiters == 0 && !fetch->range.reader && !fetch->guarded.is_shared;
}

void pail_fetch_cancel_locked(struct pail_fetch *fetch, struct pail_fetch **list)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        assert(!fetch->guarded.is_cancelled && fetch->guarded.waiters == 0);
        atomic_store_explicit(&fetch->is_stopped, true, memory_order_relaxed);
        lose_blocks_locked(fetch, -ECANCELED);
        leave_object_locked(fetch);
        fetch->guarded.is_cancelled = true;
        if (!fetch->guarded.has_started)
                return; /* pail_fetch_launch() sees it */
        fetch->guarded.refs++;
        LL_PREPEND2(*list, fetch, guarded.cancel_next);
}

void pail_fetch_cancel_all(struct pail_fetch *list)
{
        struct pail_fetch *fetch;

        while ((fetch = list)) {
                list = fetch->guarded.cancel_next;
                fetch->source->cancel(fetch->guarded.call);
                unref_fetch(fetch);
        }
}

void pail_fetch_raise_locked(struct pail_fetch *fetch, struct pail_fetch **list)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        if (fetch->guarded.is_raised)
                return;
        fetch->guarded.is_raised = true;
        if (!fetch->guarded.has_started)
                return; /* pail_fetch_launch() sees it */
        fetch->guarded.refs++;
        LL_PREPEND2(*list, fetch, guarded.raise_next);
}

void pail_fetch_raise_all(struct pail_fetch *list)
{
        struct pail_fetch *fetch;

        while ((fetch = list)) {
                list = fetch->guarded.raise_next;
                fetch->source->raise_priority(fetch->guarded.call);
                unref_fetch(fetch);
        }
}
