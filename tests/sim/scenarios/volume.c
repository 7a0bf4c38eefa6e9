/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A volume, or two on one bucket, under a kernel each, with programs that use a handful of names at the same time, and what makes
 * their life hard: another client of the bucket, a network that loses requests and answers, a right that is missing, callers that are killed,
 * a kernel that forgets, a small spool. The model (model/model.h) judges every answer.
 *
 * The scenarios differ in which of these there are, so that a failure says what it needs; each run draws the rest.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../model/model.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "scenarios.h"

enum {
        MOUNTS_MAX = 2,
        PROCESSES_MAX = 3,
        STEPS_MAX = 6,
        SIZE_MAX_BYTES = 400,
        TIMEOUT_MS = 20000,
        MEMORY_BYTES = 8 << 20,
        OWNER = 4321,
};

enum trouble {
        OTHERS = 1 << 0,
        SECOND_MOUNT = 1 << 1,
        FAULTS = 1 << 2,
        LOST_ANSWERS = 1 << 3,
        KILLS = 1 << 4,
        RIGHTS = 1 << 5,
        SMALL_SPOOL = 1 << 6,
        POOR_SERVER = 1 << 7,
        FORCED_OWNER = 1 << 8,
};

struct mount {
        struct world *world;
        int number;
        struct pail_remote *remote;
        struct kernel *kernel;
        struct pail_fs_shared *shared;
        struct pail_fs *fs;
        char directory[64];
};

struct program {
        struct world *world;
        struct mount *mount;
        struct kernel_process process, child;
        struct model_file *files[KERNEL_FILES_MAX]; /* by descriptor */
        bool is_opener[KERNEL_FILES_MAX];
        unsigned steps;
};

struct world {
        struct pail_sim *sim;
        struct model model;
        struct mount mounts[MOUNTS_MAX];
        struct program programs[MOUNTS_MAX * PROCESSES_MAX];
        unsigned mount_count, program_count;
        unsigned trouble;
        bool is_over;
};

static const char *const paths[] = { "a", "b", "d/a", "c", "d/b", "e/a" };
static const char *const directories[] = { "d", "e", "f", "d/s" };
enum { PATHS = sizeof(paths) / sizeof(paths[0]), DIRECTORIES = sizeof(directories) / sizeof(directories[0]) };

static const char *choose_path(struct world *world)
{
        return paths[pail_sim_choose(world->sim, PATHS)];
}

/* ---- Another client ---- */

static void others_put(struct world *world, const char *key)
{
        static const struct pail_remote_attributes none = { 0 };
        char bytes[SIZE_MAX_BYTES];
        size_t size = pail_sim_choose(world->sim, SIZE_MAX_BYTES);

        memset(bytes, model_next_id(&world->model), sizeof(bytes));
        (void)store_write(&world->model.store, &(struct store_change){ .key = key,
                                                                       .bytes = bytes,
                                                                       .size_bytes = size,
                                                                       .attributes = &none,
                                                                       .author = STORE_OTHERS,
                                                                       .act = STORE_PUT });
}

static void others_chmod(struct world *world, const char *key)
{
        struct store_version *version = store_current(&world->model.store, key);
        struct pail_remote_attributes attributes;

        if (!version)
                return;
        attributes = version->attributes;
        attributes.present |= PAIL_REMOTE_MODE;
        attributes.mode = S_IFREG | 0600;
        (void)store_write(&world->model.store, &(struct store_change){ .key = key,
                                                                       .bytes = version->bytes,
                                                                       .size_bytes = version->size_bytes,
                                                                       .attributes = &attributes,
                                                                       .extra = version->extra,
                                                                       .author = STORE_OTHERS,
                                                                       .act = STORE_COPY,
                                                                       .source = version });
}

static void others_work(struct pail_sim_caller *caller)
{
        struct world *world = caller->context;

        for (unsigned left = pail_sim_choose(world->sim, 5); left > 0; left--) {
                const char *key = choose_path(world);

                pail_sim_dawdle(world->sim, 2000);
                switch (pail_sim_choose(world->sim, 5)) {
                case 3:
                        (void)store_remove(&world->model.store, key, STORE_OTHERS);
                        break;
                case 4:
                        others_chmod(world, key);
                        break;
                default:
                        others_put(world, key);
                }
        }
}

/* ---- Programs ---- */

