/* SPDX-License-Identifier: Apache-2.0 */
/* System calls on files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "private.h"

uint64_t kernel_file_size(const struct kernel_file *file)
{
        return (uint64_t)file->inode->attributes.st_size;
}

static bool is_interrupted(void *context)
{
        const struct kernel_process *process = context;

        return process->is_killed || process->has_signal;
}

void kernel_process_init(struct kernel_process *process, struct kernel *kernel, unsigned number)
{
        *process = (struct kernel_process){ .kernel = kernel, .number = number, .pid = (pid_t)(100 * (number + 1)) };
        process->token = (struct pail_interrupt){ .is_set = is_interrupted, .context = process };
        PAIL_SIM_CHECK(kernel->process_count < KERNEL_PROCESSES_MAX);
        kernel->processes[kernel->process_count++] = process;
}

struct pail_fs_caller kernel_caller(const struct kernel_process *process)
{
        return (struct pail_fs_caller){ .uid = 1000, .gid = 1000, .pid = process->pid };
}

static int free_descriptor(const struct kernel_process *process)
{
        for (int fd = 0; fd < KERNEL_FILES_MAX; fd++)
                if (!process->files[fd])
                        return fd;
        return -EMFILE;
}

/* Takes over the caller's hold on the inode. */
static int install(struct kernel_process *process, struct kernel_inode *inode, struct pail_handle *handle, int flags,
                   const char *path, bool was_created)
{
        struct kernel_file *file = calloc(1, sizeof(*file));
        int fd = free_descriptor(process);

        PAIL_SIM_CHECK(file && fd >= 0);
        *file = (struct kernel_file){
                .inode = inode, .handle = handle, .flags = flags, .descriptors = 1, .was_created = was_created
        };
        pail_str_copy(file->path, sizeof(file->path), path);
        process->files[fd] = file;
        return fd;
}

static int create_locked(struct kernel_process *process, struct kernel_inode *parent, const char *name, int flags,
                         mode_t mode, bool is_fresh, struct kernel_inode **ret_inode, struct pail_handle **ret_handle)
{
        struct kernel *kernel = process->kernel;
        const struct pail_fs_caller caller = kernel_caller(process);
        struct pail_fs_entry entry;
        int r = kernel_look_up(kernel, parent, name, true, is_fresh, ret_inode);

        if (r == 0 && flags & O_EXCL) {
                kernel_inode_drop(kernel, *ret_inode);
                return -EEXIST;
        }
        *ret_handle = NULL;
        if (r != -ENOENT)
                return r;
        r = pail_fs_create(kernel->fs, parent->id, name, mode, flags, &caller, &entry, ret_handle);
        if (r < 0)
                return r;
        *ret_inode = kernel_inode_enter(kernel, &entry, kernel->clock);
        kernel_name_enter(kernel, parent, name, *ret_inode, entry.entry_ttl_ms);
        return 0;
}

struct opening {
        const char *path;
        int flags;
        mode_t mode;
        void (*begun)(void *context, struct kernel_inode *inode);
        void *context;
};

static int open_inode(struct kernel_process *process, struct kernel_inode *inode, const struct opening *opening,
                      struct pail_handle **ret_handle)
{
        const struct pail_fs_caller caller = kernel_caller(process);
        int flags = opening->flags & ~(O_CREAT | O_EXCL), r;
        bool keep_cache;

        if (S_ISDIR(inode->attributes.st_mode))
                return -EISDIR;
        if (S_ISLNK(inode->attributes.st_mode))
                return -ELOOP;
        if (!(flags & O_TRUNC))
                return pail_fs_open(process->kernel->fs, inode->id, flags, &caller, ret_handle, &keep_cache);
        PAIL_LOCK(&inode->content_lock);
        opening->begun(opening->context, inode);
        r = pail_fs_open(process->kernel->fs, inode->id, flags, &caller, ret_handle, &keep_cache);
        if (r == 0)
                kernel_inode_resize(process->kernel, inode, 0);
        else
                opening->begun(opening->context, NULL);
        return r;
}

static int open_once(struct kernel_process *process, const struct opening *opening, bool is_fresh)
{
        struct kernel *kernel = process->kernel;
        struct kernel_inode *parent, *inode = NULL;
        struct pail_handle *handle = NULL;
        const char *name;
        bool was_created;
        int r = kernel_walk(kernel, opening->path, is_fresh, &parent, &name);

        if (r < 0)
                return r;
        if (opening->flags & O_CREAT) {
                PAIL_LOCK(&parent->lock);
                r = create_locked(process, parent, name, opening->flags, opening->mode, is_fresh, &inode, &handle);
        } else {
                r = kernel_look_up(kernel, parent, name, false, is_fresh, &inode);
        }
        kernel_inode_drop(kernel, parent);
        if (r < 0)
                return r;
        was_created = handle;
        if (!handle)
                r = open_inode(process, inode, opening, &handle);
        if (r < 0) {
                kernel_inode_drop(kernel, inode);
                return r;
        }
        return install(process, inode, handle, opening->flags, opening->path, was_created);
}

