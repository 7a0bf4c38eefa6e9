/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount: all that is below one mount point, and the one door of the FUSE driver. It routes each call to a volume (pail/fs/fs.h: one
 * bucket and prefix). A mount of a single bucket has one volume, whose root is the mount's. A mount of all buckets of an account
 * has an upper directory, in which the buckets are directories, and a volume below each of those that was entered; with
 * several accounts ("groups") the root has one directory for each, and these have the buckets.
 *
 *   single          one group          several groups
 *   /  volume 0     /  upper           /  upper
 *                   /bucket  volume    /group  upper
 *                                      /group/bucket  volume
 *
 * A bucket is shown when its owner lists it, and can be entered when it is there at all. Its volume is opened when something in it is
 * first asked for, and stays until the end. Upper directories take only mkdir and rmdir, which make and delete buckets: everything
 * else that would change them is -EPERM; rename between volumes is -EXDEV.
 *
 * The types that cross are the volume's and come with this header: struct pail_fs_entry, struct pail_fs_caller, enum pail_fs_set, and the
 * opaque struct pail_handle of an open file. Inodes of all volumes share one space of numbers (pail_fs_id()).
 */
#ifndef PAIL_MOUNT_MOUNT_H
#define PAIL_MOUNT_MOUNT_H

#include "pail/fs/fs.h"
#include "pail/mount/source.h"

struct pail_mount;
struct pail_mount_dir; /* an open directory, upper or of a volume */

struct pail_mount_options {
        struct pail_fs_options volume;  /* of all volumes; what belongs to one is filled in here */
        const char *const *group_names; /* NULL-terminated, copied; NULL: one group, whose directory is the root */
        bool can_manage_buckets;        /* mkdir and rmdir in upper directories; else -EPERM */
        const struct pail_mount_source *source;
        void *source_context; /* lives longer than the mount */
};

/* Upper directories and volumes. Asks nothing. */
int pail_mount_new(const struct pail_mount_options *options, struct pail_mount **ret_mount);
/* The one volume, number 0, is the mount's on success. */
int pail_mount_new_single(struct pail_fs *volume, struct pail_mount **ret_mount);
/* As pail_fs_drain(), of all volumes. */
unsigned pail_mount_drain(struct pail_mount *mount, int64_t deadline_ms);
void pail_mount_free(struct pail_mount *mount);

struct pail_mount_counters {
        struct pail_fs_counters volumes; /* of all together */
        unsigned volume_count;           /* opened so far */
};
void pail_mount_counters(struct pail_mount *mount, struct pail_mount_counters *ret_counters);

/*
 * The calls by inode, one row each: NAME, the volume that it is for, PARAMETERS, ARGUMENTS. A row declares, and src/mount/calls.c defines,
 *
 *     int pail_mount_NAME(struct pail_mount *mount, PARAMETERS);
 *
 * which finds the volume and returns pail_fs_NAME(volume, ARGUMENTS); what it does is written at that function, and as there it returns 0
 * or -errno, is thread safe and may be interrupted. Where there is no volume, because an inode is above all of them, a second table in
 * src/mount/calls.c answers. Which volume:
 *
 *     VOLUME_OF(inode)              the inode's; it is opened if it is not yet
 *     OPEN_VOLUME_OF(inode)         the inode's, if it is open; it is not opened for that
 *     COMMON_VOLUME_OF(inode, two)  of both inodes; -EXDEV: they are in different ones
 */