static struct model_call begin(const struct program *program, const char *what)
{
        return model_begin(&program->world->model, program->mount->number, what);
}

struct truncation {
        const struct model_call *call;
        const char *path;
        size_t size;
        struct model_file *file;
        unsigned step;
};

/* ESTALE may bring a second one, of another file. */
static void open_begun(void *context, struct kernel_inode *inode)
{
        struct truncation *truncation = context;

        if (truncation->file)
                model_step_ended(truncation->file, truncation->step, true);
        truncation->file = model_touched(truncation->call, inode, truncation->path);
        truncation->step = model_truncating(truncation->file);
}

static int program_open(struct program *program, const char *path, int flags, const char *what)
{
        struct model_call call = begin(program, what);
        struct truncation truncation = { .call = &call, .path = path };
        int fd = kernel_open(&program->process, path, flags, 0644, open_begun, &truncation);

        if (truncation.file)
                model_step_ended(truncation.file, truncation.step, fd < 0);
        if (model_end(&call, fd) < 0)
                return fd;
        const struct kernel_file *file = program->process.files[fd];

        program->files[fd] = model_opened(&call, file, flags);
        program->is_opener[fd] = true;
        if (flags & O_EXCL)
                model_made(&call, path);
        return fd;
}

struct writing {
        struct model_file *file;
        size_t size;
        unsigned char id;
        unsigned step;
};

static void write_begun(void *context, uint64_t offset)
{
        struct writing *writing = context;

        writing->step = model_step_begun(writing->file, offset, writing->size, writing->id);
}

static bool program_write(struct program *program, int fd, uint64_t offset)
{
        struct world *world = program->world;
        struct writing writing = { .file = program->files[fd],
                                   .size = 1 + pail_sim_choose(world->sim, SIZE_MAX_BYTES / 2),
                                   .id = model_next_id(&world->model) };
        struct model_call call = begin(program, "write");
        char bytes[SIZE_MAX_BYTES];
        ssize_t r;

        memset(bytes, writing.id, writing.size);
        r = kernel_write(&program->process, fd, bytes, writing.size, offset, write_begun, &writing);
        model_step_ended(writing.file, writing.step, r < 0);
        return model_end(&call, r) >= 0;
}

static void cut_begun(void *context)
{
        struct writing *writing = context;

        writing->step = model_cut_begun(writing->file, writing->size);
}

static void program_ftruncate(struct program *program, int fd)
{
        struct writing writing = { .file = program->files[fd],
                                   .size = pail_sim_choose(program->world->sim, SIZE_MAX_BYTES) };
        struct model_call call = begin(program, "ftruncate");
        int r = kernel_ftruncate(&program->process, fd, writing.size, cut_begun, &writing);

        model_step_ended(writing.file, writing.step, r < 0);
        (void)model_end(&call, r);
}

static void program_read(struct program *program, int fd)
{
        struct world *world = program->world;
        struct model_file *file = program->files[fd];
        uint64_t offset = pail_sim_choose(world->sim, 2) ? pail_sim_choose(world->sim, SIZE_MAX_BYTES) : 0;
        size_t wanted = 1 + pail_sim_choose(world->sim, SIZE_MAX_BYTES);
        unsigned steps = model_steps(file);
        struct model_call call = begin(program, "read");
        char bytes[SIZE_MAX_BYTES + 1];
        ssize_t r = kernel_read(&program->process, fd, bytes, wanted, offset);

        if (model_end(&call, r) >= 0)
                model_read(file, steps, offset, wanted, bytes, (size_t)r);
}

static void program_fsync(struct program *program, int fd)
{
        struct model_file *file = program->files[fd];
        unsigned steps = model_steps(file);
        struct model_call call = begin(program, "fsync");
        ssize_t r = model_end(&call, kernel_fsync(&program->process, fd));

        if (r == 0)
                model_sent(file, steps);
        else
                model_send_failed(file);
}

/* An empty file is not sent while its opener holds another descriptor of it. */
static bool holds_another(const struct program *program, int fd)
{
        for (int other = 0; other < KERNEL_FILES_MAX; other++)
                if (other != fd && program->process.files[other] &&
                    program->process.files[other]->inode == program->process.files[fd]->inode)
                        return true;
        return false;
}

