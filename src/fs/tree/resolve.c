/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lookup. In the order of cost:
 *   1. what this mount made or changed, and what is fresh: no request
 *   2. a fresh listing of the directory: absent names cost nothing, present ones a HEAD (and theirs ahead of the caller)
 *   3. a name known but stale: one request
 *   4. an unknown name: HEAD and LIST of one key in parallel; but once such questions have cost as much as a listing
 *      would, the directory is listed and we are back at 2.
 */
#include "fs/tree/resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/tree/directory.h"
#include "fs/tree/remote_stat.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

enum { FREE_MISSES = 2, MISS_WINDOW_MS = 1000, MAX_ROUNDS = 8, NAME_LIMIT = 255 };

enum step { STEP_FOUND, STEP_ABSENT, STEP_LOAD, STEP_LIST, STEP_PROBE };

/*
 * A name that nothing is known of costs a HEAD and a LIST; where the whole directory was one page, that page costs less. Elsewhere a
 * listing is made once single questions, within a time in which their answers would be fresh, have cost as much. (A known
 * file is one HEAD, which is a twelfth of the price of a LIST.)
 */
static bool is_listing_cheaper_locked(const struct pail_fs *fs, struct pail_directory *directory, bool needs_probe)
{
        int64_t now_ms = pail_clock_monotonic_ms();
        int64_t window_ms = fs->options.ttl_ms > MISS_WINDOW_MS ? fs->options.ttl_ms : MISS_WINDOW_MS;

        if (needs_probe && directory->listed_ms != INT64_MIN && directory->pages <= 1)
                return true;
        if (now_ms - directory->misses_ms > window_ms) {
                directory->misses_ms = now_ms;
                directory->misses = 0;
        }
        return directory->misses++ >= FREE_MISSES + directory->pages;
}

/* What to do next about a name; *ret_node is pinned for FOUND and LOAD. What was learned after since_ms is fresh even with a ttl of zero. */
static enum step decide_locked(struct pail_fs *fs, struct pail_node *parent, const char *name, int64_t since_ms,
                               struct pail_node **ret_node)
{
        struct pail_node *node = pail_node_child_locked(fs, parent, name);
        struct pail_directory *directory = pail_node_directory_locked(parent);
        bool is_listed = directory && (directory->listed_ms >= since_ms || pail_directory_is_fresh_locked(fs, parent));

        pail_directory_use_locked(fs, parent);
        if (node && (node->is_local || node->checked_ms >= since_ms || pail_node_ttl_locked(fs, node) > 0)) {
                pail_node_ref_locked(node);
                *ret_node = node;
                pail_load_ahead_locked(fs, node);
                return node->is_local || node->is_loaded ? STEP_FOUND : STEP_LOAD;
        }
        if (!node && is_listed)
                return STEP_ABSENT;
        /* A fresh listing that passed the name over, because it was being changed here, is not asked for again. */
        if (fs->options.can_list && directory && !is_listed &&
            is_listing_cheaper_locked(fs, directory, !node || node->is_directory))
                return STEP_LIST;
        if (!node || node->is_directory)
                return STEP_PROBE;
        pail_node_ref_locked(node);
        *ret_node = node;
        return STEP_LOAD;
}

/* What this mount is changing, or changed since the question was sent, is newer than the answer. */
static bool is_ours_locked(struct pail_node *node, uint64_t serial)
{
        if (!node->is_local && !node->is_claimed && node->changed_serial <= serial)
                return false;
        node->checked_ms = pail_clock_monotonic_ms();
        return true;
}

/* Another answer for a name that has a node: a file became a directory, or the other way round, or a new version came. */
static int refresh_locked(struct pail_fs *fs, struct pail_node *node, const struct pail_probe *probe, uint64_t serial)
{
        struct pail_node *current = node;
        int error = 0;

        if (is_ours_locked(node, serial))
                return 0;
        if (node->is_directory != probe->is_directory) {
                node->is_superseded = true;
                pail_node_detach_locked(fs, node);
                return -EAGAIN;
        }
        if (probe->is_directory && !probe->has_marker) {
                if (!node->is_loaded || node->is_remote)
                        pail_attributes_default(&fs->options, S_IFDIR, 0, (struct timespec){ 0 }, &node->attributes);
                node->is_loaded = true;
                node->is_remote = false;
                node->checked_ms = pail_clock_monotonic_ms();
                return 0;
        }
        return pail_load_apply_locked(fs, &current, &probe->object, serial, &error) == PAIL_LOADED_RETRY ? -EAGAIN
                                                                                                         : error;
}

