/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects that are being copied by us to another key or ETag: while the old version goes and the new one is not entered yet, requests of
 * their readers wait instead of failing (pail_object_data_move_begin). Collected with the tree locked, begun and ended without.
 */
#ifndef PAIL_FS_FILE_REBIND_H
#define PAIL_FS_FILE_REBIND_H

#include <stddef.h>

#include "fs/data/object_data.h"
#include "fs/tree/inode.h"

/* Zero-initialised is empty. */
struct pail_rebind {
        struct pail_object_data **items; /* references */
        size_t count, allocated;
};

/* The data of an inode and of its open file, if there are any. -ENOMEM: some may be missing. */
int pail_rebind_add_locked(struct pail_rebind *rebind, struct pail_fs *fs, struct pail_inode *inode);
void pail_rebind_begin(struct pail_rebind *rebind);
/* Once for each begin. */
void pail_rebind_end(struct pail_rebind *rebind);
void pail_rebind_done(struct pail_rebind *rebind);

/* The inode's object is under another key and ETag now: its data and its open file follow. */
int pail_rebind_inode_locked(struct pail_fs *fs, struct pail_inode *inode, const char *key, const char *etag);

#endif
