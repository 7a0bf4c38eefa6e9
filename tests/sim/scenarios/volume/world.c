/* SPDX-License-Identifier: Apache-2.0 */
/* Making a world, letting it run, and looking at what is left. */
#include "world.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pail/util/clock.h"

enum { PROGRAMS_OF_A_MOUNT_MAX = 3, STEPS_MAX = 6, MEMORY_BYTES = 8 << 20, SMALL_SPOOL_BYTES = 700 };

static const char *const paths[] = { "a", "b", "d/a", "d/b", "e/a", "c" };
static const char *const directories[] = { "d", "e", "f", "d/s" };
enum { PATHS = sizeof(paths) / sizeof(paths[0]), DIRECTORIES = sizeof(directories) / sizeof(directories[0]) };

static program_act *const acts[ACTS] = {
        [ACT_WRITE_NEW] = act_write_new,
        [ACT_WRITE_LARGE] = act_write_large,
        [ACT_EDIT] = act_edit,
        [ACT_APPEND] = act_append,
        [ACT_READ] = act_read,
        [ACT_SHARE] = act_share,
        [ACT_EXCLUSIVE] = act_exclusive,
        [ACT_TRUNCATE] = act_truncate,
        [ACT_CHMOD] = act_chmod,
        [ACT_CHOWN] = act_chown,
        [ACT_UTIMENS] = act_utimens,
        [ACT_RENAME] = act_rename,
        [ACT_RENAME_DIRECTORY] = act_rename_directory,
        [ACT_UNLINK] = act_unlink,
        [ACT_MKDIR] = act_mkdir,
        [ACT_RMDIR] = act_rmdir,
        [ACT_SYMLINK] = act_symlink,
        [ACT_STAT] = act_stat,
        [ACT_READDIR] = act_readdir,
};

bool world_has(const struct world *world, enum trouble trouble)
{
        return world->plan->trouble & trouble;
}

const char *world_choose_path(struct world *world)
{
        const struct plan *plan = world->plan;

        return paths[plan->first_path + pail_sim_choose(world->sim, plan->paths ? plan->paths : PATHS)];
}

const char *world_choose_directory(struct world *world)
{
        return directories[pail_sim_choose(world->sim,
                                           world->plan->directories ? world->plan->directories : DIRECTORIES)];
}

/* ---- Mounts ---- */

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
        (void)status;
        (void)type;
        (void)walk;
        return remove(path);
}

static void on_log(void *context, bool is_error, const char *message)
{
        (void)context;
        pail_sim_note("%s%s", is_error ? "log: " : "", message);
}

static void make_volume(struct mount *mount)
{
        struct world *world = mount->world;
        const struct pail_fs_options options = {
                .shared = mount->shared,
                .remote = mount->remote,
                .prefix = "",
                .state_dir = mount->directory,
                .uid = WORLD_OWNER,
                .gid = WORLD_OWNER,
                .file_mode = 0644,
                .dir_mode = 0755,
                .force_owner = world->model.forces_owner,
                .can_list = true,
                .ttl_ms = world->model.ttl_ms,
                .timeout_ms = WORLD_TIMEOUT_MS,
                .part_size_bytes = MEMORY_PART_MIN_BYTES + pail_sim_choose(world->sim, 2) * 100,
                .max_connections = 16,
                .invalidate_node = kernel_invalidate_node,
                .invalidate_entry = kernel_invalidate_entry,
                .notify_context = mount->kernel,
                .log = on_log,
        };

        PAIL_SIM_CHECK(pail_fs_new(&options, &mount->fs) == 0);
        kernel_set_volume(mount->kernel, mount->fs);
}

