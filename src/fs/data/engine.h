/* SPDX-License-Identifier: Apache-2.0 */
/* What all object data of a mount share: the pool of blocks, and the read-ahead's budget. Thread safe. */
#ifndef PAIL_FS_DATA_ENGINE_H
#define PAIL_FS_DATA_ENGINE_H

#include <stdatomic.h>
#include <stdint.h>

#include "pail/cache/blocks.h"
#include "pail/util/mutex.h"

struct pail_data_engine {
        struct pail_pool *pool;
        uint64_t windows_bytes; /* what all windows together may hold */
        unsigned max_parts;
        unsigned outside_blocks;
        atomic_uint parts; /* of read-ahead, in flight */
        /* Streams that advanced in this epoch of about a second, and in the one before. */
        struct {
                struct pail_mutex mutex;
                int64_t epoch;
                unsigned active, active_before;
        } guarded;
};

struct pail_data_engine_options {
        uint64_t memory_limit_bytes;  /* hard limit of the pool */
        unsigned max_parts_in_flight; /* over all streams; 0: 16 */
        uint64_t outside_bytes;       /* buffers of curl and FUSE: they count against the limit too */
};
/* -EINVAL: less than 4 MiB are left for the pool. -ENOMEM. */
int pail_data_engine_new(const struct pail_data_engine_options *options, struct pail_data_engine **ret_engine);
/* Every object data, stream and result is gone by now. Waits for requests under way. NULL is fine. */
void pail_data_engine_free(struct pail_data_engine *engine);
void pail_data_engine_stats(struct pail_data_engine *engine, struct pail_pool_stats *ret_stats);

/* How many streams are reading along now, this one included. *epoch: the stream's own, 0 at first. */
unsigned pail_data_engine_note_active(struct pail_data_engine *engine, int64_t *epoch);

#endif
