/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a scenario is written with; docs/internals/simulation.md shows one. A scenario is a function that runs as the fibre "main" of one run:
 * it makes what it tests, starts threads (pail/util/thread.h, or struct pail_sim_callers), joins them, and checks. Everything that it
 * leaves to chance it asks pail_sim_choose() for, and everything that it waits for it waits for by pail's own means: so a run is a function of its
 * seed. Best is to choose the plan at first, in main, and to let threads follow it: then the plan stays while the schedule is made smaller.
 *
 * It must not keep anything from one run to the next, nor look at addresses, real clocks, or files that another run could see.
 */
#ifndef PAIL_TESTS_SIM_SIM_H
#define PAIL_TESTS_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/util/thread.h"

struct pail_sim;

struct pail_sim_scenario {
        const char *name;
        void (*run)(struct pail_sim *sim);
        unsigned weight; /* how often, relative to the others; 0: only when it is named */
        /* Rules that it is known to break (tests/sim/known), separated by ','; NULL: none. Left out when the seed says what is run. */
        const char *known_rules;
};

/* The table: tests/sim/scenarios/table.c. */
extern const struct pail_sim_scenario pail_sim_scenarios[];
extern const unsigned pail_sim_scenario_count;

/* 0 to limit - 1 (limit 0 counts as 1). Let 0 be the harmless one, and small numbers the small cases: that is where a failing run is taken. */
uint32_t pail_sim_choose(struct pail_sim *sim, uint32_t limit);
/* from to to, both included. */
uint32_t pail_sim_choose_between(struct pail_sim *sim, uint32_t from, uint32_t to);
/* true once in so many; 0: never. */
bool pail_sim_chance(struct pail_sim *sim, uint32_t one_in);

/* Scheduling points of a scenario's own. What waits by yielding in a loop is found as a livelock. */
void pail_sim_yield(void);
void pail_sim_sleep(int64_t ms);
/* 0 to limit - 1 ms, or only a yield. */
void pail_sim_dawdle(struct pail_sim *sim, uint32_t limit);

/* Ends the run, and the process, as failed. */
_Noreturn void pail_sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define PAIL_SIM_CHECK(condition)                                                                                      \
        do {                                                                                                           \
                if (!(condition))                                                                                      \
                        pail_sim_fail("%s:%d: not so: %s", __FILE__, __LINE__, #condition);                            \
        } while (0)
/* Is this rule of a scenario's left out, because it is known to be broken there, or by PAIL_SIM_IGNORE="rule,rule", or not named in PAIL_SIM_ONLY? */
bool pail_sim_forgives(const char *rule);
/* A line for whoever reads a failed run; the last ones are shown, with --trace all. Cheap. */
void pail_sim_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What a run may take before it counts as one that does not end: 2,000,000 scheduling points and four hours. */
void pail_sim_set_limits(struct pail_sim *sim, uint64_t points, int64_t time_ms);
/* pail_thread_start() fails with -EAGAIN once in so many; 0: never, as at the beginning. */
void pail_sim_set_thread_failures(struct pail_sim *sim, uint32_t one_in);
/*
 * Time goes by only while everybody waits, in this run; else it also jumps ahead of somebody who could run, as on a busy machine. So what
 * happens without need of a deadline happens at the same millisecond: a wake-up that was forgotten shows, even where a deadline mends it.
 */
void pail_sim_set_punctual(struct pail_sim *sim);
/* How often another fibre went on: two looks between which this did not change are one. */
uint64_t pail_sim_switches(const struct pail_sim *sim);
/* Somebody waits on a condition there, and has been neither woken nor timed out. */
bool pail_sim_is_waiting(const struct pail_thread *thread);

/*
 * All other fibres are gone at once, wherever they are, as if the process had been killed; what they allocated is lost with them. For main. The locks
 * and objects that they used must not be touched again.
 */
void pail_sim_crash(struct pail_sim *sim);

/* A group of fibres that all run one function. */
struct pail_sim_callers {
        unsigned count;
        struct pail_sim_caller *items;
};
struct pail_sim_caller {
        struct pail_sim *sim;
        unsigned number;
        void *context;
        void (*run)(struct pail_sim_caller *caller);
        struct pail_thread *thread;
};
/* The threads are called name-0, name-1, … */
void pail_sim_callers_start(struct pail_sim *sim, struct pail_sim_callers *ret_callers, const char *name,
                            unsigned count, void (*run)(struct pail_sim_caller *caller), void *context);
/* Joins all and frees. */
void pail_sim_callers_join(struct pail_sim_callers *callers);
/* After pail_sim_crash(): there is nobody to join. */
void pail_sim_callers_forget(struct pail_sim_callers *callers);

#endif