static int absent_locked(struct pail_fs *fs, struct pail_node *node, uint64_t serial)
{
        if (!node)
                return -ENOENT;
        if (is_ours_locked(node, serial))
                return 0;
        if ((node->directory && node->directory->is_kept) || (node->is_directory && pail_node_is_in_use_locked(node))) {
                node->checked_ms = pail_clock_monotonic_ms();
                node->is_loaded = true;
                return 0;
        }
        node->is_superseded = true;
        pail_node_detach_locked(fs, node);
        return -ENOENT;
}

/* Enters what the probe found. 0: look again, the name is known now; -ENOENT. */
static int apply_probe(struct pail_fs *fs, struct pail_node *parent, const char *name, const struct pail_probe *probe,
                       uint64_t serial)
{
        PAIL_LOCK(&fs->tree.mutex);
        struct pail_node *node = pail_node_child_locked(fs, parent, name);
        int r;

        if (!probe->is_file && !probe->is_directory)
                return absent_locked(fs, node, serial);
        if (parent->is_detached)
                return -ENOENT;
        if (probe->is_file && probe->is_directory)
                fs->tree.hidden_keys++;
        if (node) {
                r = refresh_locked(fs, node, probe, serial);
                if (r != -EAGAIN)
                        return r;
                node = pail_node_child_locked(fs, parent, name);
        }
        if (!node && parent->directory && parent->directory->removed_serial > serial)
                return 0; /* perhaps removed after the answer was made: look again */
        if (!node)
                node = pail_node_new_locked(fs, parent, name, probe->is_directory, 0);
        return node ? refresh_locked(fs, node, probe, serial) : -ENOMEM;
}

static int probe_name(struct pail_fs *fs, struct pail_node *parent, const char *name)
{
        _cleanup_free_ char *file_key = NULL, *directory_key = NULL;
        struct pail_probe probe = { 0 };
        uint64_t serial;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        serial = fs->tree.serial;
        r = pail_node_child_key_locked(fs, parent, name, false, &file_key);
        if (r == 0)
                r = pail_node_child_key_locked(fs, parent, name, true, &directory_key);
        if (r == -ENAMETOOLONG && file_key)
                r = 0; /* a key of the full length can only be a file */
        pail_mutex_unlock(&fs->tree.mutex);
        if (r == 0)
                r = pail_probe(fs, file_key, directory_key, &probe);
        if (r < 0)
                return r;
        r = apply_probe(fs, parent, name, &probe, serial);
        pail_probe_done(&probe);
        return r == -EAGAIN ? 0 : r;
}

/* One round: 0 and a pinned node; -EAGAIN: look again; or the answer. */
static int look_once(struct pail_fs *fs, struct pail_node *parent, const char *name, int64_t since_ms,
                     struct pail_node **ret_node)
{
        struct pail_node *node = NULL;
        enum step step;
        int r;

        pail_mutex_lock(&fs->tree.mutex);
        step = parent->is_detached ? STEP_ABSENT : decide_locked(fs, parent, name, since_ms, &node);
        pail_mutex_unlock(&fs->tree.mutex);
        switch (step) {
        case STEP_FOUND:
                *ret_node = node;
                return 0;
        case STEP_LOAD:
                r = pail_load(fs, node);
                if (r == 0) {
                        *ret_node = node;
                        return 0;
                }
                pail_node_put(fs, node);
                return r == -ESTALE || r == -ENOENT ? -EAGAIN : r; /* what is there now is asked for anew */
        case STEP_LIST:
                r = pail_directory_list(fs, parent);
                return r < 0 ? r : -EAGAIN;
        case STEP_PROBE:
                r = probe_name(fs, parent, name);
                return r < 0 ? r : -EAGAIN;
        case STEP_ABSENT:
        default:
                return -ENOENT;
        }
}

int pail_lookup(struct pail_fs *fs, struct pail_node *parent, const char *name, struct pail_node **ret_node)
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
                r = look_once(fs, parent, name, since_ms, ret_node);
        return r == -EAGAIN ? -EBUSY : r;
}
