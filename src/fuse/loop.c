/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session loop: worker threads that each read a request from the device and serve it.
 *
 * Invariant: while requests are being worked on, some thread reads the device, so that an INTERRUPT is heard. Whoever read a
 * request while no other reader is left makes sure of it before serving:
 *   - starts another thread, while fewer than max_threads exist;
 *   - else serves it at once when it cannot block (INTERRUPT, FORGET), and reads on;
 *   - else puts it on the backlog for the next worker that becomes free, and reads on.
 * The backlog is bounded; past the bound the last reader serves too, and interrupts are found by polling (call.c).
 *
 * libfuse's own loop stops hearing once max_threads requests hang, which an outage brings about with as many programs; that is
 * why it is not used. A thread is reading (and counted in readers), or working, or ends because MAX_IDLE others
 * read. A reader is woken only by the device, so the end of the session cancels it; cancellation is
 * enabled in that one call, where the thread owns nothing but its buffer, which the list of workers frees.
 */
#include "loop.h"

#define FUSE_USE_VERSION 35
#include <errno.h>
#include <fuse_lowlevel.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <utlist.h>

#include "pail/util/cleanup.h"
#include "pail/util/log.h"
#include "pail/util/mutex.h"
#include "pail/util/secret.h"
#include "raw_request.h"

enum { MAX_IDLE = 8, BACKLOG_MAX = 128 };

struct backlog_item {
        struct fuse_buf request;
        struct backlog_item *next;
};

struct worker {
        struct pail_loop *loop;
        pthread_t thread;
        struct fuse_buf request; /* its memory is reused from request to request */
        bool is_reader;
        struct worker *prev, *next;
};

struct pail_loop {
        struct fuse_session *session;
        unsigned max_threads;
        void (*on_processed)(void *context);
        void *context;
        sem_t ended; /* posted by whoever ends the loop */
        struct {
                struct pail_mutex mutex;
                struct worker *workers;
                unsigned threads, readers;
                struct backlog_item *backlog;
                unsigned backlog_count;
                bool is_stopping;
                int error;
        } guarded;
};

static void *worker_main(void *argument);

int pail_loop_new(struct fuse_session *session, unsigned max_threads, void (*on_processed)(void *context),
                  void *context, struct pail_loop **ret_loop)
{
        struct pail_loop *loop = calloc(1, sizeof(*loop));
        if (!loop)
                return -ENOMEM;
        loop->session = session;
        loop->max_threads = max_threads;
        loop->on_processed = on_processed;
        loop->context = context;
        sem_init(&loop->ended, 0, 0);
        pail_mutex_init(&loop->guarded.mutex);
        *ret_loop = loop;
        return 0;
}

static void backlog_item_free(struct backlog_item *item)
{
        if (!item)
                return;
        free(item->request.mem);
        free(item);
}

void pail_loop_free(struct pail_loop *loop)
{
        if (!loop)
                return;
        struct backlog_item *item, *next;
        LL_FOREACH_SAFE(loop->guarded.backlog, item, next)
                backlog_item_free(item);
        pail_mutex_done(&loop->guarded.mutex);
        sem_destroy(&loop->ended);
        free(loop);
}

void pail_loop_stop(struct pail_loop *loop)
{
        fuse_session_exit(loop->session);
        sem_post(&loop->ended);
}

/* Starts a thread that is a reader from the beginning. */
static int start_worker_locked(struct pail_loop *loop)
{
        pail_mutex_assert_held(&loop->guarded.mutex);
        _cleanup_free_ struct worker *worker = calloc(1, sizeof(*worker));
        if (!worker)
                return -ENOMEM;
        worker->loop = loop;
        worker->is_reader = true;
        int error = pthread_create(&worker->thread, NULL, worker_main, worker);
        if (error != 0)
                return -error;
        DL_APPEND(loop->guarded.workers, worker);
        loop->guarded.threads++;
        loop->guarded.readers++;
        (void)pail_steal(&worker);
        return 0;
}

/* Takes over the request's memory. */
static int put_on_backlog_locked(struct pail_loop *loop, struct fuse_buf *request)
{
        pail_mutex_assert_held(&loop->guarded.mutex);
        if (loop->guarded.backlog_count >= BACKLOG_MAX)
                return -ENOBUFS;
        struct backlog_item *item = calloc(1, sizeof(*item));
        if (!item)
                return -ENOMEM;
        item->request = *request;
        /* Most requests are small, and their buffer is not. */
        void *shrunk = realloc(request->mem, request->size);
        if (shrunk)
                item->request.mem = shrunk;
        *request = (struct fuse_buf){ 0 };
        LL_APPEND(loop->guarded.backlog, item);
        loop->guarded.backlog_count++;
        return 0;
}

static struct backlog_item *take_from_backlog_locked(struct pail_loop *loop)
{
        pail_mutex_assert_held(&loop->guarded.mutex);
        struct backlog_item *item = loop->guarded.backlog;
        if (!item)
                return NULL;
        LL_DELETE(loop->guarded.backlog, item);
        loop->guarded.backlog_count--;
        return item;
}

static void serve_request(struct pail_loop *loop, const struct fuse_buf *request)
{
        fuse_session_process_buf(loop->session, request);
        loop->on_processed(loop->context);
}

