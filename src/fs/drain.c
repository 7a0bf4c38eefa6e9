/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a mount: what is open counts as closed, and what is dirty is sent. */
#include <errno.h>

#include "fs/core/volume.h"
#include "fs/file/handle.h"
#include "fs/file/release.h"
#include "fs/file/send.h"

static void send_one(void *context)
{
        struct pail_file *file = context;

        (void)pail_file_send(file); /* a failure is dealt with, and counted, when the handle is released */
        pail_file_release(file);
}

/* Bytes to send: not of an unlinked file, which go nowhere, nor those that S3 has refused, of which their writer was told. */
static bool owes_bytes_locked(const struct pail_handle *handle)
{
        pail_mutex_assert_held(&handle->fs->tree.mutex);
        return !pail_inode_is_unlinked_locked(handle->fs, handle->inode) && pail_file_is_dirty(handle->file) &&
               !pail_file_failure(handle->file);
}

/* Starts sending every dirty file. */
static void start_sending(struct pail_fs *fs)
{
        PAIL_LOCK(&fs->tree.mutex);
        fs->tree.draining = true;
        for (struct pail_handle *handle = fs->tree.handles; handle; handle = handle->next) {
                int r;

                if (!owes_bytes_locked(handle))
                        continue;
                pail_file_ref_locked(handle->file);
                r = pail_workpool_submit(fs->shared->operations, send_one, handle->file);
                if (r < 0) {
                        pail_file_unref_locked(handle->file);
                        pail_file_give_up(handle->file, r); /* nobody is left to send it */
                }
        }
}

static bool is_owed_bytes_locked(const struct pail_fs *fs)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        for (struct pail_handle *handle = fs->tree.handles; handle; handle = handle->next)
                if (owes_bytes_locked(handle))
                        return true;
        return false;
}

/* Whoever sends, or unlinks, holds a lock, and its end is told. */
static void wait_until_sent(struct pail_fs *fs, int64_t deadline_ms)
{
        PAIL_LOCK(&fs->tree.mutex);
        while (is_owed_bytes_locked(fs) && pail_cond_wait_until(&fs->tree.changed, &fs->tree.mutex, deadline_ms) == 0)
                continue;
}

/* The end of the session is the release of whatever is open: the kernel no longer tells. */
static void release_handles(struct pail_fs *fs)
{
        for (;;) {
                struct pail_handle *handle;

                {
                        PAIL_LOCK(&fs->tree.mutex);
                        handle = fs->tree.handles;
                }
                if (!handle)
                        return;
                pail_file_give_up(handle->file, -ETIMEDOUT);
                pail_fs_release(handle);
        }
}

static unsigned lost_files(struct pail_fs *fs)
{
        PAIL_LOCK(&fs->tree.mutex);
        return fs->tree.lost_files;
}

/* Step by step over all trees: what they send goes side by side, since the threads are shared. */
unsigned pail_fs_drain(struct pail_fs *const *trees, size_t count, int64_t deadline_ms)
{
        unsigned lost = 0;

        for (size_t i = 0; i < count; i++)
                trees[i]->options.remote->ops->set_limit(trees[i]->options.remote, deadline_ms);
        for (size_t i = 0; i < count; i++)
                pail_workpool_drain(trees[i]->shared->operations); /* calls that were interrupted and go on */
        for (size_t i = 0; i < count; i++)
                start_sending(trees[i]);
        for (size_t i = 0; i < count; i++)
                wait_until_sent(trees[i], deadline_ms);
        for (size_t i = 0; i < count; i++)
                release_handles(trees[i]);
        for (size_t i = 0; i < count; i++)
                pail_fs_shared_wait(trees[i]->shared);
        for (size_t i = 0; i < count; i++)
                lost += lost_files(trees[i]);
        return lost;
}
