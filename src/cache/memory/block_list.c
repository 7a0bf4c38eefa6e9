/* SPDX-License-Identifier: Apache-2.0 */
#include "block_list.h"

#include <assert.h>
#include <stddef.h>
#include <utlist.h>

#include "block.h"

void pail_block_list_append(struct pail_block_list *list, struct pail_block *block)
{
        assert(!block->list);
        DL_APPEND(list->head, block);
        list->count++;
        block->list = list;
}

void pail_block_list_prepend(struct pail_block_list *list, struct pail_block *block)
{
        assert(!block->list);
        DL_PREPEND(list->head, block);
        list->count++;
        block->list = list;
}

void pail_block_list_remove(struct pail_block *block)
{
        assert(block->list);
        DL_DELETE(block->list->head, block);
        block->list->count--;
        block->list = NULL;
}

struct pail_block *pail_block_list_remove_first(struct pail_block_list *list)
{
        struct pail_block *block = list->head;

        if (block)
                pail_block_list_remove(block);
        return block;
}
