/* SPDX-License-Identifier: Apache-2.0 */
/* Inodes. Private to the layer. */
#ifndef PAIL_FUSE_ENTRIES_H
#define PAIL_FUSE_ENTRIES_H

struct fuse_lowlevel_ops;

/* Enters the callbacks. */
void pail_fuse_entries_operations(struct fuse_lowlevel_ops *operations);

#endif
