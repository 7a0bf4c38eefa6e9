/* SPDX-License-Identifier: Apache-2.0 */
/* Asking S3 for the names in a directory. */
#ifndef PAIL_FS_TREE_LISTING_H
#define PAIL_FS_TREE_LISTING_H

#include "inode.h"

/* Makes the listing fresh; waits for one under way. Without the lock. -EACCES without the permission to list. */
int pail_listing_refresh(struct pail_fs *fs, struct pail_inode *inode);
/* A name in the directory was looked up: may start a listing in the background before the old one is out of date. */
void pail_listing_note_use_locked(struct pail_fs *fs, struct pail_inode *inode);
/* The first keys under a directory's key, itself included: for "does it exist" (1) and "is it empty" (2). */
int pail_listing_peek(struct pail_fs *fs, const char *key, unsigned count, struct pail_remote_page *ret_page);

#endif
