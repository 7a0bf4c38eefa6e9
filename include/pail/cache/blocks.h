/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The blocks of one version of one object, as far as they are in memory. A block is absent, loading or valid. A block
 * that is missing is asked for once, whoever waits for it (single flight), from the owner's pail_source; block n holds
 * the bytes from n * PAIL_BLOCK_SIZE on, the last one what is left.
 *
 * Thread safe. Readers use a view, which belongs to one thread:
 *   acquire (pins what is there, asks for what is not) -> wait -> use the bytes -> release.
 * Between acquire and wait the caller may start read-ahead; it must not acquire another view of the same pool.
 */
#ifndef PAIL_CACHE_BLOCKS_H
#define PAIL_CACHE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/cache/pool.h"
#include "pail/util/mutex.h"

struct pail_blocks;
struct pail_block;
struct pail_fetch; /* one range that was asked for: blocks that are all absent and one after the other */

struct pail_fetch_range {
        uint64_t offset, size_bytes;
        bool is_background; /* nobody waits for it yet */
        const void *reader; /* as given to pail_blocks_prefetch; NULL: a reader's own */
};

/*
 * Where missing bytes come from. No function is called with a lock held, none may wait for the bytes, and none is
 * called from within another one of the same fetch. *ret_call names the request to the other functions; release is its
 * end.
 */
struct pail_source {
        /*
         * Asks for a range, from the thread of the reader. The bytes are then given to pail_fetch_deliver(), in order,
         * and the end is told by pail_fetch_end(), from any thread, perhaps before start returns. < 0: nothing was
         * started, neither is called.
         */
        int (*start)(void *context, struct pail_fetch *fetch, const struct pail_fetch_range *range, void **ret_call);
        /* Somebody waits for it now. Any thread, perhaps after the end. */
        void (*hurry)(void *call);
        /* Nobody wants it any more; pail_fetch_end() is still to be called. Any thread, perhaps after the end. */
        void (*cancel)(void *call);
        /* The last use of call, after the end. Any thread. */
        void (*release)(void *call);
};

/*
 * Bytes that follow those delivered before; one thread at a time. -ECANCELED: stop, nobody wants them; -EPROTO: more
 * than was asked for. Readers wake as their last block lands.
 */
int pail_fetch_deliver(struct pail_fetch *fetch, const void *data, size_t size);
/*
 * Before the first delivery: no block lands before the end, which will tell whether the bytes are good. rewind: they are not, and come
 * again from the first on.
 */
void pail_fetch_hold(struct pail_fetch *fetch);
void pail_fetch_rewind(struct pail_fetch *fetch);
/*
 * The end, exactly once, after the last delivery; fetch is invalid afterwards. result < 0: blocks that did not land
 * are absent again, and those who wait for them get result. 0 with bytes missing counts as -EIO.
 */
void pail_fetch_end(struct pail_fetch *fetch, int result);

/*
 * source and context are borrowed: context until pail_blocks_free() (a call outlives it), source until the pool's end.
 * -ENOMEM.
 */
int pail_blocks_new(struct pail_pool *pool, uint64_t size_bytes, const struct pail_source *source, void *context,
                    struct pail_blocks **ret_blocks);
/* Cancels what is under way. Views that are still held keep their bytes. No call on blocks may run. NULL is fine. */
void pail_blocks_free(struct pail_blocks *blocks);

enum { PAIL_VIEW_MAX_BLOCKS = 16 };

struct pail_view_wait {
        struct pail_view *view;
        struct pail_view_wait *next;
};

/*
 * Opaque but for its size, block pointers to be read with pail_view_data(). Not to be moved between acquire and wait.
 */
struct pail_view {
        struct pail_pool *pool;
        unsigned count;
        struct pail_block *items[PAIL_VIEW_MAX_BLOCKS];
        struct pail_view_wait waits[PAIL_VIEW_MAX_BLOCKS];
        unsigned pending;         /* blocks that have not landed */
        int result;               /* of the wait */
        bool has_waited;          /* a block was not there at once */
        struct pail_cond *landed; /* set while its owner sleeps */
};

/*
 * Pins blocks [first, first + count), 1 <= count <= PAIL_VIEW_MAX_BLOCKS, inside the object. Waits, interruptibly,
 * only for room in the pool. If the last block is absent, up to extra blocks after it come with the same fetch, where
 * there is room at once. On failure nothing is pinned: -EINTR, -ENOMEM.
 */
int pail_blocks_acquire(struct pail_blocks *blocks, uint64_t first, unsigned count, unsigned extra,
                        struct pail_view *ret_view);
/*
 * Waits, interruptibly, until all blocks of the view are valid. On failure the view is released. A fetch that nobody else waits for is cancelled when its
 * waiter is interrupted.
 */
int pail_view_wait(struct pail_view *view);
/* PAIL_BLOCK_SIZE bytes, of which those beyond the end of the object mean nothing. Valid until release. */
char *pail_view_data(const struct pail_view *view, unsigned number);
/* Any thread. Twice is fine; so is a view that failed. */
void pail_view_release(struct pail_view *view);

/*
 * Asks for the first run of absent blocks in [first, first + count) in the background. *ret_next: where to go on.
 * 1: a fetch was started; 0: nothing is absent there; -EAGAIN: no room now; -ENOMEM; the source's error. reader names
 * the one it is for.
 */
int pail_blocks_prefetch(struct pail_blocks *blocks, uint64_t first, uint64_t count, const void *reader,
                         uint64_t *ret_next);
/*
 * reader will not come to [first, first + count): fetches for it alone are cancelled, and blocks that nobody has read
 * are the first to be given up.
 */
void pail_blocks_abandon(struct pail_blocks *blocks, uint64_t first, uint64_t count, const void *reader);

#endif
