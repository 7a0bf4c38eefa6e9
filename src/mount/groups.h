/* SPDX-License-Identifier: Apache-2.0 */
/* Which buckets a group has, asked of their source. Private to the layer. */
#ifndef PAIL_MOUNT_GROUPS_H
#define PAIL_MOUNT_GROUPS_H

#include "mount/state.h"

/* Sees to it that the names of the group are at most ttl old. */
int pail_group_list(struct pail_mount *mount, struct pail_group *group);
/* -ENOENT: there is no such bucket. */
int pail_group_find(struct pail_mount *mount, struct pail_group *group, const char *name,
                    struct pail_bucket_entry **ret_entry);

#endif
