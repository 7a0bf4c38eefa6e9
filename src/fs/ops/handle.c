/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open files, and when a file is sent. FUSE tells of every descriptor that is closed, by every process that inherited one: were each
 * to send the file, `(a; b) > f` would publish what a wrote before b has begun. So the process that opened the file sends it when it
 * closes; another one's close sends nothing; and the last release sends what is still left.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <utlist.h>

#include "fs/file/file.h"
#include "fs/file/proc_fd.h"
#include "fs/ops/operation.h"
#include "fs/tree/directory.h"
#include "fs/tree/remote_stat.h"
#include "fs/tree/resolve.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

static bool can_write(int flags)
{
        return (flags & O_ACCMODE) != O_RDONLY;
}

static void free_handle(struct pail_handle *handle)
{
        pail_content_stream_free(handle->stream);
        free(handle);
}

/* A handle on a node, which it pins through the draft. */
static int new_handle(struct pail_fs *fs, struct pail_node *node, int flags, const struct pail_fs_caller *caller,
                      struct pail_handle **ret_handle)
{
        struct pail_handle *handle = calloc(1, sizeof(*handle));
        int r;

        if (!handle)
                return -ENOMEM;
        *handle = (struct pail_handle){ .fs = fs, .node = node, .flags = flags };
        if (can_write(flags))
                handle->process = pail_process_of(caller->pid);
        r = pail_content_stream_new(&handle->stream);
        if (r == 0)
                r = pail_draft_acquire(fs, node, &handle->draft);
        if (r < 0) {
                free_handle(handle);
                return r;
        }
        PAIL_LOCK(&fs->tree.mutex);
        DL_PREPEND2(fs->tree.handles, handle, previous, next);
        fs->tree.open_handles++;
        *ret_handle = handle;
        return 0;
}

static int take_error(struct pail_fs *fs, struct pail_node *node)
{
        PAIL_LOCK(&fs->tree.mutex);
        int error = node->error;

        node->error = 0;
        return error;
}

/* Close-to-open: what an open sees is at most ttl old. */
static int refresh(struct pail_fs *fs, struct pail_node *node)
{
        bool is_fresh;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        is_fresh = node->is_local || node->is_detached || (node->is_loaded && pail_node_ttl_locked(fs, node) > 0);
        pail_mutex_unlock(&fs->tree.mutex);
        if (is_fresh)
                return 0;
        r = pail_load(fs, node);
        return r == -ENOENT ? -ESTALE : r;
}

/*
 * Within the ttl the version that is known may be gone. A reader that has bytes of it already must be told (ESTALE); for the first one,
 * the first block is fetched here, where the kernel answers ESTALE by looking the name up again: it opens the new version. The
 * block is in memory for the read that follows.
 */
static int fetch_first_block(struct pail_handle *handle)
{
        struct pail_fs *fs = handle->fs;
        struct pail_node *node = handle->node;
        struct pail_content_result result;
        bool is_needed;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        is_needed = !node->has_delivered && !node->is_local && node->attributes.size_bytes;
        pail_mutex_unlock(&fs->tree.mutex);
        if (!is_needed)
                return 0;
        r = pail_draft_read(handle->draft, handle->stream, 1, 0, &result);
        if (r == 0)
                pail_content_result_done(&result);
        return r == -ESTALE ? r : 0; /* any other failure belongs to the read that meets it */
}

int pail_fs_open(struct pail_fs *fs, uint64_t id, int flags, const struct pail_fs_caller *caller,
                 struct pail_handle **ret_handle, bool *ret_keep_cache)
{
        _cleanup_pin_ struct pail_node_pin pin = { fs, NULL };
        struct pail_handle *handle = NULL;
        int r = pail_node_get(fs, id, &pin.node);

        if (r == 0 && pin.node->is_directory)
                r = -EISDIR;
        if (r == 0 && fs->options.read_only && (can_write(flags) || flags & O_TRUNC))
                r = -EROFS;
        if (r == 0)
                r = refresh(fs, pin.node);
        if (r == 0)
                r = take_error(fs, pin.node);
        if (r == 0)
                r = new_handle(fs, pin.node, flags, caller, &handle);
        if (!handle)
                return r;
        if (flags & O_TRUNC)
                r = pail_draft_truncate(handle->draft, 0);
        else if ((flags & O_ACCMODE) != O_WRONLY)
                r = fetch_first_block(handle);
        if (r < 0) {
                pail_fs_release(handle);
                return r;
        }
        *ret_handle = handle;
        *ret_keep_cache = true; /* another version is another node */
        return 0;
}

/* A node that is only here so far. */
static int make_local_locked(struct pail_fs *fs, struct pail_node *parent, const char *name, mode_t mode,
                             const struct pail_fs_caller *caller, struct pail_node **ret_node)
{
        int r = parent->is_detached ? -ENOENT : pail_change_check_name_locked(fs, parent, name, false);
        struct pail_node *node;

        if (r < 0)
                return r;
        node = pail_node_new_locked(fs, parent, name, false, 0);
        if (!node)
                return -ENOMEM;
        pail_attributes_default(&fs->options, S_IFREG, 0, pail_clock_now(), &node->attributes);
        node->attributes.mode = S_IFREG | (mode & ~(mode_t)S_IFMT);
        if (!fs->options.force_owner) {
                node->attributes.uid = caller->uid;
                node->attributes.gid = parent->attributes.mode & S_ISGID ? parent->attributes.gid : caller->gid;
        }
        node->is_local = node->is_loaded = true;
        pail_node_ref_locked(node);
        *ret_node = node;
        return 0;
}

