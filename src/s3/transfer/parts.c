/* SPDX-License-Identifier: Apache-2.0 */
/*
 * States of a part, and who changes them:
 *
 *   MISSING --pail_parts_start--> IN_FLIGHT --on_part_done--> SENT
 *                                                        \--> MISSING   with the error kept for the owner, unless it was cancelled
 *
 * Slots: a part under way has one of a fixed number of slots, so that the engine's thread writes to an address that does not move while the
 * table of parts grows. on_part_done is the last thing that the engine does with the parts, and in_flight is the last thing that it changes:
 * whoever has seen it at 0 may free them.
 *
 * Parts are started by the owner's thread only, never by the end of another: hashing a part takes milliseconds, which an engine's thread does
 * not have.
 */
#include "parts.h"

#include <errno.h>

#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/mutex.h"

enum { STOP_CHECK_MS = 100 };

enum part_state {
        MISSING,
        IN_FLIGHT,
        SENT,
};

struct part {
        enum part_state state;
        struct pail_s3_part sent; /* once it is SENT */
};

/* A part under way. An idle slot belongs to the owner's thread, a busy one's answer to the engine. */
struct slot {
        struct pail_parts *parts;
        bool is_busy;
        bool is_cancelled;
        struct pail_s3_part part;
        struct pail_s3_call *call; /* a reference; NULL until the start has returned */
};

struct pail_parts {
        struct pail_parts_options options;
        struct slot *slots; /* options.max_in_flight; what is in a busy one is guarded */

        /* The owner's thread. */
        char *upload_id; /* NULL: not begun */
        bool has_checksums;

        struct {
                struct pail_mutex mutex;
                struct pail_cond changed;
                struct part *parts; /* of number i + 1 */
                unsigned count;     /* entries that exist */
                unsigned in_flight;
                struct pail_error error; /* class NONE: none */
                bool may_arrive_late;    /* a part was cancelled, and may have reached the server */
        } guarded;
};

int pail_parts_new(const struct pail_parts_options *options, struct pail_parts **ret_parts)
{
        _cleanup_free_ struct slot *slots = calloc(options->max_in_flight, sizeof(*slots));
        struct pail_parts *parts = slots ? calloc(1, sizeof(*parts)) : NULL;
        if (!parts)
                return -ENOMEM;
        parts->options = *options;
        pail_mutex_init(&parts->guarded.mutex);
        pail_cond_init(&parts->guarded.changed);
        parts->guarded.error = PAIL_ERROR_INIT;
        for (unsigned i = 0; i < options->max_in_flight; i++)
                slots[i].parts = parts;
        parts->slots = pail_steal(&slots);
        *ret_parts = parts;
        return 0;
}

void pail_parts_free(struct pail_parts *parts)
{
        if (!parts)
                return;
        pail_parts_reset(parts);
        pail_cond_done(&parts->guarded.changed);
        pail_mutex_done(&parts->guarded.mutex);
        free(parts->slots);
        free(parts);
}

int pail_parts_begin(struct pail_parts *parts, const struct pail_s3_create_upload_input *input,
                     struct pail_error *ret_error)
{
        if (parts->upload_id)
                return 0;
        parts->has_checksums = !input->without_crc;
        return pail_s3_create_upload(parts->options.client, input, &parts->upload_id, ret_error);
}

const char *pail_parts_upload_id(const struct pail_parts *parts)
{
        return parts->upload_id;
}

bool pail_parts_has_checksums(const struct pail_parts *parts)
{
        return parts->has_checksums;
}

int pail_parts_reserve(struct pail_parts *parts, unsigned number)
{
        PAIL_LOCK(&parts->guarded.mutex);
        unsigned count = parts->guarded.count;
        if (number <= count)
                return 0;
        if (number > PAIL_S3_PARTS_MAX)
                return -EFBIG;
        unsigned room = count * 2 > number ? count * 2 : number + 15;
        if (room > PAIL_S3_PARTS_MAX)
                room = PAIL_S3_PARTS_MAX;
        struct part *table = reallocarray(parts->guarded.parts, room, sizeof(*table));
        if (!table)
                return -ENOMEM;
        memset(table + count, 0, (room - count) * sizeof(*table));
        parts->guarded.parts = table;
        parts->guarded.count = room;
        return 0;
}

bool pail_parts_is_missing(struct pail_parts *parts, unsigned number, uint64_t size_bytes)
{
        PAIL_LOCK(&parts->guarded.mutex);
        if (number > parts->guarded.count)
                return true;
        const struct part *part = &parts->guarded.parts[number - 1];
        return part->state == MISSING || (part->state == SENT && part->sent.size_bytes != size_bytes);
}

