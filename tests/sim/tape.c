/* SPDX-License-Identifier: Apache-2.0 */
#include "tape.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pail/util/cleanup.h"

struct sim_tape *sim_tape_map(void)
{
        void *memory = mmap(NULL, sizeof(struct sim_tape), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) {
                perror("memory for recorded choices");
                exit(2);
        }
        return memory;
}

void sim_tape_unmap(struct sim_tape *tape)
{
        munmap(tape, sizeof(*tape));
}

void sim_tape_clear(struct sim_tape *tape)
{
        tape->choice_count = tape->turn_count = 0;
        tape->is_cut = false;
}

void sim_tape_copy(struct sim_tape *target, const struct sim_tape *from)
{
        target->choice_count = from->choice_count;
        target->turn_count = from->turn_count;
        target->is_cut = from->is_cut;
        memcpy(target->choices, from->choices, from->choice_count * sizeof(from->choices[0]));
        memcpy(target->turns, from->turns, from->turn_count * sizeof(from->turns[0]));
}

int sim_tape_save(const struct sim_tape *tape, const char *path, const char *scenario, uint64_t seed)
{
        _cleanup_fclose_ FILE *file = fopen(path, "we");
        if (!file)
                return -errno;
        fprintf(file, "pail-sim 1\nscenario %s\nseed %" PRIu64 "\n", scenario, seed);
        for (uint32_t i = 0; i < tape->choice_count; i++)
                fprintf(file, "c %" PRIu32 " %" PRIu32 "\n", tape->choices[i].fibre, tape->choices[i].value);
        for (uint32_t i = 0; i < tape->turn_count; i++)
                fprintf(file, "t %" PRIu32 " %" PRIu32 "\n", tape->turns[i].point, tape->turns[i].value);
        return fflush(file) || ferror(file) ? -EIO : 0;
}

static int load_line(struct sim_tape *tape, const char *line)
{
        uint32_t first, second;
        char kind, rest;
        if (sscanf(line, "%c %" SCNu32 " %" SCNu32 " %c", &kind, &first, &second, &rest) != 3)
                return -EINVAL;
        if (kind == 'c')
                sim_tape_add_choice(tape, first, second);
        else if (kind == 't' && (tape->turn_count == 0 || tape->turns[tape->turn_count - 1].point < first))
                sim_tape_add_turn(tape, first, second);
        else
                return -EINVAL;
        return 0;
}

int sim_tape_load(struct sim_tape *tape, const char *path, char ret_scenario[static SIM_NAME_SIZE], uint64_t *ret_seed)
{
        char line[256];
        _cleanup_fclose_ FILE *file = fopen(path, "re");
        if (!file)
                return -errno;
        if (fscanf(file, "pail-sim 1 scenario %63s seed %" SCNu64 " ", ret_scenario, ret_seed) != 2)
                return -EINVAL;
        sim_tape_clear(tape);
        int r = 0;
        while (r == 0 && fgets(line, sizeof(line), file))
                r = load_line(tape, line);
        return r;
}
