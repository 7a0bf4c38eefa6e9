/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes from S3: HEAD, what it means for a node, and asking ahead of the caller. */
#ifndef PAIL_FS_TREE_LOAD_H
#define PAIL_FS_TREE_LOAD_H

#include "fs/tree/inode.h"

/* What an answer said of a node. */
enum pail_loaded {
        PAIL_LOADED_SAME,     /* the node is up to date now */
        PAIL_LOADED_REPLACED, /* another version: the node was detached; *node is its successor */
        PAIL_LOADED_RETRY,    /* we changed the object meanwhile: the answer is old */
};

/* serial: tree.serial when the question was sent. node must be pinned by the caller; a successor is not. */
enum pail_loaded pail_load_apply_locked(struct pail_fs *fs, struct pail_node **node,
                                        const struct pail_remote_object *object, uint64_t serial, int *ret_error);
/*
 * Makes the headers of a named node known and fresh: one HEAD, shared by all who ask at once. 0; -ENOENT: the object is gone (the node is detached,
 * but a directory without marker is implied: 0); -ESTALE: replaced, ask for the name again. Without the lock; the node pinned.
 */
int pail_load(struct pail_fs *fs, struct pail_node *node);
/* Somebody asked for the attributes of node: those of its next siblings will be wanted too. */
void pail_load_ahead_locked(struct pail_fs *fs, struct pail_node *node);
/* A HEAD. Where listing is not permitted, "refused" is what S3 says of an absent key: -ENOENT. */
int pail_load_head(struct pail_fs *fs, const char *key, struct pail_remote_object *ret_object);

#endif
