/* SPDX-License-Identifier: Apache-2.0 */
/* Open files. Private to the layer. */
#ifndef PAIL_FUSE_FILES_H
#define PAIL_FUSE_FILES_H

struct fuse_lowlevel_ops;

/* Enters the callbacks. */
void pail_fuse_files_operations(struct fuse_lowlevel_ops *operations);

#endif
