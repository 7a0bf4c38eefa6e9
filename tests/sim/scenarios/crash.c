/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pail_sim_crash itself: writers of a log with two copies are killed anywhere, several times, and start again on what is left. Each writes the first
 * copy before the second, under a lock that a crash leaves locked; so the first is never behind, and at most one ahead.
 */
#include "pail/util/mutex.h"
#include "scenarios.h"

enum { WRITERS_MAX = 4, LIVES_MAX = 4 };

struct disk {
        unsigned first, second;
};

struct process {
        struct disk *disk;
        struct pail_mutex mutex;
        struct pail_cond nobody_comes;
};

static void write_log(struct pail_sim_caller *caller)
{
        struct process *process = caller->context;
        char frame[256] = {
                (char)caller->number
        }; /* marks of frames that never return are not left for the next stack */
        PAIL_SIM_CHECK(frame[0] == (char)caller->number && frame[255] == 0);
        PAIL_LOCK(&process->mutex);
        while (caller->number == 0 && process->disk->second > 3)
                pail_cond_wait(&process->nobody_comes, &process->mutex);
        process->disk->first++;
        pail_sim_dawdle(caller->sim, 3);
        process->disk->second++;
}

static void live(struct pail_sim *sim, struct disk *disk)
{
        struct process process = { .disk = disk };
        struct pail_sim_callers writers;
        pail_mutex_init(&process.mutex);
        pail_cond_init(&process.nobody_comes);
        disk->first = disk->second; /* what a start repairs */
        pail_sim_callers_start(sim, &writers, "writer", pail_sim_choose_between(sim, 1, WRITERS_MAX), write_log,
                               &process);
        for (unsigned i = pail_sim_choose(sim, 12); i > 0; i--)
                pail_sim_dawdle(sim, 2);
        pail_sim_crash(sim);
        pail_sim_callers_forget(&writers);
        unsigned first = disk->first, second = disk->second;
        for (unsigned i = 0; i < 3; i++)
                pail_sim_dawdle(sim, 5000);
        PAIL_SIM_CHECK(disk->first == first && disk->second == second);
        PAIL_SIM_CHECK(first == second || first == second + 1);
}

void scenario_crash(struct pail_sim *sim)
{
        struct disk disk = { 0 };
        for (unsigned lives = pail_sim_choose_between(sim, 1, LIVES_MAX); lives > 0; lives--)
                live(sim, &disk);
}
