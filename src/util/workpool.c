/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue and threads that take from it. A thread is started when a job arrives that no idle thread would take, and
 * ends after IDLE_MS without work.
 *
 * Ended threads are joined, not detached: a detached thread could still be leaving the mutex when the pool's memory
 * goes. An ending thread leaves itself in `ended` and joins the one it finds there, so at any time at most one
 * thread waits to be joined, and pail_workpool_free() joins that last one.
 *
 * A call (pail_workpool_run) is a job with someone waiting:
 *
 *   WAITED --(job ends: run_call)--------> DONE      the waiter releases and frees
 *   WAITED --(interrupt: wait_for_call)--> DETACHED  the worker releases and frees when the job ends
 *
 * Both changes happen under the pool's mutex, which is why release runs exactly once. Invariants: a queued job
 * implies a thread; an idle thread ends only while the queue is empty; callbacks run without the mutex.
 */
#include "pail/util/workpool.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"
#include "pail/util/thread.h"

enum { IDLE_MS = 2000, NAME_SIZE = 13 };

struct job {
        struct job *next;
        void (*run)(void *argument);
        void *argument;
        bool is_call; /* embedded in a struct call, which owns it; else freed when it ended */
};

enum call_state { CALL_WAITED, CALL_DONE, CALL_DETACHED };

struct call {
        struct job job;
        struct pail_workpool *pool;
        int (*run)(void *argument);
        void (*release)(void *argument);
        void *argument;
        int r;                 /* of run */
        enum call_state state; /* under the pool's mutex */
        struct pail_cond ended;
};

struct pail_workpool {
        char name[NAME_SIZE];
        unsigned max_threads;
        struct {
                struct pail_mutex mutex;
                struct pail_cond work;  /* a job was queued, or the pool stops */
                struct pail_cond quiet; /* nothing queued or running, or a thread ended */
                struct job *first, **last;
                size_t queued, running;
                unsigned threads, idle;
                bool is_stopping;
                struct pail_thread *ended; /* to be joined by the next one that ends */
        } guarded;
};

int pail_workpool_new(const char *name, unsigned max_threads, struct pail_workpool **ret_pool)
{
        struct pail_workpool *pool = calloc(1, sizeof(*pool));
        if (!pool)
                return -ENOMEM;
        pail_str_copy(pool->name, sizeof(pool->name), name);
        pool->max_threads = max_threads > 0 ? max_threads : 1;
        pail_mutex_init(&pool->guarded.mutex);
        pail_cond_init(&pool->guarded.work);
        pail_cond_init(&pool->guarded.quiet);
        pool->guarded.last = &pool->guarded.first;
        *ret_pool = pool;
        return 0;
}

static void push_locked(struct pail_workpool *pool, struct job *job)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        *pool->guarded.last = job;
        pool->guarded.last = &job->next;
        pool->guarded.queued++;
}

static struct job *pop_locked(struct pail_workpool *pool)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        struct job *job = pool->guarded.first;
        pool->guarded.first = job->next;
        if (!job->next)
                pool->guarded.last = &pool->guarded.first;
        pool->guarded.queued--;
        return job;
}

/* Waits for a job; NULL when this thread is to end. */
static struct job *next_job_locked(struct pail_workpool *pool)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        int64_t until_ms = pail_clock_monotonic_ms() + IDLE_MS;
        while (!pool->guarded.first) {
                if (pool->guarded.is_stopping)
                        return NULL;
                pool->guarded.idle++;
                int r = pail_cond_wait_until(&pool->guarded.work, &pool->guarded.mutex, until_ms);
                pool->guarded.idle--;
                if (r < 0 && !pool->guarded.first)
                        return NULL;
        }
        return pop_locked(pool);
}

static void free_call(struct call *call)
{
        if (call->release)
                call->release(call->argument);
        pail_cond_done(&call->ended);
        free(call);
}

/* true: somebody waits for the call, who frees it. */
static bool hand_to_waiter(struct call *call, int r)
{
        PAIL_LOCK(&call->pool->guarded.mutex);
        if (call->state == CALL_DETACHED)
                return false;
        call->r = r;
        call->state = CALL_DONE;
        pail_cond_signal(&call->ended);
        return true;
}

/* The job of a call, on a thread of the pool. */
static void run_call(void *argument)
{
        struct call *call = argument;

        if (!hand_to_waiter(call, call->run(call->argument)))
                free_call(call);
}

static void run_job(struct job *job)
{
        bool is_call = job->is_call; /* once run, a call is its waiter's */
        job->run(job->argument);
        if (!is_call)
                free(job);
}

