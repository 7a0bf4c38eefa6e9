/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes a directory's names. Which names are allowed, and how long they may be, is the volume's to say: libfuse hands on what the kernel
 * sent, which is one component of a path, at most 1024 bytes.
 */
#include "names.h"

#include <errno.h>

#include "call.h"

static void reply_with_new_entry(struct pail_call *call, int r, const struct pail_fs_entry *entry)
{
        if (r < 0)
                pail_call_reply(call, r);
        else
                pail_call_reply_entry(call, entry);
}

static void on_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
        PAIL_CALL(call, req);
        struct pail_fs_entry entry;
        reply_with_new_entry(&call, pail_mount_mknod(call.mount, parent, name, mode, device, &call.caller, &entry),
                             &entry);
}

static void on_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
        PAIL_CALL(call, req);
        struct pail_fs_entry entry;
        reply_with_new_entry(&call, pail_mount_mkdir(call.mount, parent, name, mode, &call.caller, &entry), &entry);
}

static void on_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
        PAIL_CALL(call, req);
        struct pail_fs_entry entry;
        reply_with_new_entry(&call, pail_mount_symlink(call.mount, parent, name, target, &call.caller, &entry), &entry);
}

/* link(2): "EPERM The filesystem does not support the creation of hard links." Programs that can do without one know
 * it by this value; the ENOSYS of a missing callback, which many kernels hand on, they do not. */
static void on_link(fuse_req_t req, fuse_ino_t node, fuse_ino_t new_parent, const char *new_name)
{
        (void)node;
        (void)new_parent;
        (void)new_name;
        fuse_reply_err(req, EPERM);
}

static void on_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
        PAIL_CALL(call, req);
        pail_call_reply(&call, pail_mount_unlink(call.mount, parent, name));
}

static void on_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
        PAIL_CALL(call, req);
        pail_call_reply(&call, pail_mount_rmdir(call.mount, parent, name));
}

static void on_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent, const char *new_name,
                      unsigned flags)
{
        PAIL_CALL(call, req);
        pail_call_reply(&call, pail_mount_rename(call.mount, parent, name, new_parent, new_name, flags));
}

void pail_fuse_names_operations(struct fuse_lowlevel_ops *operations)
{
        operations->mknod = on_mknod;
        operations->mkdir = on_mkdir;
        operations->symlink = on_symlink;
        operations->link = on_link;
        operations->unlink = on_unlink;
        operations->rmdir = on_rmdir;
        operations->rename = on_rename;
}
