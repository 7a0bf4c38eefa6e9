/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which block goes when room is needed: the queues of the blocks that hold data and that nobody uses. Plain data, not
 * thread safe: the pool's mutex guards it.
 */
#ifndef PAIL_CACHE_MEMORY_EVICTION_H
#define PAIL_CACHE_MEMORY_EVICTION_H

#include <stdbool.h>
#include <stdint.h>

#include "block_list.h"

struct pail_block;

struct pail_eviction {
        struct pail_block_list unread;    /* read ahead, their reader has not come yet */
        struct pail_block_list probation; /* read in one go */
        struct pail_block_list protected; /* read again later */
        uint64_t landed;                  /* blocks, ever: the clock of the order */
        uint64_t limit_blocks;            /* of the pool; constant */
};

void pail_eviction_init(struct pail_eviction *eviction, uint64_t limit_blocks);
/* A valid block without pins joins the queue that it belongs to. pail_block_list_remove() takes it out again. */
void pail_eviction_insert(struct pail_eviction *eviction, struct pail_block *block);
/* The data of a block have come. */
void pail_eviction_note_landed(struct pail_eviction *eviction, struct pail_block *block);
/* A reader pins the block. */
void pail_eviction_note_read(struct pail_eviction *eviction, struct pail_block *block);
/* Blocks that wait for their reader and are not stale. */
uint64_t pail_eviction_count_unread(struct pail_eviction *eviction);
/* The reader of a block will not come: if nobody has read it, it is the first to go. */
void pail_eviction_abandon(struct pail_eviction *eviction, struct pail_block *block);
/* Takes the block that is missed least out of its queue; NULL: all are in use. */
struct pail_block *pail_eviction_remove_victim(struct pail_eviction *eviction);
/* true: enough blocks were read once to use one of them again rather than touch new memory. */
bool pail_eviction_has_plenty(const struct pail_eviction *eviction);
/* Blocks in all queues. */
uint64_t pail_eviction_count(const struct pail_eviction *eviction);

#endif
