/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner is kept beside the lock and is written only by the thread that holds it: so the question "do I hold it?"
 * has a reliable answer with relaxed atomics, whatever other threads do meanwhile. That also catches what a plain
 * pthread mutex hangs on or ignores: locking twice, and unlocking what another thread holds.
 * An error-checking pthread mutex was the alternative; it cannot be asked who holds it.
 */
#include "pail/util/mutex.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pail/util/clock.h"

/* One wait is at most this long; beyond it, the caller is woken "spuriously" and waits again. Keeps sums in range. */
static const int64_t longest_wait_ms = INT64_C(24) * 3600 * 1000;

static _Noreturn void die(const char *what, const char *why)
{
        fprintf(stderr, "pail: bug: %s: %s\n", what, why);
        abort();
}

static void check(int error, const char *what)
{
        if (error)
                die(what, strerrordesc_np(error));
}

void pail_mutex_init(struct pail_mutex *mutex)
{
        check(pthread_mutex_init(&mutex->mutex, NULL), "pthread_mutex_init");
        atomic_init(&mutex->owner, 0);
}

void pail_mutex_done(struct pail_mutex *mutex)
{
        check(pthread_mutex_destroy(&mutex->mutex), "pthread_mutex_destroy");
}

bool pail_mutex_held(const struct pail_mutex *mutex)
{
        return atomic_load_explicit(&mutex->owner, memory_order_relaxed) == pthread_self();
}

static void set_owner(struct pail_mutex *mutex, pthread_t owner)
{
        atomic_store_explicit(&mutex->owner, owner, memory_order_relaxed);
}

void pail_mutex_lock(struct pail_mutex *mutex)
{
        if (pail_mutex_held(mutex))
                die("pail_mutex_lock", "this thread holds it already");
        check(pthread_mutex_lock(&mutex->mutex), "pthread_mutex_lock");
        set_owner(mutex, pthread_self());
}

void pail_mutex_unlock(struct pail_mutex *mutex)
{
        if (!pail_mutex_held(mutex))
                die("pail_mutex_unlock", "this thread does not hold it");
        set_owner(mutex, 0);
        check(pthread_mutex_unlock(&mutex->mutex), "pthread_mutex_unlock");
}

void pail_mutex_assert_held_at(const struct pail_mutex *mutex, const char *file, int line)
{
        if (pail_mutex_held(mutex))
                return;
        fprintf(stderr, "pail: bug: %s:%d: the lock is not held by this thread\n", file, line);
        abort();
}

void pail_cond_init(struct pail_cond *cond)
{
        pthread_condattr_t attributes;
        check(pthread_condattr_init(&attributes), "pthread_condattr_init");
        check(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), "pthread_condattr_setclock");
        check(pthread_cond_init(&cond->cond, &attributes), "pthread_cond_init");
        check(pthread_condattr_destroy(&attributes), "pthread_condattr_destroy");
}

void pail_cond_done(struct pail_cond *cond)
{
        check(pthread_cond_destroy(&cond->cond), "pthread_cond_destroy");
}

void pail_cond_wait(struct pail_cond *cond, struct pail_mutex *mutex)
{
        pail_mutex_assert_held(mutex);
        set_owner(mutex, 0);
        check(pthread_cond_wait(&cond->cond, &mutex->mutex), "pthread_cond_wait");
        set_owner(mutex, pthread_self());
}

int pail_cond_wait_until(struct pail_cond *cond, struct pail_mutex *mutex, int64_t until_ms)
{
        pail_mutex_assert_held(mutex);
        int64_t now_ms = pail_clock_monotonic_ms();
        if (until_ms <= now_ms)
                return -ETIMEDOUT;
        /* The test clock is ahead of the system's: only the difference means the same to both. */
        int64_t wait_ms = until_ms > now_ms + longest_wait_ms ? longest_wait_ms : until_ms - now_ms;

        struct timespec deadline;
        clock_gettime(CLOCK_MONOTONIC, &deadline);
        deadline.tv_sec += wait_ms / 1000;
        deadline.tv_nsec += wait_ms % 1000 * 1000000;
        if (deadline.tv_nsec >= 1000000000) {
                deadline.tv_sec++;
                deadline.tv_nsec -= 1000000000;
        }
        set_owner(mutex, 0);
        int error = pthread_cond_timedwait(&cond->cond, &mutex->mutex, &deadline);
        set_owner(mutex, pthread_self());
        if (error != ETIMEDOUT)
                check(error, "pthread_cond_timedwait");
        return error && pail_clock_monotonic_ms() >= until_ms ? -ETIMEDOUT : 0;
}

void pail_cond_signal(struct pail_cond *cond)
{
        check(pthread_cond_signal(&cond->cond), "pthread_cond_signal");
}

void pail_cond_broadcast(struct pail_cond *cond)
{
        check(pthread_cond_broadcast(&cond->cond), "pthread_cond_broadcast");
}