static void program_close(struct program *program, int fd)
{
        struct kernel_file *opened = program->process.files[fd];
        struct model_file *file = program->files[fd];
        bool promises = program->is_opener[fd] && (opened->flags & O_ACCMODE) != O_RDONLY &&
                        !holds_another(program, fd);
        bool is_last = opened->descriptors == 1;
        unsigned steps = model_steps(file);
        struct model_call call = begin(program, "close");
        ssize_t r = model_end(&call, kernel_close(&program->process, fd));

        program->files[fd] = NULL;
        if (is_last)
                model_closed(file);
        if (r == 0 && promises)
                model_sent(file, steps);
        else if (r < 0)
                model_send_failed(file);
}

static void act_write_new(struct program *program)
{
        struct world *world = program->world;
        uint64_t offset = 0;
        int fd = program_open(program, choose_path(world), O_CREAT | O_TRUNC | O_WRONLY, "open to write");

        if (fd < 0)
                return;
        for (unsigned left = pail_sim_choose(world->sim, 4); left > 0; left--) {
                if (!program_write(program, fd, offset))
                        break;
                offset = kernel_file_size(program->process.files[fd]);
                if (offset > 2 * SIZE_MAX_BYTES)
                        break;
        }
        if (pail_sim_chance(world->sim, 4))
                program_fsync(program, fd);
        program_close(program, fd);
}

static void act_append(struct program *program)
{
        struct world *world = program->world;
        int flags = O_WRONLY | O_APPEND | (pail_sim_choose(world->sim, 2) ? O_CREAT : 0);
        int fd = program_open(program, choose_path(world), flags, "open to append");

        if (fd < 0)
                return;
        if (kernel_file_size(program->process.files[fd]) < 4 * SIZE_MAX_BYTES)
                (void)program_write(program, fd, 0);
        program_close(program, fd);
}

static void act_edit(struct program *program)
{
        struct world *world = program->world;
        int fd = program_open(program, choose_path(world), O_RDWR, "open to edit");

        if (fd < 0)
                return;
        for (unsigned left = 1 + pail_sim_choose(world->sim, 4); left > 0; left--) {
                pail_sim_dawdle(world->sim, 500);
                switch (pail_sim_choose(world->sim, 6)) {
                case 0:
                case 1:
                        (void)program_write(program, fd, pail_sim_choose(world->sim, SIZE_MAX_BYTES));
                        break;
                case 2:
                        program_read(program, fd);
                        break;
                case 3:
                        program_fsync(program, fd);
                        break;
                case 4: {
                        mode_t mode = 0600 | pail_sim_choose(world->sim, 0100);
                        struct model_call call = begin(program, "fchmod");
                        if (model_end(&call, kernel_fchmod(&program->process, fd, mode)) == 0)
                                model_fchmod(program->files[fd], mode);
                        break;
                }
                default:
                        program_ftruncate(program, fd);
                }
        }
        program_close(program, fd);
}

static void act_read(struct program *program)
{
        struct world *world = program->world;
        int fd = program_open(program, choose_path(world), O_RDONLY, "open to read");

        if (fd < 0)
                return;
        for (unsigned left = 1 + pail_sim_choose(world->sim, 3); left > 0; left--) {
                program_read(program, fd);
                pail_sim_dawdle(world->sim, 500);
        }
        program_close(program, fd);
}

/* A child that inherited the descriptor closes it before its parent does, or after. */
static void act_share(struct program *program)
{
        struct world *world = program->world;
        int fd = program_open(program, choose_path(world), O_CREAT | O_TRUNC | O_WRONLY, "open to share"), copy;
        struct model_file *file;
        struct model_call call;

        if (fd < 0)
                return;
        file = program->files[fd];
        copy = kernel_dup_to(&program->process, fd, &program->child);
        if (pail_sim_chance(world->sim, 2))
                (void)program_write(program, fd, 0);
        if (pail_sim_chance(world->sim, 2)) {
                program_close(program, fd);
                fd = -1;
        }
        call = begin(program, "close by a child");
        bool is_last = fd < 0;
        if (model_end(&call, kernel_close(&program->child, copy)) < 0)
                model_send_failed(file);
        if (is_last)
                model_closed(file);
        if (fd >= 0)
                program_close(program, fd);
}