int kernel_open(struct kernel_process *process, const char *path, int flags, mode_t mode,
                void (*begun)(void *context, struct kernel_inode *inode), void *context)
{
        const struct opening opening = { path, flags, mode, begun, context };
        int r;

        kernel_enter(process);
        r = open_once(process, &opening, false);
        if (r == -ESTALE)
                r = open_once(process, &opening, true);
        return kernel_leave(r);
}

int kernel_dup_to(struct kernel_process *process, int fd, struct kernel_process *other)
{
        int copy = free_descriptor(other);

        if (copy < 0)
                return copy;
        process->files[fd]->descriptors++;
        other->files[copy] = process->files[fd];
        return copy;
}

struct release {
        struct kernel *kernel;
        struct kernel_file *file;
};

static void release(void *context)
{
        struct release *job = context;

        pail_fs_release(job->file->handle);
        kernel_inode_drop(job->kernel, job->file->inode);
        free(job->file);
        free(job);
}

int kernel_close(struct kernel_process *process, int fd)
{
        struct kernel_file *file = process->files[fd];
        const struct pail_fs_caller caller = kernel_caller(process);
        struct release *job;
        int r;

        process->files[fd] = NULL;
        kernel_enter(process);
        kernel_begin_change(process);
        r = pail_fs_flush(file->handle, &caller);
        if (--file->descriptors == 0) {
                job = malloc(sizeof(*job));
                PAIL_SIM_CHECK(job);
                *job = (struct release){ process->kernel, file };
                PAIL_SIM_CHECK(pail_workpool_submit(process->kernel->releases, release, job) == 0);
        }
        return kernel_leave(r);
}

ssize_t kernel_read(struct kernel_process *process, int fd, void *target, size_t size, uint64_t offset)
{
        struct pail_content_result result;
        char *to = target;
        ssize_t total;
        int r;

        kernel_enter(process);
        r = pail_fs_read(process->files[fd]->handle, size, offset, &result);
        if (r < 0)
                return kernel_leave(r);
        for (unsigned i = 0; i < result.count; i++) {
                memcpy(to, result.iov[i].iov_base, result.iov[i].iov_len);
                to += result.iov[i].iov_len;
        }
        total = (ssize_t)result.size_bytes;
        PAIL_SIM_CHECK(to - (char *)target == total);
        pail_content_result_done(&result);
        kernel_leave(0);
        return total;
}

ssize_t kernel_write(struct kernel_process *process, int fd, const void *data, size_t size, uint64_t offset,
                     void (*begun)(void *context, uint64_t offset), void *context)
{
        struct kernel_file *file = process->files[fd];
        struct kernel_inode *inode = file->inode;
        int r;

        kernel_enter(process);
        pail_mutex_lock(&inode->lock);
        pail_mutex_lock(&inode->content_lock);
        if (file->flags & O_APPEND)
                offset = (uint64_t)inode->attributes.st_size;
        if (begun)
                begun(context, offset);
        r = pail_fs_write(file->handle, data, size, offset);
        if (r == 0 && offset + size > (uint64_t)inode->attributes.st_size)
                kernel_inode_resize(process->kernel, inode, offset + size);
        pail_mutex_unlock(&inode->content_lock);
        pail_mutex_unlock(&inode->lock);
        kernel_leave(0);
        return r < 0 ? r : (ssize_t)size;
}

int kernel_fsync(struct kernel_process *process, int fd)
{
        struct kernel_inode *inode = process->files[fd]->inode;
        int r;

        kernel_enter(process);
        pail_mutex_lock(&inode->lock);
        kernel_begin_change(process);
        r = pail_fs_fsync(process->files[fd]->handle);
        pail_mutex_unlock(&inode->lock);
        return kernel_leave(r);
}

static int set_attributes(struct kernel_process *process, struct kernel_inode *inode, struct pail_handle *handle,
                          const struct stat *wanted, unsigned set)
{
        struct kernel *kernel = process->kernel;
        uint64_t asked_at = kernel->clock;
        int64_t ttl_ms;
        struct stat attributes;
        int64_t now_ms;
        int r;

        kernel_begin_change(process);
        r = pail_fs_setattr(kernel->fs, inode->id, handle, wanted, set, &attributes, &ttl_ms);
        now_ms = pail_clock_monotonic_ms();
        if (r == 0)
                kernel_inode_learn(inode, &attributes, now_ms + ttl_ms, asked_at);
        return r;
}

