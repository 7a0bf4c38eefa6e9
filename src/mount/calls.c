/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The router: each call goes to the volume that its row in pail/mount/mount.h names, or is answered above the volumes. What is here beside
 * the two tables is what no row can say: forgetting, which has a rule of its own, and directories, whose handles are the mount's.
 */
#include <errno.h>

#include "mount/directory.h"
#include "mount/upper.h"
#include "mount/volumes.h"
#include "pail/mount/mount.h"

/* What is done above the volumes; all else there is -EPERM. */
static const struct {
#define MEMBER(name, volume, parameters, arguments)                                                                    \
        int (*name)(struct pail_mount * mount, PAIL_MOUNT_UNPACK parameters);
        PAIL_MOUNT_INODE_CALLS(MEMBER)
#undef MEMBER
} upper_calls = {
        .lookup = pail_upper_lookup,
        .getattr = pail_upper_getattr,
        .mkdir = pail_upper_mkdir,
        .rmdir = pail_upper_rmdir,
        .statfs = pail_upper_statfs,
};

/* These three: NULL in *ret_volume where there is none that could answer. */
static int find_volume(struct pail_mount *mount, uint64_t inode, struct pail_fs **ret_volume)
{
        if (!pail_mount_is_upper(mount, inode))
                return pail_volumes_enter(mount, inode, ret_volume);
        *ret_volume = NULL;
        return 0;
}

static int find_open_volume(struct pail_mount *mount, uint64_t inode, struct pail_fs **ret_volume)
{
        *ret_volume = pail_volumes_find_open(mount, inode);
        return 0;
}

/* A bucket keeps its name for ever; between two, programs such as mv copy when they hear EXDEV. */
static int find_common_volume(struct pail_mount *mount, uint64_t inode, uint64_t other, struct pail_fs **ret_volume)
{
        return pail_fs_volume_of(inode) == pail_fs_volume_of(other) ? find_volume(mount, inode, ret_volume) : -EXDEV;
}

#define VOLUME_OF(inode) find_volume(mount, inode, &volume)
#define OPEN_VOLUME_OF(inode) find_open_volume(mount, inode, &volume)
#define COMMON_VOLUME_OF(inode, other) find_common_volume(mount, inode, other, &volume)
#define DEFINE_INODE_CALL(name, find, parameters, arguments)                                                           \
        int pail_mount_##name(struct pail_mount *mount, PAIL_MOUNT_UNPACK parameters)                                  \
        {                                                                                                              \
                struct pail_fs *volume;                                                                                \
                int r = find;                                                                                          \
                                                                                                                       \
                if (r < 0)                                                                                             \
                        return r;                                                                                      \
                if (volume)                                                                                            \
                        return pail_fs_##name(volume, PAIL_MOUNT_UNPACK arguments);                                    \
                return upper_calls.name ? upper_calls.name(mount, PAIL_MOUNT_UNPACK arguments) : -EPERM;               \
        }
PAIL_MOUNT_INODE_CALLS(DEFINE_INODE_CALL)

#define DEFINE_HANDLE_CALL(name, parameters, arguments)                                                                \
        int pail_mount_##name parameters                                                                               \
        {                                                                                                              \
                return pail_fs_##name arguments;                                                                       \
        }
PAIL_MOUNT_HANDLE_CALLS(DEFINE_HANDLE_CALL)

void pail_mount_read_done(struct pail_content_result *result)
{
        pail_content_result_done(result);
}

void pail_mount_release(struct pail_handle *handle)
{
        pail_fs_release(handle);
}

/* Upper directories and the roots of volumes below them stay, whatever the kernel has of them: lookups of them are not counted. */
void pail_mount_forget(struct pail_mount *mount, uint64_t node, uint64_t lookups)
{
        struct pail_fs *volume = pail_volumes_find_open(mount, node);

        if (volume && (mount->single || node != pail_fs_id(pail_fs_volume_of(node), PAIL_FS_ROOT)))
                pail_fs_forget(volume, node, lookups);
}

int pail_mount_opendir(struct pail_mount *mount, uint64_t node, struct pail_mount_dir **ret_dir)
{
        return pail_mount_dir_open(mount, node, ret_dir);
}

int pail_mount_readdir(struct pail_mount_dir *dir, uint64_t offset, bool plus, pail_fs_emit *emit, void *context)
{
        return pail_mount_dir_read(dir, offset, plus, emit, context);
}

void pail_mount_releasedir(struct pail_mount_dir *dir)
{
        pail_mount_dir_close(dir);
}