static struct slot *find_idle_slot_locked(struct pail_parts *parts)
{
        pail_mutex_assert_held(&parts->guarded.mutex);
        for (unsigned i = 0; i < parts->options.max_in_flight; i++) {
                if (!parts->slots[i].is_busy)
                        return &parts->slots[i];
        }
        return NULL;
}

bool pail_parts_can_start(struct pail_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        return find_idle_slot_locked(parts) != NULL;
}

static struct slot *occupy_slot(struct pail_parts *parts, const struct pail_part_range *range)
{
        PAIL_LOCK(&parts->guarded.mutex);
        struct slot *slot = find_idle_slot_locked(parts);
        if (!slot)
                return NULL;
        slot->is_busy = true;
        slot->is_cancelled = false;
        slot->part = (struct pail_s3_part){ .part_number = range->number, .size_bytes = range->size_bytes };
        parts->guarded.parts[range->number - 1].state = IN_FLIGHT;
        parts->guarded.in_flight++;
        return slot;
}

/* The end of a part, on the owner's thread when it could not be started, else on the engine's. Returns the call to release. */
static struct pail_s3_call *release_slot(struct slot *slot, const struct pail_error *error)
{
        struct pail_parts *parts = slot->parts;
        PAIL_LOCK(&parts->guarded.mutex);
        struct part *part = &parts->guarded.parts[slot->part.part_number - 1];
        if (error) {
                part->state = MISSING;
                if (!slot->is_cancelled && parts->guarded.error.class == PAIL_ERROR_NONE)
                        parts->guarded.error = *error;
        } else {
                part->state = SENT;
                part->sent = slot->part;
        }
        slot->is_busy = false;
        parts->guarded.in_flight--;
        pail_cond_broadcast(&parts->guarded.changed);
        return pail_steal(&slot->call);
}

static bool is_copied(const struct pail_parts *parts)
{
        return parts->options.source_key != NULL;
}

static void on_part_done(void *context, const struct pail_error *error)
{
        struct slot *slot = context;
        const struct pail_parts_options *options = &slot->parts->options;
        if (!error && options->progress && is_copied(slot->parts))
                options->progress(options->context, (int64_t)slot->part.size_bytes);
        pail_s3_call_unref(release_slot(slot, error)); /* the parts may be gone by now */
}

/* The part may have ended already, and its slot with it: false, and the reference is still the caller's. */
static bool keep_call(struct slot *slot, struct pail_s3_call *call)
{
        PAIL_LOCK(&slot->parts->guarded.mutex);
        if (slot->is_busy)
                slot->call = call;
        return slot->is_busy;
}

static int start_in_slot(struct slot *slot, const struct pail_part_range *range, enum pail_http_priority priority,
                         struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        const struct pail_parts *parts = slot->parts;
        const struct pail_parts_options *options = &parts->options;
        struct pail_s3_part_input input = {
                .bucket = options->bucket,
                .key = options->key,
                .upload_id = parts->upload_id,
                .part_number = range->number,
                .without_crc = !parts->has_checksums,
                .priority = priority,
        };
        if (!is_copied(parts)) {
                input.body = (struct pail_http_body){ .fd = options->fd,
                                                      .offset = (off_t)range->offset,
                                                      .size_bytes = range->size_bytes,
                                                      .progress = options->progress,
                                                      .progress_context = options->context };
                return pail_s3_upload_part_start(options->client, &input, &slot->part, on_part_done, slot, ret_call,
                                                 ret_error);
        }
        input.source_bucket = options->source_bucket;
        input.source_key = options->source_key;
        input.source_version_id = options->source_version_id;
        input.source_if_match = options->source_if_match;
        input.source_offset = range->offset;
        input.source_size_bytes = range->is_whole ? 0 : range->size_bytes;
        return pail_s3_upload_part_copy_start(options->client, &input, &slot->part, on_part_done, slot, ret_call,
                                              ret_error);
}

int pail_parts_start(struct pail_parts *parts, const struct pail_part_range *range, enum pail_http_priority priority,
                     struct pail_error *ret_error)
{
        struct slot *slot = occupy_slot(parts, range);
        if (!slot)
                return pail_error_set_errno(ret_error, EBUSY, "too many parts under way");
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_s3_call *call = NULL;
        int r = start_in_slot(slot, range, priority, &call, &error);
        if (r >= 0) {
                if (!keep_call(slot, call))
                        pail_s3_call_unref(call);
                return 0;
        }
        (void)release_slot(slot, &error);
        if (ret_error)
                *ret_error = error;
        return r;
}

