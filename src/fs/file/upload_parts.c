/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of an upload: their grid, their states, and those under way.
 *
 *   UNSENT --start_part--> IN_FLIGHT --on_part_done--> SENT       (invalidate, in upload.c: SENT --> UNSENT)
 *                                                 \--> UNSENT     with the error kept for the owner
 *
 * The grid: part sizes double every 250 parts, from the size that the caller wants up to the 5 GiB that S3 takes.
 * With parts of 5 MiB at first, 10,000 of them reach 38 TiB, more than a local file can hold (16 TiB on ext4), and a
 * file of 2 GiB is still sent in parts of 8 or 16 MiB. A size that grows with each part would do the same with sizes
 * that are no multiples of anything.
 *
 * Slots: a part under way has one of a fixed number of slots, so that the remote's thread writes to an address that
 * does not move while the table of parts grows. on_part_done is the last thing that the remote does with an upload,
 * and in_flight is the last thing that it changes: whoever has seen it at 0 may free the upload.
 */
#include "upload_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/cleanup.h"

enum {
        PARTS_PER_STEP = 250,
        STEPS = PAIL_REMOTE_PARTS_MAX / PARTS_PER_STEP,
};

int pail_fs_parts_init(struct pail_fs_parts *parts, unsigned slot_count)
{
        pail_mutex_init(&parts->guarded.mutex);
        pail_cond_init(&parts->guarded.changed);
        parts->guarded.slots = calloc(slot_count, sizeof(*parts->guarded.slots));
        if (!parts->guarded.slots)
                return -ENOMEM;
        parts->slot_count = slot_count;
        for (unsigned i = 0; i < slot_count; i++)
                parts->guarded.slots[i].parts = parts;
        return 0;
}

void pail_fs_parts_done(struct pail_fs_parts *parts)
{
        free(parts->guarded.slots);
        pail_cond_done(&parts->guarded.changed);
        pail_mutex_done(&parts->guarded.mutex);
}

int pail_fs_parts_fail(struct pail_remote_error *ret_error, int error, const char *message)
{
        if (ret_error) {
                ret_error->cause = PAIL_REMOTE_LOCAL;
                snprintf(ret_error->message, sizeof(ret_error->message), "%s: %s", message, strerrordesc_np(-error));
        }
        return error;
}

static uint64_t step_size(uint64_t part_size_bytes, unsigned step)
{
        uint64_t size = part_size_bytes;
        for (; step > 0 && size < PAIL_REMOTE_PART_LIMIT; step--)
                size *= 2;
        return size < PAIL_REMOTE_PART_LIMIT ? size : PAIL_REMOTE_PART_LIMIT;
}

uint64_t pail_fs_part_size(uint64_t part_size_bytes, unsigned part_number)
{
        return step_size(part_size_bytes, (part_number - 1) / PARTS_PER_STEP);
}

uint64_t pail_fs_part_offset(uint64_t part_size_bytes, unsigned part_number)
{
        unsigned step = (part_number - 1) / PARTS_PER_STEP;
        uint64_t offset = (uint64_t)((part_number - 1) % PARTS_PER_STEP) * step_size(part_size_bytes, step);
        for (unsigned i = 0; i < step; i++)
                offset += PARTS_PER_STEP * step_size(part_size_bytes, i);
        return offset;
}

unsigned pail_fs_part_at(uint64_t part_size_bytes, uint64_t offset)
{
        for (unsigned step = 0; step < STEPS; step++) {
                uint64_t size = step_size(part_size_bytes, step), span = PARTS_PER_STEP * size;
                if (offset < span)
                        return step * PARTS_PER_STEP + (unsigned)(offset / size) + 1;
                offset -= span;
        }
        return PAIL_REMOTE_PARTS_MAX + 1;
}

int pail_fs_parts_reserve(struct pail_fs_parts *parts, unsigned part_number)
{
        PAIL_LOCK(&parts->guarded.mutex);
        unsigned count = parts->guarded.count;
        if (part_number <= count)
                return 0;
        if (part_number > PAIL_REMOTE_PARTS_MAX)
                return -EFBIG;
        unsigned larger = count * 2 > part_number ? count * 2 : part_number + 15;
        if (larger > PAIL_REMOTE_PARTS_MAX)
                larger = PAIL_REMOTE_PARTS_MAX;
        struct pail_fs_upload_part *items = reallocarray(parts->guarded.items, larger, sizeof(*items));
        if (!items)
                return -ENOMEM;
        memset(items + count, 0, (larger - count) * sizeof(*items));
        parts->guarded.items = items;
        parts->guarded.count = larger;
        return 0;
}

