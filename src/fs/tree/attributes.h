/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX attributes of an inode: what is stored with its object, and what stands in where nothing is. */
#ifndef PAIL_FS_TREE_ATTRIBUTES_H
#define PAIL_FS_TREE_ATTRIBUTES_H

#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "pail/fs/fs.h"
#include "pail/remote/remote.h"

struct pail_attributes {
        mode_t mode; /* type and permissions */
        uid_t uid;
        gid_t gid;
        dev_t rdev;
        uint64_t size_bytes;
        struct timespec atime, mtime, ctime;
};

/* What an object without any stored attribute looks like. type: S_IFREG or S_IFDIR. */
void pail_attributes_default(const struct pail_fs_options *options, mode_t type, uint64_t size_bytes,
                             struct timespec time, struct pail_attributes *ret_attributes);
/* Of an object; what is not stored with it is the default. */
void pail_attributes_read(const struct pail_fs_options *options, const struct pail_remote_object *object,
                          bool is_directory, struct pail_attributes *ret_attributes);
/* What is stored. */
struct pail_remote_attributes pail_attributes_stored(const struct pail_attributes *attributes);
void pail_attributes_to_stat(const struct pail_attributes *attributes, uint64_t ino, struct stat *ret_stat);

#endif