void pail_parts_raise_all(struct pail_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        for (unsigned i = 0; i < parts->options.max_in_flight; i++) {
                struct slot *slot = &parts->slots[i];
                if (slot->is_busy && slot->call)
                        pail_s3_call_raise(slot->call);
        }
}

void pail_parts_cancel_all(struct pail_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        for (unsigned i = 0; i < parts->options.max_in_flight; i++) {
                struct slot *slot = &parts->slots[i];
                if (!slot->is_busy || !slot->call)
                        continue;
                slot->is_cancelled = true;
                parts->guarded.may_arrive_late = true;
                pail_s3_call_cancel(slot->call);
        }
}

/* A part that is cancelled is no failure of the upload: that it is stopped is said beside it. */
static void set_stopped(struct pail_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        if (parts->guarded.error.class == PAIL_ERROR_NONE)
                pail_error_set(&parts->guarded.error, PAIL_ERROR_CANCELLED, "the %s was stopped",
                               is_copied(parts) ? "copy" : "upload");
        pail_cond_broadcast(&parts->guarded.changed);
}

void pail_parts_stop(struct pail_parts *parts)
{
        set_stopped(parts);
        pail_parts_cancel_all(parts);
}

/* Until something changes; where somebody is to be asked whether to go on, for no longer than from one question to the next. */
static void wait_for_change_locked(struct pail_parts *parts)
{
        pail_mutex_assert_held(&parts->guarded.mutex);
        if (parts->options.is_stopped)
                (void)pail_cond_wait_until(&parts->guarded.changed, &parts->guarded.mutex,
                                           pail_clock_monotonic_ms() + STOP_CHECK_MS);
        else
                pail_cond_wait(&parts->guarded.changed, &parts->guarded.mutex);
}

static bool can_go_on_locked(struct pail_parts *parts)
{
        pail_mutex_assert_held(&parts->guarded.mutex);
        return find_idle_slot_locked(parts) || parts->guarded.error.class != PAIL_ERROR_NONE;
}

static bool wait_for_slot_once(struct pail_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        if (!can_go_on_locked(parts))
                wait_for_change_locked(parts);
        return can_go_on_locked(parts);
}

static bool wait_for_end_once(struct pail_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        if (parts->guarded.in_flight > 0)
                wait_for_change_locked(parts);
        return parts->guarded.in_flight == 0;
}

static void check_stop(struct pail_parts *parts)
{
        if (parts->options.is_stopped && parts->options.is_stopped(parts->options.context))
                pail_parts_stop(parts);
}

void pail_parts_wait_some(struct pail_parts *parts)
{
        while (!wait_for_slot_once(parts))
                check_stop(parts);
}

void pail_parts_wait_all(struct pail_parts *parts)
{
        while (!wait_for_end_once(parts))
                check_stop(parts);
}

int pail_parts_error(struct pail_parts *parts, struct pail_error *ret_error)
{
        PAIL_LOCK(&parts->guarded.mutex);
        int r = pail_s3_errno(&parts->guarded.error);
        if (r < 0 && ret_error)
                *ret_error = parts->guarded.error;
        return r;
}

void pail_parts_clear_error(struct pail_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        parts->guarded.error = PAIL_ERROR_INIT;
}

struct pail_s3_part *pail_parts_list(struct pail_parts *parts, unsigned count)
{
        PAIL_LOCK(&parts->guarded.mutex);
        struct pail_s3_part *list = calloc(count ? count : 1, sizeof(*list));
        for (unsigned i = 0; list && i < count; i++)
                list[i] = parts->guarded.parts[i].sent;
        return list;
}

void pail_parts_reset(struct pail_parts *parts)
{
        free(pail_steal(&parts->upload_id));
        PAIL_LOCK(&parts->guarded.mutex);
        free(pail_steal(&parts->guarded.parts));
        parts->guarded.count = 0;
        parts->guarded.error = PAIL_ERROR_INIT;
        parts->guarded.may_arrive_late = false;
}

static bool may_arrive_late(struct pail_parts *parts)
{
        PAIL_LOCK(&parts->guarded.mutex);
        return parts->guarded.may_arrive_late;
}

void pail_parts_abort(struct pail_parts *parts)
{
        const struct pail_parts_options *options = &parts->options;
        pail_parts_cancel_all(parts);
        pail_parts_wait_all(parts);
        if (parts->upload_id)
                (void)pail_s3_abort_multipart_upload(options->client, options->bucket, options->key, parts->upload_id,
                                                     NULL);
        /* A part that the server was still receiving or copying may have been kept after the first abort, and be billed. */
        if (parts->upload_id && may_arrive_late(parts))
                (void)pail_s3_abort_multipart_upload(options->client, options->bucket, options->key, parts->upload_id,
                                                     NULL);
        pail_parts_reset(parts);
}
