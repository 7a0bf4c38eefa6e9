/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of one mount: blocks of 128 KiB under one hard limit, shared by all files. What counts against the limit
 * is what is in use (being loaded, lent to a reader, reserved) and the buffers of others that were charged to the
 * pool. Blocks that merely hold valid data are given up whenever someone needs the room.
 *
 * Users come in classes, each with a floor that the other classes cannot take from it:
 *   sum over all classes of max(used, floor) <= limit, always.
 * A reservation gets all its blocks or none, so that no two users wait for each other with half of what they need. A
 * user must not hold blocks of the class READER while it waits for more of them.
 *
 * Thread safe, but for new and free.
 */
#ifndef PAIL_CACHE_POOL_H
#define PAIL_CACHE_POOL_H

#include <stdint.h>

enum { PAIL_BLOCK_SIZE = 128 * 1024, PAIL_POOL_MIN_BLOCKS = 32 };

enum pail_pool_class {
        PAIL_POOL_READER, /* somebody waits for the blocks, or uses them now */
        PAIL_POOL_AHEAD,  /* read-ahead: only tries */
        PAIL_POOL_OTHER,  /* memory that is not the pool's: buffers of curl, of FUSE… */
        PAIL_POOL_CLASSES,
};

struct pail_pool;

struct pail_pool_options {
        uint64_t limit_bytes;         /* at least PAIL_POOL_MIN_BLOCKS blocks; rounded down to whole blocks */
        uint64_t pretouch_bytes;      /* memory touched at once, so that the first readers need not; cut to the limit */
        unsigned reader_floor_blocks; /* 0: an eighth of the limit, but at least 16 */
        unsigned ahead_floor_blocks;  /* 0: an eighth of the limit */
        unsigned other_floor_blocks;
};

/* -EINVAL: a limit below the minimum, or floors that do not fit into it (a reader's is at least 16). -ENOMEM. */
int pail_pool_new(const struct pail_pool_options *options, struct pail_pool **ret_pool);
/*
 * Every pail_blocks is gone by now and every reservation given back. Waits for fetches that are under way. NULL is
 * fine.
 */
void pail_pool_free(struct pail_pool *pool);

/*
 * Waits, interruptibly and in order of arrival, until count blocks can be had. -EINTR; -EINVAL: more than could
 * ever be had. Give them back with pail_pool_unreserve().
 */
int pail_pool_reserve(struct pail_pool *pool, enum pail_pool_class class, unsigned count);
/* -EAGAIN instead of waiting, and also while others wait in line. */
int pail_pool_try_reserve(struct pail_pool *pool, enum pail_pool_class class, unsigned count);
void pail_pool_unreserve(struct pail_pool *pool, enum pail_pool_class class, unsigned count);

/* Gives the memory of all blocks that nobody uses back to the system; their data is lost to the cache. */
void pail_pool_trim(struct pail_pool *pool);

struct pail_pool_stats {
        uint64_t limit_bytes;
        uint64_t resident_bytes; /* memory that the pool itself occupies now */
        uint64_t peak_bytes;     /* most ever: resident and class OTHER together */
        uint64_t used_blocks[PAIL_POOL_CLASSES];
        uint64_t valid_blocks; /* with data and used by nobody */
        uint64_t hits, misses; /* blocks asked for by readers: in memory, not (yet) in memory */
        uint64_t fetches, bytes_fetched;
};
void pail_pool_stats(struct pail_pool *pool, struct pail_pool_stats *ret_stats);

#endif
