/* SPDX-License-Identifier: Apache-2.0 */
/* A directory's inode and what it knows of its names (listing_state.h), short of asking S3 (listing.h). */
#ifndef PAIL_FS_TREE_DIRECTORY_H
#define PAIL_FS_TREE_DIRECTORY_H

#include "inode.h"
#include "listing_state.h"

struct pail_listing_state *pail_directory_state_locked(struct pail_fs *fs,
                                                       struct pail_inode *inode); /* made on demand; NULL: no memory */
bool pail_directory_is_fresh_locked(const struct pail_fs *fs, const struct pail_inode *inode);
/* A name in the directory goes away: directories that only their files imply stay visible until the mount forgets them. */
void pail_directory_keep_implied_locked(struct pail_fs *fs, struct pail_inode *inode);
bool pail_directory_is_kept_locked(const struct pail_fs *fs, const struct pail_inode *inode);
/* A new, empty directory that we made: it is listed. */
void pail_directory_set_empty_locked(struct pail_fs *fs, struct pail_inode *inode);
/* Remembers that a name went away, for questions and listings under way, whose answers are older. */
void pail_directory_note_removed_locked(struct pail_fs *fs, struct pail_inode *inode, const char *name);
bool pail_directory_was_removed_locked(const struct pail_fs *fs, const struct pail_inode *inode, const char *name);
/* Is the name one that a path can have? Also false for the mount's own ".pail" at the root. */
bool pail_directory_name_is_valid(const struct pail_fs *fs, const struct pail_inode *parent, const char *name);

#endif
