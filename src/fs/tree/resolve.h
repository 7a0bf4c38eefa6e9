/* SPDX-License-Identifier: Apache-2.0 */
/* From a name to a node. */
#ifndef PAIL_FS_TREE_LOOKUP_H
#define PAIL_FS_TREE_LOOKUP_H

#include "fs/tree/inode.h"

/*
 * Finds the node of a name, asking S3 where what is known is not fresh; its attributes are loaded. The node is pinned (pail_node_put). -ENOENT; -ENOTDIR;
 * -ENAMETOOLONG; -EINTR… Without the lock.
 */
int pail_lookup(struct pail_fs *fs, struct pail_node *parent, const char *name, struct pail_node **ret_node);

/* What S3 has under a name: one HEAD and one LIST of one key, in parallel. */
struct pail_probe {
        bool is_file, is_directory, has_marker;
        struct pail_remote_object object; /* of the file, or of the marker */
};
/* directory_key NULL: it cannot be a directory. */
int pail_probe(struct pail_fs *fs, const char *file_key, const char *directory_key, struct pail_probe *ret_probe);
void pail_probe_done(struct pail_probe *probe);

#endif
