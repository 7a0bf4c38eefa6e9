/* SPDX-License-Identifier: Apache-2.0 */
/* A reference-counted box around one job: one reference is the job's, one is the starter's. */
#include "pail/util/future.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "pail/util/interrupt.h"
#include "pail/util/mutex.h"

struct pail_future {
        int (*run)(void *argument);
        void (*release)(void *argument);
        void *argument;
        struct {
                struct pail_mutex mutex;
                struct pail_cond ended;
                unsigned references;
                bool has_ended;
                int result;
        } guarded;
};

void pail_future_unref(struct pail_future *future)
{
        bool last;

        if (!future)
                return;
        pail_mutex_lock(&future->guarded.mutex);
        last = --future->guarded.references == 0;
        pail_mutex_unlock(&future->guarded.mutex);
        if (!last)
                return;
        if (future->release)
                future->release(future->argument);
        pail_cond_done(&future->guarded.ended);
        pail_mutex_done(&future->guarded.mutex);
        free(future);
}

static void work(void *context)
{
        struct pail_future *future = context;
        int result = future->run(future->argument);

        pail_mutex_lock(&future->guarded.mutex);
        future->guarded.result = result;
        future->guarded.has_ended = true;
        pail_cond_broadcast(&future->guarded.ended);
        pail_mutex_unlock(&future->guarded.mutex);
        pail_future_unref(future);
}

int pail_future_start(struct pail_workpool *pool, int (*run)(void *argument), void (*release)(void *argument),
                      void *argument, struct pail_future **ret_future)
{
        struct pail_future *future = calloc(1, sizeof(*future));
        int r;

        if (!future) {
                if (release)
                        release(argument);
                return -ENOMEM;
        }
        *future = (struct pail_future){ .run = run, .release = release, .argument = argument };
        pail_mutex_init(&future->guarded.mutex);
        pail_cond_init(&future->guarded.ended);
        future->guarded.references = 2;
        r = pail_workpool_submit(pool, work, future);
        if (r < 0) {
                future->guarded.references = 1; /* no thread has the other */
                pail_future_unref(future);
                return r;
        }
        *ret_future = future;
        return 0;
}

int pail_future_wait(struct pail_future *future, int64_t until_ms)
{
        PAIL_LOCK(&future->guarded.mutex);
        while (!future->guarded.has_ended) {
                int r = pail_interrupt_wait(&future->guarded.ended, &future->guarded.mutex, until_ms);

                if (r < 0 && !future->guarded.has_ended)
                        return r;
        }
        return future->guarded.result;
}
