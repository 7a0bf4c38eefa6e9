/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets a program that waits in a system call be interrupted while one of our threads waits for the
 * network on its behalf. The FUSE driver installs a token for the calling thread; every wait of the
 * layers below is made with pail_interrupt_wait(), which looks at the token a few times a second.
 * Looking, rather than being woken, keeps the signal path free of every lock of ours.
 * A thread without a token (workers, tests) is never interrupted.
 */
#ifndef PAIL_UTIL_INTERRUPT_H
#define PAIL_UTIL_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/util/mutex.h"

struct pail_interrupt {
        /*
         * true once the wait is to end with -EINTR. Called by the waiting thread, about every 50 ms, with the mutex of
         * that wait held; must not block.
         */
        bool (*is_set)(void *context);
        void *context;
};

/* Installs a token (borrowed; NULL: none) for this thread and returns the one before. */
const struct pail_interrupt *pail_interrupt_install(const struct pail_interrupt *interrupt);
/* true when this thread's token is set. */
bool pail_interrupt_is_set(void);
/*
 * Waits on cond like pthread_cond_wait, but returns -EINTR once this thread's token is set, and -ETIMEDOUT once
 * pail_clock_monotonic_ms() >= until_ms (INT64_MAX: no deadline). 0: woken, perhaps spuriously.
 */
int pail_interrupt_wait(struct pail_cond *cond, struct pail_mutex *mutex, int64_t until_ms);

#endif
