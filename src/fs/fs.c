/* SPDX-License-Identifier: Apache-2.0 */
/* The file system as a whole: its beginning, its end, its figures. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "fs/private.h"
#include "fs/tree/node.h"
#include "fs/write/draft.h"
#include "pail/store/state_directory.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

enum { MESSAGE_SIZE = 1024 };

void pail_fs_log(const struct pail_fs *fs, bool is_error, const char *format, ...)
{
        char message[MESSAGE_SIZE];
        va_list arguments;

        if (!fs->options.log)
                return;
        va_start(arguments, format);
        vsnprintf(message, sizeof(message), format, arguments);
        va_end(arguments);
        fs->options.log(fs->options.log_context, is_error, message);
}

const char *pail_content_type(const struct pail_fs *fs, mode_t mode, const char *name)
{
        if (S_ISDIR(mode))
                return "application/x-directory";
        return S_ISREG(mode) && fs->options.types ? pail_mime_type(fs->options.types, name) : NULL;
}

int64_t pail_fs_deadline(const struct pail_fs *fs)
{
        return pail_clock_monotonic_ms() + fs->options.timeout_ms;
}

int pail_fs_mutate(struct pail_fs *fs, int (*run)(void *argument), void (*release)(void *argument), void *argument,
                   struct pail_future **ret_future)
{
        int r = pail_future_start(fs->shared->mutations, run, release, argument, ret_future);

        return r < 0 ? r : pail_future_wait(*ret_future, INT64_MAX);
}

static int start_spool(struct pail_fs *fs)
{
        _cleanup_free_ char *spool = NULL, *lost = NULL;
        unsigned recovered = 0;
        int r = pail_state_directory_spool(fs->options.state_dir, &spool);

        if (r == 0)
                r = pail_state_directory_lost(fs->options.state_dir, &lost);
        if (r == 0)
                r = pail_spool_new(spool, lost, fs->shared->budget, &fs->spool, &recovered);
        if (r == 0 && recovered)
                pail_fs_log(fs, true, "%u file%s of a process that ended before sending %s in %s", recovered,
                            recovered == 1 ? "" : "s", recovered == 1 ? "it is" : "them are", lost);
        return r;
}

static int make_root(struct pail_fs *fs)
{
        struct pail_node *root;

        PAIL_LOCK(&fs->tree.mutex);
        fs->tree.last_id = pail_fs_id(fs->options.tree, PAIL_FS_ROOT) - 1;
        root = pail_node_new_locked(fs, NULL, "", true, 0);
        if (!root)
                return -ENOMEM;
        pail_attributes_default(&fs->options, S_IFDIR, 0, fs->options.root_time, &root->attributes);
        root->is_remote = true;
        root->is_loaded = !*fs->options.prefix; /* the root of a bucket has no key that could hold attributes */
        fs->tree.root = root;
        return 0;
}

static int copy_options(struct pail_fs *fs, const struct pail_fs_options *options)
{
        fs->options = *options;
        fs->options.prefix = NULL;
        fs->options.state_dir = NULL;
        fs->shared = pail_fs_shared_ref(options->shared);
        fs->options.remote = options->remote->ops->ref(options->remote);
        fs->options.prefix = strdup(options->prefix ? options->prefix : "");
        fs->options.state_dir = strdup(options->state_dir);
        return fs->options.prefix && fs->options.state_dir ? 0 : -ENOMEM;
}

PAIL_DEFINE_CLEANUP(struct pail_fs, pail_fs_free);

void pail_fs_shared_add(struct pail_fs *fs)
{
        PAIL_LOCK(&fs->shared->guarded.mutex);
        DL_APPEND2(fs->shared->guarded.trees, fs, previous_tree, next_tree);
}

void pail_fs_shared_remove(struct pail_fs *fs)
{
        PAIL_LOCK(&fs->shared->guarded.mutex);
        DL_DELETE2(fs->shared->guarded.trees, fs, previous_tree, next_tree);
}

