/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One ranged GET for one fetch of the cache: the pail_source of object data.
 *
 * A get has two owners: the cache, until release, and the request under way, until done. Its request may change: when
 * the answer is "replaced" or "gone" and the data was rebased since it was sent, the rest of the range is asked for
 * again at the new location. While a move is under way that answer may come before the rebase: then the get waits
 * until the end of the move. The remote resumes broken transfers by itself, so every other failure is final here.
 *
 *   requested --on_done--> requested again, waiting, or finished
 *   waiting --resume--> requested again, or finished;  waiting --get_cancel--> finished
 *
 * The get's mutex is held while the remote is told to cancel or to raise its priority, so that the call cannot be exchanged meanwhile. It is a
 * leaf: callbacks of the remote come without any lock.
 */
#include "get.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

struct get {
        struct pail_data_engine *engine;
        struct pail_location *location;
        struct pail_fetch *fetch;
        struct pail_fetch_range range;
        atomic_uint refs;
        struct pail_location_waiter waiter; /* guarded by the location */
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
                bool is_cancelled, is_raised;
        } guarded;
};

static void unref_get(struct get *get)
{
        if (atomic_fetch_sub(&get->refs, 1) > 1)
                return;
        get->location->remote->ops->unref_call(get->guarded.call);
        pail_mutex_done(&get->guarded.mutex);
        pail_location_unref(get->location);
        free(get);
}

