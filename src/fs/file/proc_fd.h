/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc tells of the processes that use a file. */
#ifndef PAIL_FS_FILE_PROC_FD_H
#define PAIL_FS_FILE_PROC_FD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The process of a thread (FUSE tells threads); 0: unknown. */
pid_t pail_proc_fd_process(pid_t thread);
/* true when the process has a descriptor of a file with this inode number and name; false also when that cannot be seen. */
bool pail_proc_fd_is_held(pid_t process, uint64_t ino, const char *name);

#endif
