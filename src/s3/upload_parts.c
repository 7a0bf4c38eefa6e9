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
 * Slots: a part under way has one of a fixed number of slots, so that the engine's thread writes to an address that
 * does not move while the table of parts grows. on_part_done is the last thing that the engine does with an upload,
 * and in_flight is the last thing that it changes: whoever has seen it at 0 may free the upload.
 */
#include <errno.h>

#include "pail/util/str.h"
#include "upload.h"

enum {
        PARTS_PER_STEP = 250,
        STEPS = PAIL_S3_PARTS_MAX / PARTS_PER_STEP,
};

static uint64_t step_size(uint64_t part_size_bytes, unsigned step)
{
        uint64_t size = part_size_bytes;
        for (; step > 0 && size < PAIL_S3_PART_LIMIT; step--)
                size *= 2;
        return size < PAIL_S3_PART_LIMIT ? size : PAIL_S3_PART_LIMIT;
}

uint64_t pail_upload_part_size(uint64_t part_size_bytes, unsigned part_number)
{
        return step_size(part_size_bytes, (part_number - 1) / PARTS_PER_STEP);
}

uint64_t pail_upload_part_offset(uint64_t part_size_bytes, unsigned part_number)
{
        unsigned step = (part_number - 1) / PARTS_PER_STEP;
        uint64_t offset = (uint64_t)((part_number - 1) % PARTS_PER_STEP) * step_size(part_size_bytes, step);
        for (unsigned i = 0; i < step; i++)
                offset += PARTS_PER_STEP * step_size(part_size_bytes, i);
        return offset;
}

unsigned pail_upload_part_at(uint64_t part_size_bytes, uint64_t offset)
{
        for (unsigned step = 0; step < STEPS; step++) {
                uint64_t size = step_size(part_size_bytes, step), span = PARTS_PER_STEP * size;
                if (offset < span)
                        return step * PARTS_PER_STEP + (unsigned)(offset / size) + 1;
                offset -= span;
        }
        return PAIL_S3_PARTS_MAX + 1;
}

int pail_upload_reserve(struct pail_upload *upload, unsigned part_number)
{
        PAIL_LOCK(&upload->guarded.mutex);
        unsigned count = upload->guarded.count;
        if (part_number <= count)
                return 0;
        if (part_number > PAIL_S3_PARTS_MAX)
                return -EFBIG;
        unsigned wanted = count * 2 > part_number ? count * 2 : part_number + 15;
        if (wanted > PAIL_S3_PARTS_MAX)
                wanted = PAIL_S3_PARTS_MAX;
        struct pail_upload_part *parts = reallocarray(upload->guarded.parts, wanted, sizeof(*parts));
        if (!parts)
                return -ENOMEM;
        memset(parts + count, 0, (wanted - count) * sizeof(*parts));
        upload->guarded.parts = parts;
        upload->guarded.count = wanted;
        return 0;
}

void pail_upload_forget_parts(struct pail_upload *upload)
{
        PAIL_LOCK(&upload->guarded.mutex);
        free(pail_steal(&upload->guarded.parts));
        upload->guarded.count = 0;
        upload->guarded.has_cancelled_part = false;
        upload->guarded.error = PAIL_ERROR_INIT;
}

unsigned pail_upload_part_count(struct pail_upload *upload)
{
        PAIL_LOCK(&upload->guarded.mutex);
        return upload->guarded.count;
}

void pail_upload_mark_unsent(struct pail_upload *upload, unsigned part_number)
{
        PAIL_LOCK(&upload->guarded.mutex);
        upload->guarded.parts[part_number - 1].state = PAIL_PART_UNSENT;
}

enum pail_part_state pail_upload_part_state(struct pail_upload *upload, unsigned part_number, uint64_t size_bytes)
{
        PAIL_LOCK(&upload->guarded.mutex);
        if (part_number > upload->guarded.count)
                return PAIL_PART_UNSENT;
        const struct pail_upload_part *part = &upload->guarded.parts[part_number - 1];
        return part->state == PAIL_PART_SENT && part->sent.size_bytes != size_bytes ? PAIL_PART_UNSENT : part->state;
}

static struct pail_upload_slot *idle_slot_locked(struct pail_upload *upload)
{
        pail_mutex_assert_held(&upload->guarded.mutex);
        for (unsigned i = 0; i < upload->slot_count; i++) {
                if (!upload->guarded.slots[i].is_busy)
                        return &upload->guarded.slots[i];
        }
        return NULL;
}

