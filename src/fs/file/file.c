/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a file's bytes: from the first open to the last release. */
#include "fs/file/file.h"

#include <errno.h>
#include <stdlib.h>

#include "fs/core/lock.h"
#include "pail/util/str.h"

static void free_draft(struct pail_draft *draft)
{
        pail_fs_upload_free(draft->guarded.upload);
        pail_spool_file_free(draft->guarded.spool);
        pail_content_unref(draft->guarded.base);
        pail_extents_done(&draft->guarded.altered);
        pail_extents_done(&draft->guarded.punched);
        pail_extents_done(&draft->guarded.streamed);
        pail_cond_done(&draft->guarded.changed);
        pail_mutex_done(&draft->guarded.mutex);
        free(draft->stash_key);
        free(draft);
}

/* The node's bytes on S3, for readers: kept with the node so that blocks in memory outlive a close. */
static int node_content_locked(struct pail_fs *fs, struct pail_node *node, struct pail_content **ret_content)
{
        _cleanup_free_ char *key = NULL;
        int r;

        if (!node->content && node->is_remote && node->etag && node->attributes.size_bytes) {
                r = pail_node_key_locked(fs, node, &key);
                if (r == 0)
                        r = pail_content_new(fs->shared->engine, fs->options.remote, key, node->etag,
                                             node->attributes.size_bytes, &node->content);
                if (r < 0)
                        return r;
        }
        *ret_content = node->content ? pail_content_ref(node->content) : NULL;
        return 0;
}

static int new_file_locked(struct pail_fs *fs, struct pail_node *node, struct pail_draft **ret_draft)
{
        struct pail_draft *draft = calloc(1, sizeof(*draft));
        int r;

        if (!draft)
                return -ENOMEM;
        pail_mutex_init(&draft->guarded.mutex);
        pail_cond_init(&draft->guarded.changed);
        draft->fs = fs;
        draft->node = node;
        r = node_content_locked(fs, node, &draft->guarded.base);
        if (r < 0) {
                free_draft(draft);
                return r;
        }
        draft->guarded.size_bytes = node->attributes.size_bytes;
        draft->guarded.base_bytes = draft->guarded.base ? node->attributes.size_bytes : 0;
        *ret_draft = draft;
        return 0;
}

int pail_draft_acquire(struct pail_fs *fs, struct pail_node *node, struct pail_draft **ret_draft)
{
        PAIL_LOCK(&fs->tree.mutex);
        int r = node->draft ? 0 : new_file_locked(fs, node, &node->draft);

        if (r < 0)
                return r;
        node->draft->users++;
        pail_node_ref_locked(node);
        *ret_draft = node->draft;
        return 0;
}

bool pail_draft_is_dirty(struct pail_draft *draft)
{
        PAIL_LOCK(&draft->guarded.mutex);
        return draft->guarded.generation != draft->guarded.sent_generation;
}

static bool has_failed_locked(const struct pail_draft *draft)
{
        return draft->guarded.failed_generation && draft->guarded.failed_generation == draft->guarded.generation;
}

int pail_draft_failure(struct pail_draft *draft)
{
        PAIL_LOCK(&draft->guarded.mutex);
        return has_failed_locked(draft) ? draft->guarded.failure : 0;
}

void pail_draft_give_up(struct pail_draft *draft, int error)
{
        PAIL_LOCK(&draft->guarded.mutex);
        if (draft->guarded.generation == draft->guarded.sent_generation || has_failed_locked(draft))
                return;
        draft->guarded.failed_generation = draft->guarded.generation;
        draft->guarded.failure = error;
}

bool pail_draft_has_upload(struct pail_draft *draft)
{
        PAIL_LOCK(&draft->guarded.mutex);
        return draft->guarded.upload;
}

void pail_draft_mark_new(struct pail_draft *draft, bool is_exclusive)
{
        PAIL_LOCK(&draft->guarded.mutex);
        draft->guarded.is_exclusive = is_exclusive;
        draft->guarded.generation++;
}

bool pail_draft_is_whole_here(struct pail_draft *draft)
{
        PAIL_LOCK(&draft->guarded.mutex);
        if (draft->guarded.punched.count)
                return false;
        return !draft->guarded.base_bytes ||
               (draft->guarded.spool &&
                pail_extents_contains(pail_spool_file_present(draft->guarded.spool), 0, draft->guarded.base_bytes));
}

int pail_draft_rebase(struct pail_draft *draft, const char *key, const char *etag)
{
        PAIL_LOCK(&draft->guarded.mutex);
        return draft->guarded.base ? pail_content_rebase(draft->guarded.base, key, etag) : 0;
}

/* What the end of a draft has found out. */
struct ending {
        bool is_last; /* nobody can reach the draft any more */
        bool is_lost; /* with bytes that S3 does not have */
        int error;    /* why */
        uint64_t node_id;
        char *key; /* for people */
};

