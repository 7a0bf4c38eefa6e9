/* SPDX-License-Identifier: Apache-2.0 */
/* What programs do with names. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

void act_unlink(struct program *program)
{
        const char *path = world_choose_path(program->world);
        struct model_call call = program_begin(program, "unlink");
        struct model_naming *naming = model_naming_begin(&call, MODEL_REMOVES, path, NULL);
        int r = kernel_unlink(&program->process, path);

        model_unlinked(&call, path, r);
        (void)model_naming_end(naming, r);
        (void)model_end(&call, r);
}

static void rename_path(struct program *program, const char *what, const char *from, const char *to)
{
        struct model_call call = program_begin(program, what);
        struct model_naming *naming = model_naming_begin(&call, MODEL_MOVES, from, to);
        int r = kernel_rename(&program->process, from, to, 0);

        model_renamed(&call, from, to, r, model_naming_end(naming, r));
        (void)model_end(&call, r);
}

void act_rename(struct program *program)
{
        const char *from = world_choose_path(program->world), *to = world_choose_path(program->world);

        rename_path(program, "rename", from, to);
}

void act_rename_directory(struct program *program)
{
        const char *from = world_choose_directory(program->world), *to = world_choose_directory(program->world);

        rename_path(program, "rename of a directory", from, to);
}

void act_mkdir(struct program *program)
{
        const char *path = world_choose_directory(program->world);
        struct model_call call = program_begin(program, "mkdir");
        struct model_naming *naming = model_naming_begin(&call, MODEL_MAKES, path, NULL);
        char key[KERNEL_PATH_MAX];
        int r;

        snprintf(key, sizeof(key), "%s/", path);
        r = kernel_mkdir(&program->process, path, 0755);
        (void)model_naming_end(naming, r);
        if (model_end(&call, r) == 0)
                model_made(&call, key);
}

void act_rmdir(struct program *program)
{
        const char *path = world_choose_directory(program->world);
        struct model_call call = program_begin(program, "rmdir");
        struct model_naming *naming = model_naming_begin(&call, MODEL_REMOVES, path, NULL);
        int r = kernel_rmdir(&program->process, path);

        (void)model_naming_end(naming, r);
        (void)model_end(&call, r);
}

void act_symlink(struct program *program)
{
        const char *path = world_choose_path(program->world);
        struct model_call call = program_begin(program, "symlink");
        struct model_naming *naming = model_naming_begin(&call, MODEL_MAKES, path, NULL);
        int r = kernel_symlink(&program->process, "target", path);

        (void)model_naming_end(naming, r);
        if (model_end(&call, r) == 0)
                model_made(&call, path);
}

void act_stat(struct program *program)
{
        const char *path = world_choose_path(program->world);
        struct model_call call = program_begin(program, "stat");
        struct model_naming *naming = model_naming_begin(&call, MODEL_LOOKS, path, NULL);
        struct model_file *file = model_find_path(call.model, call.mount, path);
        unsigned steps = file ? model_steps(file) : 0;
        struct stat status;
        int r = kernel_stat(&program->process, path, &status);
        bool was_quiet = model_naming_end(naming, r);

        if (model_end(&call, r) < 0)
                return;
        model_seen(&call, path, &status, WORLD_OWNER);
        if (file && was_quiet && S_ISREG(status.st_mode) && !call.model->has_others && !call.model->has_lost_files)
                model_size(file, steps, (uint64_t)status.st_size);
}

static void note_listed(void *context, const char *name)
{
        model_listed(context, name);
}

void act_readdir(struct program *program)
{
        const char *path = pail_sim_choose(program->world->sim, 2) ? world_choose_directory(program->world) : "";
        struct model_call call = program_begin(program, "readdir");
        struct model_listing *listing = model_listing_begin(&call, path);
        int r = kernel_readdir(&program->process, path, pail_sim_chance(program->world->sim, 2), note_listed, listing);

        model_listing_end(listing, r);
        (void)model_end(&call, r);
}
