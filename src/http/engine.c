/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: who waits, who gets which connection on which thread, and how everything ends.
 *
 * States of a request (link.state), all changed under the engine's lock:
 *   FREE → DELAYED or READY   submit
 *   DELAYED → READY           fetch_mail, when not_before has come
 *   READY → POSTED            dispatch: there is a free connection, and a thread was chosen
 *   POSTED → ACTIVE           fetch_mail, by that thread
 *   POSTED, ACTIVE → FREE     finish_request; done follows, outside the lock
 *   DELAYED, READY → ENDED    cancel, a deadline, free
 *   ENDED → FREE              finish_ended_request, by any thread
 *
 * A connection is given by counting: at most max_connections requests are POSTED or ACTIVE, and each thread has a
 * fixed share of them, so no thread ever asks another about its connections. Kept connections cannot move between
 * threads: dispatch prefers the thread with the fewest requests, but a thread with kept connections over one without,
 * unless it has clearly more to do.
 *
 * Times of waiting requests are kept by thread 0 for all. Requests that end before they begin still need a thread to
 * call done on: whichever fetches next.
 */
#include "pail/http/engine.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <utlist.h>

#include "failure.h"
#include "options.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/math.h"
#include "pail/util/mutex.h"
#include "pail/util/secret.h"
#include "queue.h"
#include "thread.h"

enum {
        DEFAULT_THREADS = 2,
        MAX_THREADS = 64,
        DEFAULT_CONNECTIONS = 64,
        KEPT_CONNECTION_WORTH = 4, /* more requests a thread may have than another, for its kept connection */
};

struct pail_http_engine {
        struct pail_http_config config;
        unsigned max_connections;
        unsigned max_background;
        unsigned thread_count; /* started */
        struct pail_http_thread *threads;

        struct {
                struct pail_mutex mutex;
                struct pail_http_queue queue;
                struct pail_http_request *ended; /* done is owed to these */
                unsigned active;                 /* posted and running, over all threads */
                unsigned background;             /* of these */
                struct pail_http_stats stats;    /* without active and queued */
                bool is_stopping;
        } guarded;
};

static void wake_thread_locked(struct pail_http_engine *engine, struct pail_http_thread *thread)
{
        pail_mutex_assert_held(&engine->guarded.mutex);
        if (thread->mail.is_awake)
                return;
        thread->mail.is_awake = true;
        /* A system call under the lock, so that nobody can free the engine between the two. */
        pail_http_thread_wake(thread);
}

static bool has_kept_connection_locked(const struct pail_http_engine *engine, const struct pail_http_thread *thread)
{
        pail_mutex_assert_held(&engine->guarded.mutex);
        return atomic_load_explicit(&thread->group.sockets, memory_order_relaxed) > thread->mail.active;
}

static struct pail_http_thread *choose_thread_locked(struct pail_http_engine *engine)
{
        pail_mutex_assert_held(&engine->guarded.mutex);
        struct pail_http_thread *best = &engine->threads[0];
        unsigned best_cost = UINT_MAX; /* beaten at once: there is a free connection, so one thread has it */
        for (unsigned i = 0; i < engine->thread_count; i++) {
                struct pail_http_thread *thread = &engine->threads[i];
                if (thread->mail.active >= thread->share)
                        continue;
                unsigned cost = 2 * thread->mail.active +
                                (has_kept_connection_locked(engine, thread) ? 0 : 2 * KEPT_CONNECTION_WORTH);
                /* Of equals, one that is awake saves a system call and the time to wake up. */
                cost += thread->mail.is_awake ? 0 : 1;
                if (best_cost <= cost)
                        continue;
                best = thread;
                best_cost = cost;
        }
        return best;
}

