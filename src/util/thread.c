/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handle of a thread lives until it is joined; the thread knows it through a variable of its own. Signals are blocked
 * around pthread_create(), not in the new thread, so that there is no moment in which one could arrive.
 */
#include "pail/util/thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

enum { NAME_SIZE = 16 }; /* of the kernel */

struct pail_thread {
        pthread_t handle;
        char name[NAME_SIZE];
        void (*run)(void *argument);
        void *argument;
};

static _Thread_local struct pail_thread *self;
static _Thread_local const void *slots[PAIL_THREAD_SLOTS];

static void *run_thread(void *argument)
{
        self = argument;
        pthread_setname_np(pthread_self(), self->name);
        pail_secret_cover_stack();
        self->run(self->argument);
        return NULL;
}

/* A new thread has the mask of the one that makes it. */
static int create_with_signals_blocked(struct pail_thread *thread)
{
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        int error = pthread_create(&thread->handle, NULL, run_thread, thread);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        return error ? -EAGAIN : 0;
}

int pail_thread_start(const char *name, void (*run)(void *argument), void *argument, struct pail_thread **ret_thread)
{
        _cleanup_free_ struct pail_thread *thread = calloc(1, sizeof(*thread));
        if (!thread)
                return -ENOMEM;
        pail_str_copy(thread->name, sizeof(thread->name), name);
        thread->run = run;
        thread->argument = argument;
        int r = create_with_signals_blocked(thread);
        if (r < 0)
                return r;
        *ret_thread = pail_steal(&thread);
        return 0;
}

void pail_thread_join(struct pail_thread *thread)
{
        if (!thread)
                return;
        pthread_join(thread->handle, NULL);
        free(thread);
}

struct pail_thread *pail_thread_self(void)
{
        return self;
}

bool pail_thread_is_self(const struct pail_thread *thread)
{
        return thread && thread == self;
}

const void *pail_thread_get(enum pail_thread_slot slot)
{
        return slots[slot];
}

void pail_thread_set(enum pail_thread_slot slot, const void *value)
{
        slots[slot] = value;
}
