/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel for one simulated mount: it calls the volume as Linux does. Names and attributes are cached for as long as
 * the volume says, lookups are counted and forgotten at any time, the parent's lock is held over lookups and changes of
 * its names, a file's over writes, fsync, truncate and chmod, but not over O_TRUNC; what takes a path tries once more after ESTALE, and believes no cache then; every
 * close is a FLUSH, the last one a RELEASE that nobody waits for. There is no page cache: reads reach the volume. A size that
 * changed here is not undone by an answer to an older question.
 *
 * A process is a caller: one fibre at a time. Killed, its calls end with -EINTR as soon as the volume looks. A signal that it
 * handles is seen by the volume as long as it is pending, and the call may end in the same way.
 */
#ifndef PAIL_TESTS_SIM_KERNEL_H
#define PAIL_TESTS_SIM_KERNEL_H

#include <sys/stat.h>

#include "../sim.h"
#include "pail/fs/fs.h"
#include "pail/util/interrupt.h"

enum { KERNEL_PATH_MAX = 64, KERNEL_FILES_MAX = 8, KERNEL_PROCESSES_MAX = 256 };

struct kernel;
struct kernel_inode;

/* An open file description. */
struct kernel_file {
        struct kernel_inode *inode;
        struct pail_handle *handle;
        int flags;
        unsigned descriptors; /* of whichever process */
        bool was_created;
        char path[KERNEL_PATH_MAX];
};

struct kernel_process {
        struct kernel *kernel;
        unsigned number;
        pid_t pid;
        bool is_killed, has_signal;
        bool is_changing; /* the call has asked the volume for a change */
        struct pail_interrupt token;
        struct kernel_file *files[KERNEL_FILES_MAX];
};

/* The volume is borrowed; its notifications come to kernel_invalidate_*. */
struct kernel *kernel_new(struct pail_sim *sim);
void kernel_set_volume(struct kernel *kernel, struct pail_fs *fs);
void kernel_invalidate_node(void *kernel, uint64_t node_id);
void kernel_invalidate_entry(void *kernel, uint64_t parent_id, const char *name);
/* No process calls any more. Waits for releases; forgets everything. */
void kernel_settle(struct kernel *kernel);
void kernel_free(struct kernel *kernel);
/* Memory is short: some of what nobody uses is forgotten. */
void kernel_shrink(struct kernel *kernel);

void kernel_process_init(struct kernel_process *process, struct kernel *kernel, unsigned number);

uint64_t kernel_inode_id(const struct kernel_inode *inode);
/* Its name was taken away here, or given to another file. */
bool kernel_inode_is_unlinked(const struct kernel_inode *inode);
/* As the kernel believes. */
uint64_t kernel_file_size(const struct kernel_file *file);

/* System calls, 0 or more, or -errno. Paths begin without a slash; "" is the root. */
/*
 * begun: with O_TRUNC, under the lock of a file that is there, before the volume is asked; and again, with NULL, when that has failed. So it
 * is for truncate and ftruncate.
 */
int kernel_open(struct kernel_process *process, const char *path, int flags, mode_t mode,
                void (*begun)(void *context, struct kernel_inode *inode), void *context);
int kernel_dup_to(struct kernel_process *process, int fd, struct kernel_process *other);
int kernel_close(struct kernel_process *process, int fd);
ssize_t kernel_read(struct kernel_process *process, int fd, void *target, size_t size, uint64_t offset);
/* *ret_offset: where it was written, which O_APPEND decides. begun (may be NULL) is called under the file's lock before the volume is. */
ssize_t kernel_write(struct kernel_process *process, int fd, const void *data, size_t size, uint64_t offset,
                     void (*begun)(void *context, uint64_t offset), void *context);
int kernel_fsync(struct kernel_process *process, int fd);
int kernel_ftruncate(struct kernel_process *process, int fd, uint64_t size,
                     void (*begun)(void *context, struct kernel_inode *inode), void *context);
int kernel_truncate(struct kernel_process *process, const char *path, uint64_t size,
                    void (*begun)(void *context, struct kernel_inode *inode), void *context);
/* chmod, chown, utimens. done (may be NULL) is called under the file's lock, with the result. */
struct kernel_change {
        const struct stat *wanted;
        unsigned set; /* of enum pail_fs_set */
        void (*done)(void *context, const struct kernel_inode *inode, int result);
        void *context;
};
int kernel_fchange(struct kernel_process *process, int fd, const struct kernel_change *change);
int kernel_change(struct kernel_process *process, const char *path, const struct kernel_change *change,
                  struct stat *ret_stat);
int kernel_stat(struct kernel_process *process, const char *path, struct stat *ret_stat);
int kernel_mkdir(struct kernel_process *process, const char *path, mode_t mode);
int kernel_symlink(struct kernel_process *process, const char *target, const char *path);
int kernel_unlink(struct kernel_process *process, const char *path);
int kernel_rmdir(struct kernel_process *process, const char *path);
int kernel_rename(struct kernel_process *process, const char *from, const char *to, unsigned flags);
/* Calls each for every name but "." and "..". */
int kernel_readdir(struct kernel_process *process, const char *path, bool plus,
                   void (*each)(void *context, const char *name), void *context);

#endif
