/* SPDX-License-Identifier: Apache-2.0 */
/* What all changing calls share. */
#include "fs/ops/operation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/file/file.h"
#include "fs/tree/directory.h"
#include "fs/tree/resolve.h"
#include "pail/util/random.h"
#include "pail/util/str.h"

enum { NAME_LIMIT = 255 };

void pail_change_free(void *context)
{
        struct pail_change *change = context;

        if (!change)
                return;
        pail_node_put(change->fs, change->node);
        pail_node_put(change->fs, change->parent);
        pail_node_put(change->fs, change->new_parent);
        free(change->name);
        free(change->new_name);
        free(change->target);
        free(change);
}

static void pail_change_free_p(struct pail_change **change)
{
        pail_change_free(*change);
}

int pail_change_new(struct pail_fs *fs, uint64_t parent, const char *name, uint64_t new_parent, const char *new_name,
                    struct pail_change **ret_change)
{
        _cleanup_(pail_change_free_p) struct pail_change *change = calloc(1, sizeof(*change));
        int r;

        if (fs->options.read_only) {
                free(pail_steal(&change));
                return -EROFS;
        }
        if (!change)
                return -ENOMEM;
        change->fs = fs;
        r = pail_node_get(fs, parent, &change->parent);
        if (r == 0 && new_parent)
                r = pail_node_get(fs, new_parent, &change->new_parent);
        if (r == 0)
                r = pail_str_dup(name, &change->name);
        if (r == 0)
                r = pail_str_dup(new_name, &change->new_name);
        if (r < 0)
                return r;
        *ret_change = pail_steal(&change);
        return 0;
}

int pail_change_run(struct pail_change *change, int (*run)(void *change), struct pail_fs_entry *ret_entry)
{
        _cleanup_future_ struct pail_future *future = NULL;
        int r = pail_fs_mutate(change->fs, run, pail_change_free, change, &future);

        if (r == 0 && ret_entry)
                *ret_entry = change->entry;
        return r;
}

int pail_change_find(struct pail_fs *fs, struct pail_node *parent, const char *name, struct pail_node **ret_node)
{
        pail_mutex_lock(&fs->tree.mutex);
        struct pail_node *node = pail_node_child_locked(fs, parent, name);

        if (node && !(node->is_local || node->lookups))
                node = NULL; /* from a listing only: its attributes are not known yet */
        if (node)
                pail_node_ref_locked(node);
        pail_mutex_unlock(&fs->tree.mutex);
        *ret_node = node;
        return node ? 0 : pail_lookup(fs, parent, name, ret_node);
}

int pail_change_check_name_locked(struct pail_fs *fs, struct pail_node *parent, const char *name, bool is_directory)
{
        _cleanup_free_ char *key = NULL;

        if (strlen(name) > NAME_LIMIT)
                return -ENAMETOOLONG;
        if (!pail_directory_name_is_valid(fs, parent, name))
                return pail_str_equal(name, ".pail") ? -EPERM : -EINVAL;
        if (!pail_str_is_utf8(name))
                return -EILSEQ;
        if (pail_node_child_locked(fs, parent, name))
                return -EEXIST;
        return pail_node_child_key_locked(fs, parent, name, is_directory, &key);
}

static int copy_on_server(struct pail_fs *fs, struct pail_node *node, struct pail_remote_copy copy,
                          char ret_etag[static PAIL_REMOTE_ETAG_SIZE])
{
        struct pail_remote *remote = fs->options.remote;
        _cleanup_(pail_remote_object_done) struct pail_remote_object known = { 0 };
        _cleanup_(pail_remote_stored_done) struct pail_remote_stored stored = { 0 };
        int r;

        /* What the tree knows saves a HEAD, and the question for access rules that we have just made. */
        if (node) {
                PAIL_LOCK(&fs->tree.mutex);
                if (pail_node_object_locked(fs, node, &known, &copy.acl_is_default) == 0)
                        copy.source = &known;
        }
        r = remote->ops->copy(remote, &copy, &stored, NULL);
        if (r == -ESTALE && copy.source) {
                copy.source = NULL; /* someone else has written it since: theirs is what the name means now */
                copy.acl_is_default = false;
                r = remote->ops->copy(remote, &copy, &stored, NULL);
        }
        if (r == 0)
                memcpy(ret_etag, stored.etag, sizeof(stored.etag));
        return r;
}

int pail_change_copy_key(struct pail_fs *fs, struct pail_node *node, const char *from, const char *to,
                         const struct pail_attributes *attributes, char ret_etag[static PAIL_REMOTE_ETAG_SIZE])
{
        struct pail_remote_attributes replacing;
        struct pail_remote_copy copy = { .from = from, .to = to };

        if (attributes) {
                replacing = pail_attributes_stored(attributes);
                copy.attributes = &replacing;
        }
        return copy_on_server(fs, node, copy, ret_etag);
}

int pail_change_move_key(struct pail_fs *fs, struct pail_node *node, const char *from, const char *to,
                         char ret_etag[static PAIL_REMOTE_ETAG_SIZE])
{
        return copy_on_server(fs, node, (struct pail_remote_copy){ .from = from, .to = to, .is_move = true }, ret_etag);
}

int pail_change_delete_key(struct pail_fs *fs, const char *key)
{
        return fs->options.remote->ops->remove(fs->options.remote, key, NULL);
}

static int stash_key(const struct pail_fs *fs, char **ret_key)
{
        uint64_t number[2];

        pail_random_fill(number, sizeof(number));
        return pail_str_printf(ret_key, "%s.pail/open/%016llx%016llx", fs->options.prefix,
                               (unsigned long long)number[0], (unsigned long long)number[1]);
}

int pail_change_stash(struct pail_fs *fs, struct pail_node *node)
{
        _cleanup_free_ char *key = NULL, *aside = NULL;
        char etag[PAIL_REMOTE_ETAG_SIZE];
        struct pail_draft *draft;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        draft = node->draft; /* the claim keeps nobody from releasing it: so a user of our own */
        r = pail_node_key_locked(fs, node, &key);
        pail_mutex_unlock(&fs->tree.mutex);
        if (!draft || r < 0)
                return r;
        r = pail_draft_acquire(fs, node, &draft);
        if (r < 0)
                return r;
        r = pail_draft_settle(draft);
        if (r == 0 && !draft->stash_key && !pail_draft_is_whole_here(draft)) {
                r = stash_key(fs, &aside);
                if (r == 0)
                        r = copy_on_server(fs, node,
                                           (struct pail_remote_copy){ .from = key, .to = aside, .is_temporary = true },
                                           etag);
                if (r == 0)
                        r = pail_draft_rebase(draft, aside, etag);
                if (r == 0) {
                        PAIL_LOCK(&fs->tree.mutex);
                        draft->stash_key = pail_steal(&aside);
                }
        }
        pail_draft_release_later(draft);
        return r == -ENOENT ? 0 : r; /* the object is gone already */
}

void pail_change_unstash(struct pail_fs *fs, struct pail_node *node)
{
        _cleanup_free_ char *key = NULL, *aside = NULL;

        pail_mutex_lock(&fs->tree.mutex);
        if (node->draft && node->draft->stash_key && node->etag && pail_node_key_locked(fs, node, &key) == 0 &&
            pail_draft_rebase(node->draft, key, node->etag) == 0)
                aside = pail_steal(&node->draft->stash_key);
        pail_mutex_unlock(&fs->tree.mutex);
        if (aside)
                (void)pail_change_delete_key(fs, aside); /* a copy too many is better than a file that cannot be read */
}
