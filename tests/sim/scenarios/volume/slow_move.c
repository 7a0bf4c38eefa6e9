/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory with many open files is renamed, which takes minutes, and its files are closed meanwhile: they wait. A program that
 * makes a directory elsewhere has nothing to do with it, and must not wait. Nothing here needs a deadline, so time goes by only while all wait.
 */
#include <fcntl.h>
#include <stdio.h>

#include "../scenarios.h"
#include "world.h"

enum {
        CLOSERS_MAX = 70,
        COPY_MS = 100 * 1000,
        ELSEWHERE_MS = 5000,
        MOVE_BEGINS_MS = 1000,
        MKDIR_BEGINS_MS = 20 * 1000
};

static void close_one(struct program *program, unsigned number)
{
        char path[KERNEL_PATH_MAX];
        int fd;

        snprintf(path, sizeof(path), "d/%u", number);
        fd = program_open(program, path, O_CREAT | O_TRUNC | O_WRONLY, "open to write");
        if (fd < 0)
                return;
        pail_sim_sleep(2 * MOVE_BEGINS_MS);
        (void)program_write(program, fd, 0);
        program_close(program, fd);
}

static void move(struct program *program)
{
        struct model_call call = program_begin(program, "rename of a directory");

        pail_sim_sleep(MOVE_BEGINS_MS);
        (void)model_end(&call, kernel_rename(&program->process, "d", "e", 0));
}

/* In a directory that nobody moves: the root is the mover's, whose kernel holds its lock. */
static void make_elsewhere(struct program *program)
{
        struct model_call call;
        struct stat status;

        (void)kernel_stat(&program->process, "f/a", &status); /* so that the way there is known */
        pail_sim_sleep(MKDIR_BEGINS_MS);
        call = program_begin(program, "mkdir");
        call.limit_ms = ELSEWHERE_MS;
        (void)model_end(&call, kernel_mkdir(&program->process, "f/new", 0755));
}

static void run_program(struct pail_sim_caller *caller)
{
        struct program *program = &((struct world *)caller->context)->programs[caller->number];

        if (caller->number == 0)
                move(program);
        else if (caller->number == 1)
                make_elsewhere(program);
        else
                close_one(program, caller->number);
}

void scenario_volume_slow_move(struct pail_sim *sim)
{
        static const struct plan plan = { .latency_ms = 20 };
        struct world *world;
        struct pail_sim_callers programs;
        unsigned closers = pail_sim_choose_between(sim, 0, CLOSERS_MAX);

        pail_sim_set_punctual(sim);
        world = world_new(sim, &plan);
        others_put(world, "d/a");
        others_put(world, "f/a");
        world->model.weather.copy_ms = COPY_MS;
        for (unsigned i = 0; i < 2 + closers; i++)
                world_add_program(world, &world->mounts[0]);
        pail_sim_callers_start(sim, &programs, "program", world->program_count, run_program, world);
        pail_sim_callers_join(&programs);
        world_end(world);
}
