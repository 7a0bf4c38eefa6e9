/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the cache share. One lock, the pool's, guards pool, blocks and fetches alike: every critical
 * section is a few list operations, never a copy of data or a system call on the hot path, and reclaiming a block of
 * one file for another would otherwise need two files' locks at once, against every lock order.
 */
#ifndef PAIL_CACHE_PRIVATE_H
#define PAIL_CACHE_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/cache/blocks.h"
#include "pail/cache/pool.h"
#include "pail/util/mutex.h"

/*
 * FREE    no data, in no table
 * LOADING in a table, being filled by its fetch, which holds a pin
 * VALID   in a table, or its object is gone and the last pin frees it
 * LOST    its fetch failed or was cancelled: in no table, pinned by the fetch or by views that have not noticed yet
 */
enum block_state { BLOCK_FREE, BLOCK_LOADING, BLOCK_VALID, BLOCK_LOST };

/* Where a block without pins is (src/cache/order.c). */
enum block_queue {
        QUEUE_NONE,  /* pinned, or never used */
        QUEUE_FREE,  /* touched memory without data */
        QUEUE_COLD,  /* memory given back to the system */
        QUEUE_FRESH, /* landed, not read yet */
        QUEUE_ONCE,  /* read in one go */
        QUEUE_AGAIN, /* read again later */
        QUEUES,
};

struct pail_block {
        char *data;
        struct pail_blocks *owner; /* NULL: in no table */
        uint64_t index;
        struct pail_fetch *fetch; /* LOADING: borrowed */
        struct pail_view_wait *waits;
        uint64_t landed_at, read_at;                /* the pool's count of landings then */
        struct pail_block *prev, *next;             /* of its queue */
        struct pail_block *hash_next;               /* of its bucket */
        struct pail_block *owner_prev, *owner_next; /* of its object */
        unsigned pins;
        enum block_state state : 8;
        enum block_queue queue : 8;
        enum pail_pool_class class : 8; /* charged to, while pinned */
        bool was_read, was_read_again;
};

struct block_list {
        struct pail_block *head;
        uint64_t count;
};

struct pool_wait {
        enum pail_pool_class class;
        unsigned count;
        bool is_granted;
        struct pail_cond granted;
        struct pool_wait *prev, *next;
};

struct pail_pool {
        char *memory;
        struct pail_block *blocks;
        uint64_t limit_blocks;
        uint64_t floors[PAIL_POOL_CLASSES];
        size_t bucket_count; /* a power of two */
        struct {
                struct pail_mutex mutex;
                uint64_t used[PAIL_POOL_CLASSES]; /* pinned, reserved or charged */
                uint64_t resident, peak;          /* blocks */
                uint64_t untouched;               /* blocks[untouched..limit) were never used */
                struct block_list queues[QUEUES];
                struct pail_block **buckets;
                struct pool_wait *waits; /* in order of arrival */
                uint64_t landed;         /* blocks, ever: the clock of the order */
                unsigned fetches_alive;
                struct pail_cond fetch_gone;
                uint64_t hits, misses, fetches, bytes_fetched;
        } guarded;
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

/*
 * A fetch: STARTING (has_started false) -> RUNNING -> ENDED, and from the first two CANCELLED -> ENDED. pail_blocks_*
 * and pail_blocks_prefetch make it, fetch_launch() starts it, pail_fetch_end() ends it, fetch_cancel_locked() cancels
 * it. What others want of it while it is STARTING is noted and done by fetch_launch().
 */
struct pail_fetch {
        struct pail_pool *pool;
        const struct pail_source *source;
        void *context;
        struct pail_fetch_range range;
        atomic_bool is_stopped;   /* a hint for deliver; the truth is is_cancelled */
        uint64_t delivered_bytes; /* of the delivering thread */
        bool is_held;             /* the same: nothing lands before the end */
        struct {
                struct pail_blocks *blocks; /* NULL: cancelled or ended */
                unsigned refs;   /* the source's until the end, the starter's, one for each pending call below */
                unsigned landed; /* items[0..landed) are valid */
                unsigned waits;  /* of views, on items */
                bool has_started, has_call, is_cancelled, is_hurried, is_shared;
                void *call;
                struct pail_fetch *prev, *next;
                struct pail_fetch *start_next, *hurry_next, *cancel_next;
        } guarded; /* by the pool's mutex */
        unsigned count;
        struct pail_block *items[]; /* as of creation constant */
};

/* pool.c */
bool pool_try_reserve_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count);
void pool_unreserve_locked(struct pail_pool *pool, enum pail_pool_class class, unsigned count);

/* order.c */
void order_append_locked(struct pail_pool *pool, enum block_queue queue, struct pail_block *block);
void order_prepend_locked(struct pail_pool *pool, enum block_queue queue, struct pail_block *block);
void order_remove_locked(struct pail_pool *pool, struct pail_block *block);
/* A block without data for a reservation that was granted, in no queue. */
struct pail_block *order_take_locked(struct pail_pool *pool);
/* A valid block without pins finds its place. */
void order_settle_locked(struct pail_pool *pool, struct pail_block *block);
/* A reader pins the block. */
void order_touch_locked(struct pail_pool *pool, struct pail_block *block);
/* Blocks that wait for their reader and are not stale. */
uint64_t order_fresh_locked(struct pail_pool *pool);
/* Gives memory back to the system until resident_limit holds, or only used blocks are left. */
void order_squeeze_locked(struct pail_pool *pool, uint64_t resident_limit);

/* table.c */
struct pail_block *table_find_locked(const struct pail_blocks *blocks, uint64_t index);
void table_insert_locked(struct pail_blocks *blocks, uint64_t index, struct pail_block *block);
void table_remove_locked(struct pail_pool *pool, struct pail_block *block);

/* fetch.c */
/* count blocks from first; charges nothing, puts nothing into tables. NULL: no memory. */
struct pail_fetch *fetch_new_locked(struct pail_blocks *blocks, uint64_t first, unsigned count, const void *reader,
                                    bool is_background);
/* Fills items [from, to) with blocks of the class, which has reserved them. */
void fetch_fill_locked(struct pail_fetch *fetch, unsigned from, unsigned to, enum pail_pool_class class);
void fetch_discard_locked(struct pail_fetch *fetch); /* one that was never filled */
/* 0, or the error of the source, which those who wait have been told. */
int fetch_launch(struct pail_fetch *fetch);
/* Its blocks that have not landed are absent again; puts it on the list for fetch_cancel_all(), called without lock. */
void fetch_cancel_locked(struct pail_fetch *fetch, struct pail_fetch **list);
void fetch_cancel_all(struct pail_fetch *list);
void fetch_hurry_locked(struct pail_fetch *fetch, struct pail_fetch **list);
void fetch_hurry_all(struct pail_fetch *list);
/* true: nobody waits, and no reader is known to come. */
bool fetch_is_unwanted_locked(const struct pail_fetch *fetch);

/* block.c */
void block_pin_locked(struct pail_pool *pool, struct pail_block *block, enum pail_pool_class class);
void block_unpin_locked(struct pail_pool *pool, struct pail_block *block);

#endif
