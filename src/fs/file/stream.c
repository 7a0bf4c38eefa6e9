/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is written from front to back goes up while it is written: whenever another part is full, a job hands the
 * filled parts to the upload. The job locks the inode, so that nothing renames or removes the object meanwhile; parts in flight need no
 * lock, because whoever does take one finishes the upload first.
 *
 * Only a file made here from nothing is streamed: an edited one is sent as a whole, when it is known which parts can be copied.
 */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>

#include "fs/core/lock.h"
#include "fs/core/volume.h"
#include "open_upload.h"
#include "pail/util/cleanup.h"
#include "pail/util/workpool.h"
#include "release.h"
#include "state.h"
#include "upload_source.h"

/* Up to where whole parts are filled; 0: not to be streamed. */
static uint64_t filled_parts_locked(const struct pail_file *file)
{
        uint64_t part_size = file->fs->options.part_size_bytes, end = 0;
        bool is_present = false;

        pail_mutex_assert_held(&file->base.guarded.mutex);
        if (file->base.guarded.data_bytes || !file->guarded.spool || file->guarded.is_frozen ||
            file->base.guarded.size_bytes <= part_size)
                return 0;
        while (end < file->base.guarded.size_bytes) {
                uint64_t until = pail_extents_stretch(pail_spool_file_present(file->guarded.spool), end,
                                                      file->base.guarded.size_bytes, &is_present);

                if (!is_present && !pail_extents_contains(&file->guarded.punched, end, until))
                        break;
                end = until;
        }
        return end <= part_size ? 0 : pail_fs_part_offset(part_size, pail_fs_part_at(part_size, end));
}

bool pail_file_stream_is_due_locked(struct pail_file *file)
{
        uint64_t end;

        pail_mutex_assert_held(&file->base.guarded.mutex);
        if (file->guarded.is_streaming || file->base.guarded.size_bytes <= file->fs->options.part_size_bytes)
                return false;
        end = filled_parts_locked(file);
        if (pail_extents_contains(&file->guarded.streamed, 0, end))
                return false;
        file->guarded.is_streaming = true;
        return true;
}

/* Under the lock. */
static int advance_upload(struct pail_file *file, uint64_t end)
{
        _cleanup_free_ char *key = NULL;
        _cleanup_(pail_remote_metadata_done) struct pail_remote_metadata metadata = { 0 };
        struct pail_remote_content content = { .metadata = &metadata };
        struct pail_attributes attributes;
        int r = pail_upload_source_metadata(file, &key, &metadata, &content.content_type, &attributes);

        if (r < 0)
                return r == -ENOENT ? 0 : r; /* unlinked: it stays here */
        if (!file->guarded.upload)
                r = pail_open_upload_begin(file, key);
        if (r == 0 && !pail_fs_upload_is_started(file->guarded.upload)) {
                PAIL_LOCK(&file->base.guarded.mutex);
                file->guarded.begun_with = attributes;
        }
        if (r == 0)
                r = pail_fs_upload_advance(file->guarded.upload, &content, end, NULL);
        return r;
}

static void run_stream_job(void *context)
{
        struct pail_file *file = context;
        uint64_t end = 0;
        int r = pail_lock_acquire(file->fs, &file->inode->lock, INT64_MAX);

        pail_mutex_lock(&file->base.guarded.mutex);
        file->guarded.is_streaming = false;
        if (r == 0)
                end = filled_parts_locked(file);
        if (end && pail_extents_add(&file->guarded.streamed, 0, end) < 0)
                end = 0;
        pail_mutex_unlock(&file->base.guarded.mutex);
        if (end) {
                int error = advance_upload(file, end);

                PAIL_LOCK(&file->base.guarded.mutex);
                file->guarded.stream_error = error;
        }
        if (r == 0)
                pail_lock_release(file->fs, &file->inode->lock);
        pail_file_release(file);
}

void pail_file_stream_start(struct pail_file *file)
{
        struct pail_file *user;

        if (pail_file_acquire(file->fs, file->inode, &user) == 0) {
                if (pail_workpool_submit(file->fs->shared->uploads, run_stream_job, user) == 0)
                        return;
                pail_file_release(user);
        }
        PAIL_LOCK(&file->base.guarded.mutex);
        file->guarded.is_streaming = false; /* the next write tries again, and so does the send */
}

/* Parts that found no free slot when they were filled are started by the next write; one that waits for space does not come to it. */
void pail_file_stream_push(struct pail_file *file)
{
        bool is_idle;

        {
                PAIL_LOCK(&file->base.guarded.mutex);
                is_idle = file->guarded.streamed.count && !file->guarded.is_streaming && !file->guarded.is_frozen;
                if (is_idle)
                        file->guarded.is_streaming = true;
        }
        if (is_idle)
                pail_file_stream_start(file);
}