static void make_mount(struct world *world, int number)
{
        struct mount *mount = &world->mounts[number];
        const struct pail_fs_shared_options shared = {
                .memory_limit_bytes = MEMORY_BYTES,
                .spool_limit_bytes = world_has(world, TROUBLE_SMALL_SPOOL) ? SMALL_SPOOL_BYTES : 0,
        };

        mount->world = world;
        mount->number = number;
        snprintf(mount->directory, sizeof(mount->directory), "/dev/shm/pail-sim-%d-%d", (int)getpid(), number);
        (void)nftw(mount->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
        PAIL_SIM_CHECK(mkdir(mount->directory, 0700) == 0);
        mount->remote = memory_remote_new(world->sim, &world->model.store, &world->model.weather, number);
        mount->kernel = kernel_new(world->sim);
        PAIL_SIM_CHECK(pail_fs_shared_new(&shared, &mount->shared) == 0);
        make_volume(mount);
}

static void end_mount(struct mount *mount)
{
        kernel_settle(mount->kernel);
        (void)pail_fs_drain(&mount->fs, 1, pail_clock_monotonic_ms() + 2 * WORLD_TIMEOUT_MS);
        pail_fs_free(mount->fs);
        kernel_free(mount->kernel);
        pail_fs_shared_unref(mount->shared);
        model_look_for_lost(&mount->world->model, mount->number, mount->directory);
        (void)nftw(mount->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- Worlds ---- */

static void choose_weather(struct world *world)
{
        static const uint32_t latencies_ms[] = { 1, 20, 300 };
        struct memory_weather *weather = &world->model.weather;
        struct pail_sim *sim = world->sim;

        weather->latency_ms = world->plan->latency_ms ? world->plan->latency_ms : latencies_ms[pail_sim_choose(sim, 3)];
        if (world_has(world, TROUBLE_FAULTS)) {
                weather->fail_one_in = 10 + pail_sim_choose(sim, 30);
                weather->forget_one_in = 5;
        }
        if (world_has(world, TROUBLE_LOST_ANSWERS))
                weather->lose_one_in = 5 + pail_sim_choose(sim, 20);
        if (world_has(world, TROUBLE_POOR_SERVER))
                *(pail_sim_choose(sim, 2) ? &weather->ignores_conditions : &weather->refuses_conditions) = true;
}

static void fill_bucket(struct world *world)
{
        for (unsigned left = pail_sim_choose(world->sim, 5); left > 0; left--)
                others_put(world, world_choose_path(world));
}

struct world *world_new(struct pail_sim *sim, const struct plan *plan)
{
        static const int64_t ttls_ms[] = { 1000, 0, 100 };
        struct world *world = calloc(1, sizeof(*world));
        struct model *model;

        PAIL_SIM_CHECK(world);
        world->sim = sim;
        world->plan = plan;
        model = &world->model;
        model_init(model, sim);
        model->timeout_ms = WORLD_TIMEOUT_MS;
        model->ttl_ms = ttls_ms[pail_sim_choose(sim, 3)];
        model->has_faults = world_has(world, TROUBLE_FAULTS) || world_has(world, TROUBLE_LOST_ANSWERS);
        model->has_others = world_has(world, TROUBLE_OTHERS) || world_has(world, TROUBLE_SECOND_MOUNT);
        model->lacks_rights = world_has(world, TROUBLE_RIGHTS);
        model->forces_owner = world_has(world, TROUBLE_FORCED_OWNER);
        fill_bucket(world);
        world->mount_count = world_has(world, TROUBLE_SECOND_MOUNT) ? 2 : 1;
        for (unsigned i = 0; i < world->mount_count; i++)
                make_mount(world, (int)i);
        choose_weather(world);
        return world;
}

struct program *world_add_program(struct world *world, struct mount *mount)
{
        struct program *program = &world->programs[world->program_count];
        unsigned steps_max = world->plan->steps_max ? world->plan->steps_max : STEPS_MAX;

        PAIL_SIM_CHECK(world->program_count < WORLD_PROGRAMS_MAX);
        program->world = world;
        program->mount = mount;
        program->steps = 1 + pail_sim_choose(world->sim, steps_max);
        kernel_process_init(&program->process, mount->kernel, 2 * world->program_count);
        kernel_process_init(&program->child, mount->kernel, 2 * world->program_count + 1);
        world->program_count++;
        return program;
}

void world_end(struct world *world)
{
        struct pail_remote *remotes[WORLD_MOUNTS_MAX];

        world->model.weather = (struct memory_weather){ .latency_ms = 1 };
        for (unsigned i = 0; i < world->mount_count; i++)
                end_mount(&world->mounts[i]);
        for (unsigned i = 0; i < world->mount_count; i++)
                remotes[i] = world->mounts[i].remote;
        model_finish(&world->model, remotes, world->mount_count);
        for (unsigned i = 0; i < world->mount_count; i++)
                remotes[i]->ops->unref(remotes[i]);
        model_done(&world->model);
        free(world);
}

static void choose_act(struct program *program)
{
        uint32_t set = program->world->plan->acts;
        unsigned left = pail_sim_choose(program->world->sim, (unsigned)__builtin_popcount(set)), act = 0;

        while (!(set & ACTS_OF(act)) || left-- > 0)
                act++;
        acts[act](program);
}

static void run_program(struct pail_sim_caller *caller)
{
        struct program *program = &((struct world *)caller->context)->programs[caller->number];

        for (; program->steps > 0; program->steps--) {
                if (program->process.is_killed)
                        program_restart(program);
                choose_act(program);
                pail_sim_dawdle(caller->sim, 1500);
        }
        program_restart(program);
}

void world_run(struct pail_sim *sim, const struct plan *plan)
{
        struct pail_sim_callers programs, others, trouble_makers;
        struct world *world;

        pail_sim_set_limits(sim, 2000000, 20 * 60 * 1000);
        world = world_new(sim, plan);
        for (unsigned i = 0; i < world->mount_count; i++)
                for (unsigned left = 1 + pail_sim_choose(sim, plan->programs_max ? plan->programs_max
                                                                                 : PROGRAMS_OF_A_MOUNT_MAX);
                     left > 0; left--)
                        world_add_program(world, &world->mounts[i]);
        pail_sim_callers_start(sim, &programs, "program", world->program_count, run_program, world);
        pail_sim_callers_start(sim, &others, "others", world_has(world, TROUBLE_OTHERS), others_work, world);
        pail_sim_callers_start(sim, &trouble_makers, "trouble", 1, make_trouble, world);
        pail_sim_callers_join(&programs);
        pail_sim_callers_join(&others);
        world->is_over = true;
        pail_sim_callers_join(&trouble_makers);
        world_end(world);
}
