/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes: their table, their names, their life. A child does not hold a reference on its parent; instead a node with children is
 * never freed, and a key is built by walking up, so that renaming a directory in memory is one pointer.
 */
#include "fs/tree/inode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/tree/directory.h"
#include "pail/util/buf.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

static void free_node(struct pail_fs *fs, struct pail_node *node)
{
        HASH_DELETE(by_id, fs->tree.by_id, node);
        pail_node_drop_content_locked(node);
        pail_directory_free(node->directory);
        free(node->extra);
        free(node->etag);
        free(node->target);
        free(node->name);
        free(node);
}

/* Frees what nobody can reach any more. */
static void collect_locked(struct pail_fs *fs, struct pail_node *node)
{
        struct pail_node *parent = node->parent;

        if (node->lookups || node->references || node->children || node->draft)
                return;
        if (node->is_detached) {
                free_node(fs, node);
        } else if (parent && parent->is_detached) {
                pail_node_detach_locked(fs, node); /* its directory is gone: no listing needs the name */
        }
}

/* The kernel forgot a directory: its cached names go with it, as far as nobody uses them. */
static void prune_locked(struct pail_fs *fs, struct pail_node *node)
{
        struct pail_node *child, *next;

        node->references++; /* a detached node would be freed along with its last child */
        HASH_ITER(by_name, node->children, child, next) {
                if (child->is_local || child->is_claimed || child->draft)
                        continue;
                if (child->is_directory)
                        prune_locked(fs, child);
                if (!child->lookups && !child->references && !child->children)
                        pail_node_detach_locked(fs, child);
        }
        pail_directory_expire(node->directory);
        node->references--;
}

struct pail_node *pail_node_new_locked(struct pail_fs *fs, struct pail_node *parent, const char *name,
                                       bool is_directory, uint64_t ino)
{
        struct pail_node *node = calloc(1, sizeof(*node));

        pail_mutex_assert_held(&fs->tree.mutex);
        if (!node)
                return NULL;
        node->name = strdup(name);
        if (!node->name) {
                free(node);
                return NULL;
        }
        node->id = ++fs->tree.last_id;
        node->ino = ino ? ino : node->id;
        node->is_directory = is_directory;
        node->checked_ms = node->put_ms = INT64_MIN;
        node->parent = parent;
        HASH_ADD(by_id, fs->tree.by_id, id, sizeof(node->id), node);
        if (parent)
                HASH_ADD_KEYPTR(by_name, parent->children, node->name, strlen(node->name), node);
        return node;
}

struct pail_node *pail_node_by_id_locked(struct pail_fs *fs, uint64_t id)
{
        struct pail_node *node;

        HASH_FIND(by_id, fs->tree.by_id, &id, sizeof(id), node);
        return node;
}

struct pail_node *pail_node_child_locked(struct pail_fs *fs, struct pail_node *parent, const char *name)
{
        struct pail_node *node;

        pail_mutex_assert_held(&fs->tree.mutex);
        HASH_FIND(by_name, parent->children, name, strlen(name), node);
        return node;
}

static void take_name_locked(struct pail_node *node)
{
        struct pail_node *parent = node->parent;

        for (struct pail_node *above = parent; above; above = above->parent)
                above->claims_below -= node->claims_below;
        if (parent)
                HASH_DELETE(by_name, parent->children, node);
        node->parent = NULL;
}

void pail_node_detach_locked(struct pail_fs *fs, struct pail_node *node)
{
        struct pail_node *parent = node->parent;

        pail_mutex_assert_held(&fs->tree.mutex);
        if (node->is_detached || node == fs->tree.root)
                return;
        take_name_locked(node);
        node->is_detached = true;
        if (node->is_directory)
                prune_locked(fs, node);
        collect_locked(fs, node);
        if (parent)
                collect_locked(fs, parent);
}

int pail_node_move_locked(struct pail_fs *fs, struct pail_node *node, struct pail_node *parent, const char *name)
{
        struct pail_node *old_parent = node->parent;
        char *copy = strdup(name);

        pail_mutex_assert_held(&fs->tree.mutex);
        if (!copy)
                return -ENOMEM;
        take_name_locked(node);
        free(node->name);
        node->name = copy;
        node->parent = parent;
        node->is_detached = false;
        HASH_ADD_KEYPTR(by_name, parent->children, node->name, strlen(node->name), node);
        for (struct pail_node *above = parent; above; above = above->parent)
                above->claims_below += node->claims_below;
        if (old_parent)
                collect_locked(fs, old_parent);
        return 0;
}

void pail_node_ref_locked(struct pail_node *node)
{
        node->references++;
}

void pail_node_unref_locked(struct pail_fs *fs, struct pail_node *node)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        node->references--;
        collect_locked(fs, node);
}

void pail_node_forget_locked(struct pail_fs *fs, struct pail_node *node, uint64_t lookups)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        node->lookups -= lookups < node->lookups ? lookups : node->lookups;
        if (node->lookups)
                return;
        if (node->is_directory && node != fs->tree.root)
                prune_locked(fs, node);
        collect_locked(fs, node);
}

