/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One fetch: a run of blocks on its way into memory.
 *
 * The delivering thread writes into blocks that are LOADING without the lock: nobody else touches their data until
 * they are VALID, and the fetch's pin keeps them. The lock is taken once a block, when it lands. A cancelled fetch
 * keeps the memory of its blocks until its end, because until then somebody may be writing there; but the blocks leave
 * the table at once, so that a reader who comes a moment later asks anew instead of getting the cancellation's error.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "cache/memory/private.h"

struct pail_fetch *fetch_new_locked(struct pail_blocks *blocks, uint64_t first, unsigned count, const void *reader,
                                    bool is_background)
{
        struct pail_pool *pool = blocks->pool;
        struct pail_fetch *fetch = calloc(1, sizeof *fetch + count * sizeof(fetch->items[0]));

        pail_mutex_assert_held(&pool->guarded.mutex);
        if (!fetch)
                return NULL;
        fetch->pool = pool;
        fetch->source = blocks->source;
        fetch->context = blocks->context;
        fetch->count = count;
        fetch->range.offset = first * PAIL_BLOCK_SIZE;
        fetch->range.size_bytes = (uint64_t)count * PAIL_BLOCK_SIZE;
        if (fetch->range.size_bytes > blocks->size_bytes - fetch->range.offset)
                fetch->range.size_bytes = blocks->size_bytes - fetch->range.offset;
        fetch->range.reader = reader;
        fetch->range.is_background = is_background;
        fetch->guarded.refs = 2;
        fetch->guarded.is_hurried = !is_background;
        fetch->guarded.blocks = blocks;
        DL_APPEND2(blocks->guarded.fetches, fetch, guarded.prev, guarded.next);
        pool->guarded.fetches_alive++;
        return fetch;
}

void fetch_discard_locked(struct pail_fetch *fetch)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        DL_DELETE2(fetch->guarded.blocks->guarded.fetches, fetch, guarded.prev, guarded.next);
        fetch->pool->guarded.fetches_alive--;
        free(fetch);
}

void fetch_fill_locked(struct pail_fetch *fetch, unsigned from, unsigned to, enum pail_pool_class class)
{
        uint64_t first = fetch->range.offset / PAIL_BLOCK_SIZE;

        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        for (unsigned i = from; i < to; i++) {
                struct pail_block *block = order_take_locked(fetch->pool);
                assert(block->state == BLOCK_FREE && block->pins == 0);
                block->state = BLOCK_LOADING;
                block->was_read = block->was_read_again = false;
                block->fetch = fetch;
                table_insert_locked(fetch->guarded.blocks, first + i, block);
                block_pin_locked(fetch->pool, block, class);
                fetch->items[i] = block;
        }
}

static void unref(struct pail_fetch *fetch)
{
        struct pail_pool *pool = fetch->pool;

        pail_mutex_lock(&pool->guarded.mutex);
        assert(fetch->guarded.refs > 0);
        bool is_last = --fetch->guarded.refs == 0;
        pail_mutex_unlock(&pool->guarded.mutex);
        if (!is_last)
                return;
        if (fetch->guarded.has_call)
                fetch->source->release(fetch->guarded.call);
        free(fetch);
        PAIL_LOCK(&pool->guarded.mutex);
        if (--pool->guarded.fetches_alive == 0)
                pail_cond_broadcast(&pool->guarded.fetch_gone);
}

int fetch_launch(struct pail_fetch *fetch)
{
        void *call = NULL;
        bool is_cancelled, is_hurried;
        int r;

        r = fetch->source->start(fetch->context, fetch, &fetch->range, &call);
        if (r < 0) {
                pail_fetch_end(fetch, r);
                unref(fetch);
                return r;
        }
        pail_mutex_lock(&fetch->pool->guarded.mutex);
        fetch->guarded.has_started = fetch->guarded.has_call = true;
        fetch->guarded.call = call;
        fetch->pool->guarded.fetches++;
        is_cancelled = fetch->guarded.is_cancelled;
        is_hurried = fetch->guarded.is_hurried && fetch->range.is_background;
        pail_mutex_unlock(&fetch->pool->guarded.mutex);
        if (is_cancelled)
                fetch->source->cancel(call);
        else if (is_hurried)
                fetch->source->hurry(call);
        unref(fetch);
        return 0;
}

/* What block is waited for has come (r 0), or not. */
static void wake_locked(struct pail_block *block, int r)
{
        struct pail_view_wait *wait;

        while ((wait = block->waits)) {
                struct pail_view *view = wait->view;
                block->waits = wait->next;
                wait->view = NULL;
                block->fetch->guarded.waits--;
                view->pending--;
                if (r < 0 && view->result == 0)
                        view->result = r;
                if (view->landed && (view->pending == 0 || view->result < 0))
                        pail_cond_signal(view->landed);
        }
}

