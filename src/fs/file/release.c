/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a file: its last user sends what is dirty; what cannot be sent goes to lost+found, with a note.
 */
#include "release.h"

#include <stdlib.h>
#include <string.h>

#include "fs/core/volume.h"
#include "pail/util/str.h"
#include "pail/util/workpool.h"
#include "send.h"
#include "state.h"
#include "upload.h"

/* What the end of a file has found out. */
struct ending {
        bool is_last; /* nobody can reach the file any more */
        bool is_lost; /* with bytes that S3 does not have */
        int error;    /* why */
        uint64_t node_id;
        char *key; /* for people */
};

/*
 * Gives up one use. false: this is the last one and there are bytes to send first; the caller sends and comes again. Deciding and leaving
 * are one step under the lock, so that of two that leave at once one is the last.
 */
static bool leave_file(struct pail_file *file, int last_error, struct ending *ending)
{
        struct pail_fs *fs = file->fs;
        struct pail_inode *inode = file->inode;
        bool is_dirty;
        int failure;

        PAIL_LOCK(&fs->tree.mutex);
        is_dirty = pail_file_is_dirty(file) && !pail_inode_is_unlinked_locked(fs, inode);
        failure = pail_file_failure(file);
        if (file->in_tree.users == 1 && is_dirty && !failure)
                return false;
        if (--file->in_tree.users)
                return true;
        inode->file = NULL;
        ending->is_last = true;
        ending->is_lost = is_dirty;
        ending->error = failure;
        ending->node_id = inode->id;
        if (is_dirty) {
                if (pail_inode_key_locked(fs, inode, &ending->key) < 0)
                        ending->key = strdup(inode->name);
                pail_inode_revert_locked(fs, inode, last_error);
        }
        return true;
}

/* Late stores of a mapping, a writer that was not the opener. The failure, if any, is kept with the file. */
static int send_rest(struct pail_file *file)
{
        int r = pail_file_send(file);

        if (r < 0 && !pail_file_failure(file))
                pail_file_give_up(file, r); /* it did not even begin */
        return r;
}

static void keep_spool(struct pail_file *file, const struct ending *ending)
{
        _cleanup_free_ char *note = NULL;
        int r = pail_str_printf(
                &note,
                "Key: %s\nSize: %llu\nReason: %s\nUploading failed. Holes stand for bytes that were not changed, or that were zero.\n",
                ending->key, (unsigned long long)file->base.guarded.size_bytes, strerror(-ending->error));

        if (r == 0)
                r = pail_spool_file_keep(file->guarded.spool, note);
        if (r == 0)
                file->guarded.spool = NULL;
        else
                pail_fs_log(file->fs, true, "they could not be kept either: %s", strerror(-r));
}

/* Bytes that nobody will send, of a file that nobody else can reach: to lost+found, with a note. An empty file (a lock that another has) leaves nothing. */
static void keep_lost(struct pail_file *file, const struct ending *ending)
{
        struct pail_fs *fs = file->fs;

        if (file->base.guarded.size_bytes) {
                pail_fs_log(fs, true, "the last changes of '%s' could not be sent: %s%s", ending->key,
                            strerror(-ending->error),
                            file->guarded.spool ? "; the bytes are in lost+found of the state directory" : "");
                if (file->guarded.spool)
                        keep_spool(file, ending);
                {
                        PAIL_LOCK(&fs->tree.mutex);
                        fs->tree.lost_files++;
                }
        }
        if (fs->options.invalidate_node)
                fs->options.invalidate_node(fs->options.notify_context, ending->node_id);
}

static void delete_orphan(struct pail_file *file)
{
        struct pail_remote *remote = file->fs->options.remote;
        struct pail_remote_error error;

        if (file->in_tree.orphan_key && remote->ops->remove(remote, file->in_tree.orphan_key, &error) < 0)
                pail_fs_log(file->fs, true,
                            "'%s', the copy of a file that was deleted while open, could not be deleted: %s",
                            file->in_tree.orphan_key, error.message);
}

void pail_file_release(struct pail_file *file)
{
        struct pail_fs *fs = file->fs;
        struct pail_inode *inode = file->inode;
        struct ending ending = { 0 };
        int error = 0;

        while (!leave_file(file, error, &ending))
                error = send_rest(file);
        if (ending.is_last) {
                pail_fs_upload_free(file->guarded.upload); /* before the file that it reads */
                file->guarded.upload = NULL;
                if (ending.is_lost)
                        keep_lost(file, &ending);
                delete_orphan(file);
                pail_file_free(file);
        }
        free(ending.key);
        pail_inode_put(fs, inode);
}

static void release_job(void *context)
{
        pail_file_release(context);
}

void pail_file_release_later(struct pail_file *file)
{
        if (pail_workpool_submit(file->fs->shared->operations, release_job, file) < 0)
                pail_file_release(file);
}
