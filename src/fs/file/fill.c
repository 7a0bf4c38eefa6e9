/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of the base into the spool: a part that was changed in places is sent from the spool as a whole, so what it lacks is fetched
 * first. Room for it is waited for as for a write, except that nobody needs to push the file's own upload: it is the one that asks.
 */
#include "fill.h"

#include <errno.h>
#include <stdlib.h>

#include "fs/core/volume.h"
#include "pail/util/cleanup.h"
#include "spool_reclaim.h"
#include "state.h"

enum { FILL_STEP = 1 << 20 };

/* Moves [offset, +size), which the base has and the spool has not, into the spool. */
static int fetch_into_spool(struct pail_file *file, struct pail_object_data *base, uint64_t offset, size_t size)
{
        _cleanup_free_ char *data = malloc(size);
        uint64_t steps;
        int r;

        if (!data)
                return -ENOMEM;
        r = pail_read_copy(base, offset, size, data);
        if (r < 0)
                return r;
        /* Only a sender fills, and writers wait for it: what was missing is still missing. */
        do {
                steps = pail_spool_budget_steps(file->fs->shared->budget);
                {
                        PAIL_LOCK(&file->base.guarded.mutex);
                        r = pail_spool_file_write(file->guarded.spool, data, size, offset);
                }
        } while (r == -ENOSPC && (r = pail_spool_reclaim(file, steps, NULL)) == 0);
        return r;
}

int pail_file_fill(struct pail_file *file, uint64_t offset, uint64_t size_bytes)
{
        uint64_t end = offset + size_bytes;

        while (offset < end) {
                struct pail_object_data *base = NULL;
                bool is_present;
                uint64_t until;
                int r = 0;

                pail_mutex_lock(&file->base.guarded.mutex);
                if (end > file->base.guarded.data_bytes)
                        end = file->base.guarded.data_bytes;
                until = offset < end ? pail_extents_stretch(pail_spool_file_present(file->guarded.spool), offset, end,
                                                            &is_present)
                                     : end;
                if (offset < end && !is_present)
                        base = pail_object_data_ref(file->base.guarded.data);
                pail_mutex_unlock(&file->base.guarded.mutex);
                if (base) {
                        until = until - offset > FILL_STEP ? offset + FILL_STEP : until;
                        r = fetch_into_spool(file, base, offset, until - offset);
                        pail_object_data_unref(base);
                }
                if (r < 0)
                        return r;
                if (until <= offset)
                        break;
                offset = until;
        }
        return 0;
}
