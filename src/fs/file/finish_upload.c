/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ending an open upload, or calling parts of it back. While the spool has all bytes, that costs the parts: they are sent again. Once bytes
 * were punched out of the spool (spool_reclaim.c), S3 gives them back only as an object: then the file is sent as it is.
 */
#include "finish_upload.h"

#include "fs/core/lock.h"
#include "fs/core/volume.h"
#include "open_upload.h"
#include "pail/util/interrupt.h"
#include "send.h"
#include "state.h"
#include "upload.h"

int pail_file_finish_upload(struct pail_file *file)
{
        bool is_whole;

        {
                PAIL_LOCK(&file->base.guarded.mutex);
                is_whole = file->guarded.punched.count == 0;
        }
        if (!is_whole)
                return pail_file_send_under_lock(file);
        pail_open_upload_abort(file);
        return 0;
}

static int invalidate_under_lock(struct pail_file *file, uint64_t offset, uint64_t end)
{
        uint64_t part_size = file->fs->options.part_size_bytes;
        bool is_punched;

        {
                PAIL_LOCK(&file->base.guarded.mutex);
                is_punched = pail_extents_intersects(&file->guarded.punched, offset, end);
        }
        if (is_punched)
                return pail_file_send_under_lock(file);
        if (file->guarded.upload)
                pail_fs_upload_invalidate(file->guarded.upload, offset, end - offset);
        PAIL_LOCK(&file->base.guarded.mutex);
        offset = pail_fs_part_offset(part_size, pail_fs_part_at(part_size, offset));
        return pail_extents_remove(&file->guarded.streamed, offset, end);
}

int pail_file_invalidate_parts(struct pail_file *file, uint64_t offset, uint64_t size_bytes)
{
        uint64_t end = size_bytes > UINT64_MAX - offset ? UINT64_MAX : offset + size_bytes;
        const struct pail_interrupt *interrupt;
        int r = pail_lock_acquire(file->fs, &file->inode->lock, pail_fs_deadline(file->fs));

        if (r < 0)
                return r;
        interrupt = pail_interrupt_install(NULL); /* a change is never left half done */
        r = invalidate_under_lock(file, offset, end);
        pail_interrupt_install(interrupt);
        pail_lock_release(file->fs, &file->inode->lock);
        return r;
}
