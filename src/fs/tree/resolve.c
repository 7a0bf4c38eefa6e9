/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lookup. In the order of cost:
 *   1. what this mount made or changed, and what is fresh: no request
 *   2. a fresh listing of the directory: absent names cost nothing, present ones a HEAD (and theirs ahead of the caller)
 *   3. a name known but stale: one request
 *   4. an unknown name: HEAD and LIST of one key in parallel; but once such questions have cost as much as a listing
 *      would, the directory is listed and we are back at 2.
 */
#include "resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "directory.h"
#include "listing.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "prefetch.h"
#include "remote_name.h"
#include "remote_stat.h"

enum { FREE_MISSES = 2, MISS_WINDOW_MS = 1000, MAX_ROUNDS = 8, NAME_LIMIT = 255 };

enum step { STEP_FOUND, STEP_ABSENT, STEP_LOAD, STEP_LIST, STEP_STAT };

/*
 * A name that nothing is known of costs a HEAD and a LIST; where the whole directory was one page, that page costs less. Elsewhere a
 * listing is made once single questions, within a time in which their answers would be fresh, have cost as much. (A known
 * file is one HEAD, which is a twelfth of the price of a LIST.)
 */
static bool is_listing_cheaper_locked(const struct pail_fs *fs, struct pail_listing_state *state, bool needs_stat)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        int64_t now_ms = pail_clock_monotonic_ms();
        int64_t window_ms = fs->options.ttl_ms > MISS_WINDOW_MS ? fs->options.ttl_ms : MISS_WINDOW_MS;

        if (needs_stat && state->listed_ms != INT64_MIN && state->pages <= 1)
                return true;
        if (now_ms - state->misses_ms > window_ms) {
                state->misses_ms = now_ms;
                state->misses = 0;
        }
        return state->misses++ >= FREE_MISSES + state->pages;
}

/* What to do next about a name; *ret_inode is pinned for FOUND and LOAD. What was learned after since_ms is fresh even with a ttl of zero. */
static enum step decide_locked(struct pail_fs *fs, struct pail_inode *parent, const char *name, int64_t since_ms,
                               struct pail_inode **ret_inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_inode *inode = pail_inode_child_locked(fs, parent, name);
        struct pail_listing_state *state = pail_directory_state_locked(fs, parent);
        bool is_listed = state && (state->listed_ms >= since_ms || pail_directory_is_fresh_locked(fs, parent));

        pail_listing_note_use_locked(fs, parent);
        if (inode && (inode->is_local || inode->checked_ms >= since_ms || pail_inode_ttl_locked(fs, inode) > 0)) {
                pail_inode_ref_locked(fs, inode);
                *ret_inode = inode;
                pail_prefetch_attributes_locked(fs, inode);
                return inode->is_local || inode->is_loaded ? STEP_FOUND : STEP_LOAD;
        }
        if (!inode && is_listed)
                return STEP_ABSENT;
        /* A fresh listing that passed the name over, because it was being changed here, is not asked for again. */
        if (fs->options.can_list && state && !is_listed &&
            is_listing_cheaper_locked(fs, state, !inode || inode->is_directory))
                return STEP_LIST;
        if (!inode || inode->is_directory)
                return STEP_STAT;
        pail_inode_ref_locked(fs, inode);
        *ret_inode = inode;
        return STEP_LOAD;
}

/* What this mount is changing, or changed since the question was sent, is newer than the answer. */
static bool is_ours_locked(const struct pail_fs *fs, struct pail_inode *inode, uint64_t serial)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        if (!inode->is_local && !inode->lock.is_held && inode->changed_serial <= serial)
                return false;
        inode->checked_ms = pail_clock_monotonic_ms();
        return true;
}

/* Another answer for a name that has an inode: a file became a directory, or the other way round, or a new version came. */
static int refresh_locked(struct pail_fs *fs, struct pail_inode *inode, const struct pail_remote_name *found,
                          uint64_t serial)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_inode *current = inode;
        int error = 0;

        if (is_ours_locked(fs, inode, serial))
                return 0;
        if (inode->is_directory != found->is_directory) {
                inode->is_superseded = true;
                pail_inode_detach_locked(fs, inode);
                return -EAGAIN;
        }
        if (found->is_directory && !found->has_marker) {
                if (!inode->is_loaded || inode->is_remote)
                        pail_attributes_default(&fs->options, S_IFDIR, 0, (struct timespec){ 0 }, &inode->attributes);
                inode->is_loaded = true;
                inode->is_remote = false;
                inode->checked_ms = pail_clock_monotonic_ms();
                return 0;
        }
        return pail_remote_stat_apply_locked(fs, &current, &found->object, serial, &error) == PAIL_REMOTE_STAT_RETRY
                       ? -EAGAIN
                       : error;
}

