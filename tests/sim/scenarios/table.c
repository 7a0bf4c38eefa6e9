/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios.h"

const struct pail_sim_scenario pail_sim_scenarios[] = {
        { "workpool", scenario_workpool, 3 },
        { "interrupt", scenario_interrupt, 1 },
        { "pool", scenario_pool, 2 },
        { "blocks", scenario_blocks, 4 },
        { "crash", scenario_crash, 1 },
        { "planted-deadlock", scenario_planted_deadlock, 0 },
        { "planted-lost-wakeup", scenario_planted_lost_wakeup, 0 },
        { "planted-double-free", scenario_planted_double_free, 0 },
        { "planted-livelock", scenario_planted_livelock, 0 },
        { "planted-hang", scenario_planted_hang, 0 },
        { "planted-leak", scenario_planted_leak, 0 },
        { "planted-overflow", scenario_planted_overflow, 0 },
};

const unsigned pail_sim_scenario_count = sizeof(pail_sim_scenarios) / sizeof(pail_sim_scenarios[0]);
