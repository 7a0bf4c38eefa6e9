/* SPDX-License-Identifier: Apache-2.0 */
/* A list of object data that move together. One may be in it twice: moves nest. */
#include "rebind.h"

#include <errno.h>
#include <stdlib.h>

#include "file.h"
#include "fs/core/volume.h"

static int append_data(struct pail_rebind *rebind, struct pail_object_data *data)
{
        if (!data)
                return 0;
        if (rebind->count == rebind->allocated) {
                size_t allocated = rebind->allocated ? rebind->allocated * 2 : 4;
                struct pail_object_data **items = reallocarray(rebind->items, allocated, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                rebind->items = items;
                rebind->allocated = allocated;
        }
        rebind->items[rebind->count++] = pail_object_data_ref(data);
        return 0;
}

int pail_rebind_add_locked(struct pail_rebind *rebind, struct pail_fs *fs, struct pail_inode *inode)
{
        struct pail_object_data *base;
        int r = append_data(rebind, inode->data);

        pail_mutex_assert_held(&fs->tree.mutex);
        if (r < 0 || !inode->file)
                return r;
        base = pail_file_ref_data(inode->file);
        r = append_data(rebind, base);
        pail_object_data_unref(base);
        return r;
}

void pail_rebind_begin(struct pail_rebind *rebind)
{
        for (size_t i = 0; i < rebind->count; i++)
                pail_object_data_move_begin(rebind->items[i]);
}

void pail_rebind_end(struct pail_rebind *rebind)
{
        for (size_t i = 0; i < rebind->count; i++)
                pail_object_data_move_end(rebind->items[i]);
}

void pail_rebind_done(struct pail_rebind *rebind)
{
        for (size_t i = 0; i < rebind->count; i++)
                pail_object_data_unref(rebind->items[i]);
        free(rebind->items);
        *rebind = (struct pail_rebind){ 0 };
}

int pail_rebind_inode_locked(struct pail_fs *fs, struct pail_inode *inode, const char *key, const char *etag)
{
        int r = pail_inode_written_locked(fs, inode, etag, false);

        pail_mutex_assert_held(&fs->tree.mutex);
        if (r == 0 && inode->data)
                r = pail_object_data_rebase(inode->data, key, etag);
        if (r == 0 && inode->file)
                r = pail_file_rebase(inode->file, key, etag);
        return r;
}
