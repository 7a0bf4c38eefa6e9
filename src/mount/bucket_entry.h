/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets as names in the directory of their group. Private to the layer. */
#ifndef PAIL_MOUNT_BUCKET_ENTRY_H
#define PAIL_MOUNT_BUCKET_ENTRY_H

#include "mount/state.h"

/* The entry of the volume of an inode. NULL: there is no such volume. */
struct pail_bucket_entry *pail_bucket_entry_of_locked(struct pail_mount *mount, uint64_t id);
/* NULL: the group knows of no such bucket. */
struct pail_bucket_entry *pail_bucket_entry_find_locked(struct pail_mount *mount, struct pail_group *group,
                                                        const char *name);
/* The entry of a bucket that is there; made when it is new. -ENOMEM. */
int pail_bucket_entry_confirm_locked(struct pail_mount *mount, struct pail_group *group, const char *name,
                                     int64_t checked_ms, struct pail_bucket_entry **ret_entry);
/* The bucket is not there any more: the entry loses its name, and stays. */
void pail_bucket_entry_mark_gone_locked(struct pail_mount *mount, struct pail_bucket_entry *entry);
/* For how long it may still be taken to be there; 0: not at all. */
int64_t pail_bucket_entry_ttl_locked(struct pail_mount *mount, const struct pail_bucket_entry *entry);
/* What the kernel is told of it. */
int pail_bucket_entry_describe(struct pail_mount *mount, struct pail_bucket_entry *entry,
                               struct pail_fs_entry *ret_entry);
/* With its volume and its bucket. */
void pail_bucket_entry_free(struct pail_mount *mount, struct pail_bucket_entry *entry);

#endif
