/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which block goes when room is needed. The blocks that hold data and that nobody uses stand in three queues over all
 * files:
 *
 *   unread     read ahead, their reader has not come yet
 *   probation  read, perhaps several times in a row (a program that reads 4 KiB at a time, a reader in parallel)
 *   protected  read again after much else had landed in between
 *
 * The first to go is the head of probation, so that one scan of a huge file displaces only what was read once; then
 * unread blocks that are stale (as many blocks as the pool holds have landed since: their reader does not come), then
 * protected ones, then the other unread ones. The protected queue is bounded to three quarters of the pool; beyond that
 * its head goes back to probation, so that blocks which nobody reads any more can leave.
 *
 * This is segmented LRU. S3-FIFO with its ghosts was the alternative; its strength is a queue much bigger than memory,
 * which the cache on disk has and this one has not.
 *
 * New memory is not touched while probation holds more than an eighth of the pool (in a small pool a quarter): using
 * its head again is cheaper (pool.c).
 */
#include "eviction.h"

#include <assert.h>

#include "block.h"
#include "pail/util/math.h"

enum { PLENTY_MIN_BLOCKS = 256 }; /* 32 MiB */

void pail_eviction_init(struct pail_eviction *eviction, uint64_t limit_blocks)
{
        *eviction = (struct pail_eviction){ .limit_blocks = limit_blocks };
}

static bool is_stale(const struct pail_eviction *eviction, const struct pail_block *block)
{
        return eviction->landed - block->landed_at > eviction->limit_blocks;
}

uint64_t pail_eviction_count_unread(struct pail_eviction *eviction)
{
        struct pail_block_list *unread = &eviction->unread;

        while (unread->head && is_stale(eviction, unread->head))
                pail_block_list_prepend(&eviction->probation, pail_block_list_remove_first(unread));
        return unread->count;
}

void pail_eviction_abandon(struct pail_eviction *eviction, struct pail_block *block)
{
        if (block->list != &eviction->unread)
                return;
        pail_block_list_remove(block);
        pail_block_list_prepend(&eviction->probation, block);
}

struct pail_block *pail_eviction_remove_victim(struct pail_eviction *eviction)
{
        struct pail_block *block;

        pail_eviction_count_unread(eviction); /* stale ones join probation */
        block = pail_block_list_remove_first(&eviction->probation);
        if (!block)
                block = pail_block_list_remove_first(&eviction->protected);
        if (!block)
                block = pail_block_list_remove_first(&eviction->unread);
        return block;
}

bool pail_eviction_has_plenty(const struct pail_eviction *eviction)
{
        uint64_t eighth = eviction->limit_blocks / 8, quarter = eviction->limit_blocks / 4;

        return eviction->probation.count > pail_min(pail_max(eighth, (uint64_t)PLENTY_MIN_BLOCKS), quarter);
}

void pail_eviction_insert(struct pail_eviction *eviction, struct pail_block *block)
{
        assert(block->state == BLOCK_VALID && block->pins == 0);
        if (!block->was_read)
                pail_block_list_append(&eviction->unread, block);
        else if (!block->was_read_again)
                pail_block_list_append(&eviction->probation, block);
        else
                pail_block_list_append(&eviction->protected, block);
        if (eviction->protected.count > eviction->limit_blocks - eviction->limit_blocks / 4) {
                block = pail_block_list_remove_first(&eviction->protected);
                block->was_read_again = false;
                block->read_at = eviction->landed;
                pail_block_list_append(&eviction->probation, block);
        }
}

void pail_eviction_note_landed(struct pail_eviction *eviction, struct pail_block *block)
{
        block->landed_at = ++eviction->landed;
}

void pail_eviction_note_read(struct pail_eviction *eviction, struct pail_block *block)
{
        if (!block->was_read) {
                block->was_read = true;
                block->read_at = eviction->landed;
        } else if (eviction->landed - block->read_at > eviction->limit_blocks / 16) {
                block->was_read_again = true;
        }
}

uint64_t pail_eviction_count(const struct pail_eviction *eviction)
{
        return eviction->unread.count + eviction->probation.count + eviction->protected.count;
}
