/* SPDX-License-Identifier: Apache-2.0 */
/* System calls on names. */
#include <errno.h>
#include <string.h>

#include "pail/util/str.h"
#include "private.h"

/* Walks to the directory and takes its lock. */
static int begin(struct kernel_process *process, const char *path, bool is_fresh, struct kernel_inode **ret_parent,
                 const char **ret_name)
{
        int r;

        kernel_enter(process);
        r = kernel_walk(process->kernel, path, is_fresh, ret_parent, ret_name);
        if (r == 0)
                pail_mutex_lock(&(*ret_parent)->lock);
        return r;
}

static int end(struct kernel_process *process, struct kernel_inode *parent, int result)
{
        pail_mutex_unlock(&parent->lock);
        kernel_inode_drop(process->kernel, parent);
        return kernel_leave(result);
}

/* -EEXIST where the name is one. */
static int check_absent(struct kernel *kernel, struct kernel_inode *parent, const char *name, bool is_fresh)
{
        struct kernel_inode *inode;
        int r = kernel_look_up(kernel, parent, name, true, is_fresh, &inode);

        if (r == 0)
                kernel_inode_drop(kernel, inode);
        return r == 0 ? -EEXIST : r == -ENOENT ? 0 : r;
}

static void enter_made(struct kernel *kernel, struct kernel_inode *parent, const char *name,
                       const struct pail_fs_entry *entry, uint64_t asked_at)
{
        struct kernel_inode *inode = kernel_inode_enter(kernel, entry, asked_at);

        kernel_name_enter(kernel, parent, name, inode, entry->entry_ttl_ms);
        kernel_inode_drop(kernel, inode);
}

static int make_directory(struct kernel_process *process, const char *path, mode_t mode, bool is_fresh)
{
        const struct pail_fs_caller caller = kernel_caller(process);
        struct kernel *kernel = process->kernel;
        struct pail_fs_entry entry;
        struct kernel_inode *parent;
        const char *name;
        int r = begin(process, path, is_fresh, &parent, &name);

        if (r < 0)
                return kernel_leave(r);
        r = check_absent(kernel, parent, name, is_fresh);
        if (r == 0)
                kernel_begin_change(process);
        if (r == 0)
                r = pail_fs_mkdir(kernel->fs, parent->id, name, mode, &caller, &entry);
        if (r == 0)
                enter_made(kernel, parent, name, &entry, kernel->clock);
        return end(process, parent, r);
}

int kernel_mkdir(struct kernel_process *process, const char *path, mode_t mode)
{
        int r = make_directory(process, path, mode, false);
        return r == -ESTALE ? make_directory(process, path, mode, true) : r;
}

static int make_link(struct kernel_process *process, const char *target, const char *path, bool is_fresh)
{
        const struct pail_fs_caller caller = kernel_caller(process);
        struct kernel *kernel = process->kernel;
        struct pail_fs_entry entry;
        struct kernel_inode *parent;
        const char *name;
        int r = begin(process, path, is_fresh, &parent, &name);

        if (r < 0)
                return kernel_leave(r);
        r = check_absent(kernel, parent, name, is_fresh);
        if (r == 0)
                kernel_begin_change(process);
        if (r == 0)
                r = pail_fs_symlink(kernel->fs, parent->id, name, target, &caller, &entry);
        if (r == 0)
                enter_made(kernel, parent, name, &entry, kernel->clock);
        return end(process, parent, r);
}

int kernel_symlink(struct kernel_process *process, const char *target, const char *path)
{
        int r = make_link(process, target, path, false);
        return r == -ESTALE ? make_link(process, target, path, true) : r;
}

static int remove_once(struct kernel_process *process, const char *path, bool is_directory, bool is_fresh)
{
        struct kernel *kernel = process->kernel;
        struct kernel_inode *parent, *inode;
        const char *name;
        int r = begin(process, path, is_fresh, &parent, &name);

        if (r < 0)
                return kernel_leave(r);
        r = kernel_look_up(kernel, parent, name, true, is_fresh, &inode);
        if (r < 0)
                return end(process, parent, r);
        if (is_directory != !!S_ISDIR(inode->attributes.st_mode)) {
                r = is_directory ? -ENOTDIR : -EISDIR;
        } else {
                PAIL_LOCK(&inode->lock);
                kernel_begin_change(process);
                r = is_directory ? pail_fs_rmdir(kernel->fs, parent->id, name)
                                 : pail_fs_unlink(kernel->fs, parent->id, name);
                inode->is_unlinked = inode->is_unlinked || r == 0 || r == -EINTR || r == -ETIMEDOUT;
        }
        if (r == 0 || r == -EINTR)
                kernel_name_remove(kernel, parent, name);
        kernel_inode_drop(kernel, inode);
        return end(process, parent, r);
}

static int remove_name(struct kernel_process *process, const char *path, bool is_directory)
{
        int r = remove_once(process, path, is_directory, false);
        return r == -ESTALE ? remove_once(process, path, is_directory, true) : r;
}

int kernel_unlink(struct kernel_process *process, const char *path)
{
        return remove_name(process, path, false);
}

int kernel_rmdir(struct kernel_process *process, const char *path)
{
        return remove_name(process, path, true);
}

static bool is_below(const char *path, const char *directory)
{
        size_t length = strlen(directory);
        return strncmp(path, directory, length) == 0 && (path[length] == '/' || !path[length]);
}

