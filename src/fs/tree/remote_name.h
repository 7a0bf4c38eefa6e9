/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_TREE_REMOTE_NAME_H
#define PAIL_FS_TREE_REMOTE_NAME_H

#include "fs/core/volume.h"

/* What S3 has under a name: one HEAD and one LIST of one key, in parallel. */
struct pail_remote_name {
        bool is_file, is_directory, has_marker;
        struct pail_remote_object object; /* of the file, or of the marker */
};
/* directory_key NULL: it cannot be a directory. */
int pail_remote_name_stat(struct pail_fs *fs, const char *file_key, const char *directory_key,
                          struct pail_remote_name *ret_found);
void pail_remote_name_done(struct pail_remote_name *found);

#endif
