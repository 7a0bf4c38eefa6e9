/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inodes: their table, their names, their life. A child does not hold a reference on its parent; instead an inode with children is
 * never freed, and a key is built by walking up, so that renaming a directory in memory is one pointer.
 */
#include "inode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "listing_state.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

static void free_inode(struct pail_fs *fs, struct pail_inode *inode)
{
        HASH_DELETE(by_id, fs->tree.by_id, inode);
        if (inode->data)
                fs->inode_hooks->unref_data(inode->data);
        pail_listing_state_free(inode->listing);
        free(inode->extra);
        free(inode->etag);
        free(inode->target);
        free(inode->name);
        free(inode);
}

/* Frees what nobody can reach any more. */
static void collect_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_inode *parent = inode->parent;

        if (inode->lookups || inode->refs || inode->children || inode->file)
                return;
        if (inode->is_detached) {
                free_inode(fs, inode);
        } else if (parent && parent->is_detached) {
                pail_inode_detach_locked(fs, inode); /* its directory is gone: no listing needs the name */
        }
}

/* The kernel forgot a directory: its cached names go with it, as far as nobody uses them. */
static void prune_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_inode *child, *next;

        inode->refs++; /* a detached inode would be freed along with its last child */
        HASH_ITER(by_name, inode->children, child, next) {
                if (child->is_local || child->lock.is_held || child->file)
                        continue;
                if (child->is_directory)
                        prune_locked(fs, child);
                if (!child->lookups && !child->refs && !child->children)
                        pail_inode_detach_locked(fs, child);
        }
        pail_listing_state_expire(inode->listing);
        inode->refs--;
}

static void enter_parent_locked(struct pail_fs *fs, struct pail_inode *inode, struct pail_inode *parent)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        inode->parent = parent;
        HASH_ADD_KEYPTR(by_name, parent->children, inode->name, strlen(inode->name), inode);
        pail_lock_attach_locked(fs, &inode->lock, &parent->lock);
}

static void leave_parent_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_inode *parent = inode->parent;

        pail_lock_detach_locked(fs, &inode->lock);
        if (parent)
                HASH_DELETE(by_name, parent->children, inode);
        inode->parent = NULL;
}

struct pail_inode *pail_inode_new_locked(struct pail_fs *fs, struct pail_inode *parent, const char *name,
                                         bool is_directory, uint64_t ino)
{
        struct pail_inode *inode = calloc(1, sizeof(*inode));

        pail_mutex_assert_held(&fs->tree.mutex);
        if (!inode)
                return NULL;
        inode->name = strdup(name);
        if (!inode->name) {
                free(inode);
                return NULL;
        }
        inode->id = ++fs->tree.last_id;
        inode->ino = ino ? ino : inode->id;
        inode->is_directory = is_directory;
        inode->checked_ms = inode->put_ms = INT64_MIN;
        HASH_ADD(by_id, fs->tree.by_id, id, sizeof(inode->id), inode);
        if (parent)
                enter_parent_locked(fs, inode, parent);
        return inode;
}

struct pail_inode *pail_inode_by_id_locked(struct pail_fs *fs, uint64_t id)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_inode *inode;

        HASH_FIND(by_id, fs->tree.by_id, &id, sizeof(id), inode);
        return inode;
}

struct pail_inode *pail_inode_child_locked(struct pail_fs *fs, struct pail_inode *parent, const char *name)
{
        struct pail_inode *inode;

        pail_mutex_assert_held(&fs->tree.mutex);
        HASH_FIND(by_name, parent->children, name, strlen(name), inode);
        return inode;
}

void pail_inode_detach_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        struct pail_inode *parent = inode->parent;

        pail_mutex_assert_held(&fs->tree.mutex);
        if (inode->is_detached || inode == fs->tree.root)
                return;
        leave_parent_locked(fs, inode);
        inode->is_detached = true;
        if (inode->is_directory)
                prune_locked(fs, inode);
        collect_locked(fs, inode);
        if (parent)
                collect_locked(fs, parent);
}