static int on_begin(void *context, const struct pail_remote_object *object, bool is_checked)
{
        struct get *get = context;

        /* The condition says the same, but not every server heeds it. */
        if ((object->etag[0] && !pail_str_equal(object->etag, get->etag)) ||
            object->size_bytes != get->location->size_bytes) {
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

        atomic_store(&get->location->is_suspect, true);
        forget_received(get);
        return 0;
}

static void on_done(void *context, int r, const struct pail_remote_error *error);

static const struct pail_remote_sink sink = {
        .begin = on_begin, .deliver = on_deliver, .restart = on_restart, .done = on_done
};

/* Keeps call, unless a newer request was made meanwhile, and passes on what was asked for before there was one. */
static void keep_call(struct get *get, struct pail_remote_call *call, unsigned number)
{
        const struct pail_remote_ops *ops = get->location->remote->ops;

        PAIL_LOCK(&get->guarded.mutex);
        if (number != get->guarded.requests) {
                ops->unref_call(call);
                return;
        }
        ops->unref_call(get->guarded.call);
        get->guarded.call = call;
        if (get->guarded.is_cancelled)
                ops->cancel_call(call);
        else if (get->guarded.is_raised)
                ops->raise_call(call);
}

/* What is missing. Of a whole object no range is asked for: only then S3 tells its checksum, and what is held for that begins anew. */
static void set_range(struct get *get, struct pail_remote_range *range)
{
        if (get->is_held)
                forget_received(get);
        range->offset = get->range.offset + get->received_bytes;
        range->size_bytes = get->range.size_bytes - get->received_bytes;
        if (range->size_bytes == get->location->size_bytes)
                range->size_bytes = 0;
}

/* Asks for what is missing at the location where the data is now. */
static int send_request(struct get *get)
{
        _cleanup_free_ char *key = NULL;
        struct pail_remote_range range = {
                .if_match = get->etag,
                .priority = get->range.is_background ? PAIL_REMOTE_BACKGROUND : PAIL_REMOTE_READER,
        };
        struct pail_remote *remote = get->location->remote;
        struct pail_remote_call *call;
        unsigned number;
        int r;

        pail_mutex_lock(&get->location->guarded.mutex);
        r = pail_str_dup(get->location->guarded.key, &key);
        pail_str_copy(get->etag, sizeof(get->etag), get->location->guarded.etag);
        get->generation = get->location->guarded.generation;
        pail_mutex_unlock(&get->location->guarded.mutex);
        if (r < 0)
                return r;
        range.key = key;
        set_range(get, &range);
        get->is_replaced = false;

        {
                PAIL_LOCK(&get->guarded.mutex);
                number = ++get->guarded.requests;
        }
        r = remote->ops->fetch(remote, &range, &sink, get, &call, NULL);
        if (r == 0)
                keep_call(get, call, number);
        return r;
}

static bool is_replaced(const struct get *get, const struct pail_remote_error *error)
{
        return get->is_replaced || error->cause == PAIL_REMOTE_REPLACED || error->cause == PAIL_REMOTE_ABSENT;
}

/* The data moved while the request was under way: the failure may be the old location's only. */
static bool has_moved(struct get *get)
{
        PAIL_LOCK(&get->location->guarded.mutex);
        return get->generation != get->location->guarded.generation;
}

static bool is_cancelled(struct get *get)
{
        PAIL_LOCK(&get->guarded.mutex);
        return get->guarded.is_cancelled;
}

static void finish_get(struct get *get, int r)
{
        if (get->range.is_background)
                atomic_fetch_sub(&get->engine->parts, 1);
        pail_fetch_end(get->fetch, r);
        unref_get(get);
}

/* The object is not where the request looked for it. */
static void end_replaced(struct get *get)
{
        int r;

        if (!has_moved(get) || is_cancelled(get)) {
                finish_get(get, -ESTALE);
                return;
        }
        atomic_fetch_add(&get->refs, 1); /* the next done may run before request returns */
        r = send_request(get);
        if (r >= 0) {
                unref_get(get);
                return;
        }
        atomic_fetch_sub(&get->refs, 1); /* no done comes: the one that is left is finish_get()'s */
        finish_get(get, r);
}

static void resume_get(struct pail_location_waiter *waiter)
{
        end_replaced((struct get *)((char *)waiter - offsetof(struct get, waiter)));
}

static void on_done(void *context, int r, const struct pail_remote_error *error)
{
        struct get *get = context;

        if (r == 0 || (get->received_bytes == get->range.size_bytes && !get->is_held))
                finish_get(get, 0);
        else if (!is_replaced(get, error))
                finish_get(get, r);
        else if (!pail_location_add_waiter(get->location, get->generation, &get->waiter))
                end_replaced(get);
}

static int get_start(void *context, struct pail_fetch *fetch, const struct pail_fetch_range *range, void **ret_call)
{
        const struct pail_get_origin *origin = context;
        struct get *get = calloc(1, sizeof(*get));
        int r;

        if (!get)
                return -ENOMEM;
        get->engine = origin->engine;
        get->location = pail_location_ref(origin->location);
        get->fetch = fetch;
        get->range = *range;
        get->waiter.resume = resume_get;
        atomic_init(&get->refs, 2);
        pail_mutex_init(&get->guarded.mutex);
        if (range->is_background)
                atomic_fetch_add(&get->engine->parts, 1);
        r = send_request(get);
        if (r < 0) {
                if (range->is_background)
                        atomic_fetch_sub(&get->engine->parts, 1);
                atomic_store(&get->refs, 1);
                unref_get(get);
                return r;
        }
        *ret_call = get;
        return 0;
}

static void get_raise(void *call)
{
        struct get *get = call;

        PAIL_LOCK(&get->guarded.mutex);
        get->guarded.is_raised = true;
        if (get->guarded.call)
                get->location->remote->ops->raise_call(get->guarded.call);
}

static void cancel_request(struct get *get)
{
        PAIL_LOCK(&get->guarded.mutex);
        get->guarded.is_cancelled = true;
        if (get->guarded.call)
                get->location->remote->ops->cancel_call(get->guarded.call);
}

static void get_cancel(void *call)
{
        struct get *get = call;

        cancel_request(get);
        if (pail_location_remove_waiter(get->location, &get->waiter))
                finish_get(get, -ECANCELED);
}

static void get_release(void *call)
{
        unref_get(call);
}

const struct pail_source pail_get_source = {
        .start = get_start,
        .raise_priority = get_raise,
        .cancel = get_cancel,
        .release = get_release,
};
