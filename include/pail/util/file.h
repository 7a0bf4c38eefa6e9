/* SPDX-License-Identifier: Apache-2.0 */
/* Local files. Thread safe; 0 or -errno. */
#ifndef PAIL_UTIL_FILE_H
#define PAIL_UTIL_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pail_buf;

/* Reads a whole file into target (its cap applies: -EMSGSIZE). */
int pail_file_read(const char *path, struct pail_buf *target);
/* mkdir -p with mode for each directory made; an existing directory is fine, anything else is -ENOTDIR. */
int pail_file_mkdirs(const char *path, mode_t mode);
/* Full transfers: loop over short ones and EINTR. pread_all returns -ENODATA when the file ends early. */
int pail_file_pread_all(int fd, void *data, size_t size, off_t offset);
int pail_file_pwrite_all(int fd, const void *data, size_t size, off_t offset);
/* The same with write(2): to a pipe, too. */
int pail_file_write_all(int fd, const void *data, size_t size);
/* Writes path by temporary file, fsync and rename, mode 0600. */
int pail_file_replace(const char *path, const void *data, size_t size);
/*
 * The same for a file that people keep: a symbolic link is followed, an existing file keeps its owner, its group and its mode but for
 * the bits of deny. A new one is of mode 0600. -ENOLINK: a link to nothing. -EPERM: the owner cannot be kept.
 */
int pail_file_update(const char *path, const void *data, size_t size, mode_t deny);

#endif