static void lock_two(struct kernel_inode *a, struct kernel_inode *b)
{
        struct kernel_inode *first = a->id < b->id ? a : b, *second = first == a ? b : a;

        pail_mutex_lock(&first->lock);
        if (second != first)
                pail_mutex_lock(&second->lock);
}

static void unlock_two(struct kernel_inode *a, struct kernel_inode *b)
{
        pail_mutex_unlock(&a->lock);
        if (b != a)
                pail_mutex_unlock(&b->lock);
}

static int rename_locked(struct kernel_process *process, struct kernel_inode *parent, const char *name,
                         struct kernel_inode *new_parent, const char *new_name, unsigned flags, bool is_fresh)
{
        struct kernel *kernel = process->kernel;
        struct kernel_inode *inode, *victim = NULL;
        int r = kernel_look_up(kernel, parent, name, true, is_fresh, &inode);

        if (r < 0)
                return r;
        r = kernel_look_up(kernel, new_parent, new_name, true, is_fresh, &victim);
        if (r == -ENOENT)
                r = 0;
        if (r == 0 && victim == inode) {
                kernel_inode_drop(kernel, victim);
                kernel_inode_drop(kernel, inode);
                return 0;
        }
        if (r == 0)
                kernel_begin_change(process);
        if (r == 0 && victim) {
                PAIL_LOCK(&victim->lock);
                r = pail_fs_rename(kernel->fs, parent->id, name, new_parent->id, new_name, flags);
                victim->is_unlinked = victim->is_unlinked || r == 0 || r == -EINTR || r == -ETIMEDOUT;
        } else if (r == 0) {
                r = pail_fs_rename(kernel->fs, parent->id, name, new_parent->id, new_name, flags);
        }
        if (r == 0) {
                kernel_name_move(kernel, parent, name, new_parent, new_name);
        } else if (r == -EINTR) {
                kernel_name_remove(kernel, parent, name);
                kernel_name_remove(kernel, new_parent, new_name);
        }
        kernel_inode_drop(kernel, victim);
        kernel_inode_drop(kernel, inode);
        return r;
}

static int rename_once(struct kernel_process *process, const char *from, const char *to, unsigned flags, bool is_fresh)
{
        struct kernel *kernel = process->kernel;
        struct kernel_inode *parent, *new_parent;
        const char *name, *new_name;
        bool is_across;
        int r;

        kernel_enter(process);
        r = kernel_walk(kernel, from, is_fresh, &parent, &name);
        if (r < 0)
                return kernel_leave(r);
        r = kernel_walk(kernel, to, is_fresh, &new_parent, &new_name);
        if (r < 0) {
                kernel_inode_drop(kernel, parent);
                return kernel_leave(r);
        }
        is_across = parent != new_parent;
        if (is_across)
                pail_mutex_lock(&kernel->rename_lock);
        lock_two(parent, new_parent);
        r = rename_locked(process, parent, name, new_parent, new_name, flags, is_fresh);
        unlock_two(parent, new_parent);
        if (is_across)
                pail_mutex_unlock(&kernel->rename_lock);
        kernel_inode_drop(kernel, parent);
        kernel_inode_drop(kernel, new_parent);
        return kernel_leave(r);
}

int kernel_rename(struct kernel_process *process, const char *from, const char *to, unsigned flags)
{
        int r;

        if (is_below(to, from) && !pail_str_equal(to, from))
                return -EINVAL;
        if (is_below(from, to) && !pail_str_equal(to, from))
                return -ENOTEMPTY;
        r = rename_once(process, from, to, flags, false);
        return r == -ESTALE ? rename_once(process, from, to, flags, true) : r;
}

struct reading {
        struct kernel *kernel;
        struct kernel_inode *directory;
        void (*each)(void *context, const char *name);
        void *context;
        uint64_t offset, asked_at;
        unsigned count;
        bool plus;
};

/* The kernel takes a few entries at a time. */
static int emit(void *context, const char *name, const struct pail_fs_entry *entry, uint64_t next_offset)
{
        struct reading *reading = context;

        if (reading->count == 3)
                return 1;
        reading->count++;
        reading->offset = next_offset;
        if (pail_str_equal(name, ".") || pail_str_equal(name, ".."))
                return 0;
        if (reading->plus && entry->node_id)
                enter_made(reading->kernel, reading->directory, name, entry, reading->asked_at);
        reading->each(reading->context, name);
        return 0;
}

int kernel_readdir(struct kernel_process *process, const char *path, bool plus,
                   void (*each)(void *context, const char *name), void *context)
{
        struct kernel *kernel = process->kernel;
        struct reading reading = { .kernel = kernel, .each = each, .context = context, .plus = plus };
        struct pail_dir_handle *handle;
        int r;

        kernel_enter(process);
        r = kernel_walk_all(kernel, path, false, &reading.directory);
        if (r == -ESTALE)
                r = kernel_walk_all(kernel, path, true, &reading.directory);
        if (r < 0)
                return kernel_leave(r);
        r = S_ISDIR(reading.directory->attributes.st_mode) ? pail_fs_opendir(kernel->fs, reading.directory->id, &handle)
                                                           : -ENOTDIR;
        if (r == 0) {
                do {
                        reading.count = 0;
                        reading.asked_at = kernel->clock;
                        PAIL_LOCK(&reading.directory->lock);
                        r = pail_fs_readdir(handle, reading.offset, plus, emit, &reading);
                } while (r == 0 && reading.count > 0);
                pail_fs_releasedir(handle);
        }
        kernel_inode_drop(kernel, reading.directory);
        return kernel_leave(r);
}
