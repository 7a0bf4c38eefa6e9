/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room in the spool. Who finds none waits as long as others get on: parts are being sent, or bytes come into the spool and leave it. A file that fits
 * beside nothing else is refused only when all that hold bytes have stood still for a while: a program that was not given the processor is not idle.
 *
 * Bytes that went up with an open upload are only let go when room is needed, because they cannot be read back
 * from it: the first part never, so that what programs go back to (headers of archives and images) stays here.
 */
#include "spool_reclaim.h"

#include <errno.h>

#include "fs/core/volume.h"
#include "handle.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "state.h"
#include "upload.h"

enum { LOOK_AGAIN_MS = 20, STANDSTILL_MS = 5000 };

struct outlook {
        const struct pail_file *asking; /* who waits for room */
        bool has_punched;
        bool is_under_way; /* parts are being sent: there will be more to punch */
        bool has_others;   /* other files hold bytes, which may be sent or thrown away */
        int error;         /* of the upload of who waits, which gets nowhere; others' are their own */
};

static int punch_locked(struct pail_file *file, uint64_t start, uint64_t end, struct outlook *outlook)
{
        pail_mutex_assert_held(&file->base.guarded.mutex);
        while (start < end) {
                bool is_present;
                uint64_t until = pail_extents_stretch(pail_spool_file_present(file->guarded.spool), start, end,
                                                      &is_present);
                int r = 0;

                if (is_present) {
                        r = pail_extents_add(&file->guarded.punched, start, until);
                        if (r == 0)
                                r = pail_spool_file_punch(file->guarded.spool, start, until - start);
                        outlook->has_punched = outlook->has_punched || r == 0;
                }
                if (r < 0)
                        return r;
                start = until;
        }
        return 0;
}

static void reclaim_from_file(struct pail_file *file, struct outlook *outlook)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        struct pail_fs_upload *upload = file->guarded.upload;
        const struct pail_extents *streamed = &file->guarded.streamed;
        uint64_t first = file->fs->options.part_size_bytes, sent;
        int r = 0;

        if (file->guarded.is_streaming)
                outlook->is_under_way = true;
        if (!file->guarded.spool)
                return;
        if (file != outlook->asking && pail_spool_file_present(file->guarded.spool)->count)
                outlook->has_others = true;
        if (!upload)
                return;
        sent = pail_fs_upload_sent_bytes(upload);
        /* A range that was called back is on its way to change: it is not final, wherever the upload has got. */
        for (size_t i = 0; i < streamed->count && r == 0; i++) {
                uint64_t start = streamed->items[i].start > first ? streamed->items[i].start : first;
                uint64_t end = streamed->items[i].end < sent ? streamed->items[i].end : sent;

                r = punch_locked(file, start, end, outlook);
                if (streamed->items[i].end > sent && !file->guarded.stream_error)
                        outlook->is_under_way = true;
        }
        if (file->guarded.is_frozen)
                outlook->is_under_way = true;
        if (file == outlook->asking && (r < 0 || file->guarded.stream_error))
                outlook->error = r < 0 ? r : file->guarded.stream_error;
}

static void reclaim_in_volume(struct pail_fs *fs, struct outlook *outlook)
{
        PAIL_LOCK(&fs->tree.mutex);
        for (struct pail_handle *handle = fs->tree.handles; handle; handle = handle->next)
                reclaim_from_file(handle->file, outlook);
}

/* The limit is that of all volumes, and so is the room. */
static void reclaim_in_all(struct pail_fs_shared *shared, struct outlook *outlook)
{
        PAIL_LOCK(&shared->guarded.mutex);
        for (struct pail_fs *fs = shared->guarded.volumes; fs; fs = fs->next_volume)
                reclaim_in_volume(fs, outlook);
}

/* An upload that gets nowhere gives nothing back: what others do does not help it. */
static bool may_hope(const struct outlook *outlook)
{
        return outlook->is_under_way || (outlook->has_others && !outlook->error);
}

static int wait_a_little(struct pail_file *file)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        int r = pail_interrupt_wait(&file->guarded.changed, &file->base.guarded.mutex,
                                    pail_clock_monotonic_ms() + LOOK_AGAIN_MS);

        return r == -ETIMEDOUT ? 0 : r;
}

int pail_spool_reclaim(struct pail_file *file, uint64_t steps, void (*push)(struct pail_file *file))
{
        struct pail_spool_budget *budget = file->fs->shared->budget;
        int64_t deadline_ms = pail_fs_deadline(file->fs), still_ms = pail_clock_monotonic_ms() + STANDSTILL_MS;

        for (;;) {
                struct outlook outlook = { .asking = file };
                int r;

                reclaim_in_all(file->fs->shared, &outlook);
                if (outlook.has_punched || pail_spool_budget_steps(budget) != steps)
                        return 0; /* what was found full may not be so any more */
                if (outlook.is_under_way)
                        still_ms = pail_clock_monotonic_ms() + STANDSTILL_MS;
                if (!may_hope(&outlook) ||
                    pail_clock_monotonic_ms() >= (still_ms < deadline_ms ? still_ms : deadline_ms))
                        return outlook.error ? outlook.error : -ENOSPC;
                if (push)
                        push(file);
                r = wait_a_little(file);
                if (r < 0)
                        return r;
        }
}
