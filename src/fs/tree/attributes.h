/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX attributes of a node, and their form in the user metadata of an object: the headers that s3fs uses. */
#ifndef PAIL_FS_TREE_ATTRIBUTES_H
#define PAIL_FS_TREE_ATTRIBUTES_H

#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "pail/fs/fs.h"
#include "pail/s3/types.h"

struct pail_attributes {
        mode_t mode; /* type and permissions */
        uid_t uid;
        gid_t gid;
        dev_t rdev;
        uint64_t size_bytes;
        struct timespec atime, mtime, ctime;
};

/* What an object without any such header looks like. type: S_IFREG or S_IFDIR. */
void pail_attributes_default(const struct pail_fs_options *options, mode_t type, uint64_t size_bytes,
                             struct timespec time, struct pail_attributes *ret_attributes);
/* Reads, in this order of preference, the headers of s3fs, s3sync, gcsfuse (goog-reserved) and DataSync; unparsable ones are ignored. */
void pail_attributes_read(const struct pail_fs_options *options, const struct pail_s3_info *info, bool is_directory,
                          struct pail_attributes *ret_attributes);
/* Sets the s3fs headers in metadata, leaving all others. */
int pail_attributes_write(const struct pail_attributes *attributes, struct pail_http_headers *metadata);
void pail_attributes_to_stat(const struct pail_attributes *attributes, uint64_t ino, struct stat *ret_stat);

#endif
