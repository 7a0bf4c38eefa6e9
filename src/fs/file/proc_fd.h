/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc tells of the processes that use a file. */
#ifndef PAIL_FS_WRITE_PROCESS_H
#define PAIL_FS_WRITE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The process of a thread (FUSE tells threads); 0: unknown. */
pid_t pail_process_of(pid_t thread);
/* true when the process has a descriptor of a file with this inode number and name; false also when that cannot be seen. */
bool pail_process_holds(pid_t process, uint64_t ino, const char *name);

#endif