void pail_fs_parts_forget(struct pail_fs_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        free(pail_steal(&parts->guarded.items));
        parts->guarded.count = 0;
        parts->guarded.failure = 0;
}

unsigned pail_fs_parts_count(struct pail_fs_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        return parts->guarded.count;
}

void pail_fs_parts_mark_unsent(struct pail_fs_parts *parts, unsigned part_number)
{
        PAIL_LOCK(&parts->guarded.mutex);
        parts->guarded.items[part_number - 1].state = PAIL_FS_PART_UNSENT;
}

enum pail_fs_part_state pail_fs_parts_state(struct pail_fs_parts *parts, unsigned part_number, uint64_t size_bytes)
{
        PAIL_LOCK(&parts->guarded.mutex);
        if (part_number > parts->guarded.count)
                return PAIL_FS_PART_UNSENT;
        const struct pail_fs_upload_part *part = &parts->guarded.items[part_number - 1];
        return part->state == PAIL_FS_PART_SENT && part->sent.size_bytes != size_bytes ? PAIL_FS_PART_UNSENT
                                                                                       : part->state;
}

static struct pail_fs_upload_slot *idle_slot_locked(struct pail_fs_parts *parts)
{
        pail_mutex_assert_held(&parts->guarded.mutex);
        for (unsigned i = 0; i < parts->slot_count; i++) {
                if (!parts->guarded.slots[i].is_busy)
                        return &parts->guarded.slots[i];
        }
        return NULL;
}

bool pail_fs_parts_has_idle_slot(struct pail_fs_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        return idle_slot_locked(parts) != NULL;
}

/*
 * The end of a part, on the owner's thread when it could not be started, else on the remote's. Returns the call to
 * release.
 */
static struct pail_remote_call *release_slot_locked(struct pail_fs_upload_slot *slot, int r,
                                                    const struct pail_remote_error *error)
{
        struct pail_fs_parts *parts = slot->parts;
        pail_mutex_assert_held(&parts->guarded.mutex);
        struct pail_fs_upload_part *part = &parts->guarded.items[slot->part.number - 1];
        if (r < 0) {
                part->state = PAIL_FS_PART_UNSENT;
                if (r != -EINTR && !parts->guarded.failure) { /* EINTR: we have cancelled it */
                        parts->guarded.failure = r;
                        parts->guarded.error = *error;
                }
        } else {
                part->state = PAIL_FS_PART_SENT;
                part->sent = slot->part;
        }
        slot->is_busy = false;
        parts->guarded.in_flight--;
        pail_cond_broadcast(&parts->guarded.changed);
        return pail_steal(&slot->call);
}

static void on_part_done(void *context, int r, const struct pail_remote_error *error)
{
        struct pail_fs_upload_slot *slot = context;
        struct pail_fs_parts *parts = slot->parts;
        const struct pail_remote_ops *ops = parts->remote->ops;
        if (r == 0 && parts->part_sent)
                parts->part_sent(parts->context, slot->offset, slot->part.size_bytes);
        pail_mutex_lock(&parts->guarded.mutex);
        struct pail_remote_call *call = release_slot_locked(slot, r, error);
        pail_mutex_unlock(&parts->guarded.mutex);
        ops->unref_call(call); /* the upload may be gone by now */
}

static struct pail_fs_upload_slot *occupy_slot(struct pail_fs_parts *parts, unsigned part_number, uint64_t size_bytes)
{
        PAIL_LOCK(&parts->guarded.mutex);
        struct pail_fs_upload_slot *slot = idle_slot_locked(parts);
        if (!slot)
                return NULL;
        slot->is_busy = true;
        slot->part = (struct pail_remote_part){ .number = part_number, .size_bytes = size_bytes };
        slot->offset = pail_fs_part_offset(parts->part_size_bytes, part_number);
        parts->guarded.items[part_number - 1].state = PAIL_FS_PART_IN_FLIGHT;
        parts->guarded.in_flight++;
        return slot;
}

/* The part may have ended already, and its slot with it: then the reference is ours to drop. */
static void keep_call(struct pail_fs_parts *parts, struct pail_fs_upload_slot *slot, struct pail_remote_call *call)
{
        {
                PAIL_LOCK(&parts->guarded.mutex);
                if (slot->is_busy)
                        slot->call = pail_steal(&call);
        }
        parts->remote->ops->unref_call(call);
}

