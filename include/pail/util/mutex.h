/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mutex that knows its owner, so that a _locked function can assert that its caller holds it, and a
 * condition variable on the monotonic clock. Failure of the underlying pthread call is a bug and aborts.
 */
#ifndef PAIL_UTIL_MUTEX_H
#define PAIL_UTIL_MUTEX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct pail_mutex {
        pthread_mutex_t mutex;
        _Atomic(pthread_t) owner; /* 0: nobody */
};

struct pail_cond {
        pthread_cond_t cond;
};

void pail_mutex_init(struct pail_mutex *mutex);
void pail_mutex_done(struct pail_mutex *mutex);
void pail_mutex_lock(struct pail_mutex *mutex);
void pail_mutex_unlock(struct pail_mutex *mutex);
/* true when the calling thread holds the mutex. */
bool pail_mutex_held(const struct pail_mutex *mutex);
#define pail_mutex_assert_held(mutex) pail_mutex_assert_held_at(mutex, __FILE__, __LINE__)
void pail_mutex_assert_held_at(const struct pail_mutex *mutex, const char *file, int line);

void pail_cond_init(struct pail_cond *cond);
void pail_cond_done(struct pail_cond *cond);
void pail_cond_wait(struct pail_cond *cond, struct pail_mutex *mutex);
/* 0, or -ETIMEDOUT once pail_clock_monotonic_ms() is past until_ms. Spurious wake-ups happen. */
int pail_cond_wait_until(struct pail_cond *cond, struct pail_mutex *mutex, int64_t until_ms);
void pail_cond_signal(struct pail_cond *cond);
void pail_cond_broadcast(struct pail_cond *cond);

/* Holds a mutex for the rest of the scope: PAIL_LOCK(&object->guarded.mutex); */
static inline void pail_mutex_unlock_p(struct pail_mutex **mutex)
{
        if (*mutex)
                pail_mutex_unlock(*mutex);
}
#define PAIL_LOCK_NAME2(line) lock_at_##line
#define PAIL_LOCK_NAME(line) PAIL_LOCK_NAME2(line)
#define PAIL_LOCK(mutex_)                                                                                              \
        __attribute__((cleanup(pail_mutex_unlock_p), unused)) struct pail_mutex *PAIL_LOCK_NAME(__LINE__) = (mutex_);  \
        pail_mutex_lock(PAIL_LOCK_NAME(__LINE__))

#endif
