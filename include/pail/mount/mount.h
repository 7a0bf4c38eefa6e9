/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forest: all that is below one mount point, and what the FUSE driver calls. It has one tree (pail/fs/fs.h), whose root is the
 * mount's; or top directories, in which the buckets of an account are directories, and a tree below each of those that was
 * entered. With several accounts ("groups") the root has one directory for each, and these have the buckets.
 *
 *   one tree        one group       several groups
 *   /  tree 0       /  top          /  top
 *                   /bucket  tree   /group  top
 *                                   /group/bucket  tree
 *
 * A bucket is shown when its owner lists it, and can be entered when it is there at all. Its tree is made when something in it is
 * first asked for, and stays until the end.
 *
 * The calls are those of pail/fs/fs.h, with the ids of all trees in one space (pail_fs_id()); the same holds of them: 0 or -errno, thread
 * safe, interruptible. Open files need no forest: a handle knows its tree, and goes to pail_fs_read() and its like. The tops take only
 * mkdir and rmdir, which make and delete buckets: everything else that would change them is -EPERM; rename between trees is -EXDEV.
 */
#ifndef PAIL_FS_FOREST_H
#define PAIL_FS_FOREST_H

#include "pail/fs/fs.h"

struct pail_forest;
struct pail_forest_dir; /* an open directory, a top or one of a tree */

/* The buckets that an account lists. */
struct pail_forest_listed {
        char *name;
        struct timespec created;
};
struct pail_forest_list {
        struct pail_forest_listed *items;
        size_t count;
};
void pail_forest_list_done(struct pail_forest_list *list);

/* What a tree needs of its bucket. Owned by the source; borrowed until close. */
struct pail_forest_bucket {
        struct pail_remote *remote;
        const char *state_dir;
        bool can_list;
        void *owned; /* the source's own */
};

/*
 * Where buckets come from: the owner of sessions, clients and state directories. group: its number. Called without locks, by any
 * thread; may wait for the network, interruptibly but for create and remove. 0 or -errno.
 */
struct pail_forest_source {
        /* -EPERM: this account may not list; it can enter what it can name. *ret_list: pail_forest_list_done(). */
        int (*list)(void *context, unsigned group, struct pail_forest_list *ret_list);
        /* Is there such a bucket? -ENOENT, also where no bucket can have that name. */
        int (*exists)(void *context, unsigned group, const char *name);
        int (*open)(void *context, unsigned group, const char *name, struct pail_forest_bucket *ret_bucket);
        void (*close)(void *context, struct pail_forest_bucket *bucket);
        /* -EINVAL: no bucket can have that name; -EEXIST. */
        int (*create)(void *context, unsigned group, const char *name);
        /* -ENOTEMPTY. */
        int (*remove)(void *context, unsigned group, const char *name);
};

struct pail_forest_options {
        struct pail_fs_options tree;    /* of all trees; what belongs to one is filled in here */
        const char *const *group_names; /* NULL-terminated, copied; NULL: one group, whose directory is the root */
        bool manage_buckets;            /* mkdir and rmdir in the tops; else -EPERM */
        const struct pail_forest_source *source;
        void *source_context; /* lives longer than the forest */
};

/* Tops and trees. Asks nothing. */
int pail_forest_new(const struct pail_forest_options *options, struct pail_forest **ret_forest);
/* The one tree, number 0, is the forest's on success. */
int pail_forest_new_single(struct pail_fs *tree, struct pail_forest **ret_forest);
/* As pail_fs_drain(), of all trees. */
unsigned pail_forest_drain(struct pail_forest *forest, int64_t deadline_ms);
void pail_forest_free(struct pail_forest *forest);

int pail_forest_lookup(struct pail_forest *forest, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry);
void pail_forest_forget(struct pail_forest *forest, uint64_t node, uint64_t lookups);
int pail_forest_getattr(struct pail_forest *forest, uint64_t node, struct pail_handle *handle,
                        struct stat *ret_attributes, int64_t *ret_ttl_ms);
int pail_forest_setattr(struct pail_forest *forest, uint64_t node, struct pail_handle *handle,
                        const struct stat *attributes, unsigned set, struct stat *ret_attributes, int64_t *ret_ttl_ms);
int pail_forest_readlink(struct pail_forest *forest, uint64_t node, char **ret_target);
int pail_forest_symlink(struct pail_forest *forest, uint64_t parent, const char *name, const char *target,
                        const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry);
int pail_forest_mknod(struct pail_forest *forest, uint64_t parent, const char *name, mode_t mode, dev_t device,
                      const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry);
int pail_forest_mkdir(struct pail_forest *forest, uint64_t parent, const char *name, mode_t mode,
                      const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry);
int pail_forest_unlink(struct pail_forest *forest, uint64_t parent, const char *name);
int pail_forest_rmdir(struct pail_forest *forest, uint64_t parent, const char *name);
int pail_forest_rename(struct pail_forest *forest, uint64_t parent, const char *name, uint64_t new_parent,
                       const char *new_name, unsigned flags);
int pail_forest_open(struct pail_forest *forest, uint64_t node, int flags, const struct pail_fs_caller *caller,
                     struct pail_handle **ret_handle, bool *ret_keep_cache);
int pail_forest_create(struct pail_forest *forest, uint64_t parent, const char *name, mode_t mode, int flags,
                       const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry,
                       struct pail_handle **ret_handle);
int pail_forest_opendir(struct pail_forest *forest, uint64_t node, struct pail_forest_dir **ret_dir);
int pail_forest_readdir(struct pail_forest_dir *dir, uint64_t offset, bool plus, pail_fs_emit *emit, void *context);
void pail_forest_releasedir(struct pail_forest_dir *dir);
int pail_forest_statfs(struct pail_forest *forest, struct statvfs *ret_statistics);

struct pail_forest_counters {
        struct pail_fs_counters trees; /* of all together */
        unsigned tree_count;           /* made so far */
};
void pail_forest_counters(struct pail_forest *forest, struct pail_forest_counters *ret_counters);

#endif
