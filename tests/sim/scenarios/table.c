/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios.h"

/*
 * The volume scenarios with a weight are those that are clean but for the rules named here, which tests/sim/known has an example of each of.
 * The others break several, or end in a deadlock, which nothing can overlook: they run when they are named, and in check-known.
 */
const struct pail_sim_scenario pail_sim_scenarios[] = {
        { "workpool", scenario_workpool, 3, NULL },
        { "interrupt", scenario_interrupt, 1, NULL },
        { "pool", scenario_pool, 2, NULL },
        { "blocks", scenario_blocks, 4, NULL },
        { "crash", scenario_crash, 1, NULL },
        { "volume-alone", scenario_volume_alone, 3, "error,number" },
        { "volume-others", scenario_volume_others, 0, NULL },
        { "volume-two-mounts", scenario_volume_two_mounts, 0, NULL },
        { "volume-faults", scenario_volume_faults, 2, "number" },
        { "volume-lost-answers", scenario_volume_lost_answers, 0, NULL },
        { "volume-kills", scenario_volume_kills, 0, NULL },
        { "volume-rights", scenario_volume_rights, 1, "half,number" },
        { "volume-small-spool", scenario_volume_small_spool, 0, NULL },
        { "volume-owner", scenario_volume_owner, 1, "owner,number" },
        { "volume-poor-server", scenario_volume_poor_server, 1, "number" },
        { "volume-everything", scenario_volume_everything, 0, NULL },
        { "volume-replaced", scenario_volume_replaced, 0, NULL },
        { "volume-killed-changes", scenario_volume_killed_changes, 0, NULL },
        { "volume-crossing", scenario_volume_crossing, 0, NULL },
        { "volume-crossing-directories", scenario_volume_crossing_directories, 0, NULL },
        { "volume-slow-move", scenario_volume_slow_move, 0, NULL },
        { "volume-signals", scenario_volume_signals, 0, NULL },
        { "volume-makers", scenario_volume_makers, 0, NULL },
        { "volume-appenders", scenario_volume_appenders, 0, NULL },
        { "volume-moves", scenario_volume_moves, 0, NULL },
        { "volume-lookups", scenario_volume_lookups, 0, NULL },
        { "volume-readers", scenario_volume_readers, 0, NULL },
        { "volume-large-files", scenario_volume_large_files, 0, NULL },
        { "planted-deadlock", scenario_planted_deadlock, 0, NULL },
        { "planted-lost-wakeup", scenario_planted_lost_wakeup, 0, NULL },
        { "planted-double-free", scenario_planted_double_free, 0, NULL },
        { "planted-livelock", scenario_planted_livelock, 0, NULL },
        { "planted-hang", scenario_planted_hang, 0, NULL },
        { "planted-leak", scenario_planted_leak, 0, NULL },
        { "planted-overflow", scenario_planted_overflow, 0, NULL },
};

const unsigned pail_sim_scenario_count = sizeof(pail_sim_scenarios) / sizeof(pail_sim_scenarios[0]);
