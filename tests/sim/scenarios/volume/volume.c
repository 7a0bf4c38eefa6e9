/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plans. The first ones let programs do everything under one kind of trouble each, so that a failure says what it needs. The others
 * look where something is known to be hard: few names, and only what meets there.
 */
#include "../scenarios.h"
#include "world.h"

enum {
        WRITES = ACTS_OF(ACT_WRITE_NEW) | ACTS_OF(ACT_EDIT) | ACTS_OF(ACT_APPEND),
        CHANGES = ACTS_OF(ACT_CHMOD) | ACTS_OF(ACT_UTIMENS),
        MAKES = ACTS_OF(ACT_MKDIR) | ACTS_OF(ACT_SYMLINK) | ACTS_OF(ACT_EXCLUSIVE),
        MOVES = ACTS_OF(ACT_RENAME) | ACTS_OF(ACT_RENAME_DIRECTORY),
};

#define SCENARIO(name, ...)                                                                                            \
        void scenario_volume_##name(struct pail_sim *sim)                                                              \
        {                                                                                                              \
                static const struct plan plan = { __VA_ARGS__ };                                                       \
                world_run(sim, &plan);                                                                                 \
        }

SCENARIO(alone, .acts = ACTS_ALL)
SCENARIO(others, .trouble = TROUBLE_OTHERS, .acts = ACTS_ALL)
SCENARIO(two_mounts, .trouble = TROUBLE_SECOND_MOUNT, .acts = ACTS_ALL)
SCENARIO(faults, .trouble = TROUBLE_FAULTS, .acts = ACTS_ALL)
SCENARIO(lost_answers, .trouble = TROUBLE_LOST_ANSWERS, .acts = ACTS_ALL)
SCENARIO(kills, .trouble = TROUBLE_KILLS, .acts = ACTS_ALL)
SCENARIO(rights, .trouble = TROUBLE_RIGHTS, .acts = ACTS_ALL)
SCENARIO(small_spool, .trouble = TROUBLE_SMALL_SPOOL, .acts = ACTS_ALL)
SCENARIO(owner, .trouble = TROUBLE_FORCED_OWNER, .acts = ACTS_ALL)
SCENARIO(poor_server, .trouble = TROUBLE_POOR_SERVER, .acts = ACTS_ALL)
SCENARIO(everything,
         .trouble = TROUBLE_OTHERS | TROUBLE_SECOND_MOUNT | TROUBLE_FAULTS | TROUBLE_LOST_ANSWERS | TROUBLE_KILLS |
                    TROUBLE_RIGHTS,
         .acts = ACTS_ALL)

/* One file, edited while another client replaces it. */
SCENARIO(replaced, .trouble = TROUBLE_OTHERS, .acts = ACTS_OF(ACT_EDIT) | ACTS_OF(ACT_CHMOD), .paths = 1,
         .programs_max = 1)
/* Changes of attributes whose caller is killed go on while others write. */
SCENARIO(killed_changes, .trouble = TROUBLE_KILLS, .acts = WRITES | CHANGES | ACTS_OF(ACT_STAT) | ACTS_OF(ACT_READ),
         .paths = 2)
/* Renames whose caller is killed go on and meet others. */
SCENARIO(crossing, .trouble = TROUBLE_KILLS, .acts = ACTS_OF(ACT_RENAME) | ACTS_OF(ACT_WRITE_NEW), .paths = 2,
         .programs_max = 4, .steps_max = 10, .latency_ms = 2000, .trouble_ms = 1000)
SCENARIO(crossing_directories, .trouble = TROUBLE_KILLS, .acts = MOVES | ACTS_OF(ACT_WRITE_NEW), .paths = 5,
         .directories = 3, .programs_max = 4, .latency_ms = 2000, .trouble_ms = 200)
/* Signals that programs handle. */
SCENARIO(signals, .trouble = TROUBLE_SIGNALS, .acts = WRITES | MOVES | MAKES | ACTS_OF(ACT_UNLINK))
/* Two mounts make the same names. */
SCENARIO(makers, .trouble = TROUBLE_SECOND_MOUNT, .acts = MAKES, .paths = 2, .directories = 2)
/* Two mounts append to files that are empty or not there. */
SCENARIO(appenders, .trouble = TROUBLE_SECOND_MOUNT, .acts = ACTS_OF(ACT_APPEND), .paths = 2, .puts_empty = true)
/* Names are looked up and listed while directories move. */
SCENARIO(moves, .acts = ACTS_OF(ACT_RENAME_DIRECTORY) | ACTS_OF(ACT_STAT) | ACTS_OF(ACT_READDIR) | ACTS_OF(ACT_APPEND),
         .first_path = 2, .paths = 3, .directories = 2, .programs_max = 4, .steps_max = 10, .latency_ms = 1000)
/* The same without listings. */
SCENARIO(lookups, .acts = ACTS_OF(ACT_RENAME_DIRECTORY) | ACTS_OF(ACT_STAT) | ACTS_OF(ACT_APPEND), .first_path = 2,
         .paths = 2, .directories = 2, .programs_max = 4, .steps_max = 10, .latency_ms = 1000)
/* A file is read while it is edited. */
SCENARIO(readers, .acts = ACTS_OF(ACT_EDIT) | ACTS_OF(ACT_READ), .paths = 1, .latency_ms = 1000)
/* Files larger than the spool, several at once. */
SCENARIO(large_files, .trouble = TROUBLE_SMALL_SPOOL, .acts = ACTS_OF(ACT_WRITE_LARGE))
