/* SPDX-License-Identifier: Apache-2.0 */
/* What the two kinds of rename share. */
#ifndef PAIL_FS_OPS_RENAME_ENTRY_H
#define PAIL_FS_OPS_RENAME_ENTRY_H

#include "fs/tree/inode.h"

struct pail_rename {
        struct pail_inode *inode;  /* locked; a directory: as a tree */
        struct pail_inode *victim; /* what the new name was; NULL: nothing */
        struct pail_inode *new_parent;
        const char *new_name;
};

/* The names, once S3 has the new one. */
int pail_rename_enter_locked(struct pail_fs *fs, const struct pail_rename *rename);

#endif
