/* SPDX-License-Identifier: Apache-2.0 */
/* The file system as a whole: its beginning, its end, its figures. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/private.h"
#include "fs/tree/node.h"
#include "fs/write/draft.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

enum { MUTATIONS_AT_ONCE = 64, QUERIES_AT_ONCE = 48, UPLOADS_AT_ONCE = 8, POLL_MS = 50, MESSAGE_SIZE = 1024 };

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

int64_t pail_fs_deadline(const struct pail_fs *fs)
{
        return pail_clock_monotonic_ms() + fs->options.timeout_ms;
}

int pail_fs_mutate(struct pail_fs *fs, int (*run)(void *argument), void (*release)(void *argument), void *argument,
                   struct pail_future **ret_future)
{
        int r = pail_future_start(fs->mutations, run, release, argument, ret_future);

        return r < 0 ? r : pail_future_wait(*ret_future, INT64_MAX);
}

static int start_pools(struct pail_fs *fs)
{
        int r = pail_workpool_new("pail-change", MUTATIONS_AT_ONCE, &fs->mutations);

        if (r == 0)
                r = pail_workpool_new("pail-query", QUERIES_AT_ONCE, &fs->queries);
        if (r == 0)
                r = pail_workpool_new("pail-upload", UPLOADS_AT_ONCE, &fs->uploads);
        return r;
}

static int start_stores(struct pail_fs *fs)
{
        const struct pail_content_engine_options engine = { .memory_limit_bytes = fs->options.memory_limit_bytes };
        _cleanup_free_ char *spool = NULL, *lost = NULL;
        unsigned recovered = 0;
        int r = pail_str_printf(&spool, "%s/spool", fs->options.state_dir);

        if (r == 0)
                r = pail_str_printf(&lost, "%s/lost+found", fs->options.state_dir);
        if (r == 0)
                r = pail_spool_new(spool, lost, fs->options.spool_limit_bytes, &fs->spool, &recovered);
        if (r == 0)
                r = pail_content_engine_new(&engine, &fs->engine);
        if (r == 0 && recovered)
                pail_fs_log(fs, true, "%u file%s of a process that ended before sending %s in %s", recovered, recovered == 1 ? "" : "s",
                            recovered == 1 ? "it is" : "them are", lost);
        return r;
}

static int make_root(struct pail_fs *fs)
{
        struct pail_node *root;

        PAIL_LOCK(&fs->tree.mutex);
        root = pail_node_new_locked(fs, NULL, "", true, 0);
        if (!root)
                return -ENOMEM;
        pail_attributes_default(&fs->options, S_IFDIR, 0, (struct timespec){ 0 }, &root->attributes);
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
        fs->options.bucket = pail_bucket_ref(options->bucket);
        fs->options.prefix = strdup(options->prefix ? options->prefix : "");
        fs->options.state_dir = strdup(options->state_dir);
        return fs->options.prefix && fs->options.state_dir ? 0 : -ENOMEM;
}

PAIL_DEFINE_CLEANUP(struct pail_fs, pail_fs_free);

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
                r = start_pools(fs);
        if (r == 0)
                r = start_stores(fs);
        if (r == 0)
                r = make_root(fs);
        if (r < 0)
                return r;
        *ret_fs = pail_steal(&fs);
        return 0;
}

static void send_one(void *context)
{
        struct pail_draft *draft = context;

        (void)pail_draft_send(draft); /* a failure is dealt with, and counted, when the handle is released */
        pail_draft_release(draft);
}

/* Starts sending every dirty file; returns how many there are. */
static unsigned start_sending(struct pail_fs *fs)
{
        unsigned count = 0;

        PAIL_LOCK(&fs->tree.mutex);
        fs->tree.draining = true;
        for (struct pail_handle *handle = fs->tree.handles; handle; handle = handle->next) {
                if (!pail_draft_is_dirty(handle->draft))
                        continue;
                handle->draft->users++;
                pail_node_ref_locked(handle->node);
                count++;
                if (pail_workpool_submit(fs->mutations, send_one, handle->draft) < 0) {
                        handle->draft->users--;
                        pail_node_unref_locked(fs, handle->node);
                }
        }
        return count;
}

