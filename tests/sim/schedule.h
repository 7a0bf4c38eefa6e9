/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduler: fibres of one thread, of which one runs until it comes to a scheduling point, where the run's seed, or a tape, says who goes
 * on. The second implementations of pail's contracts (locks.c, threads.c, clocks.c) are made of these functions, and nothing else is.
 *
 * A fibre RUNS (it is the current one or in the line of those that could), or waits for a lock, a condition, a time or the end of another
 * fibre; or it has ENDED. What it waits for is looked at by nobody but the reports and the search for circles: whoever ends a wait calls
 * sim_ready().
 */
#ifndef PAIL_TESTS_SIM_SCHEDULE_H
#define PAIL_TESTS_SIM_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "context.h"
#include "pail/util/thread.h"
#include "rng.h"
#include "tape.h"

enum sim_state { SIM_RUNS, SIM_WAITS_LOCK, SIM_WAITS_CONDITION, SIM_WAITS_TIME, SIM_WAITS_END, SIM_ENDED };

/* How a run can fail. What is not among these ends the process: a signal, a sanitizer's report. */
enum sim_outcome { SIM_FINE, SIM_CHECK, SIM_DEADLOCK, SIM_LIVELOCK, SIM_HANG, SIM_MISUSE, SIM_DIED };

struct sim_lock;
struct sim_condition;

struct sim_fibre {
        struct sim_context context;
        unsigned id;
        char name[24];
        enum sim_state state;
        int64_t until_ms; /* of a wait with a deadline, else INT64_MAX */
        bool timed_out;
        int error_number; /* errno while it does not run */
        uint32_t priority;
        void (*run)(void *argument);
        void *argument;
        const void *slots[PAIL_THREAD_SLOTS];
        struct sim_lock *lock;           /* SIM_WAITS_LOCK; and SIM_WAITS_CONDITION: the one to be taken again */
        struct sim_condition *condition; /* SIM_WAITS_CONDITION, while in its list */
        struct sim_fibre *awaited;       /* SIM_WAITS_END */
        struct sim_fibre *joiner;
        bool was_joined;
        struct sim_fibre *prev, *next; /* in the list of a lock or a condition */
};

enum { SIM_FIBRES_MAX = 4096 };

struct sim_run {
        struct sim_fibre *current, *previous;
        uint64_t point;      /* scheduling points so far */
        uint64_t next_event; /* the next one at which there may be something to do */
        int64_t now_ms;
        uint64_t switches, hash;

        struct sim_fibre *ready[SIM_FIBRES_MAX]; /* who could run, who has waited longest first */
        unsigned ready_count;
        struct sim_fibre *fibres[SIM_FIBRES_MAX]; /* by id; also those that ended */
        unsigned fibre_count;
        unsigned first_alive; /* those below have ended */

        struct sim_rng rng;          /* decides, unless there is a tape */
        struct sim_rng random;       /* pail/util/random.h */
        const struct sim_tape *tape; /* to follow; NULL: none */
        uint32_t turn_at;            /* in tape */
        uint32_t choice_at[SIM_FIBRES_MAX];
        struct sim_tape *record;

        uint64_t point_limit;
        int64_t time_limit_ms;
        /* What this seed's runs are like; see choose_manner(). */
        uint32_t mean_gap; /* scheduling points between switches that need not be; 0: none */
        uint32_t spurious_one_in, hasty_one_in;
        bool by_priority, is_punctual;
        uint32_t lowest_priority;
        uint32_t no_thread_one_in; /* the scenario's wish */

        uint32_t lock_count, condition_count;
        bool is_reporting;
        struct sim_fibre *reporter;
        bool is_traced;             /* switches are printed */
        const char *forgiven_rules; /* see pail_sim_forgives(); NULL: none */
};

extern struct sim_run sim;

/* Begins a run, in which the caller is the fibre "main". tape: to follow, or NULL. */
void sim_begin(uint64_t seed, const struct sim_tape *tape, struct sim_tape *record);
/* Its regular end: misuse when a fibre is left. */
void sim_end(void);

void sim_point_slowly(void);
/* A place where another fibre may go on. */
static inline void sim_point(void)
{
        if (++sim.point >= sim.next_event)
                sim_point_slowly();
}

/* One of n: n > 0. 0 is the default way. */
unsigned sim_decide(unsigned n);
/* A rare event: true when it happens, which is once in so many; 0: never. */
bool sim_decide_rarely(uint32_t one_in);
/* A number of the scenario's. */
uint32_t sim_choose(uint32_t limit);

/* The caller has set state and what it waits for, and is where sim_ready() will be called on it. */
void sim_block(void);
void sim_ready(struct sim_fibre *fibre);
/* Lets another fibre run; when there is none, a millisecond goes by. */
void sim_yield(void);

struct sim_fibre *sim_fibre_new(const char *name, void (*run)(void *argument), void *argument);
/* Deadlock, when the wait that the current fibre is about to begin closes a circle. */
void sim_check_circle(void);
/* Everybody but main, who calls, is gone from one moment to the next. */
void sim_discard_others(void);

#endif
