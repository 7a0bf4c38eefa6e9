/* SPDX-License-Identifier: Apache-2.0 */
/* The names of a rename, entered in one step under tree.mutex after S3 has the object under the new key. */
#include "rename_entry.h"

#include "fs/tree/directory.h"

int pail_rename_enter_locked(struct pail_fs *fs, const struct pail_rename *rename)
{
        struct pail_inode *inode = rename->inode, *parent = inode->parent, *victim = rename->victim;
        bool victim_is_remote = victim && victim->is_remote;
        int r;

        pail_mutex_assert_held(&fs->tree.mutex);
        pail_directory_note_removed_locked(fs, parent, inode->name);
        pail_directory_keep_implied_locked(fs, parent);
        if (victim)
                pail_inode_detach_locked(fs, victim);
        pail_inode_clear_name_locked(fs, rename->new_parent, rename->new_name, inode);
        r = pail_inode_move_locked(fs, inode, rename->new_parent, rename->new_name);
        inode->is_remote = inode->is_remote || victim_is_remote; /* an unsent file over one that S3 has */
        inode->changed_serial = ++fs->tree.serial;
        return r;
}
