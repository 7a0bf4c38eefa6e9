/* SPDX-License-Identifier: Apache-2.0 */
/* What a file is made of, and what others may ask and tell it; how it ends: release.c. */
#include "file.h"

#include <errno.h>
#include <stdlib.h>

#include "fs/core/volume.h"
#include "fs/data/inode_data.h"
#include "pail/util/cleanup.h"
#include "state.h"
#include "upload.h"

void pail_file_free(struct pail_file *file)
{
        pail_fs_upload_free(file->guarded.upload);
        pail_spool_file_free(file->guarded.spool);
        pail_extents_done(&file->guarded.altered);
        pail_extents_done(&file->guarded.punched);
        pail_extents_done(&file->guarded.streamed);
        pail_cond_done(&file->guarded.changed);
        pail_base_done(&file->base);
        free(file->in_tree.orphan_key);
        free(file);
}

static int make_file_locked(struct pail_fs *fs, struct pail_inode *inode, struct pail_file **ret_file)
{
        struct pail_file *file = calloc(1, sizeof(*file));
        int r;

        pail_mutex_assert_held(&fs->tree.mutex);
        if (!file)
                return -ENOMEM;
        pail_base_init(&file->base);
        pail_cond_init(&file->guarded.changed);
        file->fs = fs;
        file->inode = inode;
        r = pail_inode_data_get_locked(fs, inode, &file->base.guarded.data);
        if (r < 0) {
                pail_file_free(file);
                return r;
        }
        file->base.guarded.size_bytes = inode->attributes.size_bytes;
        file->base.guarded.data_bytes = file->base.guarded.data ? inode->attributes.size_bytes : 0;
        *ret_file = file;
        return 0;
}

void pail_file_ref_locked(struct pail_file *file)
{
        pail_mutex_assert_held(&file->fs->tree.mutex);
        file->in_tree.users++;
        pail_inode_ref_locked(file->fs, file->inode);
}

void pail_file_unref_locked(struct pail_file *file)
{
        pail_mutex_assert_held(&file->fs->tree.mutex);
        file->in_tree.users--;
        pail_inode_unref_locked(file->fs, file->inode);
}

int pail_file_acquire(struct pail_fs *fs, struct pail_inode *inode, struct pail_file **ret_file)
{
        PAIL_LOCK(&fs->tree.mutex);
        int r = inode->file ? 0 : make_file_locked(fs, inode, &inode->file);

        if (r < 0)
                return r;
        pail_file_ref_locked(inode->file);
        *ret_file = inode->file;
        return 0;
}

bool pail_file_is_dirty(struct pail_file *file)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        return file->guarded.generation != file->guarded.sent_generation;
}

static bool has_failed_locked(const struct pail_file *file)
{
        pail_mutex_assert_held(&file->base.guarded.mutex);
        return file->guarded.failed_generation && file->guarded.failed_generation == file->guarded.generation;
}

int pail_file_failure(struct pail_file *file)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        return has_failed_locked(file) ? file->guarded.failure : 0;
}

void pail_file_give_up(struct pail_file *file, int error)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        if (file->guarded.generation == file->guarded.sent_generation || has_failed_locked(file))
                return;
        file->guarded.failed_generation = file->guarded.generation;
        file->guarded.failure = error;
}

bool pail_file_has_upload(struct pail_file *file)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        return file->guarded.upload;
}

void pail_file_mark_new(struct pail_file *file, bool is_exclusive)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        file->guarded.is_exclusive = is_exclusive;
        file->guarded.generation++;
}

void pail_file_note_times(struct pail_file *file)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        file->guarded.has_explicit_times = true;
}

bool pail_file_is_whole_here(struct pail_file *file)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        if (file->guarded.punched.count)
                return false;
        return !file->base.guarded.data_bytes ||
               (file->guarded.spool &&
                pail_extents_contains(pail_spool_file_present(file->guarded.spool), 0, file->base.guarded.data_bytes));
}

int pail_file_rebase(struct pail_file *file, const char *key, const char *etag)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        return file->base.guarded.data ? pail_object_data_rebase(file->base.guarded.data, key, etag) : 0;
}

struct pail_object_data *pail_file_ref_data(struct pail_file *file)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        return file->base.guarded.data ? pail_object_data_ref(file->base.guarded.data) : NULL;
}

struct pail_base *pail_file_base(struct pail_file *file)
{
        return &file->base;
}

bool pail_file_has_orphan_locked(const struct pail_file *file)
{
        pail_mutex_assert_held(&file->fs->tree.mutex);
        return file->in_tree.orphan_key;
}

void pail_file_set_orphan_locked(struct pail_file *file, char *key)
{
        pail_mutex_assert_held(&file->fs->tree.mutex);
        file->in_tree.orphan_key = key;
}

char *pail_file_steal_orphan_locked(struct pail_file *file)
{
        pail_mutex_assert_held(&file->fs->tree.mutex);
        return pail_steal(&file->in_tree.orphan_key);
}
