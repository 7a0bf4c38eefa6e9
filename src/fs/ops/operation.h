/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call that changes the tree on S3, as a job: what it was asked, with references of its own, because the caller may be
 * interrupted and leave. One struct serves all of them; each file says which fields it uses.
 */
#ifndef PAIL_FS_OPS_OPERATION_H
#define PAIL_FS_OPS_OPERATION_H

#include "fs/tree/inode.h"

struct pail_operation {
        struct pail_fs *fs;
        struct pail_inode *inode, *parent, *new_parent; /* pinned; NULL: not used */
        char *name, *new_name, *target;                 /* owned */
        unsigned flags;
        struct stat wanted;
        struct pail_fs_caller caller;
        struct pail_handle *handle; /* borrowed: setattr on an open file; the caller's request keeps it open */
        struct pail_fs_entry entry; /* result */
};

/* Pins the inodes of the given ids (0: none) and copies the strings (NULL: none). */
int pail_operation_new(struct pail_fs *fs, uint64_t parent, const char *name, uint64_t new_parent, const char *new_name,
                       struct pail_operation **ret_change);
void pail_operation_free(void *operation);
/* Runs it on the mutation pool. ret_entry (may be NULL) gets operation->entry when it ended well, otherwise the lookup that it counted is undone. */
int pail_operation_run(struct pail_operation *operation, int (*run)(void *operation), struct pail_fs_entry *ret_entry);

/* The inode of name in parent as the tree has it, or by asking; pinned. */
int pail_operation_find(struct pail_fs *fs, struct pail_inode *parent, const char *name, struct pail_inode **ret_inode);
/* Is name one that may be made? -EEXIST, -EINVAL, -EILSEQ, -EPERM (reserved), -ENAMETOOLONG, -ENOENT (parent gone). */
int pail_operation_check_name_locked(struct pail_fs *fs, struct pail_inode *parent, const char *name,
                                     bool is_directory);

#endif
