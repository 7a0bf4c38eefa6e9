/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes from S3: HEAD, and what it means for an inode. */
#ifndef PAIL_FS_TREE_REMOTE_STAT_H
#define PAIL_FS_TREE_REMOTE_STAT_H

#include "inode.h"

/* What an answer said of an inode. */
enum pail_remote_stat_outcome {
        PAIL_REMOTE_STAT_SAME,     /* the inode is up to date now */
        PAIL_REMOTE_STAT_REPLACED, /* another version: the inode was detached; *inode is its successor */
        PAIL_REMOTE_STAT_RETRY,    /* we changed the object meanwhile: the answer is old */
};

/* serial: tree.serial when the question was sent. inode must be pinned by the caller; a successor is not. */
enum pail_remote_stat_outcome pail_remote_stat_apply_locked(struct pail_fs *fs, struct pail_inode **inode,
                                                            const struct pail_remote_object *object, uint64_t serial,
                                                            int *ret_error);
/*
 * Makes the headers of a named inode known and fresh: one HEAD, shared by all who ask at once. 0; -ENOENT: the object is gone (the inode is
 * detached, but a directory without marker is implied: 0); -ESTALE: replaced, ask for the name again. Without the lock; the inode pinned.
 */
int pail_remote_stat_inode(struct pail_fs *fs, struct pail_inode *inode);
/* A HEAD. Where listing is not permitted, "refused" is what S3 says of an absent key: -ENOENT. */
int pail_remote_stat_key(struct pail_fs *fs, const char *key, struct pail_remote_object *ret_object);

#endif
