/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a block by its object and number. Plain data, not thread safe: the pool's mutex guards it. */
#ifndef PAIL_CACHE_MEMORY_TABLE_H
#define PAIL_CACHE_MEMORY_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct pail_block;
struct pail_blocks;

struct pail_block_table {
        struct pail_block **buckets;
        size_t bucket_count; /* a power of two */
};

/* blocks: how many there are at most. -ENOMEM. */
int pail_block_table_init(struct pail_block_table *table, uint64_t blocks);
void pail_block_table_done(struct pail_block_table *table);
/* NULL: absent. */
struct pail_block *pail_block_table_find(const struct pail_block_table *table, const struct pail_blocks *owner,
                                         uint64_t index);
/* A block that is in no table; it joins the list of its owner's blocks as well. */
void pail_block_table_insert(struct pail_block_table *table, struct pail_blocks *owner, uint64_t index,
                             struct pail_block *block);
void pail_block_table_remove(struct pail_block_table *table, struct pail_block *block);

#endif
