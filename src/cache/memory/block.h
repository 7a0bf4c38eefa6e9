/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block of memory with the bytes of an object, and the set of blocks that one object has. All of it is guarded by the
 * mutex of the pool, but for what says otherwise.
 */
#ifndef PAIL_CACHE_MEMORY_BLOCK_H
#define PAIL_CACHE_MEMORY_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct pail_block_list;
struct pail_fetch;
struct pail_pool;
struct pail_source;
struct pail_view_waiter;

/*
 * FREE    no data, in no table
 * LOADING in a table, being filled by its fetch, which holds a pin
 * VALID   in a table, or its object is gone and the last pin frees it
 * LOST    its fetch failed or was cancelled: in no table, pinned by the fetch or by views that have not noticed yet
 */
enum pail_block_state { BLOCK_FREE, BLOCK_LOADING, BLOCK_VALID, BLOCK_LOST };

struct pail_block {
        char *data;                /* of a LOADING block the fetch writes it without the mutex */
        struct pail_blocks *owner; /* NULL: in no table */
        uint64_t index;
        struct pail_fetch *fetch; /* LOADING: borrowed */
        struct pail_view_waiter *waiters;
        uint64_t landed_at, read_at;                /* the count of landings then (eviction.h) */
        struct pail_block_list *list;               /* that it stands in; NULL: pinned, or never used */
        struct pail_block *prev, *next;             /* of that list */
        struct pail_block *hash_next;               /* of its bucket */
        struct pail_block *owner_prev, *owner_next; /* of its object */
        unsigned pins;
        unsigned char state; /* enum pail_block_state */
        unsigned char class; /* enum pail_pool_class that is charged, while pinned */
        bool was_read, was_read_again;
};

struct pail_blocks {
        struct pail_pool *pool;
        uint64_t size_bytes, count;
        const struct pail_source *source;
        void *context;
        struct {
                struct pail_block *items;   /* by owner_next */
                struct pail_fetch *fetches; /* neither ended nor cancelled, by prev, next */
        } guarded;                          /* by the pool's mutex */
};

#endif
