/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fetch: STARTING (has_started false) -> RUNNING -> ENDED, and from the first two CANCELLED -> ENDED.
 * pail_fetch_new_locked() makes it, pail_fetch_launch() starts it, pail_fetch_end() ends it, pail_fetch_cancel_locked()
 * cancels it. What others ask of it while it is STARTING is noted and done by pail_fetch_launch().
 */
#ifndef PAIL_CACHE_MEMORY_FETCH_H
#define PAIL_CACHE_MEMORY_FETCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pail/cache/fetch.h"
#include "pail/cache/pool.h"

struct pail_block;
struct pail_blocks;

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
                unsigned refs;    /* the source's until the end, the starter's, one for each pending call below */
                unsigned landed;  /* items[0..landed) are valid */
                unsigned waiters; /* of views, on items */
                bool has_started, has_call, is_cancelled, is_raised, is_shared;
                void *call;
                struct pail_fetch *prev, *next;
                struct pail_fetch *start_next, *raise_next, *cancel_next;
        } guarded; /* by the pool's mutex */
        unsigned count;
        struct pail_block *items[]; /* as of creation constant */
};

/* count blocks from first; charges nothing, puts nothing into tables. NULL: no memory. */
struct pail_fetch *pail_fetch_new_locked(struct pail_blocks *blocks, uint64_t first, unsigned count, const void *reader,
                                         bool is_background);
/* Fills items [from, to) with blocks of the class, which has reserved them. */
void pail_fetch_fill_locked(struct pail_fetch *fetch, unsigned from, unsigned to, enum pail_pool_class class);
void pail_fetch_discard_locked(struct pail_fetch *fetch); /* one that was never filled */
/* 0, or the error of the source, which those who wait have been told. */
int pail_fetch_launch(struct pail_fetch *fetch);
/* Its blocks that have not landed are absent again; puts it on the list for pail_fetch_cancel_all(), called without lock. */
void pail_fetch_cancel_locked(struct pail_fetch *fetch, struct pail_fetch **list);
void pail_fetch_cancel_all(struct pail_fetch *list);
/* Somebody waits for it now: the same, with pail_fetch_raise_all(). */
void pail_fetch_raise_locked(struct pail_fetch *fetch, struct pail_fetch **list);
void pail_fetch_raise_all(struct pail_fetch *list);
/* true: nobody waits, and no reader is known to come. */
bool pail_fetch_is_unneeded_locked(const struct pail_fetch *fetch);

#endif