static void act_unlink(struct program *program)
{
        const char *path = choose_path(program->world);
        struct model_call call = begin(program, "unlink");
        ssize_t r;

        r = kernel_unlink(&program->process, path);
        if (r == 0 || r == -EINTR || r == -ETIMEDOUT)
                model_unlinked(&program->world->model, program->mount->number, path);
        (void)model_end(&call, r);
}

static void act_rename(struct program *program)
{
        const char *from = choose_path(program->world), *to = choose_path(program->world);
        struct model_call call = begin(program, "rename");
        int r = kernel_rename(&program->process, from, to, 0);

        model_renamed(&call, from, to, r);
        (void)model_end(&call, r);
}

static void act_rename_directory(struct program *program)
{
        const char *from = directories[pail_sim_choose(program->world->sim, DIRECTORIES)];
        const char *to = directories[pail_sim_choose(program->world->sim, DIRECTORIES)];
        struct model_call call = begin(program, "rename of a directory");
        int r = kernel_rename(&program->process, from, to, 0);

        model_renamed(&call, from, to, r);
        (void)model_end(&call, r);
}

static void act_mkdir(struct program *program)
{
        const char *path = directories[pail_sim_choose(program->world->sim, DIRECTORIES)];
        struct model_call call = begin(program, "mkdir");
        char key[KERNEL_PATH_MAX];

        snprintf(key, sizeof(key), "%s/", path);
        if (model_end(&call, kernel_mkdir(&program->process, path, 0755)) == 0)
                model_made(&call, key);
}

static void act_rmdir(struct program *program)
{
        struct model_call call = begin(program, "rmdir");

        (void)model_end(
                &call, kernel_rmdir(&program->process, directories[pail_sim_choose(program->world->sim, DIRECTORIES)]));
}

static void act_symlink(struct program *program)
{
        const char *path = choose_path(program->world);
        struct model_call call = begin(program, "symlink");

        if (model_end(&call, kernel_symlink(&program->process, "target", path)) == 0)
                model_made(&call, path);
}

static void act_exclusive(struct program *program)
{
        int fd = program_open(program, choose_path(program->world), O_CREAT | O_EXCL | O_WRONLY, "open exclusively");

        if (fd < 0)
                return;
        (void)program_write(program, fd, 0);
        program_close(program, fd);
}

static void act_chmod(struct program *program)
{
        const char *path = choose_path(program->world);
        mode_t mode = 0600 | pail_sim_choose(program->world->sim, 0100);
        struct model_call call = begin(program, "chmod");
        int r = kernel_chmod(&program->process, path, mode);

        if (r == 0)
                model_chmod(&program->world->model, program->mount->number, path, mode, &call);
        (void)model_end(&call, r);
}

static void act_chown(struct program *program)
{
        const char *path = choose_path(program->world);
        struct model_call call = begin(program, "chown");
        struct stat status;

        if (model_end(&call, kernel_chown(&program->process, path, 7, &status)) == 0)
                model_seen(&program->world->model, program->mount->number, path, &status, OWNER);
}

static void act_stat(struct program *program)
{
        const char *path = choose_path(program->world);
        struct model_call call = begin(program, "stat");
        struct stat status;

        if (model_end(&call, kernel_stat(&program->process, path, &status)) == 0)
                model_seen(&program->world->model, program->mount->number, path, &status, OWNER);
}

static void ignore_name(void *context, const char *name)
{
        (void)context;
        (void)name;
}

static void act_readdir(struct program *program)
{
        const char *path = pail_sim_choose(program->world->sim, 2)
                                   ? directories[pail_sim_choose(program->world->sim, DIRECTORIES)]
                                   : "";
        struct model_call call = begin(program, "readdir");

        (void)model_end(&call, kernel_readdir(&program->process, path, pail_sim_chance(program->world->sim, 2),
                                              ignore_name, NULL));
}

static void truncate_begun(void *context, struct kernel_inode *inode)
{
        struct truncation *truncation = context;

        truncation->file = model_touched(truncation->call, inode, truncation->path);
        truncation->step = model_cut_begun(truncation->file, truncation->size);
}

static void act_truncate(struct program *program)
{
        struct model_call call = begin(program, "truncate");
        struct truncation truncation = { .call = &call, .path = choose_path(program->world) };
        int r;

        truncation.size = pail_sim_choose(program->world->sim, SIZE_MAX_BYTES);
        r = kernel_truncate(&program->process, truncation.path, truncation.size, truncate_begun, &truncation);
        if (truncation.file)
                model_step_ended(truncation.file, truncation.step, r < 0);
        (void)model_end(&call, r);
        if (r == 0)
                model_sent(truncation.file, truncation.step + 1);
        else if (truncation.file)
                model_send_failed(truncation.file);
}

