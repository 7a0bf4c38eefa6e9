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

static bool is_killed(void *context)
{
        return ((struct kernel_process *)context)->is_killed;
}

void kernel_process_init(struct kernel_process *process, struct kernel *kernel, unsigned number)
{
        *process = (struct kernel_process){ .kernel = kernel, .number = number, .pid = (pid_t)(100 * (number + 1)) };
        process->token = (struct pail_interrupt){ .is_set = is_killed, .context = process };
        kernel->processes[kernel->process_count++] = process;
}

void kernel_process_exit(struct kernel_process *process)
{
        for (int fd = 0; fd < KERNEL_FILES_MAX; fd++)
                if (process->files[fd])
                        (void)kernel_close(process, fd);
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
                         mode_t mode, struct kernel_inode **ret_inode, struct pail_handle **ret_handle)
{
        struct kernel *kernel = process->kernel;
        const struct pail_fs_caller caller = kernel_caller(process);
        struct pail_fs_entry entry;
        int r = kernel_look_up(kernel, parent, name, true, false, ret_inode);

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
        *ret_inode = kernel_inode_enter(kernel, &entry);
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

/* Linux does not hold the lock over O_TRUNC; here it is, so that the order of what is done to a file is known. */
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
        PAIL_LOCK(&inode->lock);
        opening->begun(opening->context, inode);
        r = pail_fs_open(process->kernel->fs, inode->id, flags, &caller, ret_handle, &keep_cache);
        if (r == 0)
                inode->attributes.st_size = 0;
        return r;
}

static int open_once(struct kernel_process *process, const struct opening *opening, bool is_fresh)
{
        struct kernel *kernel = process->kernel;
        struct kernel_inode *parent, *inode = NULL;
        struct pail_handle *handle = NULL;
        const char *name;
        bool was_created;
        int r = kernel_walk(kernel, opening->path, &parent, &name);

        if (r < 0)
                return r;
        if (opening->flags & O_CREAT) {
                PAIL_LOCK(&parent->lock);
                r = create_locked(process, parent, name, opening->flags, opening->mode, &inode, &handle);
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
        if (file->flags & O_APPEND)
                offset = (uint64_t)inode->attributes.st_size;
        if (begun)
                begun(context, offset);
        r = pail_fs_write(file->handle, data, size, offset);
        if (r == 0 && offset + size > (uint64_t)inode->attributes.st_size)
                inode->attributes.st_size = (off_t)(offset + size);
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
        r = pail_fs_fsync(process->files[fd]->handle);
        pail_mutex_unlock(&inode->lock);
        return kernel_leave(r);
}

static int set_attributes(struct kernel_process *process, struct kernel_inode *inode, struct pail_handle *handle,
                          const struct stat *wanted, unsigned set)
{
        int64_t ttl_ms;
        struct stat attributes;
        int r = pail_fs_setattr(process->kernel->fs, inode->id, handle, wanted, set, &attributes, &ttl_ms);

        if (r == 0) {
                inode->attributes = attributes;
                inode->attributes_until_ms = pail_clock_monotonic_ms() + ttl_ms;
        }
        return r;
}

int kernel_ftruncate(struct kernel_process *process, int fd, uint64_t size, void (*begun)(void *context), void *context)
{
        struct kernel_file *file = process->files[fd];
        const struct stat wanted = { .st_size = (off_t)size };
        int r;

        kernel_enter(process);
        pail_mutex_lock(&file->inode->lock);
        if (begun)
                begun(context);
        r = set_attributes(process, file->inode, file->handle, &wanted, PAIL_FS_SET_SIZE);
        pail_mutex_unlock(&file->inode->lock);
        return kernel_leave(r);
}

int kernel_truncate(struct kernel_process *process, const char *path, uint64_t size,
                    void (*begun)(void *context, struct kernel_inode *inode), void *context)
{
        const struct stat wanted = { .st_size = (off_t)size };
        struct kernel_inode *inode;
        int r;

        kernel_enter(process);
        r = kernel_walk_all(process->kernel, path, false, &inode);
        if (r < 0)
                return kernel_leave(r);
        pail_mutex_lock(&inode->lock);
        if (S_ISREG(inode->attributes.st_mode)) {
                if (begun)
                        begun(context, inode);
                r = set_attributes(process, inode, NULL, &wanted, PAIL_FS_SET_SIZE);
        } else {
                r = -EINVAL;
        }
        pail_mutex_unlock(&inode->lock);
        kernel_inode_drop(process->kernel, inode);
        return kernel_leave(r);
}

int kernel_fchmod(struct kernel_process *process, int fd, mode_t mode)
{
        struct kernel_file *file = process->files[fd];
        const struct stat wanted = { .st_mode = mode };
        int r;

        kernel_enter(process);
        pail_mutex_lock(&file->inode->lock);
        r = set_attributes(process, file->inode, NULL, &wanted, PAIL_FS_SET_MODE);
        pail_mutex_unlock(&file->inode->lock);
        return kernel_leave(r);
}

static int change_by_path(struct kernel_process *process, const char *path, const struct stat *wanted, unsigned set,
                          struct stat *ret_stat)
{
        struct kernel_inode *inode;
        int r;

        kernel_enter(process);
        r = kernel_walk_all(process->kernel, path, false, &inode);
        if (r < 0)
                return kernel_leave(r);
        pail_mutex_lock(&inode->lock);
        r = set_attributes(process, inode, NULL, wanted, set);
        if (r == 0)
                *ret_stat = inode->attributes;
        pail_mutex_unlock(&inode->lock);
        kernel_inode_drop(process->kernel, inode);
        return kernel_leave(r);
}

int kernel_chmod(struct kernel_process *process, const char *path, mode_t mode)
{
        const struct stat wanted = { .st_mode = mode };
        struct stat attributes;

        return change_by_path(process, path, &wanted, PAIL_FS_SET_MODE, &attributes);
}

int kernel_chown(struct kernel_process *process, const char *path, uid_t uid, struct stat *ret_stat)
{
        const struct stat wanted = { .st_uid = uid };

        return change_by_path(process, path, &wanted, PAIL_FS_SET_UID, ret_stat);
}

int kernel_stat(struct kernel_process *process, const char *path, struct stat *ret_stat)
{
        struct kernel_inode *inode;
        int64_t ttl_ms;
        int r;

        kernel_enter(process);
        r = kernel_walk_all(process->kernel, path, false, &inode);
        if (r < 0)
                return kernel_leave(r);
        if (inode->attributes_until_ms <= pail_clock_monotonic_ms()) {
                r = pail_fs_getattr(process->kernel->fs, inode->id, NULL, ret_stat, &ttl_ms);
                if (r == 0) {
                        inode->attributes = *ret_stat;
                        inode->attributes_until_ms = pail_clock_monotonic_ms() + ttl_ms;
                }
        } else {
                *ret_stat = inode->attributes;
        }
        kernel_inode_drop(process->kernel, inode);
        return kernel_leave(r);
}
