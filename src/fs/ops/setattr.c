/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chmod, chown, utimens, truncate. A file that is not sent yet takes its attributes along when it is; anything else is one copy of the object
 * onto itself (of a directory: a new marker) before the call returns. The lock makes sure that it is one or the other.
 */
#include <errno.h>
#include <string.h>

#include "fs/core/lock.h"
#include "fs/file/file_io.h"
#include "fs/file/rebind.h"
#include "fs/file/release.h"
#include "fs/file/send.h"
#include "operation.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "server_copy.h"

enum { TIMES = PAIL_FS_SET_ATIME | PAIL_FS_SET_MTIME | PAIL_FS_SET_ATIME_NOW | PAIL_FS_SET_MTIME_NOW };

static void apply_to_attributes(struct pail_attributes *attributes, const struct stat *wanted, unsigned set)
{
        struct timespec now = pail_clock_now();

        if (set & PAIL_FS_SET_MODE)
                attributes->mode = (attributes->mode & S_IFMT) | (wanted->st_mode & ~(mode_t)S_IFMT);
        if (set & PAIL_FS_SET_UID)
                attributes->uid = wanted->st_uid;
        if (set & PAIL_FS_SET_GID)
                attributes->gid = wanted->st_gid;
        if (set & (PAIL_FS_SET_ATIME | PAIL_FS_SET_ATIME_NOW))
                attributes->atime = set & PAIL_FS_SET_ATIME_NOW ? now : wanted->st_atim;
        if (set & (PAIL_FS_SET_MTIME | PAIL_FS_SET_MTIME_NOW))
                attributes->mtime = set & PAIL_FS_SET_MTIME_NOW ? now : wanted->st_mtim;
        attributes->ctime = set & PAIL_FS_SET_CTIME ? wanted->st_ctim : now;
}

/* A directory's attributes are those of its marker, which is made if it is missing. */
static int put_marker(struct pail_fs *fs, const char *key, const char *extra, const struct pail_attributes *attributes,
                      char ret_etag[static PAIL_REMOTE_ETAG_SIZE])
{
        struct pail_remote *remote = fs->options.remote;
        const struct pail_remote_metadata metadata = { .attributes = pail_attributes_stored(attributes),
                                                       .extra = (char *)(uintptr_t)extra };
        const struct pail_remote_put what = {
                .key = key,
                .content = { .metadata = &metadata, .content_type = pail_fs_content_type(fs, S_IFDIR, "") },
                .bytes = { .data = "" },
        };
        _cleanup_(pail_remote_stored_done) struct pail_remote_stored stored = { 0 };
        int r = remote->ops->put(remote, &what, &stored, NULL);

        if (r == 0)
                memcpy(ret_etag, stored.etag, sizeof(stored.etag));
        return r;
}

static int store_attributes(struct pail_fs *fs, struct pail_inode *inode, const char *key, bool is_put,
                            const char *extra, const struct pail_attributes *attributes)
{
        char etag[PAIL_REMOTE_ETAG_SIZE] = "";
        int r = 0;

        if (*key) /* the root of a bucket has no key: its attributes last as long as the mount */
                r = is_put ? put_marker(fs, key, extra, attributes, etag)
                           : pail_server_copy_key(fs, inode, key, key, attributes, etag);
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        inode->attributes = *attributes;
        return *key ? pail_rebind_inode_locked(fs, inode, key, etag) : 0;
}

static int send_attributes(struct pail_fs *fs, struct pail_inode *inode, const struct pail_attributes *attributes)
{
        _cleanup_(pail_rebind_done) struct pail_rebind rebind = { 0 };
        _cleanup_free_ char *key = NULL, *extra = NULL;
        bool is_put;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        is_put = inode->is_directory &&
                 !(inode->is_remote && inode->attributes.size_bytes); /* someone's marker with a body keeps it */
        r = pail_inode_key_locked(fs, inode, &key);
        if (r == 0)
                r = pail_str_dup(inode->extra, &extra);
        if (r == 0)
                r = pail_rebind_add_locked(&rebind, fs, inode);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r < 0)
                return r;
        pail_rebind_begin(&rebind);
        r = store_attributes(fs, inode, key, is_put, extra, attributes);
        pail_rebind_end(&rebind);
        return r;
}

/* Attributes of an inode that is loaded, under its lock. */
static int change_attributes(struct pail_operation *operation)
{
        struct pail_fs *fs = operation->fs;
        struct pail_inode *inode = operation->inode;
        struct pail_attributes attributes;
        bool is_local;

        pail_mutex_lock(&fs->tree.mutex);
        attributes = inode->attributes;
        apply_to_attributes(&attributes, &operation->wanted, operation->flags);
        is_local = inode->is_local || inode->is_detached;
        if (is_local)
                inode->attributes = attributes;
        if (is_local && inode->file && operation->flags & TIMES)
                pail_file_note_times(inode->file);
        pail_mutex_unlock(&fs->tree.mutex);
        return is_local ? 0 : send_attributes(fs, inode, &attributes);
}

/* With a handle, the new size is sent when the file is; by path, at once. */
static int change_size(struct pail_operation *operation)
{
        struct pail_file *file;
        int r = pail_file_acquire(operation->fs, operation->inode, &file);

        if (r < 0)
                return r;
        r = pail_file_io_truncate(file, (uint64_t)operation->wanted.st_size);
        if (r == 0 && !operation->handle)
                r = pail_file_send(file);
        pail_file_release(file);
        return r;
}

static int run_setattr(void *context)
{
        struct pail_operation *operation = context;
        unsigned others = operation->flags & ~(unsigned)(PAIL_FS_SET_SIZE | PAIL_FS_SET_CTIME);
        int r = 0;

        if (operation->flags & PAIL_FS_SET_SIZE)
                r = change_size(operation);
        if (r < 0 || (!others && operation->flags & PAIL_FS_SET_SIZE))
                return r;
        r = pail_lock_acquire(operation->fs, &operation->inode->lock, INT64_MAX);
        if (r < 0)
                return r;
        r = change_attributes(operation);
        pail_lock_release(operation->fs, &operation->inode->lock);
        return r;
}

int pail_fs_setattr(struct pail_fs *fs, uint64_t id, struct pail_handle *handle, const struct stat *attributes,
                    unsigned set, struct stat *ret_attributes, int64_t *ret_ttl_ms)
{
        struct pail_operation *operation;
        int r = pail_operation_new(fs, id, NULL, 0, NULL, &operation);

        if (r < 0)
                return r;
        operation->inode = pail_steal(&operation->parent);
        operation->wanted = *attributes;
        operation->flags = set;
        operation->handle = handle;
        r = pail_operation_run(operation, run_setattr, NULL);
        return r < 0 ? r : pail_fs_getattr(fs, id, NULL, ret_attributes, ret_ttl_ms);
}
