/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of the pool: one mapping of the limit's size, divided into blocks. Plain data, not thread safe: the pool's
 * mutex guards it.
 */
#ifndef PAIL_CACHE_MEMORY_ARENA_H
#define PAIL_CACHE_MEMORY_ARENA_H

#include <stdint.h>

#include "block_list.h"

struct pail_arena {
        char *memory;
        struct pail_block *blocks;
        uint64_t block_size_bytes, limit_blocks;
        uint64_t resident, peak;     /* blocks */
        uint64_t untouched;          /* blocks[untouched..limit_blocks) were never used */
        struct pail_block_list free; /* touched memory without data */
        struct pail_block_list cold; /* memory given back to the system */
};

/* The first touched_blocks (cut to the limit) are touched at once. -ENOMEM: done is to be called all the same. */
int pail_arena_init(struct pail_arena *arena, uint64_t block_size_bytes, uint64_t limit_blocks,
                    uint64_t touched_blocks);
/* Zero-initialised is fine. */
void pail_arena_done(struct pail_arena *arena);
/* A block whose memory was never touched, or was given back, if the limit allows for that memory too; else NULL. */
struct pail_block *pail_arena_touch_new(struct pail_arena *arena, uint64_t outside_blocks);
/* Gives the memory of a block that is in no list back to the system. */
void pail_arena_give_back(struct pail_arena *arena, struct pail_block *block);
/* Remembers the most that there ever was, together with memory that is not the arena's. */
void pail_arena_note_peak(struct pail_arena *arena, uint64_t outside_blocks);

#endif
