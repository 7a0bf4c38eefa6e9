/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in child processes: many in one, so that a run costs no fork, and so that whatever ends the process (an assertion, a signal, a sanitizer)
 * ends only that one, and the parent knows by which seed.
 */
#ifndef PAIL_TESTS_SIM_BATCH_H
#define PAIL_TESTS_SIM_BATCH_H

#include <stdint.h>

#include "report.h"
#include "sim.h"
#include "tape.h"

/* Shared with the children. */
struct sim_shared {
        struct sim_verdict verdict;
        const struct pail_sim_scenario *scenario; /* what is run, or was last */
        uint64_t seed;
        bool is_in_run;
        uint64_t histories, points, switches, hash; /* of all that were fine */
        struct sim_tape *record;                    /* of the last run */
};

struct sim_task {
        const struct pail_sim_scenario *scenario; /* NULL: the seed says which */
        uint64_t seed, count;                     /* seed, seed + 1, … */
        const struct sim_tape *tape;              /* to follow, instead of what the seed says */
        bool is_quiet, is_traced;
        bool is_lenient; /* rules that a scenario is known to break are not looked at */
};

struct sim_shared *sim_shared_map(void);
/* true: all fine. false: verdict, scenario, seed and record tell about the one that failed. */
bool sim_batch_run(const struct sim_task *task, struct sim_shared *shared);

#endif
