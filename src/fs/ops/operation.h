/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call that changes the tree on S3, as a job: what it was asked, with references of its own, because the caller may be
 * interrupted and leave. One struct serves all of them; each file says which fields it uses.
 */
#ifndef PAIL_FS_TREE_CHANGE_H
#define PAIL_FS_TREE_CHANGE_H

#include "fs/tree/inode.h"

struct pail_change {
        struct pail_fs *fs;
        struct pail_node *node, *parent, *new_parent; /* pinned; NULL: not used */
        char *name, *new_name, *target;               /* owned */
        unsigned flags;
        struct stat wanted;
        struct pail_fs_caller caller;
        struct pail_handle *handle; /* borrowed: setattr on an open file; the caller's request keeps it open */
        struct pail_fs_entry entry; /* result */
};

/* Pins the nodes of the given ids (0: none) and copies the strings (NULL: none). */
int pail_change_new(struct pail_fs *fs, uint64_t parent, const char *name, uint64_t new_parent, const char *new_name,
                    struct pail_change **ret_change);
void pail_change_free(void *change);
/* Runs it on the mutation pool. ret_entry (may be NULL) gets change->entry when it ended well, otherwise the lookup that it counted is undone. */
int pail_change_run(struct pail_change *change, int (*run)(void *change), struct pail_fs_entry *ret_entry);

/* The node of name in parent as the tree has it, or by asking; pinned. */
int pail_change_find(struct pail_fs *fs, struct pail_node *parent, const char *name, struct pail_node **ret_node);
/* Is name one that may be made? -EEXIST, -EINVAL, -EILSEQ, -EPERM (reserved), -ENAMETOOLONG, -ENOENT (parent gone). */
int pail_change_check_name_locked(struct pail_fs *fs, struct pail_node *parent, const char *name, bool is_directory);
/*
 * A copy on the server that loses nothing. attributes (may be NULL) take the place of the source's. from and to may be the same key. node (may be NULL): whose object it is, for what is known of it.
 */
int pail_change_copy_key(struct pail_fs *fs, struct pail_node *node, const char *from, const char *to,
                         const struct pail_attributes *attributes, char ret_etag[static PAIL_REMOTE_ETAG_SIZE]);
/* The object is under another key afterwards, with all that it had. node as above. */
int pail_change_move_key(struct pail_fs *fs, struct pail_node *node, const char *from, const char *to,
                         char ret_etag[static PAIL_REMOTE_ETAG_SIZE]);
/* DELETE of one key. */
int pail_change_delete_key(struct pail_fs *fs, const char *key);
/*
 * The object of a node is about to go, while the file is open: what S3 alone has is copied aside, and open handles follow it there. Under the
 * claim. 0 also when nothing needs it.
 */
int pail_change_stash(struct pail_fs *fs, struct pail_node *node);

/* The change failed: open handles go back to the object. Under the claim. */
void pail_change_unstash(struct pail_fs *fs, struct pail_node *node);
/* remove.c: -ENOTEMPTY when the directory has anything but its marker, here or on S3. */
int pail_remove_check_empty(struct pail_fs *fs, struct pail_node *node, const char *key, bool *ret_has_marker);

#endif
