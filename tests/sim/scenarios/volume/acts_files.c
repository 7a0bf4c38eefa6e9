/* SPDX-License-Identifier: Apache-2.0 */
/* What programs do with bytes and attributes. */
#include <fcntl.h>

#include "world.h"

enum { LARGE_WRITES = 6 };

static void write_new(struct program *program, const char *path, unsigned writes)
{
        uint64_t offset = 0;
        int fd = program_open(program, path, O_CREAT | O_TRUNC | O_WRONLY, "open to write");

        if (fd < 0)
                return;
        while (writes-- > 0 && program_write(program, fd, offset))
                offset = kernel_file_size(program->process.files[fd]);
        if (pail_sim_chance(program->world->sim, 4))
                program_fsync(program, fd);
        program_close(program, fd);
}

void act_write_new(struct program *program)
{
        const char *path = world_choose_path(program->world);

        write_new(program, path, pail_sim_choose(program->world->sim, 4));
}

void act_write_large(struct program *program)
{
        const char *path = world_choose_path(program->world);

        write_new(program, path, 2 + pail_sim_choose(program->world->sim, LARGE_WRITES));
}

void act_append(struct program *program)
{
        struct world *world = program->world;
        const char *path = world_choose_path(world);
        int flags = O_WRONLY | O_APPEND | (pail_sim_choose(world->sim, 2) ? O_CREAT : 0);
        int fd = program_open(program, path, flags, "open to append");

        if (fd < 0)
                return;
        pail_sim_dawdle(world->sim, 500);
        if (kernel_file_size(program->process.files[fd]) < 4 * WORLD_SIZE_MAX)
                (void)program_write(program, fd, 0);
        program_close(program, fd);
}

static void edit_once(struct program *program, int fd)
{
        struct world *world = program->world;

        pail_sim_dawdle(world->sim, 500);
        switch (pail_sim_choose(world->sim, 6)) {
        case 0:
        case 1:
                (void)program_write(program, fd, pail_sim_choose(world->sim, WORLD_SIZE_MAX));
                break;
        case 2:
                program_read(program, fd);
                break;
        case 3:
                program_fsync(program, fd);
                break;
        case 4:
                program_fchange(program, fd);
                break;
        default:
                program_cut(program, fd);
        }
}

void act_edit(struct program *program)
{
        const char *path = world_choose_path(program->world);
        int fd = program_open(program, path, O_RDWR, "open to edit");

        if (fd < 0)
                return;
        for (unsigned left = 1 + pail_sim_choose(program->world->sim, 4); left > 0; left--)
                edit_once(program, fd);
        program_close(program, fd);
}

void act_read(struct program *program)
{
        struct world *world = program->world;
        int fd = program_open(program, world_choose_path(world), O_RDONLY, "open to read");

        if (fd < 0)
                return;
        for (unsigned left = 1 + pail_sim_choose(world->sim, 3); left > 0; left--) {
                program_read(program, fd);
                pail_sim_dawdle(world->sim, 500);
        }
        program_close(program, fd);
}

/* A child that inherited the descriptor closes it before its parent does, or after. */
void act_share(struct program *program)
{
        struct world *world = program->world;
        int fd = program_open(program, world_choose_path(world), O_CREAT | O_TRUNC | O_WRONLY, "open to share"), copy;
        struct model_file *file;

        if (fd < 0)
                return;
        file = program->files[fd];
        copy = kernel_dup_to(&program->process, fd, &program->child);
        if (pail_sim_chance(world->sim, 2))
                (void)program_write(program, fd, 0);
        if (pail_sim_chance(world->sim, 2)) {
                program_close(program, fd);
                program_close_by_child(program, copy, file);
        } else {
                program_close_by_child(program, copy, file);
                program_close(program, fd);
        }
}

void act_exclusive(struct program *program)
{
        const char *path = world_choose_path(program->world);
        int fd = program_open(program, path, O_CREAT | O_EXCL | O_WRONLY, "open exclusively");

        if (fd < 0)
                return;
        (void)program_write(program, fd, 0);
        program_close(program, fd);
}

struct cut {
        const struct model_call *call;
        const char *path;
        size_t size;
        struct model_file *file;
        unsigned step;
};

static void truncate_begun(void *context, struct kernel_inode *inode)
{
        struct cut *cut = context;

        if (!inode) {
                model_step_ended(cut->file, cut->step, true);
                return;
        }
        cut->file = model_touched(cut->call, inode, cut->path);
        cut->step = model_cut_begun(cut->file, cut->size);
}

void act_truncate(struct program *program)
{
        struct model_call call = program_begin(program, "truncate");
        struct cut cut = { .call = &call, .path = world_choose_path(program->world) };
        int r;

        cut.size = pail_sim_choose(program->world->sim, WORLD_SIZE_MAX);
        r = kernel_truncate(&program->process, cut.path, cut.size, truncate_begun, &cut);
        if (r == 0)
                model_step_ended(cut.file, cut.step, false);
        (void)model_end(&call, r);
        if (r == 0)
                model_sent(cut.file, cut.step + 1);
        else if (cut.file)
                model_send_failed(cut.file, r);
}

struct changing {
        const struct model_call *call;
        const char *path;
        const struct stat *wanted;
        unsigned set;
};

static void change_done(void *context, const struct kernel_inode *inode, int result)
{
        const struct changing *changing = context;

        model_changed(changing->call, changing->path, inode, changing->set, changing->wanted, result);
}

static void change(struct program *program, const char *what, unsigned set, const struct stat *wanted)
{
        const char *path = world_choose_path(program->world);
        struct model_call call = program_begin(program, what);
        struct changing changing = { &call, path, wanted, set };
        const struct kernel_change change = { wanted, set, change_done, &changing };
        struct stat status;

        if (model_end(&call, kernel_change(&program->process, path, &change, &status)) == 0)
                model_seen(&call, path, &status, WORLD_OWNER);
}

void act_chmod(struct program *program)
{
        change(program, "chmod", PAIL_FS_SET_MODE,
               &(struct stat){ .st_mode = 0600 | pail_sim_choose(program->world->sim, 0100) });
}

void act_chown(struct program *program)
{
        change(program, "chown", PAIL_FS_SET_UID, &(struct stat){ .st_uid = 7 });
}

void act_utimens(struct program *program)
{
        change(program, "utimens", PAIL_FS_SET_MTIME,
               &(struct stat){ .st_mtim = { .tv_sec = 1000 + pail_sim_choose(program->world->sim, 100000) } });
}
