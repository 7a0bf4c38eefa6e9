/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "pail/util/str.h"
#include "private.h"

int pail_fs_readlink(struct pail_fs *fs, uint64_t id, char **ret_target)
{
        PAIL_LOCK(&fs->mutex);
        return pail_str_dup(fake_find_locked(fs, id)->data, ret_target);
}

int pail_fs_mknod(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode, dev_t device,
                  const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        PAIL_LOCK(&fs->mutex);
        struct fake_node *node;
        int result = fake_make_locked(fs, parent, name, mode, caller, &node);
        if (result < 0)
                return result;
        node->attributes.st_rdev = device;
        fake_fill_locked(node, ret_entry);
        return 0;
}

int pail_fs_mkdir(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode,
                  const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        return pail_fs_mknod(fs, parent, name, S_IFDIR | mode, 0, caller, ret_entry);
}

int pail_fs_symlink(struct pail_fs *fs, uint64_t parent, const char *name, const char *target,
                    const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        PAIL_LOCK(&fs->mutex);
        struct fake_node *node;
        int result = fake_make_locked(fs, parent, name, S_IFLNK | 0777, caller, &node);
        if (result == 0)
                result = pail_str_dup(target, &node->data);
        if (result < 0)
                return result;
        node->attributes.st_size = (off_t)strlen(target);
        fake_fill_locked(node, ret_entry);
        return 0;
}

static int remove_name(struct pail_fs *fs, uint64_t parent, const char *name, bool is_directory)
{
        PAIL_LOCK(&fs->mutex);
        struct fake_node *node = fake_child_locked(fs, fake_find_locked(fs, parent), name), *other;
        if (!node)
                return -ENOENT;
        if (S_ISDIR(node->attributes.st_mode) != is_directory)
                return is_directory ? -ENOTDIR : -EISDIR;
        DL_FOREACH(fs->nodes, other)
                if (other->parent == node)
                        return -ENOTEMPTY;
        node->parent = NULL;
        node->attributes.st_nlink = 0;
        fake_free_unused_locked(fs, node);
        return 0;
}

int pail_fs_unlink(struct pail_fs *fs, uint64_t parent, const char *name)
{
        return remove_name(fs, parent, name, false);
}

int pail_fs_rmdir(struct pail_fs *fs, uint64_t parent, const char *name)
{
        return remove_name(fs, parent, name, true);
}

int pail_fs_rename(struct pail_fs *fs, uint64_t parent, const char *name, uint64_t new_parent, const char *new_name,
                   unsigned flags)
{
        PAIL_LOCK(&fs->mutex);
        struct fake_node *node = fake_child_locked(fs, fake_find_locked(fs, parent), name);
        struct fake_node *target = fake_find_locked(fs, new_parent),
                         *replaced = fake_child_locked(fs, target, new_name);
        if (!node)
                return -ENOENT;
        if (flags & ~(unsigned)RENAME_NOREPLACE)
                return -EINVAL;
        if (replaced && flags)
                return -EEXIST;
        if (replaced == node)
                return 0;
        if (replaced) {
                replaced->parent = NULL;
                fake_free_unused_locked(fs, replaced);
        }
        node->parent = target;
        pail_str_copy(node->name, sizeof(node->name), new_name);
        return 0;
}

int pail_fs_opendir(struct pail_fs *fs, uint64_t id, struct pail_dir_handle **ret_handle)
{
        PAIL_LOCK(&fs->mutex);
        struct pail_dir_handle *handle = calloc(1, sizeof(*handle));
        if (!handle)
                return -ENOMEM;
        handle->fs = fs;
        handle->node = fake_find_locked(fs, id);
        handle->node->handles++;
        fs->handles++;
        DL_APPEND(fs->open_directories, handle);
        *ret_handle = handle;
        return 0;
}

void pail_fs_releasedir(struct pail_dir_handle *handle)
{
        struct pail_fs *fs = handle->fs;
        PAIL_LOCK(&fs->mutex);
        handle->node->handles--;
        fs->handles--;
        DL_DELETE(fs->open_directories, handle);
        fake_free_unused_locked(fs, handle->node);
        free(handle);
}

/* An offset is a node's id, plus one: ids grow along the list. */
int pail_fs_readdir(struct pail_dir_handle *handle, uint64_t offset, bool plus, pail_fs_emit *emit, void *context)
{
        struct pail_fs *fs = handle->fs;
        PAIL_LOCK(&fs->mutex);
        const struct pail_fs_entry self = { .attributes = handle->node->attributes };
        if (offset < 1 && emit(context, ".", &self, 1))
                return 0;
        if (offset < 2 && emit(context, "..", &self, 2))
                return 0;
        struct fake_node *node;
        DL_FOREACH(fs->nodes, node) {
                if (node->parent != handle->node || node->id == fs->root_id || node->id + 1 <= offset)
                        continue;
                struct pail_fs_entry entry = { .attributes = node->attributes };
                if (plus)
                        fake_fill_locked(node, &entry);
                if (emit(context, node->name, &entry, node->id + 1)) {
                        node->lookups -= plus;
                        return 0;
                }
        }
        return 0;
}