static int open_existing(struct pail_fs *fs, struct pail_node *parent, const char *name, int flags,
                         const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry,
                         struct pail_handle **ret_handle)
{
        _cleanup_pin_ struct pail_node_pin node = { fs, NULL };
        bool keep_cache;
        int r = flags & O_EXCL ? -EEXIST : pail_lookup(fs, parent, name, &node.node);

        if (r == 0)
                r = pail_fs_open(fs, node.node->id, flags, caller, ret_handle, &keep_cache);
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        pail_node_entry_locked(fs, node.node, ret_entry);
        return 0;
}

static int run_send(void *context)
{
        return pail_draft_send(context);
}

static void release_send(void *context)
{
        pail_draft_release(context);
}

static int send(struct pail_handle *handle)
{
        struct pail_fs *fs = handle->fs;
        _cleanup_future_ struct pail_future *future = NULL;
        struct pail_draft *draft;
        int r;

        if (!pail_draft_is_dirty(handle->draft))
                return 0;
        r = pail_draft_acquire(fs, handle->node, &draft);
        return r < 0 ? r : pail_fs_mutate(fs, run_send, release_send, draft, &future);
}

/* A lock of git's kind (NAME.lock) must exclude when it is opened, not when it is closed: it is sent at once, empty. */
int pail_fs_create(struct pail_fs *fs, uint64_t parent_id, const char *name, mode_t mode, int flags,
                   const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry,
                   struct pail_handle **ret_handle)
{
        _cleanup_pin_ struct pail_node_pin parent = { fs, NULL }, node = { fs, NULL };
        int r = fs->options.read_only ? -EROFS : pail_node_get(fs, parent_id, &parent.node);

        if (r < 0)
                return r;
        pail_mutex_lock(&fs->tree.mutex);
        r = make_local_locked(fs, parent.node, name, mode, caller, &node.node);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r == -EEXIST)
                return open_existing(fs, parent.node, name, flags, caller, ret_entry, ret_handle);
        if (r == 0)
                r = new_handle(fs, node.node, flags, caller, ret_handle);
        if (r < 0) {
                PAIL_LOCK(&fs->tree.mutex);
                if (node.node)
                        pail_node_detach_locked(fs, node.node);
                return r;
        }
        pail_draft_mark_new((*ret_handle)->draft, flags & O_EXCL);
        if (flags & O_EXCL && pail_str_ends_with(name, ".lock"))
                r = send(*ret_handle);
        if (r < 0) {
                pail_fs_release(*ret_handle);
                return r;
        }
        PAIL_LOCK(&fs->tree.mutex);
        pail_node_entry_locked(fs, node.node, ret_entry);
        return 0;
}

int pail_fs_read(struct pail_handle *handle, size_t size, uint64_t offset, struct pail_content_result *ret_result)
{
        return pail_draft_read(handle->draft, handle->stream, size, offset, ret_result);
}

int pail_fs_write(struct pail_handle *handle, const void *data, size_t size, uint64_t offset)
{
        return pail_draft_write(handle->draft, data, size, offset);
}

/*
 * `cmd > f`: the shell opens f, makes it descriptor 1 and closes the first one, before a byte is written. An empty file is
 * not sent while its opener holds another descriptor of it.
 */
static bool is_still_blank(struct pail_handle *handle, pid_t process)
{
        struct pail_fs *fs = handle->fs;
        _cleanup_free_ char *name = NULL;
        uint64_t ino;

        pail_mutex_lock(&fs->tree.mutex);
        ino = handle->node->ino;
        name = handle->node->attributes.size_bytes ? NULL : strdup(handle->node->name);
        pail_mutex_unlock(&fs->tree.mutex);
        return name && pail_process_holds(process, ino, name);
}

int pail_fs_flush(struct pail_handle *handle, const struct pail_fs_caller *caller)
{
        pid_t process;

        if (!can_write(handle->flags) || !pail_draft_is_dirty(handle->draft))
                return 0;
        process = pail_process_of(caller->pid);
        if (process && handle->process && process != handle->process)
                return 0;
        if (process && is_still_blank(handle, process))
                return 0;
        return send(handle);
}

int pail_fs_fsync(struct pail_handle *handle)
{
        int error = take_error(handle->fs, handle->node);

        return error ? error : send(handle);
}

void pail_fs_release(struct pail_handle *handle)
{
        struct pail_fs *fs = handle->fs;

        pail_mutex_lock(&fs->tree.mutex);
        DL_DELETE2(fs->tree.handles, handle, previous, next);
        fs->tree.open_handles--;
        pail_mutex_unlock(&fs->tree.mutex);
        pail_draft_release(handle->draft);
        free_handle(handle);
}
