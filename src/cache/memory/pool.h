/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool, as the other files of the memory cache see it. Its mutex guards pool, blocks and fetches alike: every
 * critical section is a few list operations, never a copy of data or a system call on the hot path, and reclaiming a
 * block of one file for another would otherwise need two files' locks at once, against every lock order.
 */
#ifndef PAIL_CACHE_MEMORY_POOL_H
#define PAIL_CACHE_MEMORY_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "eviction.h"
#include "pail/cache/pool.h"
#include "pail/util/mutex.h"
#include "table.h"

struct pail_pool_waiter;

struct pail_pool {
        uint64_t limit_blocks;
        uint64_t floors[PAIL_POOL_CLASSES];
        struct {
                struct pail_mutex mutex;
                uint64_t used[PAIL_POOL_CLASSES]; /* pinned, reserved or charged */
                struct pail_arena arena;
                struct pail_block_table table;
                struct pail_eviction eviction;
                struct pail_pool_waiter *waiters; /* in order of arrival */
                unsigned fetches_alive;
                struct pail_cond fetch_gone;
                uint64_t hits, misses, fetches, bytes_fetched;
        } guarded;
};

bool pail_pool_try_reserve_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count);
void pail_pool_unreserve_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count);
/* A block without data, for a reservation that was granted; in no list. */
struct pail_block *pail_pool_get_block_locked(struct pail_pool *pool);
/* The block has no data any more, and is in no table and no list. */
void pail_pool_put_block_locked(struct pail_pool *pool, struct pail_block *block);

#endif