static void dispatch_locked(struct pail_http_engine *engine)
{
        pail_mutex_assert_held(&engine->guarded.mutex);
        while (engine->guarded.active < engine->max_connections) {
                bool with_background = engine->guarded.background < engine->max_background;
                struct pail_http_request *request = pail_http_queue_pop(&engine->guarded.queue, with_background);
                if (!request)
                        return;
                struct pail_http_thread *thread = choose_thread_locked(engine);
                request->link.state = PAIL_HTTP_REQUEST_POSTED;
                request->link.thread = (unsigned char)thread->index;
                request->link.is_background = request->priority == PAIL_HTTP_PRIORITY_BACKGROUND;
                DL_APPEND2(thread->mail.posted, request, link.prev, link.next);
                thread->mail.active++;
                engine->guarded.active++;
                engine->guarded.background += request->link.is_background;
                wake_thread_locked(engine, thread);
        }
}

/* Takes over a request that is in no list. */
static void end_unbegun_locked(struct pail_http_engine *engine, struct pail_http_request *request)
{
        pail_mutex_assert_held(&engine->guarded.mutex);
        request->link.state = PAIL_HTTP_REQUEST_ENDED;
        DL_APPEND2(engine->guarded.ended, request, link.prev, link.next);
        wake_thread_locked(engine, &engine->threads[0]);
}

static void end_late_locked(struct pail_http_engine *engine, int64_t now_ms)
{
        pail_mutex_assert_held(&engine->guarded.mutex);
        struct pail_http_request *request;
        while ((request = pail_http_queue_pop_late(&engine->guarded.queue, now_ms))) {
                char peer[128];
                pail_http_failure_peer(request->url, peer, sizeof(peer));
                pail_error_set(&request->error, PAIL_ERROR_TIMEOUT,
                               "the request to %s still waited for its turn at its deadline", peer);
                end_unbegun_locked(engine, request);
        }
}

static void check_clock_locked(struct pail_http_engine *engine)
{
        pail_mutex_assert_held(&engine->guarded.mutex);
        struct pail_http_queue *queue = &engine->guarded.queue;
        if (pail_http_queue_next_ms(queue) == INT64_MAX)
                return;
        int64_t now_ms = pail_clock_monotonic_ms();
        end_late_locked(engine, now_ms);
        pail_http_queue_mature(queue, now_ms);
        dispatch_locked(engine);
}

static void fetch_mail(void *context, struct pail_http_thread *thread, struct pail_http_mail *ret_mail)
{
        struct pail_http_engine *engine = context;
        PAIL_LOCK(&engine->guarded.mutex);
        check_clock_locked(engine);
        struct pail_http_mail mail = {
                .posted = pail_steal(&thread->mail.posted),
                .ended = pail_steal(&engine->guarded.ended),
                .has_cancels = thread->mail.has_cancels,
                .is_stopping = engine->guarded.is_stopping,
                .next_ms = thread->index == 0 ? pail_http_queue_next_ms(&engine->guarded.queue) : INT64_MAX,
        };
        struct pail_http_request *request;
        DL_FOREACH2(mail.posted, request, link.next)
        request->link.state = PAIL_HTTP_REQUEST_ACTIVE;
        mail.is_empty = !mail.posted && !mail.ended && !mail.has_cancels &&
                        (!mail.is_stopping || thread->mail.active == 0);
        thread->mail.has_cancels = false;
        thread->mail.is_awake = !mail.is_empty;
        *ret_mail = mail;
}

static void count_locked(struct pail_http_engine *engine, const struct pail_http_request *request,
                         const struct pail_http_account *account)
{
        pail_mutex_assert_held(&engine->guarded.mutex);
        struct pail_http_stats *stats = &engine->guarded.stats;
        stats->requests++;
        stats->failures += request->error.class != PAIL_ERROR_NONE;
        stats->bytes_sent += account->bytes_sent;
        stats->bytes_received += account->bytes_received;
}

