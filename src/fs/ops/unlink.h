/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_OPS_UNLINK_H
#define PAIL_FS_OPS_UNLINK_H

#include "fs/tree/inode.h"

/* -ENOTEMPTY when the directory has anything but its marker, here or on S3. */
int pail_unlink_check_empty(struct pail_fs *fs, struct pail_inode *inode, const char *key, bool *ret_has_marker);

#endif