static void (*const acts[])(struct program *program) = {
        act_write_new,
        act_edit,
        act_append,
        act_read,
        act_rename,
        act_edit,
        act_chmod,
        act_unlink,
        act_mkdir,
        act_stat,
        act_rename_directory,
        act_exclusive,
        act_readdir,
        act_truncate,
        act_chown,
        act_symlink,
        act_rmdir,
        act_share,
};

static void run_program(struct pail_sim_caller *caller)
{
        struct program *program = &((struct world *)caller->context)->programs[caller->number];

        for (; program->steps > 0 && !program->process.is_killed; program->steps--) {
                acts[pail_sim_choose(caller->sim, sizeof(acts) / sizeof(acts[0]))](program);
                pail_sim_dawdle(caller->sim, 1500);
        }
        kernel_process_exit(&program->process);
}

/* ---- What makes life hard ---- */

static void make_trouble(struct pail_sim_caller *caller)
{
        struct world *world = caller->context;

        while (!world->is_over) {
                pail_sim_sleep(1 + pail_sim_choose(caller->sim, 3000));
                for (unsigned i = 0; i < world->mount_count && pail_sim_chance(caller->sim, 2); i++)
                        kernel_shrink(world->mounts[i].kernel);
                if (world->trouble & KILLS && pail_sim_chance(caller->sim, 4))
                        world->programs[pail_sim_choose(caller->sim, world->program_count)].process.is_killed = true;
                if (world->trouble & RIGHTS)
                        world->model.weather.refused = pail_sim_choose(caller->sim, 2) ? MEMORY_REMOVE : 0;
        }
}