/* Names from the root to the node, each followed by '/'. */
static int append_path(struct pail_buf *buf, const struct pail_node *node)
{
        int r;

        if (!node->parent)
                return node->is_detached ? -ENOENT : 0;
        r = append_path(buf, node->parent);
        if (r == 0)
                r = pail_buf_append_string(buf, node->name);
        return r < 0 ? r : pail_buf_append_char(buf, '/');
}

/* Key of a node (name NULL), or of a name in it. */
static int build_key(const struct pail_fs *fs, const struct pail_node *node, const char *name, bool is_directory,
                     char **ret_key)
{
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(PAIL_REMOTE_KEY_MAX + 2);
        size_t length;
        int r;

        r = pail_buf_append_string(&buf, fs->options.prefix);
        if (r == 0)
                r = append_path(&buf, node);
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

int pail_node_key_locked(const struct pail_fs *fs, const struct pail_node *node, char **ret_key)
{
        return build_key(fs, node, NULL, node->is_directory, ret_key);
}

int pail_node_child_key_locked(const struct pail_fs *fs, const struct pail_node *parent, const char *name,
                               bool is_directory, char **ret_key)
{
        return build_key(fs, parent, name, is_directory, ret_key);
}

void pail_node_clear_name_locked(struct pail_fs *fs, struct pail_node *parent, const char *name,
                                 const struct pail_node *keep)
{
        struct pail_node *other = pail_node_child_locked(fs, parent, name);

        if (!other || other == keep)
                return;
        other->is_superseded = true;
        pail_node_detach_locked(fs, other);
}

bool pail_node_is_in_use_locked(const struct pail_node *node)
{
        if (node->is_local || node->is_claimed || node->draft || node->claims_below)
                return true;
        for (const struct pail_node *child = node->children; child; child = child->by_name.next)
                if (pail_node_is_in_use_locked(child))
                        return true;
        return false;
}

bool pail_node_is_moving_locked(const struct pail_node *node)
{
        for (; node; node = node->parent)
                if (node->is_moving)
                        return true;
        return false;
}

int64_t pail_node_ttl_locked(const struct pail_fs *fs, const struct pail_node *node)
{
        int64_t left;

        if (node->is_local || node == fs->tree.root)
                return fs->options.ttl_ms;
        if (node->checked_ms == INT64_MIN)
                return 0;
        left = node->checked_ms + fs->options.ttl_ms - pail_clock_monotonic_ms();
        return left > 0 ? left : 0;
}

void pail_node_entry_locked(struct pail_fs *fs, struct pail_node *node, struct pail_fs_entry *ret_entry)
{
        node->lookups++;
        ret_entry->node_id = node->id;
        pail_attributes_to_stat(&node->attributes, node->ino, &ret_entry->attributes);
        ret_entry->entry_ttl_ms = ret_entry->attributes_ttl_ms = pail_node_ttl_locked(fs, node);
}

int pail_node_written_locked(struct pail_fs *fs, struct pail_node *node, const char *etag, bool is_put)
{
        int r = pail_str_replace(&node->etag, etag);

        pail_mutex_assert_held(&fs->tree.mutex);
        node->is_remote = true;
        node->is_local = false;
        node->is_loaded = true;
        node->last_modified = 0;
        node->changed_serial = ++fs->tree.serial;
        node->checked_ms = pail_clock_monotonic_ms();
        if (is_put)
                node->put_ms = node->checked_ms;
        return r;
}

int pail_node_object_locked(const struct pail_fs *fs, const struct pail_node *node,
                            struct pail_remote_object *ret_object, bool *ret_acl_is_default)
{
        struct pail_remote_object object = { .size_bytes = node->attributes.size_bytes, .tag_count = node->tag_count };
        int r;

        if (!node->is_loaded || node->is_local || !node->etag || pail_node_ttl_locked(fs, node) == 0)
                return -ENODATA;
        r = pail_str_dup(node->extra, &object.metadata.extra);
        if (r < 0)
                return r;
        object.metadata.attributes = pail_attributes_stored(&node->attributes);
        pail_str_copy(object.etag, sizeof(object.etag), node->etag);
        *ret_acl_is_default = node->put_ms != INT64_MIN &&
                              pail_clock_monotonic_ms() - node->put_ms < fs->options.ttl_ms;
        *ret_object = object;
        return 0;
}

void pail_node_drop_content_locked(struct pail_node *node)
{
        pail_content_unref(node->content);
        node->content = NULL;
}

int pail_node_get(struct pail_fs *fs, uint64_t id, struct pail_node **ret_node)
{
        struct pail_node *node;

        PAIL_LOCK(&fs->tree.mutex);
        node = pail_node_by_id_locked(fs, id);
        if (!node)
                return -ESTALE;
        pail_node_ref_locked(node);
        *ret_node = node;
        return 0;
}

void pail_node_put(struct pail_fs *fs, struct pail_node *node)
{
        if (!node)
                return;
        PAIL_LOCK(&fs->tree.mutex);
        pail_node_unref_locked(fs, node);
}

void pail_node_free_tree(struct pail_fs *fs)
{
        struct pail_node *node, *next;

        /* All names first: a table of names is found through its first node. */
        HASH_ITER(by_id, fs->tree.by_id, node, next)
                if (node->children)
                        HASH_CLEAR(by_name, node->children);
        HASH_ITER(by_id, fs->tree.by_id, node, next)
                free_node(fs, node);
        fs->tree.root = NULL;
}
