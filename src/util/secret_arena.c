/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One region of address space, reserved at the first use and marked as a whole: what lies in it is found by comparing addresses, and no
 * piece can be forgotten when it grows. It is given out from its beginning in blocks of 40 sizes, 32, 48, 64, 96, 128… bytes; a released block
 * goes to the list of its size and is used again only as that. The sizes are few and the users alike (requests), so that little is lost.
 *
 *   region:  [ block | block | block | … used_bytes | … committed_bytes, may be touched | … reserved ]
 *   block:   [ header, 16 bytes | what the user has ]
 *
 * Invariant: an idle block is all zero behind its header, and so is memory never used. That makes calloc free, and the wiping costs no
 * more than what was asked for. The exception are huge blocks, which are curl's buffers of file data: wiping them for each request
 * took a tenth of the engine's time. More than a few idle large ones of a size are given back to the system, and come back as zeros.
 *
 * Rejected: mlock(), which ordinary users may have for 64 KiB or so; guard pages, which OpenSSL's secure heap has, at its
 * fixed size and with one lock.
 */
#include "secret_arena.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pail/util/mutex.h"

enum {
        REGION_BYTES = 1 << 30,     /* where the address space is limited: half of that, or half of that… */
        REGION_MIN_BYTES = 1 << 22, /* a mount with few connections needs no more */
        SIZES = 42,                 /* the largest: 48 MiB */
        COMMIT_BYTES = 1 << 20,     /* at a time */
        LARGE_BYTES = 64 << 10,     /* blocks from this size may be given back */
        HUGE_BYTES = 256 << 10,     /* blocks above this size are not wiped */
        LARGE_IDLE_MAX = 4,         /* of one size, that are not */
        PAGE_BYTES = 64 << 10,      /* the largest page of any machine */
        STATE_USED = 0x50414955,    /* recognisable, to catch a second free */
        STATE_IDLE = 0x50414949,
};

struct block {
        uint32_t size_index;
        uint32_t state;
        union {
                size_t size;        /* used: what was asked for */
                struct block *next; /* idle */
        };
};
_Static_assert(sizeof(struct block) == 16, "what follows must be aligned for any object");

/* Global, as malloc's is: its users are libraries that pass no context. */
static struct {
        char *region;
        size_t region_bytes; /* 0: the system has none to give */
        struct {
                struct pail_mutex mutex;
                size_t used_bytes, committed_bytes;
        } guarded;
        struct idle {
                struct pail_mutex mutex;
                struct block *first;
                atomic_uint count; /* written under the mutex */
        } idle[SIZES];
} arena;
static pthread_once_t arena_once = PTHREAD_ONCE_INIT;

static void init_arena(void)
{
        pail_mutex_init(&arena.guarded.mutex);
        for (unsigned i = 0; i < SIZES; i++)
                pail_mutex_init(&arena.idle[i].mutex);
        void *region = MAP_FAILED;
        size_t bytes = REGION_BYTES;
        for (; region == MAP_FAILED && bytes >= REGION_MIN_BYTES; bytes /= 2)
                region = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (region == MAP_FAILED)
                return;
        arena.region = region;
        arena.region_bytes = 2 * bytes;                           /* the loop has gone one step on */
        (void)madvise(region, arena.region_bytes, MADV_DONTDUMP); /* a system that does not know it makes whole dumps */
}

static size_t block_bytes(unsigned index)
{
        return (size_t)(index % 2 ? 48 : 32) << (index / 2);
}

/* SIZES: larger than any. */
static unsigned index_of(size_t size)
{
        if (size > block_bytes(SIZES - 1) - sizeof(struct block))
                return SIZES;
        size_t bytes = size + sizeof(struct block);
        if (bytes <= block_bytes(0))
                return 0;
        /* The power of two below, and which of the two sizes above that. */
        unsigned power = 63 - (unsigned)__builtin_clzll(bytes - 1);
        unsigned index = 2 * (power - 5) + 1;
        return block_bytes(index) >= bytes ? index : index + 1;
}

static struct block *pop_block(unsigned index)
{
        struct idle *idle = &arena.idle[index];
        PAIL_LOCK(&idle->mutex);
        struct block *block = idle->first;
        if (block) {
                idle->first = block->next;
                atomic_fetch_sub_explicit(&idle->count, 1, memory_order_relaxed);
        }
        return block;
}

