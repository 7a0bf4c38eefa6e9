/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One ranged GET for one fetch of the cache: the pail_source of the read engine.
 *
 * A get has two owners: the cache, until release, and the request under way, until done. Its request may change: when
 * the answer is "replaced" or "gone" and the content was rebased since it was sent, the rest of the range is asked for
 * again at the new place. While a move is under way that answer may come before the rebase: then the get is parked
 * until the end of the move. s3 resumes broken transfers by itself, so every other failure is final here.
 *
 *   requested --on_done--> requested again, parked, or finished
 *   parked --resume--> requested again, or finished;  parked --get_cancel--> finished
 *
 * The get's mutex is held while s3 is told to cancel or hurry, so that the call cannot be exchanged meanwhile. It is a
 * leaf: callbacks of s3 come without any lock.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "fs/read/private.h"
#include "pail/s3/object.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

struct get {
        struct pail_content_engine *engine;
        struct read_place *place;
        struct pail_fetch *fetch;
        struct pail_fetch_range range;
        atomic_uint refs;
        struct read_parked parked; /* guarded by the place */
        /* Of the thread that delivers, and of done after it. */
        uint64_t received_bytes;
        bool is_replaced;
        bool is_held;            /* the bytes will be compared with a checksum: the cache keeps them back until then */
        struct pail_error error; /* while parked */
        char etag[PAIL_S3_ETAG_SIZE]; /* what was asked for */
        unsigned generation;
        struct {
                struct pail_mutex mutex;
                struct pail_s3_call *call; /* of the newest request */
                unsigned requests;
                bool is_cancelled, is_hurried;
        } guarded;
};

static void unref(struct get *get)
{
        if (atomic_fetch_sub(&get->refs, 1) > 1)
                return;
        pail_s3_call_unref(get->guarded.call);
        pail_mutex_done(&get->guarded.mutex);
        read_place_unref(get->place);
        free(get);
}

static int on_info(void *context, const struct pail_s3_info *info)
{
        struct get *get = context;

        /* If-Match says the same, but not every server heeds it. */
        if ((info->etag[0] && !pail_str_equal(info->etag, get->etag)) || info->size_bytes != get->place->size_bytes) {
                get->is_replaced = true;
                return -ESTALE;
        }
        if (info->has_checksum && !get->is_held) {
                pail_fetch_hold(get->fetch);
                get->is_held = true;
        }
        return 0;
}

static int on_body(void *context, const void *data, size_t size)
{
        struct get *get = context;
        int r;

        r = pail_fetch_deliver(get->fetch, data, size);
        if (r == 0)
                get->received_bytes += size;
        return r;
}

static void forget_received(struct get *get)
{
        pail_fetch_rewind(get->fetch);
        get->received_bytes = 0;
}

static int on_damaged(void *context)
{
        struct get *get = context;

        atomic_store(&get->place->is_suspect, true);
        forget_received(get);
        return 0;
}

static const struct pail_s3_get_sink sink = { .on_info = on_info, .on_body = on_body, .on_damaged = on_damaged };

static void on_done(void *context, const struct pail_error *error);

/* Keeps call, unless a newer request was made meanwhile, and passes on what was wanted before there was one. */
static void keep_call(struct get *get, struct pail_s3_call *call, unsigned number)
{
        PAIL_LOCK(&get->guarded.mutex);
        if (number != get->guarded.requests) {
                pail_s3_call_unref(call);
                return;
        }
        pail_s3_call_unref(get->guarded.call);
        get->guarded.call = call;
        if (get->guarded.is_cancelled)
                pail_s3_call_cancel(call);
        else if (get->guarded.is_hurried)
                pail_s3_call_hurry(call);
}

/* What is missing. Of a whole object no range is asked for: only then S3 tells its checksum, and what is held for that begins anew. */
static void set_range(struct get *get, struct pail_object_range *range)
{
        if (get->is_held)
                forget_received(get);
        range->offset = get->range.offset + get->received_bytes;
        range->size_bytes = get->range.size_bytes - get->received_bytes;
        if (range->size_bytes == get->place->size_bytes)
                range->size_bytes = 0;
}

/* Asks for what is missing at the place where the content is now. */
static int request(struct get *get, struct pail_error *ret_error)
{
        struct pail_object *object = NULL;
        struct pail_object_range range = {
                .if_match = get->etag,
                .priority = get->range.is_background ? PAIL_HTTP_PRIORITY_BACKGROUND : PAIL_HTTP_PRIORITY_READER,
        };
        struct pail_s3_call *call;
        unsigned number;
        int r;

        pail_mutex_lock(&get->place->guarded.mutex);
        r = pail_object_new(get->place->bucket, get->place->guarded.key, &object);
        pail_str_copy(get->etag, sizeof get->etag, get->place->guarded.etag);
        get->generation = get->place->guarded.generation;
        pail_mutex_unlock(&get->place->guarded.mutex);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "no memory for a request");
        set_range(get, &range);
        get->is_replaced = false;

        pail_mutex_lock(&get->guarded.mutex);
        number = ++get->guarded.requests;
        pail_mutex_unlock(&get->guarded.mutex);
        r = pail_object_get_start(object, &range, &sink, get, on_done, get, &call, ret_error);
        pail_object_free(object);
        if (r == 0)
                keep_call(get, call, number);
        return r;
}

