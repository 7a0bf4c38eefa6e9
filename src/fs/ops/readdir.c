/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a directory: a snapshot of its names, taken when reading starts (and again after rewinddir), so that names that come and go
 * meanwhile neither repeat nor hide others. An offset is the place in the snapshot of the next entry.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/tree/directory.h"
#include "fs/tree/listing.h"
#include "pail/util/str.h"

enum { DOTS = 2, SYMLINK_LIMIT = 4096 };

struct item {
        uint64_t node_id, ino;
        mode_t type; /* 0: unknown */
        char *name;
};

struct pail_dir_handle {
        struct pail_fs *fs;
        struct pail_inode *inode; /* pinned */
        struct pail_mutex mutex;  /* readers of one handle take turns */
        struct item *items;
        size_t count;
        bool is_filled;
};

static void drop_items(struct pail_dir_handle *handle)
{
        for (size_t i = 0; i < handle->count; i++)
                free(handle->items[i].name);
        free(handle->items);
        handle->items = NULL;
        handle->count = 0;
        handle->is_filled = false;
}

/* An object of a few bytes may be a symbolic link, an empty one a device: only its headers tell. */
static mode_t type_of(const struct pail_inode *inode)
{
        if (inode->is_directory || inode->is_loaded || inode->is_local || inode->attributes.size_bytes >= SYMLINK_LIMIT)
                return inode->is_directory ? S_IFDIR : inode->attributes.mode & S_IFMT;
        return 0;
}

static int add_locked(struct pail_dir_handle *handle, const struct pail_inode *inode, const char *name)
{
        pail_mutex_assert_held(&handle->fs->tree.mutex);
        struct item *item = &handle->items[handle->count];
        int r;

        *item = (struct item){ inode->id, inode->ino, type_of(inode), NULL };
        r = pail_str_dup(name, &item->name);
        if (r == 0)
                handle->count++;
        return r;
}

static int take_snapshot(struct pail_dir_handle *handle)
{
        struct pail_fs *fs = handle->fs;
        int r = pail_listing_refresh(fs, handle->inode);

        if (r < 0)
                return r;
        drop_items(handle);
        PAIL_LOCK(&fs->tree.mutex);
        size_t count = HASH_CNT(by_name, handle->inode->children);
        const struct pail_inode *parent = handle->inode->parent ? handle->inode->parent : handle->inode;

        handle->items = calloc(count + DOTS, sizeof(*handle->items));
        r = handle->items ? add_locked(handle, handle->inode, ".") : -ENOMEM;
        if (r == 0)
                r = add_locked(handle, parent, "..");
        if (r == 0 && handle->inode == fs->tree.root && fs->options.parent_ino)
                handle->items[DOTS - 1].ino = fs->options.parent_ino;
        for (struct pail_inode *child = handle->inode->children; child && r == 0; child = child->by_name.next)
                r = add_locked(handle, child, child->name);
        handle->is_filled = r == 0;
        return r;
}

int pail_fs_opendir(struct pail_fs *fs, uint64_t id, struct pail_dir_handle **ret_handle)
{
        struct pail_dir_handle *handle = calloc(1, sizeof(*handle));
        int r;

        if (!handle)
                return -ENOMEM;
        handle->fs = fs;
        pail_mutex_init(&handle->mutex);
        r = pail_inode_get(fs, id, &handle->inode);
        if (r == 0 && !handle->inode->is_directory)
                r = -ENOTDIR;
        if (r == 0 && !fs->options.can_list)
                r = -EACCES;
        if (r < 0) {
                pail_fs_releasedir(handle);
                return r;
        }
        *ret_handle = handle;
        return 0;
}

void pail_fs_releasedir(struct pail_dir_handle *handle)
{
        drop_items(handle);
        pail_inode_put(handle->fs, handle->inode);
        pail_mutex_done(&handle->mutex);
        free(handle);
}

/* With attributes, if they are known and fresh; the lookup that is counted is undone when the entry is not taken. */
static int emit_plus(struct pail_dir_handle *handle, const struct item *item, uint64_t next, pail_fs_emit *emit,
                     void *context)
{
        struct pail_fs *fs = handle->fs;
        struct pail_fs_entry entry = { .attributes = { .st_ino = item->ino, .st_mode = item->type } };
        struct pail_inode *inode;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        inode = next > DOTS ? pail_inode_by_id_locked(fs, item->node_id) : NULL;
        if (inode &&
            (inode->is_detached || !(inode->is_local || (inode->is_loaded && pail_inode_ttl_locked(fs, inode) > 0))))
                inode = NULL;
        if (inode)
                pail_inode_entry_locked(fs, inode, &entry);
        pail_mutex_unlock(&fs->tree.mutex);
        r = emit(context, item->name, &entry, next);
        if (r && inode)
                pail_fs_forget(fs, entry.node_id, 1);
        return r;
}

static int emit_plain(const struct item *item, uint64_t next, pail_fs_emit *emit, void *context)
{
        const struct pail_fs_entry entry = { .attributes = { .st_ino = item->ino, .st_mode = item->type } };

        return emit(context, item->name, &entry, next);
}

int pail_fs_readdir(struct pail_dir_handle *handle, uint64_t offset, bool plus, pail_fs_emit *emit, void *context)
{
        int r = 0;

        PAIL_LOCK(&handle->mutex);
        if (!handle->is_filled || offset == 0)
                r = take_snapshot(handle);
        for (uint64_t i = offset; r == 0 && i < handle->count; i++)
                if (plus ? emit_plus(handle, &handle->items[i], i + 1, emit, context)
                         : emit_plain(&handle->items[i], i + 1, emit, context))
                        break;
        return r;
}
