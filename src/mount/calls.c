/* SPDX-License-Identifier: Apache-2.0 */
/* Each call goes to the tree of its node; a few know what a top does. */
#include <errno.h>

#include "mount/private.h"

int pail_forest_lookup(struct pail_forest *forest, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry)
{
        struct pail_fs *fs;
        int r;

        if (pail_forest_is_top(forest, parent))
                return pail_top_lookup(forest, parent, name, ret_entry);
        r = pail_forest_enter(forest, parent, &fs);
        return r < 0 ? r : pail_fs_lookup(fs, parent, name, ret_entry);
}

/* The root of a tree and the tops stay, whatever the kernel has of them: lookups of them are not counted. */
void pail_forest_forget(struct pail_forest *forest, uint64_t node, uint64_t lookups)
{
        struct pail_fs *fs = pail_forest_tree(forest, node);

        if (fs && (forest->only || node != pail_fs_id(pail_fs_tree_of(node), PAIL_FS_ROOT)))
                pail_fs_forget(fs, node, lookups);
}

/* Of a bucket that was not entered yet: it is not entered for that. */
static int getattr_from_above(struct pail_forest *forest, uint64_t node, struct stat *ret_attributes,
                              int64_t *ret_ttl_ms)
{
        struct timespec time = { 0 };

        if (!pail_forest_is_top(forest, node)) {
                PAIL_LOCK(&forest->guarded.mutex);
                struct pail_place *place = pail_place_of_locked(forest, node);

                if (!place)
                        return -ESTALE;
                time = place->created;
        }
        pail_forest_describe(forest, node, time, ret_attributes);
        *ret_ttl_ms = forest->options.tree.ttl_ms;
        return 0;
}

int pail_forest_getattr(struct pail_forest *forest, uint64_t node, struct pail_handle *handle,
                        struct stat *ret_attributes, int64_t *ret_ttl_ms)
{
        struct pail_fs *fs = pail_forest_tree(forest, node);

        return fs ? pail_fs_getattr(fs, node, handle, ret_attributes, ret_ttl_ms)
                  : getattr_from_above(forest, node, ret_attributes, ret_ttl_ms);
}

int pail_forest_setattr(struct pail_forest *forest, uint64_t node, struct pail_handle *handle,
                        const struct stat *attributes, unsigned set, struct stat *ret_attributes, int64_t *ret_ttl_ms)
{
        struct pail_fs *fs;
        int r = pail_forest_enter(forest, node, &fs);

        return r < 0 ? r : pail_fs_setattr(fs, node, handle, attributes, set, ret_attributes, ret_ttl_ms);
}

int pail_forest_readlink(struct pail_forest *forest, uint64_t node, char **ret_target)
{
        struct pail_fs *fs;
        int r = pail_forest_enter(forest, node, &fs);

        return r < 0 ? r : pail_fs_readlink(fs, node, ret_target);
}

int pail_forest_symlink(struct pail_forest *forest, uint64_t parent, const char *name, const char *target,
                        const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        struct pail_fs *fs;
        int r = pail_forest_enter(forest, parent, &fs);

        return r < 0 ? r : pail_fs_symlink(fs, parent, name, target, caller, ret_entry);
}

int pail_forest_mknod(struct pail_forest *forest, uint64_t parent, const char *name, mode_t mode, dev_t device,
                      const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        struct pail_fs *fs;
        int r = pail_forest_enter(forest, parent, &fs);

        return r < 0 ? r : pail_fs_mknod(fs, parent, name, mode, device, caller, ret_entry);
}

int pail_forest_mkdir(struct pail_forest *forest, uint64_t parent, const char *name, mode_t mode,
                      const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        struct pail_fs *fs;
        int r;

        if (pail_forest_is_top(forest, parent))
                return pail_top_mkdir(forest, parent, name, ret_entry);
        r = pail_forest_enter(forest, parent, &fs);
        return r < 0 ? r : pail_fs_mkdir(fs, parent, name, mode, caller, ret_entry);
}

int pail_forest_unlink(struct pail_forest *forest, uint64_t parent, const char *name)
{
        struct pail_fs *fs;
        int r = pail_forest_enter(forest, parent, &fs);

        return r < 0 ? r : pail_fs_unlink(fs, parent, name);
}

int pail_forest_rmdir(struct pail_forest *forest, uint64_t parent, const char *name)
{
        struct pail_fs *fs;
        int r;

        if (pail_forest_is_top(forest, parent))
                return pail_top_rmdir(forest, parent, name);
        r = pail_forest_enter(forest, parent, &fs);
        return r < 0 ? r : pail_fs_rmdir(fs, parent, name);
}

/* A bucket keeps its name for ever; between two, programs such as mv copy when they hear EXDEV. */
int pail_forest_rename(struct pail_forest *forest, uint64_t parent, const char *name, uint64_t new_parent,
                       const char *new_name, unsigned flags)
{
        struct pail_fs *fs;
        int r = pail_fs_tree_of(parent) == pail_fs_tree_of(new_parent) ? pail_forest_enter(forest, parent, &fs)
                                                                       : -EXDEV;

        return r < 0 ? r : pail_fs_rename(fs, parent, name, new_parent, new_name, flags);
}

int pail_forest_open(struct pail_forest *forest, uint64_t node, int flags, const struct pail_fs_caller *caller,
                     struct pail_handle **ret_handle, bool *ret_keep_cache)
{
        struct pail_fs *fs;
        int r = pail_forest_enter(forest, node, &fs);

        return r < 0 ? r : pail_fs_open(fs, node, flags, caller, ret_handle, ret_keep_cache);
}

int pail_forest_create(struct pail_forest *forest, uint64_t parent, const char *name, mode_t mode, int flags,
                       const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry,
                       struct pail_handle **ret_handle)
{
        struct pail_fs *fs;
        int r = pail_forest_enter(forest, parent, &fs);

        return r < 0 ? r : pail_fs_create(fs, parent, name, mode, flags, caller, ret_entry, ret_handle);
}

int pail_forest_statfs(struct pail_forest *forest, struct statvfs *ret_statistics)
{
        if (forest->only)
                return pail_fs_statfs(forest->only, ret_statistics);
        pail_fs_describe_space(forest->options.tree.read_only, ret_statistics);
        return 0;
}
