/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads: named, with all signals blocked (those are for the threads of the program that expect them), and with a stack that stays out of
 * core dumps (pail/util/secret.h). A thread ends by returning, and is joined exactly once.
 */
#ifndef PAIL_UTIL_THREAD_H
#define PAIL_UTIL_THREAD_H

#include <stdbool.h>

struct pail_thread;

/* name: cut to 15 characters, copied. -ENOMEM; -EAGAIN: the system has no more threads for us. */
int pail_thread_start(const char *name, void (*run)(void *argument), void *argument, struct pail_thread **ret_thread);
/* Waits for the end of the thread and frees the handle. NULL is fine. Not from the thread itself. */
void pail_thread_join(struct pail_thread *thread);
/* The calling thread, borrowed; NULL when it was not started here (main). */
struct pail_thread *pail_thread_self(void);
bool pail_thread_is_self(const struct pail_thread *thread);

/* What each thread has of its own: one pointer a use, NULL at first. Whoever needs another adds it here. */
enum pail_thread_slot {
        PAIL_THREAD_INTERRUPT, /* pail/util/interrupt.h */
        PAIL_THREAD_SLOTS,
};
const void *pail_thread_get(enum pail_thread_slot slot);
void pail_thread_set(enum pail_thread_slot slot, const void *value);

#endif
