/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a forest: groups of places. A group is an account's directory of buckets; a place is a bucket as it is seen from there, and
 * where its tree stands once it was entered. Both, and the trees, stay until the end, so that an id that the kernel has is always one of
 * something; a place that is gone has lost its name only.
 *
 * guarded.mutex is taken before all others and for moments only: nothing is called with it held.
 */
#ifndef PAIL_FS_FOREST_PRIVATE_H
#define PAIL_FS_FOREST_PRIVATE_H

/* No memory for a table: the element is not in it, and its tbl is NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "pail/fs/forest.h"
#include "pail/util/mutex.h"

/* Everything below the line is guarded by the forest's mutex. */
struct pail_place {
        uint64_t id; /* of the root of its tree */
        struct pail_group *group;
        char *name;
        /* ---- */
        struct timespec created; /* 0: not told */
        int64_t checked_ms;      /* when it was last known to be there */
        bool is_shown;           /* in the directory of its group */
        bool is_gone;
        bool is_opening;
        unsigned openings;  /* that ended */
        int open_error;     /* of the last one */
        struct pail_fs *fs; /* NULL: not entered yet */
        struct pail_forest_bucket bucket;
        UT_hash_handle by_name;
};

struct pail_group {
        unsigned number;
        uint64_t id;
        char *name; /* "" when its directory is the root */
        /* ---- */
        struct pail_place *places; /* by name */
        bool is_listing;
        unsigned listings; /* that ended */
        int list_error;    /* of the last one */
        int64_t listed_ms; /* begin of the last good one; INT64_MIN: none */
        uint64_t serial;   /* counts buckets made and deleted here: an answer to an older question is not believed */
};

struct pail_forest {
        struct pail_fs *only; /* the one tree at the root; the rest is then not used */
        struct pail_forest_options options;
        struct pail_group *groups;
        unsigned group_count;
        struct {
                struct pail_mutex mutex;
                struct pail_cond changed;   /* a listing or an opening ended */
                struct pail_place **places; /* by the number of their tree, less one */
                size_t place_count;
                struct pail_forest_dir *dirs; /* all open ones, for the end */
        } guarded;
};

/* places.c */
/* NULL: no such tree. */
struct pail_place *pail_place_of_locked(struct pail_forest *forest, uint64_t id);
/* The place of a bucket that is there; made when it is new. */
int pail_place_confirm_locked(struct pail_forest *forest, struct pail_group *group, const char *name,
                              int64_t checked_ms, struct pail_place **ret_place);
/* The bucket is not there any more. */
void pail_place_lose_locked(struct pail_place *place);
/* For how long it may still be taken to be there. */
int64_t pail_place_ttl_locked(const struct pail_forest *forest, const struct pail_place *place);
/* Fills an entry. */
int pail_place_entry(struct pail_forest *forest, struct pail_place *place, struct pail_fs_entry *ret_entry);
/* Attributes of a directory that no object tells of. */
void pail_forest_describe(const struct pail_forest *forest, uint64_t ino, struct timespec time,
                          struct stat *ret_attributes);
/* Sees to it that the names of the group are at most ttl old. */
int pail_group_list(struct pail_forest *forest, struct pail_group *group);
/* -ENOENT. */
int pail_group_find(struct pail_forest *forest, struct pail_group *group, const char *name,
                    struct pail_place **ret_place);

/* enter.c */
/* The tree of a node, made when there is none yet. -EPERM: the node is a top. -ENOENT: its bucket is gone. */
int pail_forest_enter(struct pail_forest *forest, uint64_t id, struct pail_fs **ret_fs);
/* The same, if it is made. NULL: it is not, or the node is a top. */
struct pail_fs *pail_forest_tree(struct pail_forest *forest, uint64_t id);

/* tops.c: the calls on top directories. */
static inline bool pail_forest_is_top(const struct pail_forest *forest, uint64_t id)
{
        return !forest->only && pail_fs_tree_of(id) == 0;
}
/* The group whose directory this is; NULL: the root above the groups. */
struct pail_group *pail_top_group(struct pail_forest *forest, uint64_t id);
int pail_top_lookup(struct pail_forest *forest, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry);
int pail_top_mkdir(struct pail_forest *forest, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry);
int pail_top_rmdir(struct pail_forest *forest, uint64_t parent, const char *name);
void pail_group_entry(const struct pail_forest *forest, const struct pail_group *group,
                      struct pail_fs_entry *ret_entry);

/* readdir.c: the end of the session is the release of whatever is open: the kernel no longer tells. */
void pail_forest_release_dirs(struct pail_forest *forest);

#endif
