/* SPDX-License-Identifier: Apache-2.0 */
/* lookup, forget, getattr, readlink: the calls that change nothing. */
#include <errno.h>
#include <string.h>

#include "fs/tree/remote_stat.h"
#include "fs/tree/resolve.h"
#include "pail/util/str.h"

enum { TARGET_LIMIT = 4096 };

int pail_fs_lookup(struct pail_fs *fs, uint64_t parent_id, const char *name, struct pail_fs_entry *ret_entry)
{
        _cleanup_pin_ struct pail_node_pin parent = { fs, NULL }, node = { fs, NULL };
        int r = pail_node_get(fs, parent_id, &parent.node);

        if (r == 0)
                r = pail_lookup(fs, parent.node, name, &node.node);
        if (r == -ENOENT) {
                *ret_entry = (struct pail_fs_entry){ .entry_ttl_ms = fs->options.ttl_ms };
                return 0;
        }
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        pail_node_entry_locked(fs, node.node, ret_entry);
        return 0;
}

void pail_fs_forget(struct pail_fs *fs, uint64_t id, uint64_t lookups)
{
        PAIL_LOCK(&fs->tree.mutex);
        struct pail_node *node = pail_node_by_id_locked(fs, id);

        if (node)
                pail_node_forget_locked(fs, node, lookups);
}

/* What is open or gone is known here; the rest is asked again when its time is over. */
static bool needs_load_locked(const struct pail_fs *fs, const struct pail_node *node)
{
        if (node == fs->tree.root)
                return !node->is_loaded;
        return !node->is_local && !node->is_detached && !node->draft && pail_node_ttl_locked(fs, node) == 0;
}

int pail_fs_getattr(struct pail_fs *fs, uint64_t id, struct pail_handle *handle, struct stat *ret_attributes,
                    int64_t *ret_ttl_ms)
{
        _cleanup_pin_ struct pail_node_pin pin = { fs, NULL };
        bool needs_load;
        int r = pail_node_get(fs, id, &pin.node);

        (void)handle;
        if (r < 0)
                return r;
        pail_mutex_lock(&fs->tree.mutex);
        needs_load = needs_load_locked(fs, pin.node);
        pail_mutex_unlock(&fs->tree.mutex);
        r = needs_load ? pail_load(fs, pin.node) : 0;
        if (r < 0)
                return r == -ENOENT ? -ESTALE : r;
        PAIL_LOCK(&fs->tree.mutex);
        pail_attributes_to_stat(&pin.node->attributes, pin.node->ino, ret_attributes);
        ret_attributes->st_nlink = pin.node->is_detached ? 0 : 1;
        *ret_ttl_ms = pail_node_ttl_locked(fs, pin.node);
        return 0;
}

/* The body of the object; kept, because a link never changes but by being replaced. */
static int fetch_target(struct pail_fs *fs, struct pail_node *node)
{
        _cleanup_free_ char *key = NULL, *target = NULL;
        struct pail_remote *remote = fs->options.remote;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        r = pail_node_key_locked(fs, node, &key);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r == 0)
                r = remote->ops->read(remote, key, TARGET_LIMIT, &target, NULL);
        if (r < 0)
                return r == -EMSGSIZE ? -ENAMETOOLONG : r;
        PAIL_LOCK(&fs->tree.mutex);
        return pail_str_replace(&node->target, target);
}

int pail_fs_readlink(struct pail_fs *fs, uint64_t id, char **ret_target)
{
        _cleanup_pin_ struct pail_node_pin pin = { fs, NULL };
        bool is_known;
        int r = pail_node_get(fs, id, &pin.node);

        if (r < 0)
                return r;
        pail_mutex_lock(&fs->tree.mutex);
        r = S_ISLNK(pin.node->attributes.mode) ? 0 : -EINVAL;
        is_known = pin.node->target;
        pail_mutex_unlock(&fs->tree.mutex);
        if (r == 0 && !is_known)
                r = fetch_target(fs, pin.node);
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        return pail_str_dup(pin.node->target, ret_target);
}
