/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a directory knows of its names as a whole; hangs on its inode. Guarded by the volume's tree.mutex.
 *
 * A listing is complete and fresh (ttl) or it says nothing; while it is, absent names are known to be absent. Individual
 * look-ups are counted, and once they have cost as much as a listing would, the directory is listed.
 */
#ifndef PAIL_FS_TREE_LISTING_STATE_H
#define PAIL_FS_TREE_LISTING_STATE_H

#include <stdbool.h>
#include <stdint.h>

struct pail_removed_name; /* names unlinked while a listing is under way: its older pages still tell of them */

struct pail_listing_state {
        bool is_listing;    /* one thread is at it; others wait on tree.changed */
        bool is_refreshing; /* a background listing is queued or runs */
        unsigned uses;      /* lookups since the last listing */
        bool has_hidden;    /* holds keys that no path can express: rmdir and rename refuse */
        bool is_kept;       /* implied, and its last file was removed here: stays visible until forgotten */
        int64_t listed_ms;  /* when the last complete listing began; INT64_MIN: never */
        unsigned pages;     /* of that listing */
        unsigned misses;    /* single questions since misses_ms */
        int64_t misses_ms;
        uint64_t removed_serial;  /* tree.serial of the last name that went away here */
        unsigned prefetch_window; /* how many siblings are asked for next (prefetch.h) */
        struct pail_removed_name *removed;
};

struct pail_listing_state *pail_listing_state_new(void); /* NULL: no memory */
void pail_listing_state_free(struct pail_listing_state *state);
void pail_listing_state_expire(struct pail_listing_state *state); /* NULL is fine */
/* Without memory the name is not remembered: a ghost for one ttl. */
void pail_listing_state_add_removed(struct pail_listing_state *state, const char *name);
bool pail_listing_state_was_removed(const struct pail_listing_state *state, const char *name);
void pail_listing_state_forget_removed(struct pail_listing_state *state);

#endif
