/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inodes: lookups, forgets, attributes, symbolic links' targets, and the file system's own numbers.
 *
 * A reply with an entry counts a lookup; the volume has counted it before, so a reply that did not arrive is taken back as a forget (call.c).
 */
#include "entries.h"

#include <errno.h>

#include "call.h"

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
        PAIL_CALL(call, req);
        struct pail_fs_entry entry;
        int r = pail_mount_lookup(call.mount, parent, name, &entry);
        if (r < 0)
                pail_call_reply(&call, r);
        else
                pail_call_reply_entry(&call, &entry);
}

static void on_forget(fuse_req_t req, fuse_ino_t node, uint64_t lookups)
{
        const struct pail_fuse_context *context = fuse_req_userdata(req);
        pail_mount_forget(context->mount, node, lookups);
        fuse_reply_none(req);
}

static void on_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
        const struct pail_fuse_context *context = fuse_req_userdata(req);
        for (size_t i = 0; i < count; i++)
                pail_mount_forget(context->mount, forgets[i].ino, forgets[i].nlookup);
        fuse_reply_none(req);
}

/* The handle that the kernel names along with a node, where it does. */
static struct pail_handle *handle_of(const struct fuse_file_info *info)
{
        return info ? (struct pail_handle *)(uintptr_t)info->fh : NULL;
}

static void on_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
        PAIL_CALL(call, req);
        struct stat attributes;
        int64_t ttl_ms;
        int r = pail_mount_getattr(call.mount, node, handle_of(info), &attributes, &ttl_ms);
        if (r < 0)
                pail_call_reply(&call, r);
        else
                pail_call_reply_attributes(&call, &attributes, ttl_ms);
}

static unsigned translate_set(int to_set)
{
        static const struct {
                int theirs;
                enum pail_fs_set ours;
        } table[] = {
                { FUSE_SET_ATTR_MODE, PAIL_FS_SET_MODE },
                { FUSE_SET_ATTR_UID, PAIL_FS_SET_UID },
                { FUSE_SET_ATTR_GID, PAIL_FS_SET_GID },
                { FUSE_SET_ATTR_SIZE, PAIL_FS_SET_SIZE },
                { FUSE_SET_ATTR_ATIME, PAIL_FS_SET_ATIME },
                { FUSE_SET_ATTR_MTIME, PAIL_FS_SET_MTIME },
                { FUSE_SET_ATTR_ATIME_NOW, PAIL_FS_SET_ATIME_NOW },
                { FUSE_SET_ATTR_MTIME_NOW, PAIL_FS_SET_MTIME_NOW },
                { FUSE_SET_ATTR_CTIME, PAIL_FS_SET_CTIME },
        };
        unsigned set = 0;
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
                if (to_set & table[i].theirs)
                        set |= (unsigned)table[i].ours;
        return set;
}

static void on_setattr(fuse_req_t req, fuse_ino_t node, struct stat *wanted, int to_set, struct fuse_file_info *info)
{
        PAIL_CALL(call, req);
        struct stat attributes;
        int64_t ttl_ms;
        int r = pail_mount_setattr(call.mount, node, handle_of(info), wanted, translate_set(to_set), &attributes,
                                   &ttl_ms);
        if (r < 0)
                pail_call_reply(&call, r);
        else
                pail_call_reply_attributes(&call, &attributes, ttl_ms);
}

static void on_readlink(fuse_req_t req, fuse_ino_t node)
{
        PAIL_CALL(call, req);
        _cleanup_free_ char *target = NULL;
        int r = pail_mount_readlink(call.mount, node, &target);
        if (r < 0)
                pail_call_reply(&call, r);
        else
                fuse_reply_readlink(pail_call_steal_request(&call), target);
}

static void on_statfs(fuse_req_t req, fuse_ino_t node)
{
        (void)node;
        PAIL_CALL(call, req);
        struct statvfs statistics;
        int r = pail_mount_statfs(call.mount, &statistics);
        if (r < 0)
                pail_call_reply(&call, r);
        else
                fuse_reply_statfs(pail_call_steal_request(&call), &statistics);
}

void pail_fuse_entries_operations(struct fuse_lowlevel_ops *operations)
{
        operations->lookup = on_lookup;
        operations->forget = on_forget;
        operations->forget_multi = on_forget_multi;
        operations->getattr = on_getattr;
        operations->setattr = on_setattr;
        operations->readlink = on_readlink;
        operations->statfs = on_statfs;
}