static void choose_weather(struct world *world)
{
        static const uint32_t latencies_ms[] = { 1, 20, 300 };
        struct memory_weather *weather = &world->model.weather;
        struct pail_sim *sim = world->sim;

        weather->latency_ms = latencies_ms[pail_sim_choose(sim, 3)];
        if (world->trouble & FAULTS) {
                weather->fail_one_in = 10 + pail_sim_choose(sim, 30);
                weather->forget_one_in = 5;
        }
        if (world->trouble & LOST_ANSWERS)
                weather->lose_one_in = 5 + pail_sim_choose(sim, 20);
        if (world->trouble & POOR_SERVER)
                *(pail_sim_choose(sim, 2) ? &weather->ignores_conditions : &weather->refuses_conditions) = true;
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

static void make_mount(struct world *world, int number)
{
        struct mount *mount = &world->mounts[number];
        struct pail_sim *sim = world->sim;
        const struct pail_fs_shared_options shared = {
                .memory_limit_bytes = MEMORY_BYTES,
                .spool_limit_bytes = world->trouble & SMALL_SPOOL ? 700 : 0,
        };

        mount->world = world;
        mount->number = number;
        snprintf(mount->directory, sizeof(mount->directory), "/dev/shm/pail-sim-%d-%d", (int)getpid(), number);
        (void)nftw(mount->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
        PAIL_SIM_CHECK(mkdir(mount->directory, 0700) == 0);
        mount->remote = memory_remote_new(sim, &world->model.store, &world->model.weather, number);
        mount->kernel = kernel_new(sim);
        PAIL_SIM_CHECK(pail_fs_shared_new(&shared, &mount->shared) == 0);
        const struct pail_fs_options options = {
                .shared = mount->shared,
                .remote = mount->remote,
                .prefix = "",
                .state_dir = mount->directory,
                .uid = OWNER,
                .gid = OWNER,
                .file_mode = 0644,
                .dir_mode = 0755,
                .force_owner = world->model.forces_owner,
                .can_list = true,
                .ttl_ms = world->model.ttl_ms,
                .timeout_ms = TIMEOUT_MS,
                .part_size_bytes = MEMORY_PART_MIN_BYTES + pail_sim_choose(sim, 2) * 100,
                .max_connections = 16,
                .invalidate_node = kernel_invalidate_node,
                .invalidate_entry = kernel_invalidate_entry,
                .notify_context = mount->kernel,
                .log = on_log,
        };
        PAIL_SIM_CHECK(pail_fs_new(&options, &mount->fs) == 0);
        kernel_set_volume(mount->kernel, mount->fs);
}

static void end_mount(struct mount *mount)
{
        kernel_settle(mount->kernel);
        (void)pail_fs_drain(&mount->fs, 1, pail_clock_monotonic_ms() + 2 * TIMEOUT_MS);
        pail_fs_free(mount->fs);
        kernel_free(mount->kernel);
        pail_fs_shared_unref(mount->shared);
        (void)nftw(mount->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void make_programs(struct world *world)
{
        for (unsigned i = 0; i < world->mount_count; i++) {
                unsigned count = 1 + pail_sim_choose(world->sim, PROCESSES_MAX);

                while (count-- > 0) {
                        struct program *program = &world->programs[world->program_count];

                        program->world = world;
                        program->mount = &world->mounts[i];
                        program->steps = 1 + pail_sim_choose(world->sim, STEPS_MAX);
                        kernel_process_init(&program->process, world->mounts[i].kernel, world->program_count);
                        kernel_process_init(&program->child, world->mounts[i].kernel, 50 + world->program_count++);
                }
        }
}

static void fill_bucket(struct world *world)
{
        for (unsigned left = pail_sim_choose(world->sim, 5); left > 0; left--)
                others_put(world, choose_path(world));
}

static void run(struct pail_sim *sim, unsigned trouble)
{
        static const int64_t ttls_ms[] = { 1000, 0, 100 };
        struct world *world = calloc(1, sizeof(*world));
        struct pail_sim_callers programs, others, trouble_makers;
        struct pail_remote *remotes[MOUNTS_MAX];

        PAIL_SIM_CHECK(world);
        world->sim = sim;
        world->trouble = trouble;
        pail_sim_set_limits(sim, 2000000, 20 * 60 * 1000);
        model_init(&world->model, sim);
        world->model.ttl_ms = ttls_ms[pail_sim_choose(sim, 3)];
        world->model.timeout_ms = TIMEOUT_MS;
        world->model.has_faults = trouble & (FAULTS | LOST_ANSWERS);
        world->model.has_others = trouble & (OTHERS | SECOND_MOUNT);
        world->model.lacks_rights = trouble & RIGHTS;
        world->model.has_kills = trouble & KILLS;
        world->model.forces_owner = trouble & FORCED_OWNER;
        fill_bucket(world);
        world->mount_count = trouble & SECOND_MOUNT ? 2 : 1;
        for (unsigned i = 0; i < world->mount_count; i++)
                make_mount(world, (int)i);
        make_programs(world);
        choose_weather(world);
        pail_sim_callers_start(sim, &programs, "program", world->program_count, run_program, world);
        pail_sim_callers_start(sim, &others, "others", trouble & OTHERS ? 1 : 0, others_work, world);
        pail_sim_callers_start(sim, &trouble_makers, "trouble", 1, make_trouble, world);
        pail_sim_callers_join(&programs);
        pail_sim_callers_join(&others);
        world->is_over = true;
        pail_sim_callers_join(&trouble_makers);
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

void scenario_volume_alone(struct pail_sim *sim)
{
        run(sim, 0);
}

void scenario_volume_others(struct pail_sim *sim)
{
        run(sim, OTHERS);
}

void scenario_volume_two_mounts(struct pail_sim *sim)
{
        run(sim, SECOND_MOUNT);
}

void scenario_volume_faults(struct pail_sim *sim)
{
        run(sim, FAULTS);
}

void scenario_volume_lost_answers(struct pail_sim *sim)
{
        run(sim, LOST_ANSWERS);
}

void scenario_volume_kills(struct pail_sim *sim)
{
        run(sim, KILLS);
}

void scenario_volume_rights(struct pail_sim *sim)
{
        run(sim, RIGHTS);
}

void scenario_volume_small_spool(struct pail_sim *sim)
{
        run(sim, SMALL_SPOOL);
}

void scenario_volume_owner(struct pail_sim *sim)
{
        run(sim, FORCED_OWNER);
}

void scenario_volume_poor_server(struct pail_sim *sim)
{
        run(sim, POOR_SERVER);
}

void scenario_volume_everything(struct pail_sim *sim)
{
        run(sim, OTHERS | SECOND_MOUNT | FAULTS | LOST_ANSWERS | KILLS | RIGHTS);
}
