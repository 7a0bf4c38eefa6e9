/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"
#include "private.h"

static const int64_t ttl_ms = 1000;

struct pail_fs *pail_fake_new(uint64_t volume)
{
        struct pail_fs *fs = calloc(1, sizeof(*fs));
        struct fake_node *root = calloc(1, sizeof(*root));
        if (!fs || !root)
                abort();
        pail_mutex_init(&fs->mutex);
        pail_cond_init(&fs->never);
        root->id = fs->root_id = fs->next_id = pail_fs_id(volume, PAIL_FS_ROOT);
        root->lookups = 1;
        root->parent = root;
        root->attributes.st_mode = S_IFDIR | 0777;
        root->attributes.st_ino = root->id;
        root->attributes.st_nlink = 2;
        DL_APPEND(fs->nodes, root);
        return fs;
}

int pail_fs_new(const struct pail_fs_options *options, struct pail_fs **ret_fs)
{
        struct pail_fs *fs = pail_fake_new(options->volume);
        fs->nodes->attributes.st_mtim = options->root_time;
        fs->nodes->attributes.st_mode = S_IFDIR | options->dir_mode;
        *ret_fs = fs;
        return 0;
}

/* A file that is open and whose name begins with "unsent" cannot be sent. */
unsigned pail_fs_drain(struct pail_fs *const *volumes, size_t count, int64_t deadline_ms)
{
        (void)deadline_ms;
        unsigned unsent = 0;
        for (size_t i = 0; i < count; i++) {
                PAIL_LOCK(&volumes[i]->mutex);
                struct pail_handle *file;
                DL_FOREACH(volumes[i]->open_files, file)
                        unsent += pail_str_starts_with(file->node->name, "unsent");
        }
        return unsent;
}

bool pail_fs_is_in_use(struct pail_fs *fs)
{
        PAIL_LOCK(&fs->mutex);
        return fs->handles > 0;
}

void pail_fs_counters(struct pail_fs *fs, struct pail_fs_counters *counters)
{
        PAIL_LOCK(&fs->mutex);
        counters->open_handles += fs->handles;
}

void pail_fs_free(struct pail_fs *fs)
{
        if (!fs)
                return;
        struct fake_node *node, *next;
        DL_FOREACH_SAFE(fs->nodes, node, next) {
                free(node->data);
                free(node);
        }
        /* What was open when the connection ended. */
        struct pail_handle *file, *next_file;
        DL_FOREACH_SAFE(fs->open_files, file, next_file)
                free(file);
        struct pail_dir_handle *directory, *next_directory;
        DL_FOREACH_SAFE(fs->open_directories, directory, next_directory)
                free(directory);
        pail_cond_done(&fs->never);
        pail_mutex_done(&fs->mutex);
        free(fs);
}

void pail_fake_counts(struct pail_fs *fs, unsigned *ret_nodes, unsigned *ret_handles)
{
        PAIL_LOCK(&fs->mutex);
        *ret_nodes = 0;
        *ret_handles = fs->handles;
        struct fake_node *node;
        DL_FOREACH(fs->nodes, node)
                *ret_nodes += node->id != fs->root_id && node->lookups > 0;
}

struct fake_node *fake_find_locked(struct pail_fs *fs, uint64_t id)
{
        struct fake_node *node;
        DL_FOREACH(fs->nodes, node)
                if (node->id == id)
                        return node;
        abort(); /* the kernel never names what it has forgotten */
}

struct fake_node *fake_child_locked(struct pail_fs *fs, const struct fake_node *parent, const char *name)
{
        struct fake_node *node;
        DL_FOREACH(fs->nodes, node)
                if (node->parent == parent && node != parent && pail_str_equal(node->name, name))
                        return node;
        return NULL;
}

void fake_free_unused_locked(struct pail_fs *fs, struct fake_node *node)
{
        if (node->parent || node->lookups > 0 || node->handles > 0)
                return;
        DL_DELETE(fs->nodes, node);
        free(node->data);
        free(node);
}