static void run_thread(void *argument)
{
        struct pail_workpool *pool = argument;

        pail_mutex_lock(&pool->guarded.mutex);
        struct job *job;
        while ((job = next_job_locked(pool))) {
                pool->guarded.running++;
                pail_mutex_unlock(&pool->guarded.mutex);
                run_job(job);
                pail_mutex_lock(&pool->guarded.mutex);
                pool->guarded.running--;
                if (!pool->guarded.first && pool->guarded.running == 0)
                        pail_cond_broadcast(&pool->guarded.quiet);
        }
        struct pail_thread *before = pool->guarded.ended;
        pool->guarded.ended = pail_thread_self();
        pool->guarded.threads--;
        pail_cond_broadcast(&pool->guarded.quiet);
        pail_mutex_unlock(&pool->guarded.mutex);
        pail_thread_join(before);
}

/* The new thread waits for the mutex. It joins itself to those that ended (run_thread), so nobody keeps its handle. */
static int start_thread_locked(struct pail_workpool *pool)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        struct pail_thread *thread;
        int r = pail_thread_start(pool->name, run_thread, pool, &thread);
        if (r == 0)
                pool->guarded.threads++;
        return r;
}

static int queue_job_locked(struct pail_workpool *pool, struct job *job)
{
        pail_mutex_assert_held(&pool->guarded.mutex);
        if (pool->guarded.queued >= pool->guarded.idle && pool->guarded.threads < pool->max_threads) {
                int r = start_thread_locked(pool);
                if (r < 0 && pool->guarded.threads == 0)
                        return r;
        }
        push_locked(pool, job);
        pail_cond_signal(&pool->guarded.work);
        return 0;
}

int pail_workpool_submit(struct pail_workpool *pool, void (*run)(void *argument), void *argument)
{
        _cleanup_free_ struct job *job = malloc(sizeof(*job));
        if (!job)
                return -ENOMEM;
        *job = (struct job){ .run = run, .argument = argument };

        PAIL_LOCK(&pool->guarded.mutex);
        int r = queue_job_locked(pool, job);
        if (r == 0)
                (void)pail_steal(&job);
        return r;
}

/* The state in which the call was left: DONE or DETACHED. */
static enum call_state wait_for_call(struct pail_workpool *pool, struct call *call)
{
        PAIL_LOCK(&pool->guarded.mutex);
        while (call->state == CALL_WAITED)
                if (pail_interrupt_wait(&call->ended, &pool->guarded.mutex, INT64_MAX) == -EINTR &&
                    call->state == CALL_WAITED)
                        call->state = CALL_DETACHED;
        return call->state;
}

static int queue_call(struct pail_workpool *pool, struct call *call)
{
        PAIL_LOCK(&pool->guarded.mutex);
        return queue_job_locked(pool, &call->job);
}

int pail_workpool_run(struct pail_workpool *pool, int (*run)(void *argument), void (*release)(void *argument),
                      void *argument)
{
        struct call *call = malloc(sizeof(*call));
        if (!call) {
                if (release)
                        release(argument);
                return -ENOMEM;
        }
        *call = (struct call){ .pool = pool, .run = run, .release = release, .argument = argument };
        call->job = (struct job){ .run = run_call, .argument = call, .is_call = true };
        pail_cond_init(&call->ended);

        int r = queue_call(pool, call);
        if (r == 0 && wait_for_call(pool, call) == CALL_DETACHED)
                return -EINTR; /* the call is the worker's now */
        if (r == 0)
                r = call->r;
        free_call(call);
        return r;
}

void pail_workpool_drain(struct pail_workpool *pool)
{
        PAIL_LOCK(&pool->guarded.mutex);
        while (pool->guarded.first || pool->guarded.running > 0)
                pail_cond_wait(&pool->guarded.quiet, &pool->guarded.mutex);
}

static void stop_threads(struct pail_workpool *pool)
{
        PAIL_LOCK(&pool->guarded.mutex);
        pool->guarded.is_stopping = true;
        pail_cond_broadcast(&pool->guarded.work);
        while (pool->guarded.threads > 0)
                pail_cond_wait(&pool->guarded.quiet, &pool->guarded.mutex);
}

void pail_workpool_free(struct pail_workpool *pool)
{
        if (!pool)
                return;
        stop_threads(pool);
        pail_thread_join(pool->guarded.ended);
        pail_cond_done(&pool->guarded.quiet);
        pail_cond_done(&pool->guarded.work);
        pail_mutex_done(&pool->guarded.mutex);
        free(pool);
}
