/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object data hang on the inode, not on the open file: a file that is closed and opened again finds its blocks. tree/ knows them as a
 * pointer only, which it gives back through a hook when the inode goes or its object is replaced.
 */
#include "inode_data.h"

#include <errno.h>

#include "pail/util/cleanup.h"

const struct pail_inode_hooks pail_inode_data_hooks = { .unref_data = pail_object_data_unref };

int pail_inode_data_get_locked(struct pail_fs *fs, struct pail_inode *inode, struct pail_object_data **ret_data)
{
        const char *etag = pail_inode_remote_etag_locked(fs, inode);
        _cleanup_free_ char *key = NULL;
        int r;

        pail_mutex_assert_held(&fs->tree.mutex);
        if (!inode->data && etag && inode->attributes.size_bytes) {
                r = pail_inode_key_locked(fs, inode, &key);
                if (r == 0)
                        r = pail_object_data_new(fs->shared->engine, fs->options.remote, key, etag,
                                                 inode->attributes.size_bytes, &inode->data);
                if (r < 0)
                        return r;
        }
        *ret_data = inode->data ? pail_object_data_ref(inode->data) : NULL;
        return 0;
}

void pail_inode_data_set_locked(struct pail_fs *fs, struct pail_inode *inode, struct pail_object_data *data)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        pail_inode_drop_data_locked(fs, inode);
        inode->data = data;
}

void pail_inode_data_note_read(struct pail_fs *fs, struct pail_inode *inode, int r)
{
        if (r == 0)
                atomic_store(&inode->has_delivered, true);
        if (r != -ESTALE)
                return;
        PAIL_LOCK(&fs->tree.mutex);
        inode->checked_ms = INT64_MIN;
}