static struct pail_remote_part_source describe_source(const struct pail_fs_parts *parts,
                                                      const struct pail_fs_upload_slot *slot, uint64_t size_bytes,
                                                      enum pail_fs_part_kind kind, enum pail_remote_priority priority)
{
        if (kind == PAIL_FS_PART_COPY)
                return (struct pail_remote_part_source){ .copy_key = parts->copy_key,
                                                         .copy_etag = parts->copy_etag,
                                                         .copy_offset = slot->offset,
                                                         .priority = priority };
        return (struct pail_remote_part_source){
                .bytes = { .fd = parts->fd, .offset = slot->offset, .size_bytes = size_bytes }, .priority = priority
        };
}

int pail_fs_parts_start(struct pail_fs_parts *parts, struct pail_remote_upload *upload, unsigned part_number,
                        uint64_t size_bytes, enum pail_fs_part_kind kind, enum pail_remote_priority priority,
                        struct pail_remote_error *ret_error)
{
        struct pail_fs_upload_slot *slot = occupy_slot(parts, part_number, size_bytes);
        if (!slot)
                return pail_fs_parts_fail(ret_error, -EBUSY, "too many parts under way");
        const struct pail_remote_part_source source = describe_source(parts, slot, size_bytes, kind, priority);
        struct pail_remote_error error;
        struct pail_remote_call *call = NULL;
        int r = parts->remote->ops->send_part(upload, &source, &slot->part, on_part_done, slot, &call, &error);
        if (r >= 0) {
                keep_call(parts, slot, call);
                return 0;
        }
        PAIL_LOCK(&parts->guarded.mutex);
        (void)release_slot_locked(slot, r, &error);
        if (ret_error)
                *ret_error = error;
        return r;
}

void pail_fs_parts_wait_slot(struct pail_fs_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        while (!idle_slot_locked(parts) && !parts->guarded.failure)
                pail_cond_wait(&parts->guarded.changed, &parts->guarded.mutex);
}

void pail_fs_parts_wait_all(struct pail_fs_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        while (parts->guarded.in_flight > 0)
                pail_cond_wait(&parts->guarded.changed, &parts->guarded.mutex);
}

void pail_fs_parts_wait(struct pail_fs_parts *parts, unsigned part_number)
{
        PAIL_LOCK(&parts->guarded.mutex);
        for (unsigned i = 0; i < parts->slot_count; i++) {
                struct pail_fs_upload_slot *slot = &parts->guarded.slots[i];
                if (slot->is_busy && slot->call && slot->part.number == part_number)
                        parts->remote->ops->raise_call(slot->call);
        }
        while (parts->guarded.items[part_number - 1].state == PAIL_FS_PART_IN_FLIGHT)
                pail_cond_wait(&parts->guarded.changed, &parts->guarded.mutex);
}

void pail_fs_parts_raise_all(struct pail_fs_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        for (unsigned i = 0; i < parts->slot_count; i++) {
                struct pail_fs_upload_slot *slot = &parts->guarded.slots[i];
                if (slot->is_busy && slot->call)
                        parts->remote->ops->raise_call(slot->call);
        }
}

bool pail_fs_parts_cancel_all(struct pail_fs_parts *parts)
{
        bool has_any = false;

        PAIL_LOCK(&parts->guarded.mutex);
        for (unsigned i = 0; i < parts->slot_count; i++) {
                struct pail_fs_upload_slot *slot = &parts->guarded.slots[i];
                if (!slot->is_busy || !slot->call)
                        continue;
                has_any = true;
                parts->remote->ops->cancel_call(slot->call);
        }
        return has_any;
}

int pail_fs_parts_error(struct pail_fs_parts *parts, struct pail_remote_error *ret_error)
{
        PAIL_LOCK(&parts->guarded.mutex);
        if (parts->guarded.failure && ret_error)
                *ret_error = parts->guarded.error;
        return parts->guarded.failure;
}

void pail_fs_parts_clear_error(struct pail_fs_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        parts->guarded.failure = 0;
}

struct pail_remote_part *pail_fs_parts_list(struct pail_fs_parts *parts, unsigned count)
{
        PAIL_LOCK(&parts->guarded.mutex);
        struct pail_remote_part *list = calloc(count ? count : 1, sizeof(*list));
        for (unsigned i = 0; list && i < count; i++)
                list[i] = parts->guarded.items[i].sent;
        return list;
}

uint64_t pail_fs_parts_sent_bytes(struct pail_fs_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        uint64_t bytes = 0;
        for (unsigned i = 0; i < parts->guarded.count && parts->guarded.items[i].state == PAIL_FS_PART_SENT; i++)
                bytes += parts->guarded.items[i].sent.size_bytes;
        return bytes;
}
