/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, writing and truncating a file that has bytes of its own, over its base. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/file/file.h"
#include "pail/util/clock.h"
#include "pail/util/file.h"
#include "pail/util/interrupt.h"

enum { FILL_STEP = 1 << 20 };

/* Size and times of the node follow the bytes, unless they were sent in the meantime. */
static void touch_node(struct pail_draft *draft)
{
        struct pail_node *node = draft->node;

        PAIL_LOCK(&draft->fs->tree.mutex);
        PAIL_LOCK(&draft->guarded.mutex);
        node->attributes.size_bytes = draft->guarded.size_bytes;
        if (draft->guarded.generation == draft->guarded.sent_generation)
                return;
        node->attributes.mtime = node->attributes.ctime = pail_clock_now();
        node->is_local = true;
}

/* Writers wait while the file is being sent. */
static int thaw_locked(struct pail_draft *draft)
{
        while (draft->guarded.is_frozen) {
                int r = pail_interrupt_wait(&draft->guarded.changed, &draft->guarded.mutex, INT64_MAX);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int ensure_spool_locked(struct pail_draft *draft, const char *key)
{
        return draft->guarded.spool ? 0 : pail_spool_file_new(draft->fs->spool, key, &draft->guarded.spool);
}

/* The file's mutex, with nobody sending, a spool, and [offset, +size) not in the hands of the upload. */
static int begin_change(struct pail_draft *draft, uint64_t offset, uint64_t size_bytes)
{
        _cleanup_free_ char *key = NULL;
        int r;

        pail_mutex_lock(&draft->fs->tree.mutex);
        r = draft->node->is_superseded ? -ESTALE : pail_node_key_locked(draft->fs, draft->node, &key);
        pail_mutex_unlock(&draft->fs->tree.mutex);
        if (r < 0 && r != -ENOENT)
                return r;
        for (;;) {
                pail_mutex_lock(&draft->guarded.mutex);
                r = thaw_locked(draft);
                if (r == 0 && !pail_extents_intersects(&draft->guarded.streamed, offset, offset + size_bytes))
                        r = ensure_spool_locked(draft, key ? key : "(deleted)");
                else if (r == 0)
                        r = -EAGAIN;
                if (r == 0)
                        return 0;
                pail_mutex_unlock(&draft->guarded.mutex);
                if (r == -EAGAIN)
                        r = pail_draft_recall(draft, offset, size_bytes);
                if (r < 0)
                        return r;
        }
}

static int note_written_locked(struct pail_draft *draft, uint64_t offset, uint64_t end)
{
        int r = pail_extents_add(&draft->guarded.altered, offset, end);

        if (r < 0)
                return r;
        if (end > draft->guarded.size_bytes)
                draft->guarded.size_bytes = end;
        draft->guarded.generation++;
        return 0;
}

int pail_draft_write(struct pail_draft *draft, const void *data, size_t size, uint64_t offset)
{
        bool is_due;
        int r;

        for (;;) {
                uint64_t steps = pail_spool_budget_steps(draft->fs->shared->budget);

                r = begin_change(draft, offset, size);
                if (r < 0)
                        return r;
                r = pail_spool_file_write(draft->guarded.spool, data, size, offset);
                if (r != -ENOSPC)
                        break;
                pail_mutex_unlock(&draft->guarded.mutex);
                r = pail_draft_make_space(draft, steps);
                if (r < 0)
                        return r;
        }
        if (r == 0)
                r = note_written_locked(draft, offset, offset + size);
        is_due = r == 0 && pail_draft_stream_is_due_locked(draft);
        pail_mutex_unlock(&draft->guarded.mutex);
        if (r == 0)
                touch_node(draft);
        if (is_due)
                pail_draft_stream(draft);
        return r;
}

static int truncate_locked(struct pail_draft *draft, uint64_t size_bytes)
{
        uint64_t old = draft->guarded.size_bytes;
        int r = 0;

        if (size_bytes < old) {
                if (draft->guarded.base_bytes > size_bytes)
                        draft->guarded.base_bytes = size_bytes;
                r = pail_spool_file_truncate(draft->guarded.spool, size_bytes);
                if (r == 0)
                        r = pail_extents_remove(&draft->guarded.altered, size_bytes, UINT64_MAX);
        } else if (size_bytes > old) {
                r = pail_spool_file_truncate(draft->guarded.spool,
                                             size_bytes); /* as long as what an upload will read of it */
                if (r == 0)
                        r = pail_extents_add(&draft->guarded.altered, old, size_bytes);
        }
        if (r < 0)
                return r;
        draft->guarded.size_bytes = size_bytes;
        draft->guarded.generation++;
        return 0;
}

int pail_draft_truncate(struct pail_draft *draft, uint64_t size_bytes)
{
        int r;

        if (size_bytes > INT64_MAX)
                return -EFBIG;
        r = begin_change(draft, size_bytes, UINT64_MAX - size_bytes);
        if (r < 0)
                return r;
        r = truncate_locked(draft, size_bytes);
        pail_mutex_unlock(&draft->guarded.mutex);
        if (r == 0)
                touch_node(draft);
        return r;
}

/* Moves [offset, +size), which the base has and the spool has not, into the spool. */
static int fetch(struct pail_draft *draft, struct pail_content *base, uint64_t offset, size_t size)
{
        _cleanup_free_ char *data = malloc(size);
        uint64_t steps;
        int r;

        if (!data)
                return -ENOMEM;
        r = pail_content_copy(base, offset, size, data);
        if (r < 0)
                return r;
        /* Only a sender fills, and writers wait for it: what was missing is still missing. */
        do {
                steps = pail_spool_budget_steps(draft->fs->shared->budget);
                pail_mutex_lock(&draft->guarded.mutex);
                r = pail_spool_file_write(draft->guarded.spool, data, size, offset);
                pail_mutex_unlock(&draft->guarded.mutex);
        } while (r == -ENOSPC && (r = pail_draft_make_space(draft, steps)) == 0);
        return r;
}

int pail_draft_fill(struct pail_draft *draft, uint64_t offset, uint64_t size_bytes)
{
        uint64_t end = offset + size_bytes;

        while (offset < end) {
                struct pail_content *base = NULL;
                bool is_present;
                uint64_t until;
                int r = 0;

                pail_mutex_lock(&draft->guarded.mutex);
                if (end > draft->guarded.base_bytes)
                        end = draft->guarded.base_bytes;
                until = offset < end ? pail_extents_stretch(pail_spool_file_present(draft->guarded.spool), offset, end,
                                                            &is_present)
                                     : end;
                if (offset < end && !is_present)
                        base = pail_content_ref(draft->guarded.base);
                pail_mutex_unlock(&draft->guarded.mutex);
                if (base) {
                        until = until - offset > FILL_STEP ? offset + FILL_STEP : until;
                        r = fetch(draft, base, offset, until - offset);
                        pail_content_unref(base);
                }
                if (r < 0)
                        return r;
                if (until <= offset)
                        break;
                offset = until;
        }
        return 0;
}

/* Where the next bytes come from. */
enum origin { ORIGIN_SPOOL, ORIGIN_BASE, ORIGIN_ZEROS, ORIGIN_UPLOAD };

static enum origin origin_locked(struct pail_draft *draft, uint64_t offset, uint64_t end, uint64_t *ret_until)
{
        bool is_inside = false;
        uint64_t until = end;

        if (draft->guarded.spool)
                until = pail_extents_stretch(pail_spool_file_present(draft->guarded.spool), offset, end, &is_inside);
        *ret_until = until;
        if (is_inside)
                return ORIGIN_SPOOL;
        *ret_until = pail_extents_stretch(&draft->guarded.punched, offset, until, &is_inside);
        if (is_inside)
                return ORIGIN_UPLOAD;
        if (offset >= draft->guarded.base_bytes)
                return ORIGIN_ZEROS;
        if (*ret_until > draft->guarded.base_bytes)
                *ret_until = draft->guarded.base_bytes;
        return ORIGIN_BASE;
}

/* One stretch of a mixed read into memory. *ret_size is what was read. */
static int read_stretch(struct pail_draft *draft, uint64_t offset, size_t size, char *target, size_t *ret_size)
{
        struct pail_content *base = NULL;
        enum origin origin;
        uint64_t until;
        int r = 0;

        pail_mutex_lock(&draft->guarded.mutex);
        origin = origin_locked(draft, offset, offset + size, &until);
        *ret_size = until - offset;
        if (origin == ORIGIN_SPOOL)
                r = pail_file_pread_all(pail_spool_file_fd(draft->guarded.spool), target, *ret_size, (off_t)offset);
        else if (origin == ORIGIN_BASE)
                base = pail_content_ref(draft->guarded.base);
        pail_mutex_unlock(&draft->guarded.mutex);
        if (origin == ORIGIN_ZEROS)
                memset(target, 0, *ret_size);
        if (origin == ORIGIN_UPLOAD) {
                *ret_size = 0;
                r = pail_draft_recall(draft, offset, until - offset);
        }
        if (base) {
                r = pail_content_copy(base, offset, *ret_size, target);
                pail_content_unref(base);
        }
        return r;
}

static void release_heap(struct pail_content_result *result)
{
        free(result->owner);
}

static int read_mixed(struct pail_draft *draft, uint64_t offset, size_t size, struct pail_content_result *ret_result)
{
        _cleanup_free_ char *data = malloc(size);

        if (!data)
                return -ENOMEM;
        for (size_t done = 0; done < size;) {
                size_t step;
                int r = read_stretch(draft, offset + done, size - done, data + done, &step);

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

/* A version that is gone is asked for anew by the next lookup or open. */
static void note_read(struct pail_draft *draft, int result)
{
        PAIL_LOCK(&draft->fs->tree.mutex);
        if (result == 0)
                draft->node->has_delivered = true;
        else if (result == -ESTALE)
                draft->node->checked_ms = INT64_MIN;
}

int pail_draft_read(struct pail_draft *draft, struct pail_content_stream *stream, size_t size, uint64_t offset,
                    struct pail_content_result *ret_result)
{
        struct pail_content *base = NULL;
        uint64_t until;
        int r;

        pail_mutex_lock(&draft->guarded.mutex);
        if (offset >= draft->guarded.size_bytes)
                size = 0;
        else if (size > draft->guarded.size_bytes - offset)
                size = draft->guarded.size_bytes - offset;
        if (size && origin_locked(draft, offset, offset + size, &until) == ORIGIN_BASE && until == offset + size)
                base = pail_content_ref(draft->guarded.base);
        pail_mutex_unlock(&draft->guarded.mutex);
        if (!size) {
                *ret_result = (struct pail_content_result){ 0 };
                return 0;
        }
        if (!base)
                return read_mixed(draft, offset, size, ret_result);
        r = pail_content_read(base, stream, offset, size, ret_result);
        pail_content_unref(base);
        note_read(draft, r);
        return r;
}
