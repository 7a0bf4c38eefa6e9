/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that was chosen in one run, so that it can be run again and made smaller. There are two kinds, kept apart so that leaving out one
 * of them does not move all others:
 *   choices    of the scenario (pail_sim_choose), in order, each with the fibre that asked: a fibre gets its own ones whatever the schedule;
 *   schedule   where the run left its default way, which is: go on as long as you can, then who has waited longest. Each is
 *              a scheduling point's number and a value other than 0.
 * What is missing is 0: the default way, the smallest number.
 */
#ifndef PAIL_TESTS_SIM_TAPE_H
#define PAIL_TESTS_SIM_TAPE_H

#include <stdbool.h>
#include <stdint.h>

enum { SIM_CHOICES_MAX = 1 << 20, SIM_SCHEDULE_MAX = 1 << 22, SIM_NAME_SIZE = 64 };

struct sim_choice {
        uint32_t fibre, value;
};

struct sim_turn {
        uint32_t point, value;
};

/* Large: lives in mapped memory, which costs only what is used. */
struct sim_tape {
        uint32_t choice_count, turn_count;
        bool is_cut; /* something did not fit: only the seed repeats this run */
        struct sim_choice choices[SIM_CHOICES_MAX];
        struct sim_turn turns[SIM_SCHEDULE_MAX];
};

/* Shared with child processes. Ends the program when there is no memory. */
struct sim_tape *sim_tape_map(void);
void sim_tape_unmap(struct sim_tape *tape);
void sim_tape_clear(struct sim_tape *tape);
void sim_tape_copy(struct sim_tape *target, const struct sim_tape *from);

static inline void sim_tape_add_choice(struct sim_tape *tape, uint32_t fibre, uint32_t value)
{
        if (tape->choice_count == SIM_CHOICES_MAX) {
                tape->is_cut = true;
                return;
        }
        tape->choices[tape->choice_count++] = (struct sim_choice){ fibre, value };
}

static inline void sim_tape_add_turn(struct sim_tape *tape, uint32_t point, uint32_t value)
{
        if (tape->turn_count == SIM_SCHEDULE_MAX) {
                tape->is_cut = true;
                return;
        }
        tape->turns[tape->turn_count++] = (struct sim_turn){ point, value };
}

/* A text file: what to run, then a line for each choice ("c FIBRE VALUE") and each turn ("t POINT VALUE"). 0 or -errno. */
int sim_tape_save(const struct sim_tape *tape, const char *path, const char *scenario, uint64_t seed);
/* -EINVAL: not such a file. */
int sim_tape_load(struct sim_tape *tape, const char *path, char ret_scenario[static SIM_NAME_SIZE], uint64_t *ret_seed);

#endif
