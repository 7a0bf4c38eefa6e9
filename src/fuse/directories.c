/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading directories. The kernel gives the size of its buffer; entries are packed into one of ours until the
 * next does not fit. With READDIRPLUS each entry that was packed counts a lookup, so the node ids are kept until the reply is
 * known to have arrived.
 */
#include "directories.h"

#include <errno.h>
#include <stdlib.h>

#include "call.h"

static struct pail_mount_dir *dir_of(const struct fuse_file_info *info)
{
        return (struct pail_mount_dir *)(uintptr_t)info->fh;
}

static void on_opendir(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
        PAIL_CALL(call, req);
        struct pail_mount_dir *dir;
        int r = pail_mount_opendir(call.mount, node, &dir);
        if (r < 0) {
                pail_call_reply(&call, r);
                return;
        }
        info->fh = (uintptr_t)dir;
        if (fuse_reply_open(pail_call_steal_request(&call), info) != 0)
                pail_mount_releasedir(dir);
}

static void on_releasedir(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
        (void)node;
        pail_mount_releasedir(dir_of(info));
        fuse_reply_err(req, 0);
}

/* No entry of READDIRPLUS is smaller: its attributes alone are 128 bytes. */
enum { PLUS_ENTRY_MIN_BYTES = 152 };

struct packing {
        fuse_req_t req;
        char *data;
        size_t size, used;
        uint64_t *looked_up; /* NULL without plus */
        size_t lookups;
};

static void packing_done(struct packing *packing)
{
        free(packing->data);
        free(packing->looked_up);
}

static int pack_entry(void *context, const char *name, const struct pail_fs_entry *entry, uint64_t next_offset)
{
        struct packing *packing = context;
        size_t left = packing->size - packing->used, need;
        if (packing->looked_up) {
                struct fuse_entry_param param;
                pail_call_fill_entry(entry, &param);
                need = fuse_add_direntry_plus(packing->req, packing->data + packing->used, left, name, &param,
                                              (off_t)next_offset);
        } else {
                need = fuse_add_direntry(packing->req, packing->data + packing->used, left, name, &entry->attributes,
                                         (off_t)next_offset);
        }
        if (need > left)
                return 1;
        packing->used += need;
        if (packing->looked_up && entry->node_id != 0 &&
            !(name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]))))
                packing->looked_up[packing->lookups++] = entry->node_id;
        return 0;
}

static void read_directory(fuse_req_t req, size_t size, off_t offset, struct fuse_file_info *info, bool plus)
{
        PAIL_CALL(call, req);
        _cleanup_(packing_done) struct packing packing = { .req = req, .data = malloc(size), .size = size };
        if (plus)
                packing.looked_up = calloc(size / PLUS_ENTRY_MIN_BYTES + 1, sizeof(*packing.looked_up));
        if (!packing.data || (plus && !packing.looked_up)) {
                pail_call_reply(&call, -ENOMEM);
                return;
        }
        int r = pail_mount_readdir(dir_of(info), (uint64_t)offset, plus, pack_entry, &packing);
        /* An error behind the first entries comes with the next request. */
        if (r < 0 && packing.used == 0) {
                pail_call_reply(&call, r);
                return;
        }
        if (fuse_reply_buf(pail_call_steal_request(&call), packing.data, packing.used) == 0)
                return;
        for (size_t i = 0; i < packing.lookups; i++)
                pail_mount_forget(call.mount, packing.looked_up[i], 1);
}

static void on_readdir(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *info)
{
        (void)node;
        read_directory(req, size, offset, info, false);
}

static void on_readdirplus(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *info)
{
        (void)node;
        read_directory(req, size, offset, info, true);
}

void pail_fuse_directories_operations(struct fuse_lowlevel_ops *operations)
{
        operations->opendir = on_opendir;
        operations->releasedir = on_releasedir;
        operations->readdir = on_readdir;
        operations->readdirplus = on_readdirplus;
}