/* clang-format off */
#define PAIL_MOUNT_INODE_CALLS(CALL)                                                                                  \
        CALL(lookup, VOLUME_OF(parent),                                                                                \
             (uint64_t parent, const char *name, struct pail_fs_entry *ret_entry),                                     \
             (parent, name, ret_entry))                                                                                \
        CALL(getattr, OPEN_VOLUME_OF(node),                                                                            \
             (uint64_t node, struct pail_handle *handle, struct stat *ret_attributes, int64_t *ret_ttl_ms),            \
             (node, handle, ret_attributes, ret_ttl_ms))                                                               \
        CALL(setattr, VOLUME_OF(node),                                                                                 \
             (uint64_t node, struct pail_handle *handle, const struct stat *attributes, unsigned set,                  \
              struct stat *ret_attributes, int64_t *ret_ttl_ms),                                                       \
             (node, handle, attributes, set, ret_attributes, ret_ttl_ms))                                              \
        CALL(readlink, VOLUME_OF(node),                                                                                \
             (uint64_t node, char **ret_target),                                                                       \
             (node, ret_target))                                                                                       \
        CALL(symlink, VOLUME_OF(parent),                                                                               \
             (uint64_t parent, const char *name, const char *target, const struct pail_fs_caller *caller,              \
              struct pail_fs_entry *ret_entry),                                                                        \
             (parent, name, target, caller, ret_entry))                                                                \
        CALL(mknod, VOLUME_OF(parent),                                                                                 \
             (uint64_t parent, const char *name, mode_t mode, dev_t device, const struct pail_fs_caller *caller,       \
              struct pail_fs_entry *ret_entry),                                                                        \
             (parent, name, mode, device, caller, ret_entry))                                                          \
        CALL(mkdir, VOLUME_OF(parent),                                                                                 \
             (uint64_t parent, const char *name, mode_t mode, const struct pail_fs_caller *caller,                     \
              struct pail_fs_entry *ret_entry),                                                                        \
             (parent, name, mode, caller, ret_entry))                                                                  \
        CALL(unlink, VOLUME_OF(parent),                                                                                \
             (uint64_t parent, const char *name),                                                                      \
             (parent, name))                                                                                           \
        CALL(rmdir, VOLUME_OF(parent),                                                                                 \
             (uint64_t parent, const char *name),                                                                      \
             (parent, name))                                                                                           \
        CALL(rename, COMMON_VOLUME_OF(parent, new_parent),                                                             \
             (uint64_t parent, const char *name, uint64_t new_parent, const char *new_name, unsigned flags),           \
             (parent, name, new_parent, new_name, flags))                                                              \
        CALL(open, VOLUME_OF(node),                                                                                    \
             (uint64_t node, int flags, const struct pail_fs_caller *caller, struct pail_handle **ret_handle,          \
              bool *ret_keep_cache),                                                                                   \
             (node, flags, caller, ret_handle, ret_keep_cache))                                                        \
        CALL(create, VOLUME_OF(parent),                                                                                \
             (uint64_t parent, const char *name, mode_t mode, int flags, const struct pail_fs_caller *caller,          \
              struct pail_fs_entry *ret_entry, struct pail_handle **ret_handle),                                       \
             (parent, name, mode, flags, caller, ret_entry, ret_handle))                                               \
        CALL(statfs, VOLUME_OF(PAIL_FS_ROOT),                                                                          \
             (struct statvfs *ret_statistics),                                                                         \
             (ret_statistics))

/* The calls by handle, which knows its volume: no lock, no search. A row declares int pail_mount_NAME(PARAMETERS). */
#define PAIL_MOUNT_HANDLE_CALLS(CALL)                                                                                 \
        CALL(read,                                                                                                     \
             (struct pail_handle *handle, size_t size, uint64_t offset, struct pail_content_result *ret_result),       \
             (handle, size, offset, ret_result))                                                                       \
        CALL(write,                                                                                                    \
             (struct pail_handle *handle, const void *data, size_t size, uint64_t offset),                             \
             (handle, data, size, offset))                                                                             \
        CALL(flush,                                                                                                    \
             (struct pail_handle *handle, const struct pail_fs_caller *caller),                                        \
             (handle, caller))                                                                                         \
        CALL(fsync,                                                                                                    \
             (struct pail_handle *handle),                                                                             \
             (handle))
/* clang-format on */

#define PAIL_MOUNT_UNPACK(...) __VA_ARGS__
#define PAIL_MOUNT_DECLARE(name, volume, parameters, arguments)                                                        \
        int pail_mount_##name(struct pail_mount *mount, PAIL_MOUNT_UNPACK parameters);
PAIL_MOUNT_INODE_CALLS(PAIL_MOUNT_DECLARE)
#undef PAIL_MOUNT_DECLARE
#define PAIL_MOUNT_DECLARE(name, parameters, arguments) int pail_mount_##name parameters;
PAIL_MOUNT_HANDLE_CALLS(PAIL_MOUNT_DECLARE)
#undef PAIL_MOUNT_DECLARE

/* The calls that cannot fail, and those on directories, whose handles are the mount's own. */
void pail_mount_forget(struct pail_mount *mount, uint64_t node, uint64_t lookups);
void pail_mount_read_done(struct pail_content_result *result);
void pail_mount_release(struct pail_handle *handle);
int pail_mount_opendir(struct pail_mount *mount, uint64_t node, struct pail_mount_dir **ret_dir);
int pail_mount_readdir(struct pail_mount_dir *dir, uint64_t offset, bool plus, pail_fs_emit *emit, void *context);
void pail_mount_releasedir(struct pail_mount_dir *dir);

#endif