/* Unlinked here: its bytes end with its last user. A file that others replaced, or whose directory went, still owes them to its writer. */
static bool is_unlinked(const struct pail_node *node)
{
        return node->is_detached && !node->is_superseded;
}

/* S3's version counts again. */
static void revert_locked(struct pail_fs *fs, struct pail_node *node, int error)
{
        node->error = error;
        node->is_local = node->is_loaded = false;
        node->checked_ms = INT64_MIN;
        pail_node_drop_content_locked(node);
        pail_cond_broadcast(&fs->tree.changed);
}

/*
 * Gives up one use. false: this is the last one and there are bytes to send first; the caller sends and comes again. Deciding and leaving
 * are one step under the lock, so that of two that leave at once one is the last.
 */
static bool leave(struct pail_draft *draft, int last_error, struct ending *ending)
{
        struct pail_fs *fs = draft->fs;
        struct pail_node *node = draft->node;
        bool is_dirty;
        int failure;

        PAIL_LOCK(&fs->tree.mutex);
        is_dirty = pail_draft_is_dirty(draft) && !is_unlinked(node);
        failure = pail_draft_failure(draft);
        if (draft->users == 1 && is_dirty && !failure)
                return false;
        if (--draft->users)
                return true;
        node->draft = NULL;
        ending->is_last = true;
        ending->is_lost = is_dirty;
        ending->error = failure;
        ending->node_id = node->id;
        if (is_dirty) {
                if (pail_node_key_locked(fs, node, &ending->key) < 0)
                        ending->key = strdup(node->name);
                revert_locked(fs, node, last_error);
        }
        return true;
}

/* Late stores of a mapping, a writer that was not the opener. The failure, if any, is kept with the draft. */
static int send_rest(struct pail_draft *draft)
{
        int r = pail_draft_send(draft);

        if (r < 0 && !pail_draft_failure(draft))
                pail_draft_give_up(draft, r); /* it did not even begin */
        return r;
}

static void keep_spool(struct pail_draft *draft, const struct ending *ending)
{
        _cleanup_free_ char *note = NULL;
        int r = pail_str_printf(
                &note,
                "Key: %s\nSize: %llu\nReason: %s\nUploading failed. Holes stand for bytes that were not changed, or that were zero.\n",
                ending->key, (unsigned long long)draft->guarded.size_bytes, strerror(-ending->error));

        if (r == 0)
                r = pail_spool_file_keep(draft->guarded.spool, note);
        if (r == 0)
                draft->guarded.spool = NULL;
        else
                pail_fs_log(draft->fs, true, "they could not be kept either: %s", strerror(-r));
}

/* Bytes that nobody will send, of a draft that nobody else can reach: to lost+found, with a note. An empty file (a lock that another has) leaves nothing. */
static void keep_lost(struct pail_draft *draft, const struct ending *ending)
{
        struct pail_fs *fs = draft->fs;

        if (draft->guarded.size_bytes) {
                pail_fs_log(fs, true, "the last changes of '%s' could not be sent: %s%s", ending->key,
                            strerror(-ending->error),
                            draft->guarded.spool ? "; the bytes are in lost+found of the state directory" : "");
                if (draft->guarded.spool)
                        keep_spool(draft, ending);
                pail_mutex_lock(&fs->tree.mutex);
                fs->tree.lost_files++;
                pail_mutex_unlock(&fs->tree.mutex);
        }
        if (fs->options.invalidate_node)
                fs->options.invalidate_node(fs->options.notify_context, ending->node_id);
}

static void delete_stash(struct pail_draft *draft)
{
        struct pail_remote *remote = draft->fs->options.remote;
        struct pail_remote_error error;

        if (draft->stash_key && remote->ops->remove(remote, draft->stash_key, &error) < 0)
                pail_fs_log(draft->fs, true,
                            "'%s', the copy of a file that was deleted while open, could not be deleted: %s",
                            draft->stash_key, error.message);
}

void pail_draft_release(struct pail_draft *draft)
{
        struct pail_fs *fs = draft->fs;
        struct pail_node *node = draft->node;
        struct ending ending = { 0 };
        int error = 0;

        while (!leave(draft, error, &ending))
                error = send_rest(draft);
        if (ending.is_last) {
                pail_fs_upload_free(draft->guarded.upload); /* before the file that it reads */
                draft->guarded.upload = NULL;
                if (ending.is_lost)
                        keep_lost(draft, &ending);
                delete_stash(draft);
                free_draft(draft);
        }
        free(ending.key);
        pail_node_put(fs, node);
}

static void release_job(void *context)
{
        pail_draft_release(context);
}

void pail_draft_release_later(struct pail_draft *draft)
{
        if (pail_workpool_submit(draft->fs->shared->mutations, release_job, draft) < 0)
                pail_draft_release(draft);
}
