/* SPDX-License-Identifier: Apache-2.0 */
/* Faults that are there on purpose: tests/sim/check-planted demands that each is found. They are run only when they are named. */
#include <stdlib.h>
#include <string.h>

#include "pail/util/mutex.h"
#include "scenarios.h"

struct pair {
        struct pail_mutex mutex[2];
};

/* One in eight rounds takes the two locks the other way round. */
static void lock_both(struct pail_sim_caller *caller)
{
        struct pair *pair = caller->context;
        for (unsigned round = 0; round < 8; round++) {
                unsigned first = pail_sim_chance(caller->sim, 8);
                PAIL_LOCK(&pair->mutex[first]);
                PAIL_LOCK(&pair->mutex[!first]);
        }
}

void scenario_planted_deadlock(struct pail_sim *sim)
{
        struct pair pair;
        struct pail_sim_callers callers;
        pail_mutex_init(&pair.mutex[0]);
        pail_mutex_init(&pair.mutex[1]);
        pail_sim_callers_start(sim, &callers, "crosser", 3, lock_both, &pair);
        pail_sim_callers_join(&callers);
        pail_mutex_done(&pair.mutex[0]);
        pail_mutex_done(&pair.mutex[1]);
}

struct signal {
        struct pail_mutex mutex;
        struct pail_cond cond;
};

static void wait_once(struct pail_sim_caller *caller)
{
        struct signal *signal = caller->context;
        PAIL_LOCK(&signal->mutex);
        pail_cond_wait(&signal->cond, &signal->mutex); /* for what? A signal that came before is lost */
}

void scenario_planted_lost_wakeup(struct pail_sim *sim)
{
        struct signal signal;
        struct pail_sim_callers callers;
        pail_mutex_init(&signal.mutex);
        pail_cond_init(&signal.cond);
        pail_sim_callers_start(sim, &callers, "waiter", 1, wait_once, &signal);
        for (unsigned i = pail_sim_choose(sim, 20); i > 0; i--)
                pail_sim_yield();
        pail_mutex_lock(&signal.mutex);
        pail_cond_signal(&signal.cond);
        pail_mutex_unlock(&signal.mutex);
        pail_sim_callers_join(&callers);
        pail_cond_done(&signal.cond);
        pail_mutex_done(&signal.mutex);
}

struct shared_thing {
        struct pail_mutex mutex;
        unsigned references;
        unsigned freed;
        char *memory;
};

/* The count is right, but whether it was the last one is asked after the lock is let go. */
static void give_up(struct pail_sim_caller *caller)
{
        struct shared_thing *thing = caller->context;
        pail_mutex_lock(&thing->mutex);
        thing->references--;
        pail_mutex_unlock(&thing->mutex);
        if (thing->references > 0)
                return;
        PAIL_SIM_CHECK(thing->freed++ == 0);
        free(thing->memory);
}

void scenario_planted_double_free(struct pail_sim *sim)
{
        struct shared_thing thing = { .references = 2, .memory = strdup("shared") };
        struct pail_sim_callers callers;
        pail_mutex_init(&thing.mutex);
        pail_sim_callers_start(sim, &callers, "owner", 2, give_up, &thing);
        pail_sim_callers_join(&callers);
        pail_mutex_done(&thing.mutex);
}

struct polite {
        struct pail_mutex mutex;
        bool wants[2];
};

/* After you. No, after you: both say that they want to pass, and then both see that the other one does. */
static void pass_the_door(struct pail_sim_caller *caller)
{
        struct polite *door = caller->context;
        unsigned me = caller->number;
        pail_mutex_lock(&door->mutex);
        door->wants[me] = true;
        pail_mutex_unlock(&door->mutex);
        for (bool passed = false; !passed;) {
                pail_sim_yield();
                PAIL_LOCK(&door->mutex);
                passed = !door->wants[!me];
        }
        PAIL_LOCK(&door->mutex);
        door->wants[me] = false;
}

void scenario_planted_livelock(struct pail_sim *sim)
{
        struct polite door = { 0 };
        struct pail_sim_callers callers;
        pail_mutex_init(&door.mutex);
        pail_sim_set_limits(sim, 100 * 1000, INT64_C(3600) * 1000);
        pail_sim_callers_start(sim, &callers, "guest", 2, pass_the_door, &door);
        pail_sim_callers_join(&callers);
        pail_mutex_done(&door.mutex);
}

/* Looks for a flag once a second; nobody sets it when the guest came first. */
static void look_each_second(struct pail_sim_caller *caller)
{
        struct polite *door = caller->context;
        pail_mutex_lock(&door->mutex);
        bool is_first = !door->wants[0];
        door->wants[0] = true;
        pail_mutex_unlock(&door->mutex);
        while (!is_first || caller->number == 0) {
                pail_sim_sleep(1000);
                if (caller->number == 0)
                        return;
        }
}

void scenario_planted_hang(struct pail_sim *sim)
{
        struct polite door = { 0 };
        struct pail_sim_callers callers;
        pail_mutex_init(&door.mutex);
        pail_sim_callers_start(sim, &callers, "guest", 2, look_each_second, &door);
        pail_sim_callers_join(&callers);
        pail_mutex_done(&door.mutex);
}

static void forget(struct pail_sim_caller *caller)
{
        struct shared_thing *thing = caller->context;
        pail_mutex_lock(&thing->mutex);
        bool is_last = --thing->references == 0;
        pail_mutex_unlock(&thing->mutex);
        if (is_last && caller->number == 0) /* the other one leaves it to nobody */
                free(thing->memory);
}

void scenario_planted_leak(struct pail_sim *sim)
{
        struct shared_thing thing = { .references = 2, .memory = strdup("shared") };
        struct pail_sim_callers callers;
        pail_mutex_init(&thing.mutex);
        pail_sim_callers_start(sim, &callers, "owner", 2, forget, &thing);
        pail_sim_callers_join(&callers);
        pail_mutex_done(&thing.mutex);
}

static unsigned descend(unsigned depth)
{
        volatile char frame[4096];
        frame[0] = (char)depth;
        return depth == 0 ? 0 : descend(depth - 1) + (unsigned)frame[0];
}

static void fall(struct pail_sim_caller *caller)
{
        (void)descend(pail_sim_choose(caller->sim, 100));
}

/* Deeper than the stack of a fibre. */
void scenario_planted_overflow(struct pail_sim *sim)
{
        struct pail_sim_callers callers;
        pail_sim_callers_start(sim, &callers, "diver", 2, fall, NULL);
        pail_sim_callers_join(&callers);
}
