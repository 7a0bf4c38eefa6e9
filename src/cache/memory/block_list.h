/* SPDX-License-Identifier: Apache-2.0 */
/* A list of blocks. A block stands in one list at a time and knows which. Plain data, not thread safe. */
#ifndef PAIL_CACHE_MEMORY_BLOCK_LIST_H
#define PAIL_CACHE_MEMORY_BLOCK_LIST_H

#include <stdint.h>

struct pail_block;

struct pail_block_list {
        struct pail_block *head;
        uint64_t count;
};

/* The block stands in no list. */
void pail_block_list_append(struct pail_block_list *list, struct pail_block *block);
void pail_block_list_prepend(struct pail_block_list *list, struct pail_block *block);
/* Takes the block out of the list that it stands in. */
void pail_block_list_remove(struct pail_block *block);
/* Takes the first block out; NULL: the list is empty. */
struct pail_block *pail_block_list_remove_first(struct pail_block_list *list);

#endif
