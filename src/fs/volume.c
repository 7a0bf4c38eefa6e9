/* SPDX-License-Identifier: Apache-2.0 */
/* A volume as a whole: its beginning, its end, its figures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "fs/core/volume.h"
#include "fs/data/inode_data.h"
#include "fs/file/handle.h"
#include "fs/tree/inode.h"
#include "pail/store/state_directory.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

static int open_spool(struct pail_fs *fs)
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
        struct pail_inode *root;

        PAIL_LOCK(&fs->tree.mutex);
        fs->tree.last_id = pail_fs_id(fs->options.volume, PAIL_FS_ROOT) - 1;
        root = pail_inode_new_locked(fs, NULL, "", true, 0);
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

static void enlist(struct pail_fs *fs)
{
        PAIL_LOCK(&fs->shared->guarded.mutex);
        DL_APPEND2(fs->shared->guarded.volumes, fs, prev_volume, next_volume);
}

static void unlist(struct pail_fs *fs)
{
        PAIL_LOCK(&fs->shared->guarded.mutex);
        DL_DELETE2(fs->shared->guarded.volumes, fs, prev_volume, next_volume);
}

int pail_fs_new(const struct pail_fs_options *options, struct pail_fs **ret_fs)
{
        _cleanup_(pail_fs_free_p) struct pail_fs *fs = calloc(1, sizeof(*fs));
        int r;

        if (!fs)
                return -ENOMEM;
        fs->inode_hooks = &pail_inode_data_hooks;
        pail_mutex_init(&fs->tree.mutex);
        pail_cond_init(&fs->tree.changed);
        r = copy_options(fs, options);
        if (r == 0)
                r = open_spool(fs);
        if (r == 0)
                r = make_root(fs);
        if (r < 0)
                return r;
        enlist(fs);
        *ret_fs = pail_steal(&fs);
        return 0;
}

bool pail_fs_is_in_use(struct pail_fs *fs)
{
        PAIL_LOCK(&fs->tree.mutex);
        return pail_inode_is_in_use_locked(fs, fs->tree.root);
}

void pail_fs_free(struct pail_fs *fs)
{
        if (!fs)
                return;
        if (fs->tree.root) { /* it was begun: jobs of it may run */
                pail_fs_shared_wait(fs->shared);
                unlist(fs);
        }
        pail_inode_free_tree(fs);
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

void pail_fs_counters(struct pail_fs *fs, struct pail_fs_counters *counters)
{
        PAIL_LOCK(&fs->tree.mutex);
        counters->nodes += HASH_CNT(by_id, fs->tree.by_id);
        counters->open_handles += fs->tree.open_handles;
        counters->hidden_keys += fs->tree.hidden_keys;
        for (struct pail_handle *handle = fs->tree.handles; handle; handle = handle->next) {
                counters->dirty_files += pail_file_is_dirty(handle->file);
                counters->uploads += pail_file_has_upload(handle->file);
        }
}
