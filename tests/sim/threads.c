/* SPDX-License-Identifier: Apache-2.0 */
/* pail/util/thread.h for fibres: a thread is one. */
#include "pail/util/thread.h"

#include <errno.h>

#include "report.h"
#include "schedule.h"
#include "sim.h"

static struct sim_fibre *fibre_of(const struct pail_thread *thread)
{
        return (struct sim_fibre *)(uintptr_t)thread;
}

static struct pail_thread *thread_of(struct sim_fibre *fibre)
{
        return (struct pail_thread *)(void *)fibre;
}

int pail_thread_start(const char *name, void (*run)(void *argument), void *argument, struct pail_thread **ret_thread)
{
        if (sim_decide_rarely(sim.no_thread_one_in))
                return -EAGAIN;
        *ret_thread = thread_of(sim_fibre_new(name, run, argument));
        sim_point();
        return 0;
}

void pail_thread_join(struct pail_thread *thread)
{
        struct sim_fibre *awaited = fibre_of(thread), *self = sim.current;
        if (!awaited)
                return;
        if (awaited->was_joined)
                sim_fail(SIM_MISUSE, "the thread %s is joined twice", awaited->name);
        awaited->was_joined = true;
        sim_point();
        if (awaited->state == SIM_ENDED)
                return;
        awaited->joiner = self;
        self->state = SIM_WAITS_END;
        self->awaited = awaited;
        sim_check_circle();
        sim_block();
}

struct pail_thread *pail_thread_self(void)
{
        return sim.current->id > 0 ? thread_of(sim.current) : NULL;
}

bool pail_thread_is_self(const struct pail_thread *thread)
{
        return fibre_of(thread) == sim.current;
}

const void *pail_thread_get(enum pail_thread_slot slot)
{
        return sim.current->slots[slot];
}

void pail_thread_set(enum pail_thread_slot slot, const void *value)
{
        sim.current->slots[slot] = value;
}

bool pail_sim_is_waiting(const struct pail_thread *thread)
{
        const struct sim_fibre *fibre = fibre_of(thread);
        return fibre->state == SIM_WAITS_CONDITION;
}