/* Block number of the fetch is whole. */
static int land(struct pail_fetch *fetch, unsigned number, uint64_t size)
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
        block->landed_at = ++pool->guarded.landed;
        wake_locked(block, 0);
        block->fetch = NULL;
        block_unpin_locked(pool, block);
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
                size_t n = size < PAIL_BLOCK_SIZE - at ? size : PAIL_BLOCK_SIZE - at;

                memcpy(fetch->items[number]->data + at, from, n);
                from += n;
                size -= n;
                fetch->delivered_bytes += n;
                if (!fetch->is_held &&
                    (at + n == PAIL_BLOCK_SIZE || fetch->delivered_bytes == fetch->range.size_bytes)) {
                        r = land(fetch, number, at + n);
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
static void land_held(struct pail_fetch *fetch)
{
        uint64_t left = fetch->delivered_bytes;
        for (unsigned i = 0; left > 0; i++) {
                uint64_t size = left < PAIL_BLOCK_SIZE ? left : PAIL_BLOCK_SIZE;
                if (land(fetch, i, size) < 0)
                        return;
                left -= size;
        }
}

/* Blocks that have not landed leave the table; the fetch still pins them. */
static void lose_locked(struct pail_fetch *fetch, int r)
{
        for (unsigned i = fetch->guarded.landed; i < fetch->count; i++) {
                struct pail_block *block = fetch->items[i];
                wake_locked(block, r);
                table_remove_locked(fetch->pool, block);
                block->state = BLOCK_LOST;
                block->fetch = NULL;
        }
}

static void leave_locked(struct pail_fetch *fetch)
{
        DL_DELETE2(fetch->guarded.blocks->guarded.fetches, fetch, guarded.prev, guarded.next);
        fetch->guarded.blocks = NULL;
}

static void end_locked(struct pail_fetch *fetch, int result)
{
        if (!fetch->guarded.is_cancelled) {
                if (result == 0 && fetch->guarded.landed < fetch->count)
                        result = -EIO;
                lose_locked(fetch, result);
                leave_locked(fetch);
        }
        for (unsigned i = fetch->guarded.landed; i < fetch->count; i++)
                block_unpin_locked(fetch->pool, fetch->items[i]);
}

void pail_fetch_end(struct pail_fetch *fetch, int result)
{
        if (fetch->is_held && result == 0 && fetch->delivered_bytes == fetch->range.size_bytes)
                land_held(fetch);
        pail_mutex_lock(&fetch->pool->guarded.mutex);
        end_locked(fetch, result);
        pail_mutex_unlock(&fetch->pool->guarded.mutex);
        unref(fetch);
}

bool fetch_is_unwanted_locked(const struct pail_fetch *fetch)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        return fetch->guarded.waits == 0 && !fetch->range.reader && !fetch->guarded.is_shared;
}

void fetch_cancel_locked(struct pail_fetch *fetch, struct pail_fetch **list)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        assert(!fetch->guarded.is_cancelled && fetch->guarded.waits == 0);
        atomic_store_explicit(&fetch->is_stopped, true, memory_order_relaxed);
        lose_locked(fetch, -ECANCELED);
        leave_locked(fetch);
        fetch->guarded.is_cancelled = true;
        if (!fetch->guarded.has_started)
                return; /* fetch_launch() sees it */
        fetch->guarded.refs++;
        LL_PREPEND2(*list, fetch, guarded.cancel_next);
}

void fetch_cancel_all(struct pail_fetch *list)
{
        struct pail_fetch *fetch;

        while ((fetch = list)) {
                list = fetch->guarded.cancel_next;
                fetch->source->cancel(fetch->guarded.call);
                unref(fetch);
        }
}

void fetch_hurry_locked(struct pail_fetch *fetch, struct pail_fetch **list)
{
        pail_mutex_assert_held(&fetch->pool->guarded.mutex);
        if (fetch->guarded.is_hurried)
                return;
        fetch->guarded.is_hurried = true;
        if (!fetch->guarded.has_started)
                return; /* fetch_launch() sees it */
        fetch->guarded.refs++;
        LL_PREPEND2(*list, fetch, guarded.hurry_next);
}

void fetch_hurry_all(struct pail_fetch *list)
{
        struct pail_fetch *fetch;

        while ((fetch = list)) {
                list = fetch->guarded.hurry_next;
                fetch->source->hurry(fetch->guarded.call);
                unref(fetch);
        }
}
