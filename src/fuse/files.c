/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open files. Read data goes from the pool's blocks straight into the device by one writev; write data
 * arrives in the worker's own buffer. There is no splice either way: measured slower at these request sizes.
 *
 * Not here on purpose, so that libfuse answers ENOSYS and the kernel stops asking: locks (kept by the kernel, per mount),
 * lseek, fallocate (EOPNOTSUPP then, and posix_fallocate(3) falls back), copy_file_range (copied through), extended attributes
 * (EOPNOTSUPP then, which cp -a and ls take for "none").
 */
#include "files.h"

#include <fcntl.h>

#include "call.h"

static struct pail_handle *handle_of(const struct fuse_file_info *info)
{
        return (struct pail_handle *)(uintptr_t)info->fh;
}

static void fill_opened(struct fuse_file_info *info, struct pail_handle *handle, bool keep_cache)
{
        info->fh = (uintptr_t)handle;
        info->keep_cache = keep_cache;
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 11)
        /* Nothing can be unsent by a descriptor that cannot write: spares a round trip at each close. */
        info->noflush = (info->flags & O_ACCMODE) == O_RDONLY;
#endif
}

static void on_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
        PAIL_CALL(call, req);
        struct pail_handle *handle;
        bool keep_cache = false;
        int r = pail_mount_open(call.mount, node, info->flags, &call.caller, &handle, &keep_cache);
        if (r < 0) {
                pail_call_reply(&call, r);
                return;
        }
        fill_opened(info, handle, keep_cache);
        /* ENOENT: the opening program was killed; the kernel will not release what it does not know. */
        if (fuse_reply_open(pail_call_steal_request(&call), info) != 0)
                pail_mount_release(handle);
}

static void on_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *info)
{
        PAIL_CALL(call, req);
        struct pail_fs_entry entry;
        struct pail_handle *handle;
        int r = pail_mount_create(call.mount, parent, name, mode, info->flags, &call.caller, &entry, &handle);
        if (r < 0) {
                pail_call_reply(&call, r);
                return;
        }
        struct fuse_entry_param param;
        pail_call_fill_entry(&entry, &param);
        fill_opened(info, handle, true);
        if (fuse_reply_create(pail_call_steal_request(&call), &param, info) != 0) {
                pail_mount_release(handle);
                pail_mount_forget(call.mount, entry.node_id, 1);
        }
}

static void on_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *info)
{
        (void)node;
        PAIL_CALL(call, req);
        call.may_be_abandoned = true;
        struct pail_content_result lent;
        int r = pail_mount_read(handle_of(info), size, (uint64_t)offset, &lent);
        if (r < 0) {
                pail_call_reply(&call, r);
                return;
        }
        fuse_reply_iov(pail_call_steal_request(&call), lent.iov, (int)lent.count);
        pail_mount_read_done(&lent);
}

static void on_write(fuse_req_t req, fuse_ino_t node, const char *data, size_t size, off_t offset,
                     struct fuse_file_info *info)
{
        (void)node;
        PAIL_CALL(call, req);
        int r = pail_mount_write(handle_of(info), data, size, (uint64_t)offset);
        if (r < 0)
                pail_call_reply(&call, r);
        else
                fuse_reply_write(pail_call_steal_request(&call), size);
}

static void on_flush(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
        (void)node;
        PAIL_CALL(call, req);
        pail_call_reply(&call, pail_mount_flush(handle_of(info), &call.caller));
}

static void on_fsync(fuse_req_t req, fuse_ino_t node, int data_only, struct fuse_file_info *info)
{
        (void)node;
        (void)data_only;
        PAIL_CALL(call, req);
        pail_call_reply(&call, pail_mount_fsync(handle_of(info)));
}

/* Nobody hears the answer, so it is given first: a release that waits for an upload then takes no place among the
 * background requests that the kernel allows, which reads need. Never interrupted: it is the last chance of those bytes. */
static void on_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
        (void)node;
        struct pail_handle *handle = handle_of(info);
        fuse_reply_err(req, 0);
        pail_mount_release(handle);
}

void pail_fuse_files_operations(struct fuse_lowlevel_ops *operations)
{
        operations->open = on_open;
        operations->create = on_create;
        operations->read = on_read;
        operations->write = on_write;
        operations->flush = on_flush;
        operations->fsync = on_fsync;
        operations->release = on_release;
}
