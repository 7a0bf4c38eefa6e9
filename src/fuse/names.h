/* SPDX-License-Identifier: Apache-2.0 */
/* What changes a directory's names. Private to the layer. */
#ifndef PAIL_FUSE_NAMES_H
#define PAIL_FUSE_NAMES_H

struct fuse_lowlevel_ops;

/* Enters the callbacks. */
void pail_fuse_names_operations(struct fuse_lowlevel_ops *operations);

#endif
