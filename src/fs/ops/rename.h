/* SPDX-License-Identifier: Apache-2.0 */
/* What the two kinds of rename share. */
#ifndef PAIL_FS_TREE_RENAME_H
#define PAIL_FS_TREE_RENAME_H

#include "fs/tree/inode.h"

struct pail_rename {
        struct pail_node *node;   /* claimed, or moving */
        struct pail_node *victim; /* what the new name was; NULL: nothing */
        struct pail_node *new_parent;
        const char *new_name;
};

/* The node's object is under another key and ETag now: contents and open files follow. */
int pail_rename_follow_locked(struct pail_fs *fs, struct pail_node *node, const char *key, const char *etag);
/* The names, once S3 has the new one. */
int pail_rename_enter_locked(struct pail_fs *fs, const struct pail_rename *rename);
/* The keys end with '/'. */
int pail_rename_directory(struct pail_fs *fs, const struct pail_rename *rename, const char *old_key,
                          const char *new_key);

#endif
