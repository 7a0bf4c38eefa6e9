/* SPDX-License-Identifier: Apache-2.0 */
/* The object data of an inode: kept with it, so that blocks in memory outlive a close. */
#ifndef PAIL_FS_DATA_INODE_DATA_H
#define PAIL_FS_DATA_INODE_DATA_H

#include "fs/tree/inode.h"
#include "object_data.h"

/* For struct pail_fs: how tree/ lets go what is made here. */
extern const struct pail_inode_hooks pail_inode_data_hooks;

/* The inode's bytes on S3, made where they are not known yet; a reference, NULL: S3 has none. */
int pail_inode_data_get_locked(struct pail_fs *fs, struct pail_inode *inode, struct pail_object_data **ret_data);
/* The inode has this version now. data: NULL or a reference that is taken here. */
void pail_inode_data_set_locked(struct pail_fs *fs, struct pail_inode *inode, struct pail_object_data *data);
/*
 * A read of that version ended with r: the kernel has bytes of it now; or it is gone, and is asked for anew by the next lookup or
 * open. Without locks; takes that of the tree only for a version that is gone.
 */
void pail_inode_data_note_read(struct pail_fs *fs, struct pail_inode *inode, int r);

#endif