static bool is_replaced(const struct get *get, const struct pail_error *error)
{
        /* 416: it is shorter now, and the server did not heed If-Match */
        return get->is_replaced || error->http_status == 412 || error->http_status == 404 || error->http_status == 416;
}

/* The content moved while the request was under way: the failure may be the old place's only. */
static bool has_moved(struct get *get)
{
        PAIL_LOCK(&get->place->guarded.mutex);
        return get->generation != get->place->guarded.generation;
}

static bool is_cancelled(struct get *get)
{
        PAIL_LOCK(&get->guarded.mutex);
        return get->guarded.is_cancelled;
}

static void finish(struct get *get, int result, const struct pail_error *error)
{
        if (get->range.is_background)
                atomic_fetch_sub(&get->engine->parts, 1);
        pail_fetch_end(get->fetch, result, error);
        unref(get);
}

/* The object is not where the request looked for it. */
static void end_replaced(struct get *get, const struct pail_error *error)
{
        struct pail_error other = PAIL_ERROR_INIT;
        int r;

        if (has_moved(get) && !is_cancelled(get)) {
                atomic_fetch_add(&get->refs, 1); /* the next done may run before request returns */
                r = request(get, &other);
                if (r >= 0) {
                        unref(get);
                        return;
                }
                atomic_fetch_sub(&get->refs, 1); /* no done comes: the one that is left is finish()'s */
                finish(get, r, &other);
                return;
        }
        if (get->is_replaced) {
                pail_error_set(&other, PAIL_ERROR_SERVICE, "the object was replaced by another version");
                error = &other;
        }
        finish(get, -ESTALE, error);
}

static void resume(struct read_parked *parked)
{
        struct get *get = (struct get *)((char *)parked - offsetof(struct get, parked));

        end_replaced(get, &get->error);
}

static void on_done(void *context, const struct pail_error *error)
{
        struct get *get = context;
        int r;

        if (!error || (get->received_bytes == get->range.size_bytes && !get->is_held)) {
                finish(get, 0, NULL);
                return;
        }
        if (!is_replaced(get, error)) {
                r = pail_s3_errno(error);
                finish(get, r < 0 ? r : -EIO, error);
                return;
        }
        get->error = *error;
        if (!read_place_park(get->place, get->generation, &get->parked))
                end_replaced(get, error);
}

static int get_start(void *context, struct pail_fetch *fetch, const struct pail_fetch_range *range, void **ret_call,
                     struct pail_error *ret_error)
{
        struct pail_content *content = context;
        struct get *get = calloc(1, sizeof *get);
        int r;

        if (!get)
                return pail_error_set_errno(ret_error, ENOMEM, "no memory for a request");
        get->engine = content->engine;
        get->place = read_place_ref(content->place);
        get->fetch = fetch;
        get->range = *range;
        get->parked.resume = resume;
        atomic_init(&get->refs, 2);
        pail_mutex_init(&get->guarded.mutex);
        if (range->is_background)
                atomic_fetch_add(&get->engine->parts, 1);
        r = request(get, ret_error);
        if (r < 0) {
                if (range->is_background)
                        atomic_fetch_sub(&get->engine->parts, 1);
                atomic_store(&get->refs, 1);
                unref(get);
                return r;
        }
        *ret_call = get;
        return 0;
}

static void get_hurry(void *call)
{
        struct get *get = call;

        PAIL_LOCK(&get->guarded.mutex);
        get->guarded.is_hurried = true;
        if (get->guarded.call)
                pail_s3_call_hurry(get->guarded.call);
}

static void cancel_request(struct get *get)
{
        PAIL_LOCK(&get->guarded.mutex);
        get->guarded.is_cancelled = true;
        if (get->guarded.call)
                pail_s3_call_cancel(get->guarded.call);
}

static void get_cancel(void *call)
{
        struct get *get = call;

        cancel_request(get);
        if (read_place_unpark(get->place, &get->parked))
                finish(get, -ECANCELED, NULL);
}

static void get_release(void *call)
{
        unref(call);
}

const struct pail_source read_source = {
        .start = get_start,
        .hurry = get_hurry,
        .cancel = get_cancel,
        .release = get_release,
};
