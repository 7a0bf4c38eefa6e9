/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mapping of the limit's size, of which the kernel gives pages as they are touched. Blocks are used again last in,
 * first out. Huge pages are declined for the mapping: they would make more resident than was asked for. (Slabs mapped
 * on demand were the alternative; they make the way from pointer to block a search and save only address space.)
 */
#include "arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "block.h"
#include "pail/util/math.h"

static void touch_first(struct pail_arena *arena, uint64_t count)
{
        count = pail_min(count, arena->limit_blocks);
        memset(arena->memory, 0, count * arena->block_size_bytes);
        for (uint64_t i = count; i-- > 0;) { /* the lowest address is used first */
                arena->blocks[i].data = arena->memory + i * arena->block_size_bytes;
                pail_block_list_prepend(&arena->free, &arena->blocks[i]);
        }
        arena->untouched = arena->resident = arena->peak = count;
}

int pail_arena_init(struct pail_arena *arena, uint64_t block_size_bytes, uint64_t limit_blocks, uint64_t touched_blocks)
{
        size_t size = limit_blocks * block_size_bytes;
        void *memory;

        *arena = (struct pail_arena){ .block_size_bytes = block_size_bytes, .limit_blocks = limit_blocks };
        arena->blocks = calloc(limit_blocks, sizeof(*arena->blocks));
        if (!arena->blocks)
                return -ENOMEM;
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
                return -ENOMEM;
        arena->memory = memory;
        (void)madvise(memory, size, MADV_NOHUGEPAGE); /* EINVAL: a kernel without them */
        (void)madvise(memory, size, MADV_DONTFORK);
        touch_first(arena, touched_blocks);
        return 0;
}

void pail_arena_done(struct pail_arena *arena)
{
        if (arena->memory)
                munmap(arena->memory, arena->limit_blocks * arena->block_size_bytes);
        free(arena->blocks);
        *arena = (struct pail_arena){ 0 };
}

struct pail_block *pail_arena_touch_new(struct pail_arena *arena, uint64_t outside_blocks)
{
        struct pail_block *block;

        if (arena->resident + outside_blocks >= arena->limit_blocks)
                return NULL;
        if (arena->untouched < arena->limit_blocks) {
                uint64_t number = arena->untouched++;
                block = &arena->blocks[number];
                block->data = arena->memory + number * arena->block_size_bytes;
        } else {
                block = pail_block_list_remove_first(&arena->cold);
                if (!block)
                        return NULL;
        }
        arena->resident++;
        pail_arena_note_peak(arena, outside_blocks);
        return block;
}

void pail_arena_give_back(struct pail_arena *arena, struct pail_block *block)
{
        (void)madvise(block->data, arena->block_size_bytes, MADV_DONTNEED); /* fails on a locked mapping only */
        pail_block_list_append(&arena->cold, block);
        arena->resident--;
}

void pail_arena_note_peak(struct pail_arena *arena, uint64_t outside_blocks)
{
        arena->peak = pail_max(arena->peak, arena->resident + outside_blocks);
}
