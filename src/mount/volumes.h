/* SPDX-License-Identifier: Apache-2.0 */
/* From an inode to its volume. Private to the layer. */
#ifndef PAIL_MOUNT_VOLUMES_H
#define PAIL_MOUNT_VOLUMES_H

#include "mount/state.h"

/* The volume of an inode that is in one, opened when it is not yet. -ESTALE: there is none of that number. -ENOENT: its bucket is gone. */
int pail_volumes_enter(struct pail_mount *mount, uint64_t id, struct pail_fs **ret_volume);
/* NULL: it is not open, or the inode is above the volumes. */
struct pail_fs *pail_volumes_find_open(struct pail_mount *mount, uint64_t id);

#endif
