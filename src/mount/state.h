/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a mount of many volumes is made of: groups of bucket entries. A group is an account's directory of buckets; a bucket entry is a
 * bucket as it is seen from there, and holds its volume once it was entered. Groups, entries and volumes stay until the end, so that
 * an inode number that the kernel has is always one of something; an entry whose bucket is gone has lost its name only.
 *
 * guarded.mutex of the mount is taken before all others and for moments only: nothing is called with it held. Private to the layer.
 */
#ifndef PAIL_MOUNT_STATE_H
#define PAIL_MOUNT_STATE_H

/* No memory for a table: the element is not in it, and its tbl is NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "pail/fs/fs.h"
#include "pail/mount/source.h"
#include "pail/util/mutex.h"

struct pail_group;
struct pail_mount_dir;

struct pail_bucket_entry {
        uint64_t id; /* of the root of its volume */
        struct pail_group *group;
        char *name;
        struct {                         /* by the mount's mutex */
                struct timespec created; /* 0: not told */
                int64_t checked_ms;      /* when it was last known to be there */
                bool is_shown;           /* in the directory of its group */
                bool is_gone;
                bool is_opening;
                unsigned openings;      /* that ended */
                int open_error;         /* of the last one */
                struct pail_fs *volume; /* NULL: not entered yet */
                struct pail_mount_bucket bucket;
                UT_hash_handle by_name;
        } guarded;
};

struct pail_group {
        unsigned number;
        uint64_t id;
        char *name;                                /* "" when its directory is the root */
        struct {                                   /* by the mount's mutex */
                struct pail_bucket_entry *entries; /* by name */
                bool is_listing;
                unsigned listings; /* that ended */
                int list_error;    /* of the last one */
                int64_t listed_ms; /* begin of the last good one; INT64_MIN: none */
                uint64_t
                        serial; /* counts buckets made and deleted here: an answer to an older question is not believed */
        } guarded;
};

struct pail_mount {
        struct pail_fs *single; /* the one volume, at the root; the rest is then not used */
        struct pail_fs_options volume_options;
        bool can_manage_buckets;
        const struct pail_mount_source *source;
        void *source_context;
        struct pail_group *groups;
        unsigned group_count;
        struct {
                struct pail_mutex mutex;
                struct pail_cond changed;           /* a listing or an opening ended */
                struct pail_bucket_entry **entries; /* by the number of their volume, less one */
                size_t entry_count;
                struct pail_mount_dir *dirs; /* all open ones, for the end */
        } guarded;
};

/* Whether an inode is a directory above the volumes. */
static inline bool pail_mount_is_upper(const struct pail_mount *mount, uint64_t id)
{
        return !mount->single && pail_fs_volume_of(id) == 0;
}

#endif