bool pail_upload_has_idle_slot(struct pail_upload *upload)
{
        PAIL_LOCK(&upload->guarded.mutex);
        return idle_slot_locked(upload) != NULL;
}

/*
 * The end of a part, on the owner's thread when it could not be started, else on the engine's. Returns the call to
 * release.
 */
static struct pail_s3_call *release_slot_locked(struct pail_upload_slot *slot, const struct pail_error *error)
{
        struct pail_upload *upload = slot->upload;
        pail_mutex_assert_held(&upload->guarded.mutex);
        struct pail_upload_part *part = &upload->guarded.parts[slot->part.part_number - 1];
        if (error) {
                part->state = PAIL_PART_UNSENT;
                if (error->class != PAIL_ERROR_CANCELLED && upload->guarded.error.class == PAIL_ERROR_NONE)
                        upload->guarded.error = *error;
        } else {
                part->state = PAIL_PART_SENT;
                part->sent = slot->part;
        }
        slot->is_busy = false;
        upload->guarded.in_flight--;
        pail_cond_broadcast(&upload->guarded.changed);
        return pail_steal(&slot->call);
}

static void on_part_done(void *context, const struct pail_error *error)
{
        struct pail_upload_slot *slot = context;
        struct pail_upload *upload = slot->upload;
        if (!error && slot->is_copy && upload->source.progress)
                upload->source.progress(upload->source.context, (int64_t)slot->part.size_bytes);
        if (!error && upload->source.part_sent)
                upload->source.part_sent(upload->source.context, slot->offset, slot->part.size_bytes);
        pail_mutex_lock(&upload->guarded.mutex);
        struct pail_s3_call *call = release_slot_locked(slot, error);
        pail_mutex_unlock(&upload->guarded.mutex);
        pail_s3_call_unref(call); /* the upload may be gone by now */
}

static struct pail_upload_slot *take_slot(struct pail_upload *upload, unsigned part_number, uint64_t size_bytes)
{
        PAIL_LOCK(&upload->guarded.mutex);
        struct pail_upload_slot *slot = idle_slot_locked(upload);
        if (!slot)
                return NULL;
        slot->is_busy = true;
        slot->part = (struct pail_s3_part){ .part_number = part_number, .size_bytes = size_bytes };
        slot->offset = pail_upload_part_offset(upload->part_size_bytes, part_number);
        upload->guarded.parts[part_number - 1].state = PAIL_PART_IN_FLIGHT;
        upload->guarded.in_flight++;
        return slot;
}

/* The part may have ended already, and its slot with it: then the reference is ours to drop. */
static void keep_call(struct pail_upload *upload, struct pail_upload_slot *slot, struct pail_s3_call *call)
{
        pail_mutex_lock(&upload->guarded.mutex);
        if (slot->is_busy)
                slot->call = pail_steal(&call);
        pail_mutex_unlock(&upload->guarded.mutex);
        pail_s3_call_unref(call);
}

int pail_upload_start_part(struct pail_upload *upload, unsigned part_number, uint64_t size_bytes,
                           enum pail_upload_part_kind kind, enum pail_http_priority priority,
                           struct pail_error *ret_error)
{
        struct pail_upload_slot *slot = take_slot(upload, part_number, size_bytes);
        if (!slot)
                return pail_error_set_errno(ret_error, EBUSY, "too many parts under way");
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_s3_call *call = NULL;
        struct pail_s3_part_input input = {
                .bucket = pail_bucket_name(upload->bucket),
                .key = upload->key,
                .upload_id = upload->upload_id,
                .part_number = part_number,
                .without_crc = !upload->has_checksums,
                .priority = priority,
        };
        int r;
        slot->is_copy = kind == PAIL_UPLOAD_COPY;
        if (slot->is_copy) {
                input.source_bucket = input.bucket;
                input.source_key = upload->copy_key;
                input.source_if_match = upload->copy_etag;
                input.source_offset = slot->offset;
                input.source_size_bytes = size_bytes;
                r = pail_s3_upload_part_copy_start(upload->client, &input, &slot->part, on_part_done, slot, &call,
                                                   &error);
        } else {
                input.body = (struct pail_http_body){ .fd = upload->fd,
                                                      .offset = (off_t)slot->offset,
                                                      .size_bytes = size_bytes,
                                                      .progress = upload->source.progress,
                                                      .progress_context = upload->source.context };
                r = pail_s3_upload_part_start(upload->client, &input, &slot->part, on_part_done, slot, &call, &error);
        }
        if (r >= 0) {
                keep_call(upload, slot, call);
                return 0;
        }
        PAIL_LOCK(&upload->guarded.mutex);
        (void)release_slot_locked(slot, &error);
        if (ret_error)
                *ret_error = error;
        return r;
}

