/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, writing and truncating a file that has bytes of its own, over its base. */
#include "file_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "finish_upload.h"
#include "fs/core/volume.h"
#include "fs/data/inode_data.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/interrupt.h"
#include "spool_reclaim.h"
#include "state.h"
#include "stream.h"

/* Size and times of the inode follow the bytes, unless they were sent in the meantime. */
static void note_change_of_inode(struct pail_file *file)
{
        PAIL_LOCK(&file->fs->tree.mutex);
        PAIL_LOCK(&file->base.guarded.mutex);
        pail_inode_note_written_locked(file->fs, file->inode, file->base.guarded.size_bytes,
                                       file->guarded.generation != file->guarded.sent_generation);
}

/* Writers wait while the file is being sent. */
static int wait_until_thawed_locked(struct pail_file *file)
{
        pail_mutex_assert_held(&file->base.guarded.mutex);
        while (file->guarded.is_frozen) {
                int r = pail_interrupt_wait(&file->guarded.changed, &file->base.guarded.mutex, INT64_MAX);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int ensure_spool_locked(struct pail_file *file, const char *key)
{
        pail_mutex_assert_held(&file->base.guarded.mutex);
        file->base.guarded.is_all = false;
        return file->guarded.spool ? 0 : pail_spool_file_new(file->fs->spool, key, &file->guarded.spool);
}

/* The file's mutex, with nobody sending, a spool, and [offset, +size) not in the hands of the upload. */
static int begin_change(struct pail_file *file, uint64_t offset, uint64_t size_bytes)
{
        _cleanup_free_ char *key = NULL;
        int r;

        {
                PAIL_LOCK(&file->fs->tree.mutex);
                r = pail_inode_writable_key_locked(file->fs, file->inode, &key);
        }
        if (r < 0 && r != -ENOENT)
                return r;
        for (;;) {
                pail_mutex_lock(&file->base.guarded.mutex);
                r = wait_until_thawed_locked(file);
                if (r == 0 && !pail_extents_intersects(&file->guarded.streamed, offset, offset + size_bytes))
                        r = ensure_spool_locked(file, key ? key : "(deleted)");
                else if (r == 0)
                        r = -EAGAIN;
                if (r == 0)
                        return 0;
                pail_mutex_unlock(&file->base.guarded.mutex);
                if (r == -EAGAIN)
                        r = pail_file_invalidate_parts(file, offset, size_bytes);
                if (r < 0)
                        return r;
        }
}

static int note_written_locked(struct pail_file *file, uint64_t offset, uint64_t end)
{
        int r = pail_extents_add(&file->guarded.altered, offset, end);

        pail_mutex_assert_held(&file->base.guarded.mutex);
        if (r < 0)
                return r;
        if (end > file->base.guarded.size_bytes)
                file->base.guarded.size_bytes = end;
        file->guarded.generation++;
        return 0;
}

int pail_file_io_write(struct pail_file *file, const void *data, size_t size, uint64_t offset)
{
        bool is_due;
        int r;

        for (;;) {
                uint64_t steps = pail_spool_budget_steps(file->fs->shared->budget);

                r = begin_change(file, offset, size);
                if (r < 0)
                        return r;
                r = pail_spool_file_write(file->guarded.spool, data, size, offset);
                if (r != -ENOSPC)
                        break;
                pail_mutex_unlock(&file->base.guarded.mutex);
                r = pail_spool_reclaim(file, steps, pail_file_stream_push);
                if (r < 0)
                        return r;
        }
        if (r == 0)
                r = note_written_locked(file, offset, offset + size);
        is_due = r == 0 && pail_file_stream_is_due_locked(file);
        pail_mutex_unlock(&file->base.guarded.mutex);
        if (r == 0)
                note_change_of_inode(file);
        if (is_due)
                pail_file_stream_start(file);
        return r;
}

static int truncate_locked(struct pail_file *file, uint64_t size_bytes)
{
        uint64_t old = file->base.guarded.size_bytes;
        int r = 0;

        pail_mutex_assert_held(&file->base.guarded.mutex);
        if (size_bytes < old) {
                if (file->base.guarded.data_bytes > size_bytes)
                        file->base.guarded.data_bytes = size_bytes;
                r = pail_spool_file_truncate(file->guarded.spool, size_bytes);
                if (r == 0)
                        r = pail_extents_remove(&file->guarded.altered, size_bytes, UINT64_MAX);
        } else if (size_bytes > old) {
                r = pail_spool_file_truncate(file->guarded.spool,
                                             size_bytes); /* as long as what an upload will read of it */
                if (r == 0)
                        r = pail_extents_add(&file->guarded.altered, old, size_bytes);
        }
        if (r < 0)
                return r;
        file->base.guarded.size_bytes = size_bytes;
        file->guarded.generation++;
        return 0;
}

int pail_file_io_truncate(struct pail_file *file, uint64_t size_bytes)
{
        int r;

        if (size_bytes > INT64_MAX)
                return -EFBIG;
        r = begin_change(file, size_bytes, UINT64_MAX - size_bytes);
        if (r < 0)
                return r;
        r = truncate_locked(file, size_bytes);
        pail_mutex_unlock(&file->base.guarded.mutex);
        if (r == 0)
                note_change_of_inode(file);
        return r;
}

/* Where the next bytes come from. */
enum origin { ORIGIN_SPOOL, ORIGIN_BASE, ORIGIN_ZEROS, ORIGIN_UPLOAD };

static enum origin find_origin_locked(struct pail_file *file, uint64_t offset, uint64_t end, uint64_t *ret_until)
{
        bool is_inside = false;
        uint64_t until = end;

        pail_mutex_assert_held(&file->base.guarded.mutex);
        if (file->guarded.spool)
                until = pail_extents_stretch(pail_spool_file_present(file->guarded.spool), offset, end, &is_inside);
        *ret_until = until;
        if (is_inside)
                return ORIGIN_SPOOL;
        *ret_until = pail_extents_stretch(&file->guarded.punched, offset, until, &is_inside);
        if (is_inside)
                return ORIGIN_UPLOAD;
        if (offset >= file->base.guarded.data_bytes)
                return ORIGIN_ZEROS;
        if (*ret_until > file->base.guarded.data_bytes)
                *ret_until = file->base.guarded.data_bytes;
        return ORIGIN_BASE;
}

/* One stretch of a mixed read into memory. *ret_size is what was read. */
static int read_stretch(struct pail_file *file, uint64_t offset, size_t size, char *target, size_t *ret_size)
{
        struct pail_object_data *base = NULL;
        enum origin origin;
        uint64_t until;
        int r = 0;

        pail_mutex_lock(&file->base.guarded.mutex);
        origin = find_origin_locked(file, offset, offset + size, &until);
        *ret_size = until - offset;
        if (origin == ORIGIN_SPOOL)
                r = pail_file_pread_all(pail_spool_file_fd(file->guarded.spool), target, *ret_size, (off_t)offset);
        else if (origin == ORIGIN_BASE)
                base = pail_object_data_ref(file->base.guarded.data);
        pail_mutex_unlock(&file->base.guarded.mutex);
        if (origin == ORIGIN_ZEROS)
                memset(target, 0, *ret_size);
        if (origin == ORIGIN_UPLOAD) {
                *ret_size = 0;
                r = pail_file_invalidate_parts(file, offset, until - offset);
        }
        if (base) {
                r = pail_read_copy(base, offset, *ret_size, target);
                pail_object_data_unref(base);
        }
        return r;
}

static void release_heap(struct pail_content_result *result)
{
        free(result->owner);
}

static int read_mixed(struct pail_file *file, uint64_t offset, size_t size, struct pail_content_result *ret_result)
{
        _cleanup_free_ char *data = malloc(size);

        if (!data)
                return -ENOMEM;
        for (size_t done = 0; done < size;) {
                size_t step;
                int r = read_stretch(file, offset + done, size - done, data + done, &step);

                if (r < 0)
                        return r;
                done += step;
        }
        *ret_result = (struct pail_content_result){
                .iov = { { .iov_base = data, .iov_len = size } },
                .count = 1,
                .size_bytes = size,
                .owner = data,
                .release = release_heap,
        };
        data = NULL;
        return 0;
}

int pail_file_io_read(struct pail_file *file, struct pail_read_stream *stream, size_t size, uint64_t offset,
                      struct pail_content_result *ret_result)
{
        struct pail_object_data *base = NULL;
        uint64_t until;
        int r;

        pail_mutex_lock(&file->base.guarded.mutex);
        if (offset >= file->base.guarded.size_bytes)
                size = 0;
        else if (size > file->base.guarded.size_bytes - offset)
                size = file->base.guarded.size_bytes - offset;
        if (size && find_origin_locked(file, offset, offset + size, &until) == ORIGIN_BASE && until == offset + size)
                base = pail_object_data_ref(file->base.guarded.data);
        pail_mutex_unlock(&file->base.guarded.mutex);
        if (!size) {
                *ret_result = (struct pail_content_result){ 0 };
                return 0;
        }
        if (!base)
                return read_mixed(file, offset, size, ret_result);
        r = pail_read(base, stream, offset, size, ret_result);
        pail_object_data_unref(base);
        pail_inode_data_note_read(file->fs, file->inode, r);
        return r;
}
