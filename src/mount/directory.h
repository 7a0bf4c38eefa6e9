/* SPDX-License-Identifier: Apache-2.0 */
/* Open directories, of volumes and above them. Private to the layer. */
#ifndef PAIL_MOUNT_DIRECTORY_H
#define PAIL_MOUNT_DIRECTORY_H

#include "mount/state.h"

int pail_mount_dir_open(struct pail_mount *mount, uint64_t id, struct pail_mount_dir **ret_dir);
/* As pail_fs_readdir(). */
int pail_mount_dir_read(struct pail_mount_dir *dir, uint64_t offset, bool plus, pail_fs_emit *emit, void *context);
void pail_mount_dir_close(struct pail_mount_dir *dir);
/* The end of the session is the release of whatever is open: the kernel no longer tells. */
void pail_mount_dir_close_all(struct pail_mount *mount);

#endif