int fake_make_locked(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode,
                     const struct pail_fs_caller *caller, struct fake_node **ret_node)
{
        struct fake_node *directory = fake_find_locked(fs, parent);
        if (fake_child_locked(fs, directory, name))
                return -EEXIST;
        struct fake_node *node = calloc(1, sizeof(*node));
        if (!node)
                return -ENOMEM;
        node->id = ++fs->next_id;
        node->parent = directory;
        pail_str_copy(node->name, sizeof(node->name), name);
        node->attributes = (struct stat){
                .st_ino = node->id,
                .st_mode = mode,
                .st_nlink = 1,
                .st_uid = caller->uid,
                .st_gid = caller->gid,
                .st_blksize = 131072,
                .st_mtim = pail_clock_now(),
        };
        DL_APPEND(fs->nodes, node);
        *ret_node = node;
        return 0;
}

void fake_fill_locked(struct fake_node *node, struct pail_fs_entry *ret_entry)
{
        node->lookups++;
        *ret_entry = (struct pail_fs_entry){
                .node_id = node->id,
                .attributes = node->attributes,
                .entry_ttl_ms = ttl_ms,
                .attributes_ttl_ms = ttl_ms,
        };
}

int fake_hang_locked(struct pail_fs *fs, const struct fake_node *node)
{
        if (!pail_str_starts_with(node->name, "hang"))
                return 0;
        while (pail_interrupt_wait(&fs->never, &fs->mutex, INT64_MAX) != -EINTR)
                continue;
        return -EINTR;
}

int pail_fs_lookup(struct pail_fs *fs, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry)
{
        PAIL_LOCK(&fs->mutex);
        struct fake_node *node = fake_child_locked(fs, fake_find_locked(fs, parent), name);
        if (node)
                fake_fill_locked(node, ret_entry);
        else
                *ret_entry = (struct pail_fs_entry){ .entry_ttl_ms = ttl_ms };
        return 0;
}

void pail_fs_forget(struct pail_fs *fs, uint64_t id, uint64_t lookups)
{
        PAIL_LOCK(&fs->mutex);
        struct fake_node *node = fake_find_locked(fs, id);
        if (lookups > node->lookups)
                abort();
        node->lookups -= lookups;
        fake_free_unused_locked(fs, node);
}

int pail_fs_getattr(struct pail_fs *fs, uint64_t id, struct pail_handle *handle, struct stat *ret_attributes,
                    int64_t *ret_ttl_ms)
{
        (void)handle;
        PAIL_LOCK(&fs->mutex);
        *ret_attributes = fake_find_locked(fs, id)->attributes;
        *ret_ttl_ms = ttl_ms;
        return 0;
}

static int resize_locked(struct fake_node *node, off_t size)
{
        char *data = realloc(node->data, (size_t)size + 1);
        if (!data)
                return -ENOMEM;
        if (size > node->attributes.st_size)
                memset(data + node->attributes.st_size, 0, (size_t)(size - node->attributes.st_size));
        node->data = data;
        node->attributes.st_size = size;
        return 0;
}

int pail_fs_setattr(struct pail_fs *fs, uint64_t id, struct pail_handle *handle, const struct stat *attributes,
                    unsigned set, struct stat *ret_attributes, int64_t *ret_ttl_ms)
{
        (void)handle;
        PAIL_LOCK(&fs->mutex);
        struct fake_node *node = fake_find_locked(fs, id);
        struct stat *own = &node->attributes;
        int result = set & PAIL_FS_SET_SIZE ? resize_locked(node, attributes->st_size) : 0;
        if (result < 0)
                return result;
        if (set & PAIL_FS_SET_MODE)
                own->st_mode = (own->st_mode & S_IFMT) | (attributes->st_mode & 07777);
        if (set & PAIL_FS_SET_UID)
                own->st_uid = attributes->st_uid;
        if (set & PAIL_FS_SET_GID)
                own->st_gid = attributes->st_gid;
        if (set & PAIL_FS_SET_MTIME)
                own->st_mtim = attributes->st_mtim;
        if (set & PAIL_FS_SET_MTIME_NOW)
                own->st_mtim = pail_clock_now();
        *ret_attributes = *own;
        *ret_ttl_ms = ttl_ms;
        return 0;
}

int pail_fs_statfs(struct pail_fs *fs, struct statvfs *ret_statistics)
{
        (void)fs;
        *ret_statistics = (struct statvfs){ .f_bsize = 4096, .f_frsize = 4096, .f_blocks = 1000, .f_namemax = 255 };
        return 0;
}