static unsigned count_dirty(struct pail_fs *fs)
{
        unsigned count = 0;

        PAIL_LOCK(&fs->tree.mutex);
        for (struct pail_handle *handle = fs->tree.handles; handle; handle = handle->next)
                count += !(handle->node->is_detached && !handle->node->is_superseded) && /* unlinked: nothing is sent */
                         pail_draft_is_dirty(handle->draft) && !pail_draft_failure(handle->draft);
        return count;
}

/* The end of the session is the release of whatever is open: the kernel no longer tells. */
static void release_handles(struct pail_fs *fs)
{
        for (;;) {
                struct pail_handle *handle;
                struct pail_dir_handle *dir_handle;

                pail_mutex_lock(&fs->tree.mutex);
                handle = fs->tree.handles;
                dir_handle = fs->tree.dir_handles;
                pail_mutex_unlock(&fs->tree.mutex);
                if (handle) {
                        pail_draft_give_up(handle->draft, -ETIMEDOUT);
                        pail_fs_release(fs, handle);
                }
                if (dir_handle)
                        pail_fs_releasedir(fs, dir_handle);
                if (!handle && !dir_handle)
                        return;
        }
}

unsigned pail_fs_drain(struct pail_fs *fs, int64_t deadline_ms)
{
        unsigned lost;

        pail_s3_client_set_limit(pail_bucket_client(fs->options.bucket), deadline_ms);
        pail_workpool_drain(fs->mutations); /* calls that were interrupted and go on */
        if (start_sending(fs)) {
                struct pail_mutex mutex;
                struct pail_cond never;

                pail_mutex_init(&mutex);
                pail_cond_init(&never);
                pail_mutex_lock(&mutex);
                while (count_dirty(fs) && pail_clock_monotonic_ms() < deadline_ms)
                        (void)pail_cond_wait_until(&never, &mutex, pail_clock_monotonic_ms() + POLL_MS);
                pail_mutex_unlock(&mutex);
                pail_cond_done(&never);
                pail_mutex_done(&mutex);
        }
        release_handles(fs);
        pail_workpool_drain(fs->uploads);
        pail_workpool_drain(fs->mutations);
        pail_mutex_lock(&fs->tree.mutex);
        lost = fs->tree.lost_files;
        pail_mutex_unlock(&fs->tree.mutex);
        return lost;
}

void pail_fs_free(struct pail_fs *fs)
{
        if (!fs)
                return;
        pail_workpool_free(fs->mutations);
        pail_workpool_free(fs->uploads);
        pail_workpool_free(fs->queries);
        pail_node_free_tree(fs);
        pail_content_engine_free(fs->engine);
        pail_spool_free(fs->spool);
        pail_bucket_unref(fs->options.bucket);
        free((char *)(uintptr_t)fs->options.prefix);
        free((char *)(uintptr_t)fs->options.state_dir);
        pail_cond_done(&fs->tree.changed);
        pail_mutex_done(&fs->tree.mutex);
        free(fs);
}

/* A bucket has no size: as much as programs that ask first can need. */
int pail_fs_statfs(struct pail_fs *fs, struct statvfs *ret_statistics)
{
        enum { BLOCK = 4096, NAME_LIMIT = 255 };
        const fsblkcnt_t blocks = (fsblkcnt_t)1 << 38; /* 1 PiB */

        *ret_statistics = (struct statvfs){
                .f_bsize = BLOCK,
                .f_frsize = BLOCK,
                .f_blocks = blocks,
                .f_bfree = blocks,
                .f_bavail = blocks,
                .f_files = UINT32_MAX,
                .f_ffree = UINT32_MAX,
                .f_favail = UINT32_MAX,
                .f_namemax = NAME_LIMIT,
                .f_flag = fs->options.read_only ? ST_RDONLY : 0,
        };
        return 0;
}

void pail_fs_counters(struct pail_fs *fs, struct pail_fs_counters *ret_counters)
{
        *ret_counters = (struct pail_fs_counters){ 0 };
        pail_content_engine_counters(fs->engine, &ret_counters->content);
        PAIL_LOCK(&fs->tree.mutex);
        ret_counters->nodes = HASH_CNT(by_id, fs->tree.by_id);
        ret_counters->open_handles = fs->tree.open_handles;
        ret_counters->hidden_keys = fs->tree.hidden_keys;
        for (struct pail_handle *handle = fs->tree.handles; handle; handle = handle->next) {
                ret_counters->dirty_files += pail_draft_is_dirty(handle->draft);
                ret_counters->uploads += pail_draft_has_upload(handle->draft);
        }
}
