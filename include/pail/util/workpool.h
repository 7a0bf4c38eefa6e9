/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads that run jobs in the order of their arrival. Threads are started on demand, up to the limit, and
 * end after some idle seconds. Thread safe.
 */
#ifndef PAIL_UTIL_WORKPOOL_H
#define PAIL_UTIL_WORKPOOL_H

struct pail_workpool;

/* max_threads >= 1; name (at most 12 characters) is given to the threads. -ENOMEM. */
int pail_workpool_new(const char *name, unsigned max_threads, struct pail_workpool **ret_pool);
/* Runs what is queued, then joins all threads. NULL is fine. Not from a job. */
void pail_workpool_free(struct pail_workpool *pool);
/* Queues a job; it may block. 0, -ENOMEM, or -EAGAIN when not one thread could be started. From a job too. */
int pail_workpool_submit(struct pail_workpool *pool, void (*run)(void *argument), void *argument);
/*
 * Runs a job on the pool and waits for it, interruptibly (pail/util/interrupt.h): the job's own return value, or
 * -EINTR when the wait was interrupted; the job then goes on to its end all the same ("detached").
 * release(argument) is called exactly once, after the job ended and nobody waits any more; on failure to
 * queue (-ENOMEM, -EAGAIN) it is called before this returns. release may be NULL. Not from a job of the same pool: with
 * every thread waiting for a job that none is left to run, all would wait for ever.
 */
int pail_workpool_run(struct pail_workpool *pool, int (*run)(void *argument), void (*release)(void *argument),
                      void *argument);
/* Waits until nothing is queued or running. Not from a job. */
void pail_workpool_drain(struct pail_workpool *pool);

#endif