static void finish_request(void *context, struct pail_http_thread *thread, struct pail_http_request *request,
                           const struct pail_http_account *account)
{
        struct pail_http_engine *engine = context;
        {
                PAIL_LOCK(&engine->guarded.mutex);
                count_locked(engine, request, account);
                thread->mail.active--;
                engine->guarded.active--;
                engine->guarded.background -= request->link.is_background;
                request->link.state = PAIL_HTTP_REQUEST_FREE;
                dispatch_locked(engine);
        }
        request->done(request, request->done_context);
}

static void finish_ended_request(void *context, struct pail_http_request *request)
{
        struct pail_http_engine *engine = context;
        {
                PAIL_LOCK(&engine->guarded.mutex);
                count_locked(engine, request, &(struct pail_http_account){ 0 });
                request->link.state = PAIL_HTTP_REQUEST_FREE;
        }
        request->done(request, request->done_context);
}

static const struct pail_http_thread_owner thread_owner = {
        .fetch_mail = fetch_mail,
        .finish = finish_request,
        .finish_ended = finish_ended_request,
};

void pail_http_engine_submit(struct pail_http_engine *engine, struct pail_http_request *request)
{
        pail_http_request_reset(request);
        atomic_store_explicit(&request->link.is_cancelled, false, memory_order_relaxed);
        PAIL_LOCK(&engine->guarded.mutex);
        if (engine->guarded.is_stopping) {
                pail_http_failure_set_cancelled(request);
                end_unbegun_locked(engine, request);
                return;
        }
        struct pail_http_queue *queue = &engine->guarded.queue;
        int64_t next_ms = pail_http_queue_next_ms(queue);
        pail_http_queue_add(queue, request, pail_clock_monotonic_ms());
        dispatch_locked(engine);
        if (pail_http_queue_next_ms(queue) < next_ms)
                wake_thread_locked(engine, &engine->threads[0]);
}

void pail_http_engine_cancel(struct pail_http_engine *engine, struct pail_http_request *request)
{
        PAIL_LOCK(&engine->guarded.mutex);
        switch ((enum pail_http_request_state)request->link.state) {
        case PAIL_HTTP_REQUEST_DELAYED:
        case PAIL_HTTP_REQUEST_READY:
                pail_http_queue_remove(&engine->guarded.queue, request);
                pail_http_failure_set_cancelled(request);
                end_unbegun_locked(engine, request);
                break;
        case PAIL_HTTP_REQUEST_POSTED:
        case PAIL_HTTP_REQUEST_ACTIVE: {
                struct pail_http_thread *thread = &engine->threads[request->link.thread];
                atomic_store_explicit(&request->link.is_cancelled, true, memory_order_relaxed);
                thread->mail.has_cancels = true;
                wake_thread_locked(engine, thread);
                break;
        }
        case PAIL_HTTP_REQUEST_FREE:
        case PAIL_HTTP_REQUEST_ENDED:
                break;
        }
}

void pail_http_engine_reprioritize(struct pail_http_engine *engine, struct pail_http_request *request,
                                   enum pail_http_priority priority)
{
        PAIL_LOCK(&engine->guarded.mutex);
        if (request->link.state != PAIL_HTTP_REQUEST_DELAYED && request->link.state != PAIL_HTTP_REQUEST_READY)
                return;
        pail_http_queue_reprioritize(&engine->guarded.queue, request, priority);
        dispatch_locked(engine);
}

void pail_http_engine_stats(struct pail_http_engine *engine, struct pail_http_stats *ret_stats)
{
        PAIL_LOCK(&engine->guarded.mutex);
        *ret_stats = engine->guarded.stats;
        ret_stats->active = engine->guarded.active;
        ret_stats->queued = engine->guarded.queue.count;
}

bool pail_http_engine_is_own_thread(const struct pail_http_engine *engine)
{
        const struct pail_thread *self = pail_thread_self();
        for (unsigned i = 0; i < engine->thread_count; i++)
                if (self && atomic_load_explicit(&engine->threads[i].self, memory_order_relaxed) == self)
                        return true;
        return false;
}

