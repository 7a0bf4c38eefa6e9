/* SPDX-License-Identifier: Apache-2.0 */
/* What all changing calls share. */
#include "operation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/tree/directory.h"
#include "fs/tree/resolve.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { NAME_LIMIT = 255 };

void pail_operation_free(void *context)
{
        struct pail_operation *operation = context;

        if (!operation)
                return;
        pail_inode_put(operation->fs, operation->inode);
        pail_inode_put(operation->fs, operation->parent);
        pail_inode_put(operation->fs, operation->new_parent);
        free(operation->name);
        free(operation->new_name);
        free(operation->target);
        free(operation);
}

static void pail_operation_free_p(struct pail_operation **operation)
{
        pail_operation_free(*operation);
}

int pail_operation_new(struct pail_fs *fs, uint64_t parent, const char *name, uint64_t new_parent, const char *new_name,
                       struct pail_operation **ret_change)
{
        _cleanup_(pail_operation_free_p) struct pail_operation *operation = calloc(1, sizeof(*operation));
        int r;

        if (fs->options.read_only) {
                free(pail_steal(&operation));
                return -EROFS;
        }
        if (!operation)
                return -ENOMEM;
        operation->fs = fs;
        r = pail_inode_get(fs, parent, &operation->parent);
        if (r == 0 && new_parent)
                r = pail_inode_get(fs, new_parent, &operation->new_parent);
        if (r == 0)
                r = pail_str_dup(name, &operation->name);
        if (r == 0)
                r = pail_str_dup(new_name, &operation->new_name);
        if (r < 0)
                return r;
        *ret_change = pail_steal(&operation);
        return 0;
}

int pail_operation_run(struct pail_operation *operation, int (*run)(void *operation), struct pail_fs_entry *ret_entry)
{
        _cleanup_future_ struct pail_future *future = NULL;
        int r = pail_fs_run_operation(operation->fs, run, pail_operation_free, operation, &future);

        if (r == 0 && ret_entry)
                *ret_entry = operation->entry;
        return r;
}

int pail_operation_find(struct pail_fs *fs, struct pail_inode *parent, const char *name, struct pail_inode **ret_inode)
{
        pail_mutex_lock(&fs->tree.mutex);
        struct pail_inode *inode = pail_inode_child_locked(fs, parent, name);

        if (inode && !(inode->is_local || inode->lookups))
                inode = NULL; /* from a listing only: its attributes are not known yet */
        if (inode)
                pail_inode_ref_locked(fs, inode);
        pail_mutex_unlock(&fs->tree.mutex);
        *ret_inode = inode;
        return inode ? 0 : pail_resolve(fs, parent, name, ret_inode);
}

int pail_operation_check_name_locked(struct pail_fs *fs, struct pail_inode *parent, const char *name, bool is_directory)
{
        _cleanup_free_ char *key = NULL;

        pail_mutex_assert_held(&fs->tree.mutex);
        if (strlen(name) > NAME_LIMIT)
                return -ENAMETOOLONG;
        if (!pail_directory_name_is_valid(fs, parent, name))
                return pail_str_equal(name, ".pail") ? -EPERM : -EINVAL;
        if (!pail_str_is_utf8(name))
                return -EILSEQ;
        if (pail_inode_child_locked(fs, parent, name))
                return -EEXIST;
        return pail_inode_child_key_locked(fs, parent, name, is_directory, &key);
}
