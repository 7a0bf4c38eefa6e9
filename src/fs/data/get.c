/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One ranged GET for one fetch of the cache: the pail_source of the read engine.
 *
 * A get has two owners: the cache, until release, and the request under way, until done. Its request may change: when
 * the answer is "replaced" or "gone" and the content was rebased since it was sent, the rest of the range is asked for
 * again at the new place. While a move is under way that answer may come before the rebase: then the get is parked
 * until the end of the move. the remote resumes broken transfers by itself, so every other failure is final here.
 *
 *   requested --on_done--> requested again, parked, or finished
 *   parked --resume--> requested again, or finished;  parked --get_cancel--> finished
 *
 * The get's mutex is held while the remote is told to cancel or hurry, so that the call cannot be exchanged meanwhile. It is a
 * leaf: callbacks of the remote come without any lock.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "fs/data/private.h"
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
        bool is_held; /* the bytes will be compared with a checksum: the cache keeps them back until then */
        char etag[PAIL_REMOTE_ETAG_SIZE]; /* what was asked for */
        unsigned generation;
        struct {
                struct pail_mutex mutex;
                struct pail_remote_call *call; /* of the newest request */
                unsigned requests;
                bool is_cancelled, is_hurried;
        } guarded;
};

static void unref(struct get *get)
{
        if (atomic_fetch_sub(&get->refs, 1) > 1)
                return;
        get->place->remote->ops->unref_call(get->guarded.call);
        pail_mutex_done(&get->guarded.mutex);
        read_place_unref(get->place);
        free(get);
}

static int on_begin(void *context, const struct pail_remote_object *object, bool is_checked)
{
        struct get *get = context;

        /* The condition says the same, but not every server heeds it. */
        if ((object->etag[0] && !pail_str_equal(object->etag, get->etag)) ||
            object->size_bytes != get->place->size_bytes) {
                get->is_replaced = true;
                return -ESTALE;
        }
        if (is_checked && !get->is_held) {
                pail_fetch_hold(get->fetch);
                get->is_held = true;
        }
        return 0;
}

static int on_deliver(void *context, const void *data, size_t size)
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

static int on_restart(void *context)
{
        struct get *get = context;

        atomic_store(&get->place->is_suspect, true);
        forget_received(get);
        return 0;
}

static void on_done(void *context, int result, const struct pail_remote_error *error);

static const struct pail_remote_sink sink = {
        .begin = on_begin, .deliver = on_deliver, .restart = on_restart, .done = on_done
};

/* Keeps call, unless a newer request was made meanwhile, and passes on what was wanted before there was one. */
static void keep_call(struct get *get, struct pail_remote_call *call, unsigned number)
{
        const struct pail_remote_ops *ops = get->place->remote->ops;

        PAIL_LOCK(&get->guarded.mutex);
        if (number != get->guarded.requests) {
                ops->unref_call(call);
                return;
        }
        ops->unref_call(get->guarded.call);
        get->guarded.call = call;
        if (get->guarded.is_cancelled)
                ops->cancel_call(call);
        else if (get->guarded.is_hurried)
                ops->raise_call(call);
}

/* What is missing. Of a whole object no range is asked for: only then S3 tells its checksum, and what is held for that begins anew. */
static void set_range(struct get *get, struct pail_remote_range *range)
{
        if (get->is_held)
                forget_received(get);
        range->offset = get->range.offset + get->received_bytes;
        range->size_bytes = get->range.size_bytes - get->received_bytes;
        if (range->size_bytes == get->place->size_bytes)
                range->size_bytes = 0;
}

/* Asks for what is missing at the place where the content is now. */
static int request(struct get *get)
{
        _cleanup_free_ char *key = NULL;
        struct pail_remote_range range = {
                .if_match = get->etag,
                .priority = get->range.is_background ? PAIL_REMOTE_BACKGROUND : PAIL_REMOTE_READER,
        };
        struct pail_remote *remote = get->place->remote;
        struct pail_remote_call *call;
        unsigned number;
        int r;

        pail_mutex_lock(&get->place->guarded.mutex);
        r = pail_str_dup(get->place->guarded.key, &key);
        pail_str_copy(get->etag, sizeof get->etag, get->place->guarded.etag);
        get->generation = get->place->guarded.generation;
        pail_mutex_unlock(&get->place->guarded.mutex);
        if (r < 0)
                return r;
        range.key = key;
        set_range(get, &range);
        get->is_replaced = false;

        pail_mutex_lock(&get->guarded.mutex);
        number = ++get->guarded.requests;
        pail_mutex_unlock(&get->guarded.mutex);
        r = remote->ops->fetch(remote, &range, &sink, get, &call, NULL);
        if (r == 0)
                keep_call(get, call, number);
        return r;
}

static bool is_replaced(const struct get *get, const struct pail_remote_error *error)
{
        return get->is_replaced || error->cause == PAIL_REMOTE_REPLACED || error->cause == PAIL_REMOTE_ABSENT;
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

static void finish(struct get *get, int result)
{
        if (get->range.is_background)
                atomic_fetch_sub(&get->engine->parts, 1);
        pail_fetch_end(get->fetch, result);
        unref(get);
}

/* The object is not where the request looked for it. */
static void end_replaced(struct get *get)
{
        int r;

        if (!has_moved(get) || is_cancelled(get)) {
                finish(get, -ESTALE);
                return;
        }
        atomic_fetch_add(&get->refs, 1); /* the next done may run before request returns */
        r = request(get);
        if (r >= 0) {
                unref(get);
                return;
        }
        atomic_fetch_sub(&get->refs, 1); /* no done comes: the one that is left is finish()'s */
        finish(get, r);
}

static void resume(struct read_parked *parked)
{
        end_replaced((struct get *)((char *)parked - offsetof(struct get, parked)));
}

static void on_done(void *context, int result, const struct pail_remote_error *error)
{
        struct get *get = context;

        if (result == 0 || (get->received_bytes == get->range.size_bytes && !get->is_held))
                finish(get, 0);
        else if (!is_replaced(get, error))
                finish(get, result);
        else if (!read_place_park(get->place, get->generation, &get->parked))
                end_replaced(get);
}

static int get_start(void *context, struct pail_fetch *fetch, const struct pail_fetch_range *range, void **ret_call)
{
        struct pail_content *content = context;
        struct get *get = calloc(1, sizeof *get);
        int r;

        if (!get)
                return -ENOMEM;
        get->engine = content->engine;
        get->place = read_place_ref(content->place);
        get->fetch = fetch;
        get->range = *range;
        get->parked.resume = resume;
        atomic_init(&get->refs, 2);
        pail_mutex_init(&get->guarded.mutex);
        if (range->is_background)
                atomic_fetch_add(&get->engine->parts, 1);
        r = request(get);
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
                get->place->remote->ops->raise_call(get->guarded.call);
}

static void cancel_request(struct get *get)
{
        PAIL_LOCK(&get->guarded.mutex);
        get->guarded.is_cancelled = true;
        if (get->guarded.call)
                get->place->remote->ops->cancel_call(get->guarded.call);
}

static void get_cancel(void *call)
{
        struct get *get = call;

        cancel_request(get);
        if (read_place_unpark(get->place, &get->parked))
                finish(get, -ECANCELED);
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
