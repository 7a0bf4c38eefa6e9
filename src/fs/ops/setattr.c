/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chmod, chown, utimens, truncate. A file that is not sent yet takes its attributes along when it is; anything else is one copy of the object
 * onto itself (of a directory: a new marker) before the call returns. The claim makes sure that it is one or the other.
 */
#include <errno.h>
#include <string.h>

#include "fs/core/lock.h"
#include "fs/file/file.h"
#include "fs/file/rebind.h"
#include "fs/file/upload_source.h"
#include "fs/ops/operation.h"
#include "fs/ops/rename.h"
#include "fs/tree/remote_stat.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

enum { TIMES = PAIL_FS_SET_ATIME | PAIL_FS_SET_MTIME | PAIL_FS_SET_ATIME_NOW | PAIL_FS_SET_MTIME_NOW };

static void apply(struct pail_attributes *attributes, const struct stat *wanted, unsigned set)
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
                .content = { .metadata = &metadata, .content_type = pail_content_type(fs, S_IFDIR, "") },
                .bytes = { .data = "" },
        };
        _cleanup_(pail_remote_stored_done) struct pail_remote_stored stored = { 0 };
        int r = remote->ops->put(remote, &what, &stored, NULL);

        if (r == 0)
                memcpy(ret_etag, stored.etag, sizeof(stored.etag));
        return r;
}

static int store(struct pail_fs *fs, struct pail_node *node, const char *key, bool is_put, const char *extra,
                 const struct pail_attributes *attributes)
{
        char etag[PAIL_REMOTE_ETAG_SIZE] = "";
        int r = 0;

        if (*key) /* the root of a bucket has no key: its attributes last as long as the mount */
                r = is_put ? put_marker(fs, key, extra, attributes, etag)
                           : pail_change_copy_key(fs, node, key, key, attributes, etag);
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        node->attributes = *attributes;
        return *key ? pail_rename_follow_locked(fs, node, key, etag) : 0;
}

static int send_attributes(struct pail_fs *fs, struct pail_node *node, const struct pail_attributes *attributes)
{
        _cleanup_(pail_followers_done) struct pail_followers followers = { 0 };
        _cleanup_free_ char *key = NULL, *extra = NULL;
        bool is_put;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        is_put = node->is_directory &&
                 !(node->is_remote && node->attributes.size_bytes); /* someone's marker with a body keeps it */
        r = pail_node_key_locked(fs, node, &key);
        if (r == 0)
                r = pail_str_dup(node->extra, &extra);
        if (r == 0)
                r = pail_followers_add_locked(&followers, node);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r < 0)
                return r;
        pail_followers_begin(&followers);
        r = store(fs, node, key, is_put, extra, attributes);
        pail_followers_end(&followers);
        return r;
}

/* Attributes of a node that is loaded, under its claim. */
static int change_attributes(struct pail_change *change)
{
        struct pail_fs *fs = change->fs;
        struct pail_node *node = change->node;
        struct pail_attributes attributes;
        bool is_local;

        pail_mutex_lock(&fs->tree.mutex);
        attributes = node->attributes;
        apply(&attributes, &change->wanted, change->flags);
        is_local = node->is_local || node->is_detached;
        if (is_local)
                node->attributes = attributes;
        if (is_local && node->draft && change->flags & TIMES) {
                PAIL_LOCK(&node->draft->guarded.mutex);
                node->draft->guarded.has_explicit_times = true;
        }
        pail_mutex_unlock(&fs->tree.mutex);
        return is_local ? 0 : send_attributes(fs, node, &attributes);
}

/* With a handle, the new size is sent when the file is; by path, at once. */
static int change_size(struct pail_change *change)
{
        struct pail_draft *draft;
        int r = pail_draft_acquire(change->fs, change->node, &draft);

        if (r < 0)
                return r;
        r = pail_draft_truncate(draft, (uint64_t)change->wanted.st_size);
        if (r == 0 && !change->handle)
                r = pail_draft_send(draft);
        pail_draft_release(draft);
        return r;
}

static int run_setattr(void *context)
{
        struct pail_change *change = context;
        unsigned others = change->flags & ~(unsigned)(PAIL_FS_SET_SIZE | PAIL_FS_SET_CTIME);
        int r = 0;

        if (change->flags & PAIL_FS_SET_SIZE)
                r = change_size(change);
        if (r < 0 || (!others && change->flags & PAIL_FS_SET_SIZE))
                return r;
        r = pail_claim(change->fs, change->node, INT64_MAX);
        if (r < 0)
                return r;
        r = change_attributes(change);
        pail_claim_end(change->fs, change->node);
        return r;
}

int pail_fs_setattr(struct pail_fs *fs, uint64_t id, struct pail_handle *handle, const struct stat *attributes,
                    unsigned set, struct stat *ret_attributes, int64_t *ret_ttl_ms)
{
        struct pail_change *change;
        int r = pail_change_new(fs, id, NULL, 0, NULL, &change);

        if (r < 0)
                return r;
        change->node = pail_steal(&change->parent);
        change->wanted = *attributes;
        change->flags = set;
        change->handle = handle;
        r = pail_change_run(change, run_setattr, NULL);
        return r < 0 ? r : pail_fs_getattr(fs, id, NULL, ret_attributes, ret_ttl_ms);
}