int pail_fs_new(const struct pail_fs_options *options, struct pail_fs **ret_fs)
{
        _cleanup_(pail_fs_free_p) struct pail_fs *fs = calloc(1, sizeof(*fs));
        int r;

        if (!fs)
                return -ENOMEM;
        pail_mutex_init(&fs->tree.mutex);
        pail_cond_init(&fs->tree.changed);
        r = copy_options(fs, options);
        if (r == 0)
                r = start_spool(fs);
        if (r == 0)
                r = make_root(fs);
        if (r < 0)
                return r;
        pail_fs_shared_add(fs);
        *ret_fs = pail_steal(&fs);
        return 0;
}

static void send_one(void *context)
{
        struct pail_draft *draft = context;

        (void)pail_draft_send(draft); /* a failure is dealt with, and counted, when the handle is released */
        pail_draft_release(draft);
}

/* Bytes to send: not of an unlinked file, which go nowhere, nor those that S3 has refused, of which their writer was told. */
static bool owes_bytes_locked(const struct pail_handle *handle)
{
        return !(handle->node->is_detached && !handle->node->is_superseded) && pail_draft_is_dirty(handle->draft) &&
               !pail_draft_failure(handle->draft);
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
                handle->draft->users++;
                pail_node_ref_locked(handle->node);
                r = pail_workpool_submit(fs->shared->mutations, send_one, handle->draft);
                if (r < 0) {
                        handle->draft->users--;
                        pail_node_unref_locked(fs, handle->node);
                        pail_draft_give_up(handle->draft, r); /* nobody is left to send it */
                }
        }
}

static bool is_owed_bytes_locked(const struct pail_fs *fs)
{
        for (struct pail_handle *handle = fs->tree.handles; handle; handle = handle->next)
                if (owes_bytes_locked(handle))
                        return true;
        return false;
}

/* Whoever sends, or unlinks, holds a claim, and its end is told. */
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

                pail_mutex_lock(&fs->tree.mutex);
                handle = fs->tree.handles;
                pail_mutex_unlock(&fs->tree.mutex);
                if (!handle)
                        return;
                pail_draft_give_up(handle->draft, -ETIMEDOUT);
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
                pail_workpool_drain(trees[i]->shared->mutations); /* calls that were interrupted and go on */
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

bool pail_fs_is_in_use(struct pail_fs *fs)
{
        PAIL_LOCK(&fs->tree.mutex);
        return pail_node_is_in_use_locked(fs->tree.root);
}

void pail_fs_free(struct pail_fs *fs)
{
        if (!fs)
                return;
        if (fs->tree.root) { /* it was begun: jobs of it may run */
                pail_fs_shared_wait(fs->shared);
                pail_fs_shared_remove(fs);
        }
        pail_node_free_tree(fs);
        pail_spool_free(fs->spool);
        pail_fs_shared_unref(fs->shared);
        if (fs->options.remote)
                fs->options.remote->ops->unref(fs->options.remote);
        free((char *)(uintptr_t)fs->options.prefix);
        free((char *)(uintptr_t)fs->options.state_dir);
        pail_cond_done(&fs->tree.changed);
        pail_mutex_done(&fs->tree.mutex);
        free(fs);
}

int pail_fs_statfs(struct pail_fs *fs, struct statvfs *ret_statistics)
{
        pail_fs_describe_space(fs->options.read_only, ret_statistics);
        return 0;
}

void pail_fs_counters(struct pail_fs *fs, struct pail_fs_counters *counters)
{
        PAIL_LOCK(&fs->tree.mutex);
        counters->nodes += HASH_CNT(by_id, fs->tree.by_id);
        counters->open_handles += fs->tree.open_handles;
        counters->hidden_keys += fs->tree.hidden_keys;
        for (struct pail_handle *handle = fs->tree.handles; handle; handle = handle->next) {
                counters->dirty_files += pail_draft_is_dirty(handle->draft);
                counters->uploads += pail_draft_has_upload(handle->draft);
        }
}
