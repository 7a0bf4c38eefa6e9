/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios.h"

const struct pail_sim_scenario pail_sim_scenarios[] = {
        { "workpool", scenario_workpool, 3 },
        { "interrupt", scenario_interrupt, 1 },
        { "pool", scenario_pool, 2 },
        { "blocks", scenario_blocks, 4 },
        { "crash", scenario_crash, 1 },
        { "volume-alone", scenario_volume_alone, 0 },
        { "volume-others", scenario_volume_others, 0 },
        { "volume-two-mounts", scenario_volume_two_mounts, 0 },
        { "volume-faults", scenario_volume_faults, 0 },
        { "volume-lost-answers", scenario_volume_lost_answers, 0 },
        { "volume-kills", scenario_volume_kills, 0 },
        { "volume-rights", scenario_volume_rights, 0 },
        { "volume-small-spool", scenario_volume_small_spool, 0 },
        { "volume-owner", scenario_volume_owner, 0 },
        { "volume-poor-server", scenario_volume_poor_server, 0 },
        { "volume-everything", scenario_volume_everything, 0 },
        { "volume-replaced", scenario_volume_replaced, 0 },
        { "volume-killed-changes", scenario_volume_killed_changes, 0 },
        { "volume-crossing", scenario_volume_crossing, 0 },
        { "volume-signals", scenario_volume_signals, 0 },
        { "volume-makers", scenario_volume_makers, 0 },
        { "volume-appenders", scenario_volume_appenders, 0 },
        { "volume-moves", scenario_volume_moves, 0 },
        { "volume-large-files", scenario_volume_large_files, 0 },
        { "planted-deadlock", scenario_planted_deadlock, 0 },
        { "planted-lost-wakeup", scenario_planted_lost_wakeup, 0 },
        { "planted-double-free", scenario_planted_double_free, 0 },
        { "planted-livelock", scenario_planted_livelock, 0 },
        { "planted-hang", scenario_planted_hang, 0 },
        { "planted-leak", scenario_planted_leak, 0 },
        { "planted-overflow", scenario_planted_overflow, 0 },
};

const unsigned pail_sim_scenario_count = sizeof(pail_sim_scenarios) / sizeof(pail_sim_scenarios[0]);
