/* SPDX-License-Identifier: Apache-2.0 */
/* Open directories. Private to the layer. */
#ifndef PAIL_FUSE_DIRECTORIES_H
#define PAIL_FUSE_DIRECTORIES_H

struct fuse_lowlevel_ops;

/* Enters the callbacks. */
void pail_fuse_directories_operations(struct fuse_lowlevel_ops *operations);

#endif