int pail_inode_move_locked(struct pail_fs *fs, struct pail_inode *inode, struct pail_inode *parent, const char *name)
{
        struct pail_inode *old_parent = inode->parent;
        char *copy = strdup(name);

        pail_mutex_assert_held(&fs->tree.mutex);
        if (!copy)
                return -ENOMEM;
        leave_parent_locked(fs, inode);
        free(inode->name);
        inode->name = copy;
        inode->is_detached = false;
        enter_parent_locked(fs, inode, parent);
        if (old_parent)
                collect_locked(fs, old_parent);
        return 0;
}

void pail_inode_ref_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        inode->refs++;
}

void pail_inode_unref_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        inode->refs--;
        collect_locked(fs, inode);
}

void pail_inode_forget_locked(struct pail_fs *fs, struct pail_inode *inode, uint64_t lookups)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        inode->lookups -= lookups < inode->lookups ? lookups : inode->lookups;
        if (inode->lookups)
                return;
        if (inode->is_directory && inode != fs->tree.root)
                prune_locked(fs, inode);
        collect_locked(fs, inode);
}

/* Names from the root to the inode, each followed by '/'. */
static int append_path(struct pail_buf *buf, const struct pail_inode *inode)
{
        int r;

        if (!inode->parent)
                return inode->is_detached ? -ENOENT : 0;
        r = append_path(buf, inode->parent);
        if (r == 0)
                r = pail_buf_append_string(buf, inode->name);
        return r < 0 ? r : pail_buf_append_char(buf, '/');
}

/* Key of an inode (name NULL), or of a name in it. */
static int build_key(const struct pail_fs *fs, const struct pail_inode *inode, const char *name, bool is_directory,
                     char **ret_key)
{
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(PAIL_REMOTE_KEY_MAX + 2);
        size_t length;
        int r;

        r = pail_buf_append_string(&buf, fs->options.prefix);
        if (r == 0)
                r = append_path(&buf, inode);
        if (r == 0 && name)
                r = pail_buf_append_string(&buf, name);
        if (r == 0 && name && is_directory)
                r = pail_buf_append_char(&buf, '/');
        if (r < 0)
                return r == -EMSGSIZE ? -ENAMETOOLONG : r;
        length = buf.length - (!name && !is_directory && buf.length);
        if (length > PAIL_REMOTE_KEY_MAX)
                return -ENAMETOOLONG;
        r = pail_buf_steal(&buf, ret_key, NULL);
        if (r == 0)
                (*ret_key)[length] = 0;
        return r;
}

int pail_inode_key_locked(const struct pail_fs *fs, const struct pail_inode *inode, char **ret_key)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        return build_key(fs, inode, NULL, inode->is_directory, ret_key);
}

int pail_inode_child_key_locked(const struct pail_fs *fs, const struct pail_inode *parent, const char *name,
                                bool is_directory, char **ret_key)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        return build_key(fs, parent, name, is_directory, ret_key);
}

void pail_inode_clear_name_locked(struct pail_fs *fs, struct pail_inode *parent, const char *name,
                                  const struct pail_inode *keep)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_inode *other = pail_inode_child_locked(fs, parent, name);

        if (!other || other == keep)
                return;
        other->is_superseded = true;
        pail_inode_detach_locked(fs, other);
}

bool pail_inode_is_in_use_locked(const struct pail_fs *fs, const struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        if (inode->is_local || inode->lock.is_held || inode->file || inode->lock.held_below)
                return true;
        for (const struct pail_inode *child = inode->children; child; child = child->by_name.next)
                if (pail_inode_is_in_use_locked(fs, child))
                        return true;
        return false;
}

int64_t pail_inode_ttl_locked(const struct pail_fs *fs, const struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        int64_t left;

        if (inode->is_local || inode == fs->tree.root)
                return fs->options.ttl_ms;
        if (inode->checked_ms == INT64_MIN)
                return 0;
        left = inode->checked_ms + fs->options.ttl_ms - pail_clock_monotonic_ms();
        return left > 0 ? left : 0;
}

void pail_inode_entry_locked(struct pail_fs *fs, struct pail_inode *inode, struct pail_fs_entry *ret_entry)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        inode->lookups++;
        ret_entry->node_id = inode->id;
        pail_attributes_to_stat(&inode->attributes, inode->ino, &ret_entry->attributes);
        ret_entry->entry_ttl_ms = ret_entry->attributes_ttl_ms = pail_inode_ttl_locked(fs, inode);
}

