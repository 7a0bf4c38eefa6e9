/* SPDX-License-Identifier: Apache-2.0 */
/* lookup, forget, getattr, readlink, statfs: the calls that change nothing. */
#include <errno.h>
#include <string.h>

#include "fs/tree/remote_stat.h"
#include "fs/tree/resolve.h"
#include "pail/util/str.h"

enum { TARGET_LIMIT = 4096 };

int pail_fs_lookup(struct pail_fs *fs, uint64_t parent_id, const char *name, struct pail_fs_entry *ret_entry)
{
        _cleanup_pin_ struct pail_inode_pin parent = { fs, NULL }, inode = { fs, NULL };
        int r = pail_inode_get(fs, parent_id, &parent.inode);

        if (r == 0)
                r = pail_resolve(fs, parent.inode, name, &inode.inode);
        if (r == -ENOENT) {
                *ret_entry = (struct pail_fs_entry){ .entry_ttl_ms = fs->options.ttl_ms };
                return 0;
        }
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        pail_inode_entry_locked(fs, inode.inode, ret_entry);
        return 0;
}

void pail_fs_forget(struct pail_fs *fs, uint64_t id, uint64_t lookups)
{
        PAIL_LOCK(&fs->tree.mutex);
        struct pail_inode *inode = pail_inode_by_id_locked(fs, id);

        if (inode)
                pail_inode_forget_locked(fs, inode, lookups);
}

/* What is open or gone is known here; the rest is asked again when its time is over. */
static bool needs_load_locked(const struct pail_fs *fs, const struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        if (inode == fs->tree.root)
                return !inode->is_loaded;
        return !inode->is_local && !inode->is_detached && !inode->file && pail_inode_ttl_locked(fs, inode) == 0;
}

int pail_fs_getattr(struct pail_fs *fs, uint64_t id, struct pail_handle *handle, struct stat *ret_attributes,
                    int64_t *ret_ttl_ms)
{
        _cleanup_pin_ struct pail_inode_pin pin = { fs, NULL };
        bool needs_load;
        int r = pail_inode_get(fs, id, &pin.inode);

        (void)handle;
        if (r < 0)
                return r;
        {
                PAIL_LOCK(&fs->tree.mutex);
                needs_load = needs_load_locked(fs, pin.inode);
        }
        r = needs_load ? pail_remote_stat_inode(fs, pin.inode) : 0;
        if (r < 0)
                return r == -ENOENT ? -ESTALE : r;
        PAIL_LOCK(&fs->tree.mutex);
        pail_attributes_to_stat(&pin.inode->attributes, pin.inode->ino, ret_attributes);
        ret_attributes->st_nlink = pin.inode->is_detached ? 0 : 1;
        *ret_ttl_ms = pail_inode_ttl_locked(fs, pin.inode);
        return 0;
}

/* The body of the object; kept, because a link never changes but by being replaced. */
static int fetch_target(struct pail_fs *fs, struct pail_inode *inode)
{
        _cleanup_free_ char *key = NULL, *target = NULL;
        struct pail_remote *remote = fs->options.remote;
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                r = pail_inode_key_locked(fs, inode, &key);
        }
        if (r == 0)
                r = remote->ops->read(remote, key, TARGET_LIMIT, &target, NULL);
        if (r < 0)
                return r == -EMSGSIZE ? -ENAMETOOLONG : r;
        PAIL_LOCK(&fs->tree.mutex);
        return pail_str_replace(&inode->target, target);
}

int pail_fs_readlink(struct pail_fs *fs, uint64_t id, char **ret_target)
{
        _cleanup_pin_ struct pail_inode_pin pin = { fs, NULL };
        bool is_known;
        int r = pail_inode_get(fs, id, &pin.inode);

        if (r < 0)
                return r;
        {
                PAIL_LOCK(&fs->tree.mutex);
                r = S_ISLNK(pin.inode->attributes.mode) ? 0 : -EINVAL;
                is_known = pin.inode->target;
        }
        if (r == 0 && !is_known)
                r = fetch_target(fs, pin.inode);
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        return pail_str_dup(pin.inode->target, ret_target);
}

int pail_fs_statfs(struct pail_fs *fs, struct statvfs *ret_statistics)
{
        pail_fs_describe_space(fs->options.read_only, ret_statistics);
        return 0;
}
