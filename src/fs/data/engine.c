/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all object data of a mount share: the pool, and the read-ahead's budget, which is split evenly among the streams
 * that have read along lately. "Lately" is counted in epochs of about a second: a handle that was opened and left
 * alone costs the others nothing.
 */
#include "engine.h"

#include <errno.h>
#include <stdlib.h>

#include "pail/util/cleanup.h"
#include "pail/util/clock.h"

enum { EPOCH_MS = 1024, DEFAULT_PARTS = 16, PRETOUCH_BYTES = 8 << 20 };

static int make_pool(struct pail_data_engine *engine, const struct pail_data_engine_options *options)
{
        struct pail_pool_options pool = { .limit_bytes = options->memory_limit_bytes,
                                          .pretouch_bytes = PRETOUCH_BYTES };
        uint64_t outside = options->outside_bytes / PAIL_BLOCK_SIZE + (options->outside_bytes % PAIL_BLOCK_SIZE != 0);
        int r;

        if (outside > options->memory_limit_bytes / PAIL_BLOCK_SIZE)
                return -EINVAL;
        if (pool.pretouch_bytes > (pool.limit_bytes - outside * PAIL_BLOCK_SIZE) / 2)
                pool.pretouch_bytes = (pool.limit_bytes - outside * PAIL_BLOCK_SIZE) / 2;
        r = pail_pool_new(&pool, &engine->pool);
        if (r < 0)
                return r;
        if (pail_pool_try_reserve(engine->pool, PAIL_POOL_OTHER, (unsigned)outside) < 0)
                return -EINVAL;
        engine->outside_blocks = (unsigned)outside;
        /* Half of what is left: the other half is for what was read and may be read again. */
        engine->windows_bytes = (pool.limit_bytes - outside * PAIL_BLOCK_SIZE) / 2;
        return 0;
}

static void free_engine(struct pail_data_engine *engine)
{
        if (!engine)
                return;
        if (engine->pool && engine->outside_blocks > 0)
                pail_pool_unreserve(engine->pool, PAIL_POOL_OTHER, engine->outside_blocks);
        pail_pool_free(engine->pool);
        pail_mutex_done(&engine->guarded.mutex);
        free(engine);
}
PAIL_DEFINE_CLEANUP(struct pail_data_engine, free_engine);

int pail_data_engine_new(const struct pail_data_engine_options *options, struct pail_data_engine **ret_engine)
{
        _cleanup_(free_engine_p) struct pail_data_engine *engine = calloc(1, sizeof(*engine));
        int r;

        if (!engine)
                return -ENOMEM;
        pail_mutex_init(&engine->guarded.mutex);
        engine->max_parts = options->max_parts_in_flight ? options->max_parts_in_flight : DEFAULT_PARTS;
        r = make_pool(engine, options);
        if (r < 0)
                return r;
        *ret_engine = pail_steal(&engine);
        return 0;
}

void pail_data_engine_free(struct pail_data_engine *engine)
{
        free_engine(engine);
}

void pail_data_engine_stats(struct pail_data_engine *engine, struct pail_pool_stats *ret_stats)
{
        pail_pool_stats(engine->pool, ret_stats);
}

unsigned pail_data_engine_note_active(struct pail_data_engine *engine, int64_t *epoch)
{
        int64_t now = pail_clock_monotonic_ms() / EPOCH_MS + 1;

        PAIL_LOCK(&engine->guarded.mutex);
        if (engine->guarded.epoch != now) {
                engine->guarded.active_before = engine->guarded.epoch == now - 1 ? engine->guarded.active : 0;
                engine->guarded.active = 0;
                engine->guarded.epoch = now;
        }
        if (*epoch != now)
                engine->guarded.active++;
        *epoch = now;
        return engine->guarded.active > engine->guarded.active_before ? engine->guarded.active
                                                                      : engine->guarded.active_before;
}