static int absent_locked(struct pail_fs *fs, struct pail_inode *inode, uint64_t serial)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        if (!inode)
                return -ENOENT;
        if (is_ours_locked(fs, inode, serial))
                return 0;
        if (pail_directory_is_kept_locked(fs, inode) ||
            (inode->is_directory && pail_inode_is_in_use_locked(fs, inode))) {
                inode->checked_ms = pail_clock_monotonic_ms();
                inode->is_loaded = true;
                return 0;
        }
        inode->is_superseded = true;
        pail_inode_detach_locked(fs, inode);
        return -ENOENT;
}

/* Enters what S3 was found to have. 0: look again, the name is known now; -ENOENT. */
static int apply_remote_name(struct pail_fs *fs, struct pail_inode *parent, const char *name,
                             const struct pail_remote_name *found, uint64_t serial)
{
        PAIL_LOCK(&fs->tree.mutex);
        struct pail_inode *inode = pail_inode_child_locked(fs, parent, name);
        int r;

        if (!found->is_file && !found->is_directory)
                return absent_locked(fs, inode, serial);
        if (parent->is_detached)
                return -ENOENT;
        if (found->is_file && found->is_directory)
                fs->tree.hidden_keys++;
        if (inode) {
                r = refresh_locked(fs, inode, found, serial);
                if (r != -EAGAIN)
                        return r;
                inode = pail_inode_child_locked(fs, parent, name);
        }
        if (!inode && parent->listing && parent->listing->removed_serial > serial)
                return 0; /* perhaps removed after the answer was made: look again */
        if (!inode)
                inode = pail_inode_new_locked(fs, parent, name, found->is_directory, 0);
        return inode ? refresh_locked(fs, inode, found, serial) : -ENOMEM;
}

static int stat_name(struct pail_fs *fs, struct pail_inode *parent, const char *name)
{
        _cleanup_free_ char *file_key = NULL, *directory_key = NULL;
        struct pail_remote_name found = { 0 };
        uint64_t serial;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        serial = fs->tree.serial;
        r = pail_inode_child_key_locked(fs, parent, name, false, &file_key);
        if (r == 0)
                r = pail_inode_child_key_locked(fs, parent, name, true, &directory_key);
        if (r == -ENAMETOOLONG && file_key)
                r = 0; /* a key of the full length can only be a file */
        pail_mutex_unlock(&fs->tree.mutex);
        if (r == 0)
                r = pail_remote_name_stat(fs, file_key, directory_key, &found);
        if (r < 0)
                return r;
        r = apply_remote_name(fs, parent, name, &found, serial);
        pail_remote_name_done(&found);
        return r == -EAGAIN ? 0 : r;
}

/* One round: 0 and a pinned inode; -EAGAIN: look again; or the answer. */
static int resolve_once(struct pail_fs *fs, struct pail_inode *parent, const char *name, int64_t since_ms,
                        struct pail_inode **ret_inode)
{
        struct pail_inode *inode = NULL;
        enum step step;
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                step = parent->is_detached ? STEP_ABSENT : decide_locked(fs, parent, name, since_ms, &inode);
        }
        switch (step) {
        case STEP_FOUND:
                *ret_inode = inode;
                return 0;
        case STEP_LOAD:
                r = pail_remote_stat_inode(fs, inode);
                if (r == 0) {
                        *ret_inode = inode;
                        return 0;
                }
                pail_inode_put(fs, inode);
                return r == -ESTALE || r == -ENOENT ? -EAGAIN : r; /* what is there now is asked for anew */
        case STEP_LIST:
                r = pail_listing_refresh(fs, parent);
                return r < 0 ? r : -EAGAIN;
        case STEP_STAT:
                r = stat_name(fs, parent, name);
                return r < 0 ? r : -EAGAIN;
        case STEP_ABSENT:
        default:
                return -ENOENT;
        }
}

int pail_resolve(struct pail_fs *fs, struct pail_inode *parent, const char *name, struct pail_inode **ret_inode)
{
        int64_t since_ms = pail_clock_monotonic_ms();
        int r = -EAGAIN;

        if (!parent->is_directory)
                return -ENOTDIR;
        if (strlen(name) > NAME_LIMIT)
                return -ENAMETOOLONG;
        if (!pail_directory_name_is_valid(fs, parent, name) || !pail_str_is_utf8(name))
                return -ENOENT; /* no key can be that: S3 is not asked */
        for (int round = 0; r == -EAGAIN && round < MAX_ROUNDS; round++)
                r = resolve_once(fs, parent, name, since_ms, ret_inode);
        return r == -EAGAIN ? -EBUSY : r;
}
