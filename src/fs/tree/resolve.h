/* SPDX-License-Identifier: Apache-2.0 */
/* From a name to an inode. */
#ifndef PAIL_FS_TREE_RESOLVE_H
#define PAIL_FS_TREE_RESOLVE_H

#include "inode.h"

/*
 * Finds the inode of a name, asking S3 where what is known is not fresh; its attributes are loaded. The inode is pinned
 * (pail_inode_put). -ENOENT; -ENOTDIR; -ENAMETOOLONG; -EINTR… Without the lock.
 */
int pail_resolve(struct pail_fs *fs, struct pail_inode *parent, const char *name, struct pail_inode **ret_inode);

#endif
