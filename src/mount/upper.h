/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is answered above the volumes: for upper directories, which are the root above the groups and the groups, and for a bucket whose
 * volume is not open where it need not be. The calls have the parameters of their rows in pail/mount/mount.h. Private to the layer.
 */
#ifndef PAIL_MOUNT_UPPER_H
#define PAIL_MOUNT_UPPER_H

#include "mount/state.h"

/* The group whose directory this is; NULL: the root above the groups. */
struct pail_group *pail_upper_group(struct pail_mount *mount, uint64_t id);
/* What the kernel is told of the directory of a group. */
void pail_upper_describe_group(const struct pail_mount *mount, const struct pail_group *group,
                               struct pail_fs_entry *ret_entry);

int pail_upper_lookup(struct pail_mount *mount, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry);
int pail_upper_getattr(struct pail_mount *mount, uint64_t node, struct pail_handle *handle, struct stat *ret_attributes,
                       int64_t *ret_ttl_ms);
int pail_upper_mkdir(struct pail_mount *mount, uint64_t parent, const char *name, mode_t mode,
                     const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry);
int pail_upper_rmdir(struct pail_mount *mount, uint64_t parent, const char *name);
int pail_upper_statfs(struct pail_mount *mount, struct statvfs *ret_statistics);

#endif