void pail_upload_wait_slot(struct pail_upload *upload)
{
        PAIL_LOCK(&upload->guarded.mutex);
        while (!idle_slot_locked(upload) && upload->guarded.error.class == PAIL_ERROR_NONE)
                pail_cond_wait(&upload->guarded.changed, &upload->guarded.mutex);
}

void pail_upload_wait_all(struct pail_upload *upload)
{
        PAIL_LOCK(&upload->guarded.mutex);
        while (upload->guarded.in_flight > 0)
                pail_cond_wait(&upload->guarded.changed, &upload->guarded.mutex);
}

void pail_upload_wait_part(struct pail_upload *upload, unsigned part_number)
{
        PAIL_LOCK(&upload->guarded.mutex);
        for (unsigned i = 0; i < upload->slot_count; i++) {
                struct pail_upload_slot *slot = &upload->guarded.slots[i];
                if (slot->is_busy && slot->call && slot->part.part_number == part_number)
                        pail_s3_call_hurry(slot->call);
        }
        while (upload->guarded.parts[part_number - 1].state == PAIL_PART_IN_FLIGHT)
                pail_cond_wait(&upload->guarded.changed, &upload->guarded.mutex);
}

void pail_upload_hurry_all(struct pail_upload *upload)
{
        PAIL_LOCK(&upload->guarded.mutex);
        for (unsigned i = 0; i < upload->slot_count; i++) {
                struct pail_upload_slot *slot = &upload->guarded.slots[i];
                if (slot->is_busy && slot->call)
                        pail_s3_call_hurry(slot->call);
        }
}

bool pail_upload_has_cancelled_part(struct pail_upload *upload)
{
        PAIL_LOCK(&upload->guarded.mutex);
        return upload->guarded.has_cancelled_part;
}

void pail_upload_cancel_all(struct pail_upload *upload)
{
        PAIL_LOCK(&upload->guarded.mutex);
        for (unsigned i = 0; i < upload->slot_count; i++) {
                struct pail_upload_slot *slot = &upload->guarded.slots[i];
                if (!slot->is_busy || !slot->call)
                        continue;
                upload->guarded.has_cancelled_part = true;
                pail_s3_call_cancel(slot->call);
        }
        if (upload->guarded.put)
                pail_s3_call_cancel(upload->guarded.put);
}

/* A part that is cancelled is no failure of the upload: that it is stopped is said beside it. */
void pail_upload_stop(struct pail_upload *upload)
{
        pail_mutex_lock(&upload->guarded.mutex);
        if (upload->guarded.error.class == PAIL_ERROR_NONE)
                pail_error_set(&upload->guarded.error, PAIL_ERROR_CANCELLED, "the upload was stopped");
        pail_cond_broadcast(&upload->guarded.changed);
        pail_mutex_unlock(&upload->guarded.mutex);
        pail_upload_cancel_all(upload);
}

int pail_upload_error(struct pail_upload *upload, struct pail_error *ret_error)
{
        PAIL_LOCK(&upload->guarded.mutex);
        int r = pail_s3_errno(&upload->guarded.error);
        if (r < 0 && ret_error)
                *ret_error = upload->guarded.error;
        return r;
}

void pail_upload_clear_error(struct pail_upload *upload)
{
        PAIL_LOCK(&upload->guarded.mutex);
        upload->guarded.error = PAIL_ERROR_INIT;
}

struct pail_s3_part *pail_upload_part_list(struct pail_upload *upload, unsigned count)
{
        PAIL_LOCK(&upload->guarded.mutex);
        struct pail_s3_part *list = calloc(count ? count : 1, sizeof(*list));
        for (unsigned i = 0; list && i < count; i++)
                list[i] = upload->guarded.parts[i].sent;
        return list;
}

uint64_t pail_upload_sent_bytes(const struct pail_upload *upload)
{
        struct pail_mutex *mutex =
                (struct pail_mutex *)(uintptr_t)&upload->guarded.mutex; /* the count is not changed by looking */
        PAIL_LOCK(mutex);
        uint64_t bytes = 0;
        for (unsigned i = 0; i < upload->guarded.count && upload->guarded.parts[i].state == PAIL_PART_SENT; i++)
                bytes += upload->guarded.parts[i].sent.size_bytes;
        return bytes;
}
