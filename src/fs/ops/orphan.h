/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_OPS_ORPHAN_H
#define PAIL_FS_OPS_ORPHAN_H

#include "fs/tree/inode.h"

/*
 * The object of an inode is about to go, while the file is open: what S3 alone has is copied aside (an orphan copy), and open handles follow it
 * there. Under the inode's lock. 0 also when nothing needs it.
 */
int pail_orphan_keep(struct pail_fs *fs, struct pail_inode *inode);
/* The change failed: open handles go back to the object. Under the inode's lock. */
void pail_orphan_undo(struct pail_fs *fs, struct pail_inode *inode);

#endif
