/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a directory knows of its names as a whole. Guarded by fs->tree.mutex.
 *
 * A listing is complete and fresh (ttl) or it says nothing; while it is, absent names are known to be absent. Individual
 * look-ups are counted, and once they have cost as much as a listing would, the directory is listed.
 */
#ifndef PAIL_FS_TREE_DIRECTORY_H
#define PAIL_FS_TREE_DIRECTORY_H

#include "fs/tree/inode.h"

struct pail_removed_name; /* names unlinked while a listing is under way: its older pages still tell of them */

struct pail_directory {
        bool is_listing;    /* one thread is at it; others wait on tree.changed */
        bool is_refreshing; /* a background listing is queued or runs */
        unsigned uses;      /* lookups since the last listing */
        bool has_hidden;    /* holds keys that no path can express: rmdir and rename refuse */
        bool is_kept;       /* implied, and its last file was removed here: stays visible until forgotten */
        int64_t listed_ms;  /* when the last complete listing began; INT64_MIN: never */
        unsigned pages;     /* of that listing */
        unsigned misses;    /* single questions since misses_ms */
        int64_t misses_ms;
        uint64_t removed_serial; /* tree.serial of the last name that went away here */
        unsigned ahead;          /* size of the next look-ahead for attributes */
        struct pail_removed_name *removed;
};

struct pail_directory *pail_node_directory_locked(struct pail_node *node); /* made on demand; NULL: no memory */
void pail_directory_free(struct pail_directory *directory);
void pail_directory_expire(struct pail_directory *directory); /* NULL is fine */
bool pail_directory_is_fresh_locked(const struct pail_fs *fs, const struct pail_node *node);
/* A name in the directory goes away: directories that only their files imply stay visible until the mount forgets them. */
void pail_directory_keep_implied_locked(struct pail_node *node);
/* A new, empty directory that we made: it is listed. */
void pail_directory_set_empty_locked(struct pail_node *node);
/* Remembers that a name went away, for questions and listings under way, whose answers are older. */
void pail_directory_note_removed_locked(struct pail_fs *fs, struct pail_node *node, const char *name);
bool pail_directory_was_removed_locked(const struct pail_node *node, const char *name);
void pail_directory_forget_removed_locked(struct pail_node *node);

/* Makes the listing fresh; waits for one under way. Without the lock. -EACCES without the permission to list. */
int pail_directory_list(struct pail_fs *fs, struct pail_node *node);
/* A name in the directory was looked up: may start a listing in the background before the old one is out of date. */
void pail_directory_use_locked(struct pail_fs *fs, struct pail_node *node);
/* Is the name one that a path can have? Also false for the mount's own ".pail" at the root. */
bool pail_directory_name_is_valid(const struct pail_fs *fs, const struct pail_node *parent, const char *name);

/* The first keys under a directory's key, itself included: for "does it exist" (1) and "is it empty" (2). */
int pail_directory_peek(struct pail_fs *fs, const char *key, unsigned count, struct pail_remote_page *ret_page);

#endif
