/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_TREE_PREFETCH_H
#define PAIL_FS_TREE_PREFETCH_H

#include "inode.h"

/* Somebody asked for the attributes of inode: those of its next siblings will be wanted too. */
void pail_prefetch_attributes_locked(struct pail_fs *fs, struct pail_inode *inode);

#endif
