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
                unsigned refs;
                bool has_ended;
                int r; /* of the job */
        } guarded;
};

/* true: it was the last one. */
static bool drop_reference(struct pail_future *future)
{
        PAIL_LOCK(&future->guarded.mutex);
        return --future->guarded.refs == 0;
}

void pail_future_unref(struct pail_future *future)
{
        if (!future || !drop_reference(future))
                return;
        if (future->release)
                future->release(future->argument);
        pail_cond_done(&future->guarded.ended);
        pail_mutex_done(&future->guarded.mutex);
        free(future);
}

static void end_future(struct pail_future *future, int r)
{
        PAIL_LOCK(&future->guarded.mutex);
        future->guarded.r = r;
        future->guarded.has_ended = true;
        pail_cond_broadcast(&future->guarded.ended);
}

static void run_future(void *context)
{
        struct pail_future *future = context;

        end_future(future, future->run(future->argument));
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
        future->guarded.refs = 2;
        r = pail_workpool_submit(pool, run_future, future);
        if (r < 0) {
                future->guarded.refs = 1; /* no thread has the other */
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
        return future->guarded.r;
}