/* Under the inode's lock. */
static int cut(struct kernel_process *process, struct kernel_inode *inode, struct pail_handle *handle, uint64_t size,
               void (*begun)(void *context, struct kernel_inode *inode), void *context)
{
        const struct stat wanted = { .st_size = (off_t)size };
        PAIL_LOCK(&inode->content_lock);
        int r;

        begun(context, inode);
        r = set_attributes(process, inode, handle, &wanted, PAIL_FS_SET_SIZE);
        if (r == 0)
                kernel_inode_resize(process->kernel, inode, size);
        else
                begun(context, NULL);
        return r;
}

int kernel_ftruncate(struct kernel_process *process, int fd, uint64_t size,
                     void (*begun)(void *context, struct kernel_inode *inode), void *context)
{
        struct kernel_file *file = process->files[fd];
        int r;

        kernel_enter(process);
        pail_mutex_lock(&file->inode->lock);
        r = cut(process, file->inode, file->handle, size, begun, context);
        pail_mutex_unlock(&file->inode->lock);
        return kernel_leave(r);
}

static int truncate_once(struct kernel_process *process, const char *path, uint64_t size,
                         void (*begun)(void *context, struct kernel_inode *inode), void *context, bool is_fresh)
{
        struct kernel_inode *inode;
        int r;

        kernel_enter(process);
        r = kernel_walk_all(process->kernel, path, is_fresh, &inode);
        if (r < 0)
                return kernel_leave(r);
        pail_mutex_lock(&inode->lock);
        r = S_ISREG(inode->attributes.st_mode) ? cut(process, inode, NULL, size, begun, context) : -EINVAL;
        pail_mutex_unlock(&inode->lock);
        kernel_inode_drop(process->kernel, inode);
        return kernel_leave(r);
}

int kernel_truncate(struct kernel_process *process, const char *path, uint64_t size,
                    void (*begun)(void *context, struct kernel_inode *inode), void *context)
{
        int r = truncate_once(process, path, size, begun, context, false);
        return r == -ESTALE ? truncate_once(process, path, size, begun, context, true) : r;
}

static int change_locked(struct kernel_process *process, struct kernel_inode *inode, const struct kernel_change *change,
                         struct stat *ret_stat)
{
        PAIL_LOCK(&inode->lock);
        int r = set_attributes(process, inode, NULL, change->wanted, change->set);

        if (change->done)
                change->done(change->context, inode, r);
        if (r == 0 && ret_stat)
                *ret_stat = inode->attributes;
        return r;
}

int kernel_fchange(struct kernel_process *process, int fd, const struct kernel_change *change)
{
        kernel_enter(process);
        return kernel_leave(change_locked(process, process->files[fd]->inode, change, NULL));
}

static int change_once(struct kernel_process *process, const char *path, const struct kernel_change *change,
                       struct stat *ret_stat, bool is_fresh)
{
        struct kernel_inode *inode;
        int r;

        kernel_enter(process);
        r = kernel_walk_all(process->kernel, path, is_fresh, &inode);
        if (r < 0)
                return kernel_leave(r);
        r = change_locked(process, inode, change, ret_stat);
        kernel_inode_drop(process->kernel, inode);
        return kernel_leave(r);
}

int kernel_change(struct kernel_process *process, const char *path, const struct kernel_change *change,
                  struct stat *ret_stat)
{
        int r = change_once(process, path, change, ret_stat, false);
        return r == -ESTALE ? change_once(process, path, change, ret_stat, true) : r;
}

static int stat_once(struct kernel_process *process, const char *path, struct stat *ret_stat, bool is_fresh)
{
        struct kernel *kernel = process->kernel;
        struct kernel_inode *inode;
        int64_t ttl_ms, now_ms;
        int r;

        kernel_enter(process);
        r = kernel_walk_all(kernel, path, is_fresh, &inode);
        if (r < 0)
                return kernel_leave(r);
        now_ms = pail_clock_monotonic_ms();
        if (inode->attributes_until_ms <= now_ms) {
                uint64_t asked_at = kernel->clock;
                struct stat attributes;
                r = pail_fs_getattr(kernel->fs, inode->id, NULL, &attributes, &ttl_ms);
                now_ms = pail_clock_monotonic_ms();
                if (r == 0)
                        kernel_inode_learn(inode, &attributes, now_ms + ttl_ms, asked_at);
        }
        *ret_stat = inode->attributes;
        kernel_inode_drop(kernel, inode);
        return kernel_leave(r);
}

int kernel_stat(struct kernel_process *process, const char *path, struct stat *ret_stat)
{
        int r = stat_once(process, path, ret_stat, false);
        return r == -ESTALE ? stat_once(process, path, ret_stat, true) : r;
}
