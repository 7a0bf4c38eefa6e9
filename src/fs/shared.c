/* SPDX-License-Identifier: Apache-2.0 */
/* Thread pools, memory and spool budget of a mount: one of each, however many volumes it has. */
#include "pail/fs/shared.h"

#include <errno.h>
#include <stdlib.h>

#include "fs/core/resources.h"
#include "fs/data/engine.h"
#include "pail/util/cleanup.h"
#include "pail/util/future.h"

enum { OPERATIONS_AT_ONCE = 64, QUERIES_AT_ONCE = 48, UPLOADS_AT_ONCE = 8 };

static int start_parts(struct pail_fs_shared *shared, const struct pail_fs_shared_options *options)
{
        const struct pail_data_engine_options engine = { .memory_limit_bytes = options->memory_limit_bytes };
        int r = pail_workpool_new("pail-change", OPERATIONS_AT_ONCE, &shared->operations);

        if (r == 0)
                r = pail_workpool_new("pail-query", QUERIES_AT_ONCE, &shared->queries);
        if (r == 0)
                r = pail_workpool_new("pail-upload", UPLOADS_AT_ONCE, &shared->uploads);
        if (r == 0)
                r = pail_data_engine_new(&engine, &shared->engine);
        if (r == 0)
                r = pail_spool_budget_new(options->spool_limit_bytes, &shared->budget);
        return r;
}

int pail_fs_shared_new(const struct pail_fs_shared_options *options, struct pail_fs_shared **ret_shared)
{
        struct pail_fs_shared *shared = calloc(1, sizeof(*shared));
        int r;

        if (!shared)
                return -ENOMEM;
        atomic_init(&shared->refs, 1);
        pail_mutex_init(&shared->guarded.mutex);
        r = start_parts(shared, options);
        if (r < 0)
                pail_fs_shared_unref(shared);
        else
                *ret_shared = shared;
        return r;
}

struct pail_fs_shared *pail_fs_shared_ref(struct pail_fs_shared *shared)
{
        atomic_fetch_add_explicit(&shared->refs, 1, memory_order_relaxed);
        return shared;
}

void pail_fs_shared_unref(struct pail_fs_shared *shared)
{
        if (!shared || atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) > 1)
                return;
        pail_workpool_free(shared->operations);
        pail_workpool_free(shared->uploads);
        pail_workpool_free(shared->queries);
        pail_data_engine_free(shared->engine);
        pail_spool_budget_free(shared->budget);
        pail_mutex_done(&shared->guarded.mutex);
        free(shared);
}

void pail_fs_shared_counters(struct pail_fs_shared *shared, struct pail_content_counters *ret_counters)
{
        struct pail_pool_stats stats;

        pail_data_engine_stats(shared->engine, &stats);
        *ret_counters = (struct pail_content_counters){
                .pool_bytes = stats.resident_bytes,
                .pool_limit_bytes = stats.limit_bytes,
                .hits = stats.hits,
                .misses = stats.misses,
                .requests = stats.fetches,
                .bytes_fetched = stats.bytes_fetched,
        };
}

/* Jobs of the one pool start jobs of the next, and the feeding of an upload ends with a change; that is the last of its line. */
void pail_fs_shared_wait(struct pail_fs_shared *shared)
{
        pail_workpool_drain(shared->uploads);
        pail_workpool_drain(shared->operations);
        pail_workpool_drain(shared->queries);
}

int pail_fs_shared_start_change(struct pail_fs_shared *shared, int (*run)(void *argument),
                                void (*release)(void *argument), void *argument, struct pail_future **ret_future)
{
        return pail_future_start(shared->operations, run, release, argument, ret_future);
}
