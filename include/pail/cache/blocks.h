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

#include <stdint.h>

#include "pail/cache/fetch.h"
#include "pail/cache/pool.h"
#include "pail/cache/view.h"

struct pail_blocks;

/*
 * source and context are borrowed: context until pail_blocks_free() (a call outlives it), source until the pool's end.
 * -ENOMEM.
 */
int pail_blocks_new(struct pail_pool *pool, uint64_t size_bytes, const struct pail_source *source, void *context,
                    struct pail_blocks **ret_blocks);
/* Cancels what is under way. Views that are still held keep their bytes. No call on blocks may run. NULL is fine. */
void pail_blocks_free(struct pail_blocks *blocks);

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
