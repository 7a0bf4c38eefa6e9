/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and creating. An open sees what is at most ttl old (close-to-open). An object that somebody else replaces is another inode, and the
 * kernel is told so (ESTALE) where it looks the name up again by itself: in OPEN, which is why the first block is fetched there.
 */
#include <errno.h>
#include <fcntl.h>

#include "fs/core/volume.h"
#include "fs/file/file_io.h"
#include "fs/file/handle.h"
#include "fs/file/proc_fd.h"
#include "fs/tree/directory.h"
#include "fs/tree/remote_stat.h"
#include "fs/tree/resolve.h"
#include "operation.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "send_handle.h"

static bool can_write(int flags)
{
        return (flags & O_ACCMODE) != O_RDONLY;
}

/* Close-to-open: what an open sees is at most ttl old. */
static int refresh_attributes(struct pail_fs *fs, struct pail_inode *inode)
{
        bool is_fresh;
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                is_fresh = inode->is_local || inode->is_detached ||
                           (inode->is_loaded && pail_inode_ttl_locked(fs, inode) > 0);
        }
        if (is_fresh)
                return 0;
        r = pail_remote_stat_inode(fs, inode);
        return r == -ENOENT ? -ESTALE : r;
}

/*
 * Within the ttl the version that is known may be gone. A reader that has bytes of it already must be told (ESTALE); for the first one,
 * the first block is fetched here, where the kernel answers ESTALE by looking the name up again: it opens the new version. The
 * block is in memory for the read that follows.
 */
static int fetch_first_block(struct pail_handle *handle)
{
        struct pail_fs *fs = handle->fs;
        struct pail_inode *inode = handle->inode;
        struct pail_content_result result;
        bool is_needed;
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                is_needed = !inode->has_delivered && !inode->is_local && inode->attributes.size_bytes;
        }
        if (!is_needed)
                return 0;
        r = pail_fs_read(handle, 1, 0, &result);
        if (r == 0)
                pail_content_result_done(&result);
        return r == -ESTALE ? r : 0; /* any other failure belongs to the read that meets it */
}

static int open_handle(struct pail_fs *fs, struct pail_inode *inode, int flags, const struct pail_fs_caller *caller,
                       struct pail_handle **ret_handle)
{
        pid_t process = can_write(flags) ? pail_proc_fd_process(caller->pid) : 0;

        return pail_handle_new(fs, inode, flags, process, ret_handle);
}

int pail_fs_open(struct pail_fs *fs, uint64_t id, int flags, const struct pail_fs_caller *caller,
                 struct pail_handle **ret_handle, bool *ret_keep_cache)
{
        _cleanup_pin_ struct pail_inode_pin pin = { fs, NULL };
        struct pail_handle *handle = NULL;
        int r = pail_inode_get(fs, id, &pin.inode);

        if (r == 0 && pin.inode->is_directory)
                r = -EISDIR;
        if (r == 0 && fs->options.read_only && (can_write(flags) || flags & O_TRUNC))
                r = -EROFS;
        if (r == 0)
                r = refresh_attributes(fs, pin.inode);
        if (r == 0)
                r = pail_inode_steal_error(fs, pin.inode);
        if (r == 0)
                r = open_handle(fs, pin.inode, flags, caller, &handle);
        if (!handle)
                return r;
        if (flags & O_TRUNC)
                r = pail_file_io_truncate(handle->file, 0);
        else if ((flags & O_ACCMODE) != O_WRONLY)
                r = fetch_first_block(handle);
        if (r < 0) {
                pail_fs_release(handle);
                return r;
        }
        *ret_handle = handle;
        *ret_keep_cache = true; /* another version is another inode */
        return 0;
}

/* An inode that is only here so far. */
static int make_local_locked(struct pail_fs *fs, struct pail_inode *parent, const char *name, mode_t mode,
                             const struct pail_fs_caller *caller, struct pail_inode **ret_inode)
{
        int r = parent->is_detached ? -ENOENT : pail_operation_check_name_locked(fs, parent, name, false);
        struct pail_inode *inode;

        pail_mutex_assert_held(&fs->tree.mutex);
        if (r < 0)
                return r;
        inode = pail_inode_new_locked(fs, parent, name, false, 0);
        if (!inode)
                return -ENOMEM;
        pail_attributes_default(&fs->options, S_IFREG, 0, pail_clock_now(), &inode->attributes);
        inode->attributes.mode = S_IFREG | (mode & ~(mode_t)S_IFMT);
        if (!fs->options.force_owner) {
                inode->attributes.uid = caller->uid;
                inode->attributes.gid = parent->attributes.mode & S_ISGID ? parent->attributes.gid : caller->gid;
        }
        inode->is_local = inode->is_loaded = true;
        pail_inode_ref_locked(fs, inode);
        *ret_inode = inode;
        return 0;
}

static int open_existing(struct pail_fs *fs, struct pail_inode *parent, const char *name, int flags,
                         const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry,
                         struct pail_handle **ret_handle)
{
        _cleanup_pin_ struct pail_inode_pin inode = { fs, NULL };
        bool keep_cache;
        int r = flags & O_EXCL ? -EEXIST : pail_resolve(fs, parent, name, &inode.inode);

        if (r == 0)
                r = pail_fs_open(fs, inode.inode->id, flags, caller, ret_handle, &keep_cache);
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        pail_inode_entry_locked(fs, inode.inode, ret_entry);
        return 0;
}

/* A lock of git's kind (NAME.lock) must exclude when it is opened, not when it is closed: it is sent at once, empty. */
int pail_fs_create(struct pail_fs *fs, uint64_t parent_id, const char *name, mode_t mode, int flags,
                   const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry,
                   struct pail_handle **ret_handle)
{
        _cleanup_pin_ struct pail_inode_pin parent = { fs, NULL }, inode = { fs, NULL };
        struct pail_handle *handle;
        int r = fs->options.read_only ? -EROFS : pail_inode_get(fs, parent_id, &parent.inode);

        if (r < 0)
                return r;
        {
                PAIL_LOCK(&fs->tree.mutex);
                r = make_local_locked(fs, parent.inode, name, mode, caller, &inode.inode);
        }
        if (r == -EEXIST)
                return open_existing(fs, parent.inode, name, flags, caller, ret_entry, ret_handle);
        if (r == 0)
                r = open_handle(fs, inode.inode, flags, caller, &handle);
        if (r < 0) {
                PAIL_LOCK(&fs->tree.mutex);
                if (inode.inode)
                        pail_inode_detach_locked(fs, inode.inode);
                return r;
        }
        pail_file_mark_new(handle->file, flags & O_EXCL);
        if (flags & O_EXCL && pail_str_ends_with(name, ".lock"))
                r = pail_send_handle(handle);
        if (r < 0) {
                pail_fs_release(handle);
                return r;
        }
        *ret_handle = handle;
        PAIL_LOCK(&fs->tree.mutex);
        pail_inode_entry_locked(fs, inode.inode, ret_entry);
        return 0;
}
