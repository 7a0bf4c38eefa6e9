/* SPDX-License-Identifier: Apache-2.0 */
/* System calls of a program on its open files, each told to the model before and after. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "world.h"

struct model_call program_begin(const struct program *program, const char *what)
{
        return model_begin(&program->world->model, program->mount->number, what, &program->process);
}

struct truncation {
        const struct model_call *call;
        const char *path;
        struct model_file *file;
        unsigned step;
};

/* NULL: it has failed. ESTALE may bring a second one, of another file. */
static void open_begun(void *context, struct kernel_inode *inode)
{
        struct truncation *truncation = context;

        if (!inode) {
                model_step_ended(truncation->file, truncation->step, true);
                truncation->file = NULL;
                return;
        }
        truncation->file = model_touched(truncation->call, inode, truncation->path);
        truncation->step = model_truncating(truncation->file);
}

int program_open(struct program *program, const char *path, int flags, const char *what)
{
        struct model_call call = program_begin(program, what);
        struct truncation truncation = { .call = &call, .path = path };
        struct model_naming *naming = model_naming_begin(&call, flags & O_CREAT ? MODEL_MAKES : MODEL_LOOKS, path,
                                                         NULL);
        int fd = kernel_open(&program->process, path, flags, 0644, open_begun, &truncation);

        if (truncation.file)
                model_step_ended(truncation.file, truncation.step, false);
        (void)model_naming_end(naming, fd < 0 ? fd : 0);
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

bool program_write(struct program *program, int fd, uint64_t offset)
{
        struct world *world = program->world;
        struct writing writing = { .file = program->files[fd],
                                   .size = 1 + pail_sim_choose(world->sim, WORLD_SIZE_MAX / 2),
                                   .id = model_next_id(&world->model) };
        struct model_call call = program_begin(program, "write");
        char bytes[WORLD_SIZE_MAX];
        ssize_t r;

        memset(bytes, writing.id, writing.size);
        r = kernel_write(&program->process, fd, bytes, writing.size, offset, write_begun, &writing);
        model_step_ended(writing.file, writing.step, r < 0);
        return model_end(&call, r) >= 0;
}

static void cut_begun(void *context, struct kernel_inode *inode)
{
        struct writing *writing = context;

        if (!inode) {
                model_step_ended(writing->file, writing->step, true);
                return;
        }
        writing->step = model_cut_begun(writing->file, writing->size);
}

void program_cut(struct program *program, int fd)
{
        struct writing writing = { .file = program->files[fd],
                                   .size = pail_sim_choose(program->world->sim, WORLD_SIZE_MAX) };
        struct model_call call = program_begin(program, "ftruncate");
        int r = kernel_ftruncate(&program->process, fd, writing.size, cut_begun, &writing);

        if (r == 0)
                model_step_ended(writing.file, writing.step, false);
        (void)model_end(&call, r);
}

void program_read(struct program *program, int fd)
{
        struct world *world = program->world;
        struct model_file *file = program->files[fd];
        uint64_t offset = pail_sim_choose(world->sim, 2) ? pail_sim_choose(world->sim, WORLD_SIZE_MAX) : 0;
        size_t wanted = 1 + pail_sim_choose(world->sim, WORLD_SIZE_MAX);
        unsigned steps = model_steps(file);
        struct model_call call = program_begin(program, "read");
        char bytes[WORLD_SIZE_MAX + 1];
        ssize_t r = kernel_read(&program->process, fd, bytes, wanted, offset);

        if (model_end(&call, r) >= 0)
                model_read(file, steps, offset, wanted, bytes, (size_t)r);
}

void program_fsync(struct program *program, int fd)
{
        struct model_file *file = program->files[fd];
        unsigned steps = model_steps(file);
        struct model_call call = program_begin(program, "fsync");
        ssize_t r = model_end(&call, kernel_fsync(&program->process, fd));

        if (r == 0)
                model_sent(file, steps);
        else
                model_send_failed(file, (int)r);
}

struct fchanging {
        const struct model_call *call;
        struct model_file *file;
        mode_t mode;
};

static void fchange_done(void *context, const struct kernel_inode *inode, int result)
{
        const struct fchanging *changing = context;

        (void)inode;
        model_file_changed(changing->call, changing->file, PAIL_FS_SET_MODE,
                           &(struct stat){ .st_mode = changing->mode }, result);
}

void program_fchange(struct program *program, int fd)
{
        struct model_call call = program_begin(program, "fchmod");
        struct fchanging changing = { .call = &call,
                                      .file = program->files[fd],
                                      .mode = 0600 | pail_sim_choose(program->world->sim, 0100) };
        const struct stat wanted = { .st_mode = changing.mode };
        const struct kernel_change change = { &wanted, PAIL_FS_SET_MODE, fchange_done, &changing };

        (void)model_end(&call, kernel_fchange(&program->process, fd, &change));
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

void program_close(struct program *program, int fd)
{
        struct kernel_file *opened = program->process.files[fd];
        struct model_file *file = program->files[fd];
        bool promises = program->is_opener[fd] && (opened->flags & O_ACCMODE) != O_RDONLY &&
                        !holds_another(program, fd);
        bool is_last = opened->descriptors == 1;
        unsigned steps = model_steps(file);
        struct model_call call = program_begin(program, "close");
        ssize_t r = model_end(&call, kernel_close(&program->process, fd));

        program->files[fd] = NULL;
        if (is_last)
                model_closed(file);
        if (r == 0 && promises)
                model_sent(file, steps);
        else if (r < 0)
                model_send_failed(file, (int)r);
}

void program_close_by_child(struct program *program, int copy, struct model_file *file)
{
        struct kernel_file *opened = program->child.files[copy];
        bool is_last = opened->descriptors == 1;
        struct model_call call = model_begin(&program->world->model, program->mount->number, "close by a child",
                                             &program->child);
        ssize_t r = model_end(&call, kernel_close(&program->child, copy));

        if (r < 0)
                model_send_failed(file, (int)r);
        if (is_last)
                model_closed(file);
}

void program_restart(struct program *program)
{
        for (int fd = 0; fd < KERNEL_FILES_MAX; fd++)
                if (program->process.files[fd])
                        program_close(program, fd);
        program->process.is_killed = program->process.has_signal = false;
}