static void stop_engine(struct pail_http_engine *engine)
{
        PAIL_LOCK(&engine->guarded.mutex);
        engine->guarded.is_stopping = true;
        struct pail_http_request *request;
        while ((request = pail_http_queue_pop_any(&engine->guarded.queue))) {
                pail_http_failure_set_cancelled(request);
                end_unbegun_locked(engine, request);
        }
        for (unsigned i = 0; i < engine->thread_count; i++)
                wake_thread_locked(engine, &engine->threads[i]);
}

void pail_http_engine_free(struct pail_http_engine *engine)
{
        if (!engine)
                return;
        if (engine->thread_count > 0)
                stop_engine(engine);
        for (unsigned i = 0; i < engine->thread_count; i++)
                pail_http_thread_join(&engine->threads[i]);
        for (unsigned i = 0; i < engine->thread_count; i++)
                pail_http_thread_done(&engine->threads[i]); /* the last one may still have woken the first */
        free(engine->threads);
        pail_http_config_done(&engine->config);
        pail_mutex_done(&engine->guarded.mutex);
        free(engine);
        curl_global_cleanup();
}
PAIL_DEFINE_CLEANUP(struct pail_http_engine, pail_http_engine_free);

static void divide_connections(struct pail_http_engine *engine, unsigned threads, unsigned connections)
{
        engine->max_connections = connections;
        engine->max_background = pail_max(connections - (connections + 3) / 4, 1U);
        for (unsigned i = 0; i < threads; i++) {
                engine->threads[i].owner = &thread_owner;
                engine->threads[i].owner_context = engine;
                engine->threads[i].group.config = &engine->config;
                engine->threads[i].index = i;
                engine->threads[i].share = connections / threads + (i < connections % threads);
                engine->threads[i].mail.is_awake = true; /* until its first look */
        }
}

static int start_threads(struct pail_http_engine *engine, unsigned threads, struct pail_error *ret_error)
{
        for (unsigned i = 0; i < threads; i++) {
                int r = pail_http_thread_start(&engine->threads[i], ret_error);
                if (r < 0)
                        return r;
                engine->thread_count++;
        }
        return 0;
}

int pail_http_engine_new(const struct pail_http_engine_options *options, struct pail_http_engine **ret_engine,
                         struct pail_error *ret_error)
{
        unsigned connections = options->max_connections ? options->max_connections : DEFAULT_CONNECTIONS;
        unsigned threads = options->threads ? options->threads : DEFAULT_THREADS;
        threads = pail_min(pail_min(threads, connections), (unsigned)MAX_THREADS);

        /*
         * Counted by curl, and safe from any thread since 7.84. curl copies every request with its signature, and receives the
         * answers of token services.
         */
        if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, pail_secret_malloc, pail_secret_free, pail_secret_realloc,
                                 pail_secret_strdup, pail_secret_calloc))
                return pail_error_set_errno(ret_error, ENOMEM, "cannot initialise libcurl");
        struct pail_http_engine *blank = calloc(1, sizeof(*blank));
        if (!blank) {
                curl_global_cleanup();
                return pail_error_set_errno(ret_error, ENOMEM, "cannot make the HTTP engine");
        }
        pail_mutex_init(&blank->guarded.mutex);
        pail_http_queue_init(&blank->guarded.queue);
        _cleanup_(pail_http_engine_free_p) struct pail_http_engine *engine = blank;

        int r = pail_http_config_init(&engine->config, options, ret_error);
        if (r < 0)
                return r;
        engine->threads = calloc(threads, sizeof(*engine->threads));
        if (!engine->threads)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot make the HTTP engine");
        divide_connections(engine, threads, connections);
        r = start_threads(engine, threads, ret_error);
        if (r < 0)
                return r;
        *ret_engine = pail_steal(&engine);
        return 0;
}