static void become_reader_locked(struct worker *worker)
{
        pail_mutex_assert_held(&worker->loop->guarded.mutex);
        worker->is_reader = true;
        worker->loop->guarded.readers++;
}

static void stop_reading_locked(struct worker *worker)
{
        pail_mutex_assert_held(&worker->loop->guarded.mutex);
        worker->is_reader = false;
        worker->loop->guarded.readers--;
}

/* The worker's request was read: true when this thread is to serve it now; false when it went to the backlog, and this thread reads on. */
static bool keep_one_reader_locked(struct worker *worker)
{
        struct pail_loop *loop = worker->loop;
        pail_mutex_assert_held(&loop->guarded.mutex);
        if (loop->guarded.readers > 0 || loop->guarded.is_stopping || pail_raw_request_cannot_block(&worker->request))
                return true;
        if (loop->guarded.threads < loop->max_threads && start_worker_locked(loop) == 0)
                return true;
        /* Alone, since no thread could be started: nobody else would ever become free. */
        if (loop->guarded.threads == 1 || put_on_backlog_locked(loop, &worker->request) < 0)
                return true;
        become_reader_locked(worker);
        return false;
}

/* The one place where a worker may be cancelled. */
static int read_request(struct worker *worker)
{
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
        int r = fuse_session_receive_buf(worker->loop->session, &worker->request);
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
        return r;
}

static void end_loop_locked(struct pail_loop *loop, int error)
{
        pail_mutex_assert_held(&loop->guarded.mutex);
        if (loop->guarded.error == 0)
                loop->guarded.error = error;
        loop->guarded.is_stopping = true;
        sem_post(&loop->ended);
}

/* Reads one request and serves it, or hands it on. Called and left with the lock held. */
static void read_and_serve_locked(struct worker *worker)
{
        struct pail_loop *loop = worker->loop;
        pail_mutex_assert_held(&loop->guarded.mutex);
        pail_mutex_unlock(&loop->guarded.mutex);
        int r = read_request(worker);
        pail_mutex_lock(&loop->guarded.mutex);
        if (r == -EINTR || r == -EAGAIN)
                return;
        stop_reading_locked(worker);
        if (r <= 0) { /* ECONNABORTED: the end of a mount that was detached while in use */
                end_loop_locked(loop, r == -ECONNABORTED ? 0 : r);
                return;
        }
        if (!keep_one_reader_locked(worker))
                return;
        pail_mutex_unlock(&loop->guarded.mutex);
        serve_request(loop, &worker->request);
        pail_mutex_lock(&loop->guarded.mutex);
}

/* Ends this thread when enough others read: false, and the worker is gone, unless the loop stops, which joins it. */
static bool serve_locked(struct worker *worker)
{
        struct pail_loop *loop = worker->loop;
        pail_mutex_assert_held(&loop->guarded.mutex);
        while (!loop->guarded.is_stopping) {
                /* The last reader reads on, whatever waits: it may be an INTERRUPT that gives a worker back. */
                bool is_free = !worker->is_reader && loop->guarded.readers > 0;
                struct backlog_item *item = is_free ? take_from_backlog_locked(loop) : NULL;
                if (item) {
                        pail_mutex_unlock(&loop->guarded.mutex);
                        serve_request(loop, &item->request);
                        backlog_item_free(item);
                        pail_mutex_lock(&loop->guarded.mutex);
                        continue;
                }
                if (!worker->is_reader) {
                        if (loop->guarded.readers >= MAX_IDLE)
                                return false;
                        become_reader_locked(worker);
                }
                read_and_serve_locked(worker);
        }
        return true;
}

static void *worker_main(void *argument)
{
        struct worker *worker = argument;
        struct pail_loop *loop = worker->loop;
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
        pthread_setname_np(pthread_self(), "pail-fuse");
        pail_secret_cover_stack();
        PAIL_LOCK(&loop->guarded.mutex);
        if (serve_locked(worker))
                return NULL;
        DL_DELETE(loop->guarded.workers, worker);
        loop->guarded.threads--;
        pthread_detach(pthread_self());
        free(worker->request.mem);
        free(worker);
        return NULL;
}

static struct worker *stop_workers(struct pail_loop *loop)
{
        PAIL_LOCK(&loop->guarded.mutex);
        loop->guarded.is_stopping = true;
        return pail_steal(&loop->guarded.workers);
}

static void join_workers(struct pail_loop *loop)
{
        /* From here on nobody leaves the list: a worker that stops leaves itself to be joined. */
        struct worker *workers = stop_workers(loop), *worker, *next;
        DL_FOREACH(workers, worker)
                pthread_cancel(worker->thread);
        DL_FOREACH_SAFE(workers, worker, next) {
                pthread_join(worker->thread, NULL);
                free(worker->request.mem);
                free(worker);
        }
}

static int start_first_worker(struct pail_loop *loop)
{
        PAIL_LOCK(&loop->guarded.mutex);
        return start_worker_locked(loop);
}

int pail_loop_run(struct pail_loop *loop, void (*on_end)(void *context), void *context)
{
        int r = start_first_worker(loop);
        if (r < 0)
                return r;
        while (sem_wait(&loop->ended) != 0)
                continue;
        fuse_session_exit(loop->session);
        if (on_end)
                on_end(context);
        join_workers(loop);
        return loop->guarded.error;
}