static void push_block(struct block *block)
{
        struct idle *idle = &arena.idle[block->size_index];
        PAIL_LOCK(&idle->mutex);
        block->state = STATE_IDLE;
        block->next = idle->first;
        idle->first = block;
        atomic_fetch_add_explicit(&idle->count, 1, memory_order_relaxed);
}

static bool commit_locked(size_t bytes)
{
        pail_mutex_assert_held(&arena.guarded.mutex);
        size_t missing = bytes - arena.guarded.committed_bytes;
        missing += -missing % COMMIT_BYTES;
        if (mprotect(arena.region + arena.guarded.committed_bytes, missing, PROT_READ | PROT_WRITE) < 0)
                return false;
        arena.guarded.committed_bytes += missing;
        return true;
}

static struct block *carve_block(unsigned index)
{
        PAIL_LOCK(&arena.guarded.mutex);
        size_t bytes = block_bytes(index), end = arena.guarded.used_bytes + bytes;
        if (bytes > arena.region_bytes - arena.guarded.used_bytes)
                return NULL;
        if (end > arena.guarded.committed_bytes && !commit_locked(end))
                return NULL;
        struct block *block = (struct block *)(void *)(arena.region + arena.guarded.used_bytes);
        arena.guarded.used_bytes = end;
        block->size_index = index;
        return block;
}

void *pail_secret_arena_malloc(size_t size)
{
        pthread_once(&arena_once, init_arena);
        unsigned index = index_of(size);
        struct block *block = index < SIZES ? pop_block(index) : NULL;
        if (!block && index < SIZES)
                block = carve_block(index);
        if (!block) {
                errno = ENOMEM;
                return NULL;
        }
        block->state = STATE_USED;
        block->size = size;
        return block + 1;
}

void *pail_secret_arena_calloc(size_t size)
{
        void *data = pail_secret_arena_malloc(size);
        if (data && size > HUGE_BYTES - sizeof(struct block))
                memset(data, 0, size);
        return data;
}

bool pail_secret_arena_owns(const void *pointer)
{
        pthread_once(&arena_once, init_arena);
        uintptr_t region = (uintptr_t)arena.region, address = (uintptr_t)pointer;
        return address >= region && address - region < arena.region_bytes;
}

static struct block *block_of(void *pointer)
{
        struct block *block = (struct block *)pointer - 1;
        if (pail_secret_arena_owns(pointer) && (uintptr_t)pointer % sizeof(*block) == 0 && block->state == STATE_USED)
                return block;
        fprintf(stderr, "pail: bug: memory for secrets was released twice, or never given out\n");
        abort();
}

/* The whole pages of a large block go back to the system; what sticks out at both ends is wiped by hand. */
static void give_back(char *data, size_t size)
{
        size_t before = -(uintptr_t)data % PAGE_BYTES;
        size_t pages = size > before ? (size - before) / PAGE_BYTES * PAGE_BYTES : 0;
        if (pages == 0 || madvise(data + before, pages, MADV_DONTNEED) < 0) {
                explicit_bzero(data, size);
                return;
        }
        explicit_bzero(data, before);
        explicit_bzero(data + before + pages, size - before - pages);
}

void pail_secret_arena_free(void *pointer)
{
        struct block *block = block_of(pointer);
        unsigned idle = atomic_load_explicit(&arena.idle[block->size_index].count, memory_order_relaxed);
        if (block_bytes(block->size_index) >= LARGE_BYTES && idle >= LARGE_IDLE_MAX)
                give_back(pointer, block->size);
        else if (block_bytes(block->size_index) <= HUGE_BYTES)
                explicit_bzero(pointer, block->size);
        push_block(block);
}

void *pail_secret_arena_realloc(void *pointer, size_t size)
{
        struct block *block = block_of(pointer);
        if (index_of(size) <= block->size_index) {
                if (size < block->size)
                        explicit_bzero((char *)pointer + size, block->size - size);
                block->size = size;
                return pointer;
        }
        void *larger = pail_secret_arena_malloc(size);
        if (!larger)
                return NULL;
        memcpy(larger, pointer, block->size);
        pail_secret_arena_free(pointer);
        return larger;
}
