/* SPDX-License-Identifier: Apache-2.0 */
/* The scenarios of this folder; each file's head says what it tests. */
#ifndef PAIL_TESTS_SIM_SCENARIOS_H
#define PAIL_TESTS_SIM_SCENARIOS_H

#include "../sim.h"

/* workpool.c */
void scenario_workpool(struct pail_sim *sim);
/* interrupt.c */
void scenario_interrupt(struct pail_sim *sim);
/* pool.c */
void scenario_pool(struct pail_sim *sim);
/* blocks.c */
void scenario_blocks(struct pail_sim *sim);

/* crash.c */
void scenario_crash(struct pail_sim *sim);
/* volume/volume.c */
void scenario_volume_alone(struct pail_sim *sim);
void scenario_volume_others(struct pail_sim *sim);
void scenario_volume_two_mounts(struct pail_sim *sim);
void scenario_volume_faults(struct pail_sim *sim);
void scenario_volume_lost_answers(struct pail_sim *sim);
void scenario_volume_kills(struct pail_sim *sim);
void scenario_volume_rights(struct pail_sim *sim);
void scenario_volume_small_spool(struct pail_sim *sim);
void scenario_volume_owner(struct pail_sim *sim);
void scenario_volume_poor_server(struct pail_sim *sim);
void scenario_volume_everything(struct pail_sim *sim);
void scenario_volume_replaced(struct pail_sim *sim);
void scenario_volume_killed_changes(struct pail_sim *sim);
void scenario_volume_crossing(struct pail_sim *sim);
void scenario_volume_crossing_directories(struct pail_sim *sim);
void scenario_volume_signals(struct pail_sim *sim);
void scenario_volume_makers(struct pail_sim *sim);
void scenario_volume_appenders(struct pail_sim *sim);
void scenario_volume_lookups(struct pail_sim *sim);
void scenario_volume_readers(struct pail_sim *sim);
void scenario_volume_moves(struct pail_sim *sim);
void scenario_volume_large_files(struct pail_sim *sim);

/* volume/slow_move.c */
void scenario_volume_slow_move(struct pail_sim *sim);

/* planted.c */
void scenario_planted_deadlock(struct pail_sim *sim);
void scenario_planted_lost_wakeup(struct pail_sim *sim);
void scenario_planted_double_free(struct pail_sim *sim);
void scenario_planted_livelock(struct pail_sim *sim);
void scenario_planted_hang(struct pail_sim *sim);
void scenario_planted_leak(struct pail_sim *sim);
void scenario_planted_overflow(struct pail_sim *sim);

#endif
