/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a file's bytes: from the first open to the last release. */
#include "fs/write/draft.h"

#include <errno.h>
#include <stdlib.h>

#include "fs/tree/claim.h"
#include "pail/s3/object.h"
#include "pail/util/str.h"

static void free_file(struct pail_draft *draft)
{
        pail_upload_free(draft->guarded.upload);
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
                        r = pail_content_new(fs->engine, fs->options.bucket, key, node->etag, node->attributes.size_bytes, &node->content);
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
                free_file(draft);
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

void pail_draft_give_up(struct pail_draft *draft)
{
        PAIL_LOCK(&draft->guarded.mutex);
        if (draft->guarded.generation == draft->guarded.sent_generation || has_failed_locked(draft))
                return;
        draft->guarded.failed_generation = draft->guarded.generation;
        draft->guarded.failure = -ETIMEDOUT;
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
               (draft->guarded.spool && pail_extents_contains(pail_spool_file_present(draft->guarded.spool), 0, draft->guarded.base_bytes));
}

int pail_draft_rebase(struct pail_draft *draft, const char *key, const char *etag)
{
        PAIL_LOCK(&draft->guarded.mutex);
        return draft->guarded.base ? pail_content_rebase(draft->guarded.base, key, etag) : 0;
}

/* Bytes that nobody will send: to lost+found, with a note. false: there were none. */
static bool keep_lost(struct pail_draft *draft, const char *key, int error)
{
        _cleanup_free_ char *note = NULL;
        struct pail_spool_file *spool;
        uint64_t size_bytes;
        int r;

        pail_mutex_lock(&draft->guarded.mutex);
        spool = draft->guarded.spool;
        draft->guarded.spool = NULL;
        size_bytes = draft->guarded.size_bytes;
        pail_mutex_unlock(&draft->guarded.mutex);
        if (!size_bytes) {
                pail_spool_file_free(spool);
                return false; /* a lock that another has: there is nothing to keep */
        }
        pail_fs_log(draft->fs, true, "the last changes of '%s' could not be sent: %s%s", key, strerror(-error),
                    spool ? "; the bytes are in lost+found of the state directory" : "");
        if (!spool)
                return true;
        r = pail_str_printf(&note, "Key: %s\nSize: %llu\nReason: %s\nUploading failed. Holes stand for bytes that were not changed, or that were zero.\n",
                            key, (unsigned long long)size_bytes, strerror(-error));
        if (r == 0)
                r = pail_spool_file_keep(spool, note);
        if (r < 0) {
                pail_fs_log(draft->fs, true, "they could not be kept either: %s", strerror(-r));
                pail_spool_file_free(spool);
        }
        return true;
}

/* S3's version counts again. */
static void revert_node(struct pail_draft *draft, int error, bool is_lost)
{
        struct pail_fs *fs = draft->fs;
        struct pail_node *node = draft->node;
        uint64_t id = node->id;

        pail_mutex_lock(&fs->tree.mutex);
        node->error = error;
        node->is_local = node->is_loaded = false;
        node->checked_ms = INT64_MIN;
        fs->tree.lost_files += is_lost;
        pail_mutex_unlock(&fs->tree.mutex);
        if (fs->options.invalidate_node)
                fs->options.invalidate_node(fs->options.notify_context, id);
}

/* Late stores of a mapping, a writer that was not the opener, a file whose close failed. */
static void send_rest(struct pail_draft *draft)
{
        struct pail_fs *fs = draft->fs;
        _cleanup_free_ char *key = NULL;
        int failure = pail_draft_failure(draft), r;

        pail_mutex_lock(&fs->tree.mutex);
        r = pail_node_key_locked(fs, draft->node, &key);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r < 0)
                return; /* unlinked: its bytes end with it */
        r = failure ? failure : pail_draft_send(draft);
        if (r == 0)
                return;
        revert_node(draft, failure ? 0 : r, keep_lost(draft, key, r));
}

static void delete_stash(struct pail_draft *draft)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_object *object = NULL;

        if (!draft->stash_key)
                return;
        if (pail_object_new(draft->fs->options.bucket, draft->stash_key, &object) < 0 || pail_object_delete(object, &error) < 0)
                pail_fs_log(draft->fs, true, "'%s', the copy of a file that was deleted while open, could not be deleted: %s",
                            draft->stash_key, error.message);
        pail_object_free(object);
}

void pail_draft_release(struct pail_draft *draft)
{
        struct pail_fs *fs = draft->fs;
        struct pail_node *node = draft->node;
        bool is_last;

        pail_mutex_lock(&fs->tree.mutex);
        is_last = draft->users == 1;
        pail_mutex_unlock(&fs->tree.mutex);
        if (is_last && pail_draft_is_dirty(draft))
                send_rest(draft); /* while it is, somebody may open the file again: then it is theirs */
        pail_mutex_lock(&fs->tree.mutex);
        is_last = --draft->users == 0;
        if (is_last)
                node->draft = NULL;
        pail_mutex_unlock(&fs->tree.mutex);
        if (is_last) {
                delete_stash(draft);
                free_file(draft);
        }
        pail_node_put(fs, node);
}