int pail_inode_written_locked(struct pail_fs *fs, struct pail_inode *inode, const char *etag, bool is_put)
{
        int r = pail_str_replace(&inode->etag, etag);

        pail_mutex_assert_held(&fs->tree.mutex);
        inode->is_remote = true;
        inode->is_local = false;
        inode->is_loaded = true;
        inode->last_modified = 0;
        inode->changed_serial = ++fs->tree.serial;
        inode->checked_ms = pail_clock_monotonic_ms();
        if (is_put)
                inode->put_ms = inode->checked_ms;
        return r;
}

int pail_inode_object_locked(const struct pail_fs *fs, const struct pail_inode *inode,
                             struct pail_remote_object *ret_object, bool *ret_acl_is_default)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_remote_object object = { .size_bytes = inode->attributes.size_bytes,
                                             .tag_count = inode->tag_count };
        int r;

        if (!inode->is_loaded || inode->is_local || !inode->etag || pail_inode_ttl_locked(fs, inode) == 0)
                return -ENODATA;
        r = pail_str_dup(inode->extra, &object.metadata.extra);
        if (r < 0)
                return r;
        object.metadata.attributes = pail_attributes_stored(&inode->attributes);
        pail_str_copy(object.etag, sizeof(object.etag), inode->etag);
        *ret_acl_is_default = inode->put_ms != INT64_MIN &&
                              pail_clock_monotonic_ms() - inode->put_ms < fs->options.ttl_ms;
        *ret_object = object;
        return 0;
}

int pail_inode_writable_key_locked(const struct pail_fs *fs, const struct pail_inode *inode, char **ret_key)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        return inode->is_superseded ? -ESTALE : pail_inode_key_locked(fs, inode, ret_key);
}

const char *pail_inode_remote_etag_locked(const struct pail_fs *fs, const struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        return inode->is_remote ? inode->etag : NULL;
}

void pail_inode_note_written_locked(struct pail_fs *fs, struct pail_inode *inode, uint64_t size_bytes, bool is_unsent)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        inode->attributes.size_bytes = size_bytes;
        if (!is_unsent)
                return;
        inode->attributes.mtime = inode->attributes.ctime = pail_clock_now();
        inode->is_local = true;
}

int pail_inode_steal_error(struct pail_fs *fs, struct pail_inode *inode)
{
        PAIL_LOCK(&fs->tree.mutex);
        int error = inode->error;

        inode->error = 0;
        return error;
}

bool pail_inode_is_unlinked_locked(const struct pail_fs *fs, const struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        return inode->is_detached && !inode->is_superseded;
}

void pail_inode_revert_locked(struct pail_fs *fs, struct pail_inode *inode, int error)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        inode->error = error;
        inode->is_local = inode->is_loaded = false;
        inode->checked_ms = INT64_MIN;
        pail_inode_drop_data_locked(fs, inode);
        pail_cond_broadcast(&fs->tree.changed);
}

void pail_inode_drop_data_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        if (inode->data)
                fs->inode_hooks->unref_data(pail_steal(&inode->data));
}

int pail_inode_get(struct pail_fs *fs, uint64_t id, struct pail_inode **ret_inode)
{
        struct pail_inode *inode;

        PAIL_LOCK(&fs->tree.mutex);
        inode = pail_inode_by_id_locked(fs, id);
        if (!inode)
                return -ESTALE;
        pail_inode_ref_locked(fs, inode);
        *ret_inode = inode;
        return 0;
}

void pail_inode_put(struct pail_fs *fs, struct pail_inode *inode)
{
        if (!inode)
                return;
        PAIL_LOCK(&fs->tree.mutex);
        pail_inode_unref_locked(fs, inode);
}

void pail_inode_free_tree(struct pail_fs *fs)
{
        struct pail_inode *inode, *next;

        /* All names first: a table of names is found through its first inode. */
        HASH_ITER(by_id, fs->tree.by_id, inode, next)
                if (inode->children)
                        HASH_CLEAR(by_name, inode->children);
        HASH_ITER(by_id, fs->tree.by_id, inode, next)
                free_inode(fs, inode);
        fs->tree.root = NULL;
}
