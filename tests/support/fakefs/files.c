/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "private.h"

static int open_locked(struct pail_fs *fs, struct fake_node *node, int flags, struct pail_handle **ret_handle)
{
        struct pail_handle *handle = calloc(1, sizeof(*handle));
        if (!handle)
                return -ENOMEM;
        handle->fs = fs;
        handle->node = node;
        node->handles++;
        fs->handles++;
        DL_APPEND(fs->open_files, handle);
        if (flags & O_TRUNC)
                node->attributes.st_size = 0;
        *ret_handle = handle;
        return 0;
}

int pail_fs_open(struct pail_fs *fs, uint64_t id, int flags, const struct pail_fs_caller *caller,
                 struct pail_handle **ret_handle, bool *ret_keep_cache)
{
        (void)caller;
        PAIL_LOCK(&fs->mutex);
        *ret_keep_cache = false;
        return open_locked(fs, fake_find_locked(fs, id), flags, ret_handle);
}

int pail_fs_create(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode, int flags,
                   const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry,
                   struct pail_handle **ret_handle)
{
        PAIL_LOCK(&fs->mutex);
        struct fake_node *node;
        int result = fake_make_locked(fs, parent, name, S_IFREG | mode, caller, &node);
        if (result == 0)
                result = open_locked(fs, node, flags, ret_handle);
        if (result == 0)
                fake_fill_locked(node, ret_entry);
        return result;
}

static void release_copy(struct pail_content_result *result)
{
        free(result->owner);
}

void pail_content_result_done(struct pail_content_result *result)
{
        if (result->release)
                result->release(result);
}

/* Two pieces, where there are two bytes: replies are gathered. */
int pail_fs_read(struct pail_handle *handle, size_t size, uint64_t offset, struct pail_content_result *ret_result)
{
        struct pail_fs *fs = handle->fs;
        PAIL_LOCK(&fs->mutex);
        const struct fake_node *node = handle->node;
        int result = fake_hang_locked(fs, node);
        if (result < 0)
                return result;
        uint64_t end = (uint64_t)node->attributes.st_size;
        size_t length = offset >= end ? 0 : end - offset < size ? (size_t)(end - offset) : size;
        char *copy = malloc(length + 1);
        if (!copy)
                return -ENOMEM;
        if (length > 0)
                memcpy(copy, node->data + offset, length);
        *ret_result = (struct pail_content_result){ .size_bytes = length, .owner = copy, .release = release_copy };
        size_t first = length / 2;
        ret_result->iov[0] = (struct iovec){ .iov_base = copy, .iov_len = first };
        ret_result->iov[1] = (struct iovec){ .iov_base = copy + first, .iov_len = length - first };
        ret_result->count = 2;
        return 0;
}

int pail_fs_write(struct pail_handle *handle, const void *data, size_t size, uint64_t offset)
{
        struct pail_fs *fs = handle->fs;
        PAIL_LOCK(&fs->mutex);
        struct fake_node *node = handle->node;
        int result = fake_hang_locked(fs, node);
        if (result < 0)
                return result;
        uint64_t end = (uint64_t)node->attributes.st_size;
        if (offset + size > end) {
                char *longer = realloc(node->data, offset + size + 1);
                if (!longer)
                        return -ENOMEM;
                node->data = longer;
                if (offset > end)
                        memset(longer + end, 0, offset - end);
                node->attributes.st_size = (off_t)(offset + size);
        }
        memcpy(node->data + offset, data, size);
        return 0;
}

int pail_fs_flush(struct pail_handle *handle, const struct pail_fs_caller *caller)
{
        (void)handle;
        (void)caller;
        return 0;
}

int pail_fs_fsync(struct pail_handle *handle)
{
        struct pail_fs *fs = handle->fs;
        PAIL_LOCK(&fs->mutex);
        return fake_hang_locked(fs, handle->node);
}

void pail_fs_release(struct pail_handle *handle)
{
        struct pail_fs *fs = handle->fs;
        PAIL_LOCK(&fs->mutex);
        handle->node->handles--;
        fs->handles--;
        DL_DELETE(fs->open_files, handle);
        fake_free_unused_locked(fs, handle->node);
        free(handle);
}
