/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One hash table over all objects, with a bucket for each block of the pool, made with the pool. It never grows, so
 * looking up and inserting cannot fail. (A table an object would cost every small file one.)
 */
#include "table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "block.h"

int pail_block_table_init(struct pail_block_table *table, uint64_t blocks)
{
        size_t bucket_count = 1;

        while (bucket_count < blocks)
                bucket_count *= 2;
        table->bucket_count = bucket_count;
        table->buckets = calloc(bucket_count, sizeof(*table->buckets));
        return table->buckets ? 0 : -ENOMEM;
}

void pail_block_table_done(struct pail_block_table *table)
{
        free(table->buckets);
        *table = (struct pail_block_table){ 0 };
}

static struct pail_block **find_bucket(const struct pail_block_table *table, const struct pail_blocks *owner,
                                       uint64_t index)
{
        /*
         * Multiplication spreads the low bits upwards (Knuth, The Art of Computer Programming 3, 6.4); the top ones
         * count.
         */
        uint64_t hash = ((uintptr_t)owner / sizeof(void *) + index) * UINT64_C(0x9E3779B97F4A7C15);

        return &table->buckets[(hash >> 32) & (table->bucket_count - 1)];
}

struct pail_block *pail_block_table_find(const struct pail_block_table *table, const struct pail_blocks *owner,
                                         uint64_t index)
{
        struct pail_block *block = *find_bucket(table, owner, index);

        while (block && (block->owner != owner || block->index != index))
                block = block->hash_next;
        return block;
}

void pail_block_table_insert(struct pail_block_table *table, struct pail_blocks *owner, uint64_t index,
                             struct pail_block *block)
{
        struct pail_block **bucket = find_bucket(table, owner, index);

        assert(!block->owner);
        block->owner = owner;
        block->index = index;
        block->hash_next = *bucket;
        *bucket = block;
        DL_APPEND2(owner->guarded.items, block, owner_prev, owner_next);
}

void pail_block_table_remove(struct pail_block_table *table, struct pail_block *block)
{
        struct pail_block **link = find_bucket(table, block->owner, block->index);

        while (*link != block)
                link = &(*link)->hash_next;
        *link = block->hash_next;
        DL_DELETE2(block->owner->guarded.items, block, owner_prev, owner_next);
        block->owner = NULL;
}
