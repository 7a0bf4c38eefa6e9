/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing a directory: pages of the bucket's objects, entered into the tree as they come, and a sweep of what was not seen at
 * the end. What this mount changed after the listing began is newer than any page of it. The time that counts for freshness is
 * the beginning: a page may have been made right then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/tree/directory.h"
#include "fs/tree/remote_stat.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

/* In use: this many lookups since the last listing. Small: this many pages. The share of the ttl after which it is refreshed: 1/2. */
enum { REFRESH_USES = 8, REFRESH_PAGES = 4, REFRESH_SHARE = 2 };

struct listing {
        struct pail_fs *fs;
        struct pail_node *node; /* pinned */
        char *key;              /* of the directory: the prefix */
        size_t key_length;
        uint64_t serial;
        int64_t begun_ms;
        int64_t wanted_ms; /* a listing that began then or later will do */
        unsigned pages;
        bool has_hidden;
        bool has_marker;
};

static bool is_newer_here(const struct listing *listing, const struct pail_node *node)
{
        return node->is_local || node->is_claimed || node->changed_serial > listing->serial;
}

/* A listing tells size and version; the headers stay unknown, or stay as known when it is the same version. */
static int confirm_locked(struct listing *listing, struct pail_node *node, const struct pail_remote_entry *entry)
{
        struct pail_fs *fs = listing->fs;
        bool is_same = node->etag && pail_str_equal(node->etag, entry->etag);
        time_t modified = entry->last_modified.tv_sec;
        int r;

        node->checked_ms = listing->begun_ms;
        node->is_remote = true;
        if (is_same && (!node->last_modified || node->last_modified == modified)) {
                node->last_modified = modified;
                return 0;
        }
        if (!is_same)
                pail_node_drop_content_locked(node);
        r = pail_str_replace(&node->etag, entry->etag);
        pail_attributes_default(&fs->options, S_IFREG, entry->size_bytes, entry->last_modified, &node->attributes);
        node->last_modified = modified;
        node->is_loaded = false;
        return r;
}

static int enter_file_locked(struct listing *listing, const char *name, const struct pail_remote_entry *entry)
{
        struct pail_fs *fs = listing->fs;
        struct pail_node *node = pail_node_child_locked(fs, listing->node, name);
        uint64_t ino = 0;

        if (node && is_newer_here(listing, node)) {
                node->seen_ms = listing->begun_ms;
                return 0;
        }
        if (node && node->is_directory && node->seen_ms == listing->begun_ms) {
                fs->tree.hidden_keys++; /* both a file and a directory: the directory shows */
                return 0;
        }
        if (node && (node->is_directory ||
                     (node->etag && !pail_str_equal(node->etag, entry->etag) && (node->lookups || node->draft)))) {
                ino = node->ino;
                node->is_superseded = true;
                pail_node_detach_locked(fs, node);
                node = NULL;
        }
        if (!node && !pail_directory_was_removed_locked(listing->node, name))
                node = pail_node_new_locked(fs, listing->node, name, false, ino);
        else if (!node)
                return 0;
        if (!node)
                return -ENOMEM;
        node->seen_ms = listing->begun_ms;
        return confirm_locked(listing, node, entry);
}

static int enter_directory_locked(struct listing *listing, const char *name)
{
        struct pail_fs *fs = listing->fs;
        struct pail_node *node = pail_node_child_locked(fs, listing->node, name);

        if (node && !node->is_directory && !is_newer_here(listing, node)) {
                fs->tree.hidden_keys++;
                pail_node_detach_locked(fs, node);
                node = NULL;
        }
        if (!node) {
                if (pail_directory_was_removed_locked(listing->node, name))
                        return 0;
                node = pail_node_new_locked(fs, listing->node, name, true, 0);
                if (!node)
                        return -ENOMEM;
                pail_attributes_default(&fs->options, S_IFDIR, 0, (struct timespec){ 0 }, &node->attributes);
        }
        node->seen_ms = listing->begun_ms;
        if (!is_newer_here(listing, node))
                node->checked_ms = listing->begun_ms;
        return 0;
}

/* The directory's own marker: the same version means that the attributes are as known. */
static int enter_marker_locked(struct listing *listing, const struct pail_remote_entry *entry)
{
        struct pail_node *node = listing->node;
        time_t modified = entry->last_modified.tv_sec;

        listing->has_marker = true;
        if (is_newer_here(listing, node) || node == listing->fs->tree.root)
                return 0;
        node->is_loaded = node->is_loaded && node->is_remote && pail_str_equal(node->etag, entry->etag) &&
                          (!node->last_modified || node->last_modified == modified);
        node->is_remote = true;
        node->last_modified = modified;
        node->checked_ms = listing->begun_ms;
        return pail_str_replace(&node->etag, entry->etag);
}

/* At the end of a complete listing without one: the directory is implied by its keys. */
static void note_no_marker_locked(struct listing *listing)
{
        struct pail_node *node = listing->node;

        if (listing->has_marker || is_newer_here(listing, node) || node == listing->fs->tree.root)
                return;
        if (node->is_remote)
                node->is_loaded = false; /* the marker is gone: whether the directory is, a lookup finds out */
        else if (node->children)
                node->checked_ms = listing->begun_ms;
}

static int enter_locked(struct listing *listing, const struct pail_remote_entry *entry)
{
        char name[PAIL_REMOTE_KEY_MAX + 2];
        size_t length;

        if (strncmp(entry->key, listing->key, listing->key_length) != 0)
                return 0; /* a server that ignores prefix */
        pail_str_copy(name, sizeof(name), entry->key + listing->key_length);
        length = strlen(name);
        if (length == 0)
                return enter_marker_locked(listing, entry);
        if (entry->is_prefix && name[length - 1] == '/')
                name[length - 1] = 0;
        if (listing->node == listing->fs->tree.root && pail_str_equal(name, ".pail"))
                return 0;
        if (strchr(name, '/') || !pail_directory_name_is_valid(listing->fs, listing->node, name)) {
                listing->has_hidden = true;
                listing->fs->tree.hidden_keys++;
                return 0;
        }
        return entry->is_prefix ? enter_directory_locked(listing, name) : enter_file_locked(listing, name, entry);
}

/* The directory was renamed meanwhile: what was listed is the old name. */
static bool is_void_locked(const struct listing *listing)
{
        _cleanup_free_ char *key = NULL;

        return pail_node_is_moving_locked(listing->node) ||
               pail_node_key_locked(listing->fs, listing->node, &key) < 0 || !pail_str_equal(key, listing->key);
}

static int enter_page(struct listing *listing, const struct pail_remote_page *page)
{
        PAIL_LOCK(&listing->fs->tree.mutex);
        if (is_void_locked(listing))
                return -EAGAIN;
        /* Prefixes first: of a key that is both, the directory shows. */
        for (int prefixes = 1; prefixes >= 0; prefixes--)
                for (size_t i = 0; i < page->count; i++) {
                        int r = page->entries[i].is_prefix == !!prefixes ? enter_locked(listing, &page->entries[i]) : 0;

                        if (r < 0)
                                return r;
                }
        listing->pages++;
        return 0;
}

static void sweep_locked(struct listing *listing)
{
        struct pail_node *child, *next;

        HASH_ITER(by_name, listing->node->children, child, next) {
                if (child->seen_ms == listing->begun_ms || is_newer_here(listing, child) ||
                    pail_node_is_in_use_locked(child))
                        continue;
                if (child->directory && child->directory->is_kept)
                        continue;
                pail_node_detach_locked(listing->fs, child);
        }
}

static int read_pages(struct listing *listing)
{
        const struct pail_remote_listing what = { .prefix = listing->key, .by_directory = true };
        struct pail_remote *remote = listing->fs->options.remote;
        struct pail_remote_list *list = NULL;
        int r = remote->ops->list(remote, &what, &list);

        while (r >= 0) {
                struct pail_remote_page page;

                r = remote->ops->next_page(list, &page, NULL);
                if (r <= 0)
                        break;
                r = enter_page(listing, &page);
                pail_remote_page_done(&page);
        }
        remote->ops->end_list(list);
        return r;
}

/* 1: this thread lists; 0: another one has just done it. */
static int begin_locked(struct listing *listing)
{
        struct pail_fs *fs = listing->fs;
        struct pail_directory *directory = pail_node_directory_locked(listing->node);
        int r;

        if (!directory)
                return -ENOMEM;
        while (directory->is_listing || pail_node_is_moving_locked(listing->node)) {
                r = pail_interrupt_wait(&fs->tree.changed, &fs->tree.mutex, pail_fs_deadline(fs));
                if (r < 0)
                        return r;
        }
        if (listing->node->is_detached)
                return -ENOENT;
        if (directory->listed_ms >= listing->wanted_ms)
                return 0;
        r = pail_node_key_locked(fs, listing->node, &listing->key);
        if (r < 0)
                return r;
        directory->is_listing = true;
        listing->serial = fs->tree.serial;
        listing->begun_ms = pail_clock_monotonic_ms();
        return 1;
}

static void end_locked(struct listing *listing, int result)
{
        struct pail_directory *directory = listing->node->directory;

        directory->is_listing = false;
        if (result == 0 && !is_void_locked(listing)) {
                sweep_locked(listing);
                directory->listed_ms = listing->begun_ms;
                directory->pages = listing->pages;
                directory->has_hidden = listing->has_hidden;
                directory->misses = directory->uses = 0;
                note_no_marker_locked(listing);
        }
        pail_directory_forget_removed_locked(listing->node);
        pail_cond_broadcast(&listing->fs->tree.changed);
}

/* Makes the listing at least as new as wanted_ms; waits for one under way. */
static int list_since(struct pail_fs *fs, struct pail_node *node, int64_t wanted_ms)
{
        struct listing listing = { .fs = fs, .node = node, .wanted_ms = wanted_ms };
        int r;

        if (!fs->options.can_list)
                return -EACCES;
        pail_mutex_lock(&fs->tree.mutex);
        r = begin_locked(&listing);
        pail_mutex_unlock(&fs->tree.mutex);
        if (r <= 0)
                return r;
        listing.key_length = strlen(listing.key);
        r = read_pages(&listing);
        pail_mutex_lock(&fs->tree.mutex);
        end_locked(&listing, r);
        pail_mutex_unlock(&fs->tree.mutex);
        free(listing.key);
        return r;
}

int pail_directory_list(struct pail_fs *fs, struct pail_node *node)
{
        int64_t now_ms = pail_clock_monotonic_ms();

        /* With a ttl of zero, one that begins after this call is what it takes. */
        return list_since(fs, node, fs->options.ttl_ms ? now_ms - fs->options.ttl_ms + 1 : now_ms);
}

struct refresh {
        struct pail_fs *fs;
        struct pail_node *node;
};

static void run_refresh(void *context)
{
        struct refresh *refresh = context;
        struct pail_fs *fs = refresh->fs;

        (void)list_since(fs, refresh->node, pail_clock_monotonic_ms() - fs->options.ttl_ms / REFRESH_SHARE);
        pail_mutex_lock(&fs->tree.mutex);
        refresh->node->directory->is_refreshing = false;
        pail_node_unref_locked(fs, refresh->node);
        pail_mutex_unlock(&fs->tree.mutex);
        free(refresh);
}

/*
 * A program that works its way through a directory would wait for a new listing each time the old one has aged: it is fetched in the
 * background at half of its time, if the directory is small and in use.
 */
void pail_directory_use_locked(struct pail_fs *fs, struct pail_node *node)
{
        struct pail_directory *directory = node->directory;
        int64_t age_ms;
        struct refresh *refresh;

        if (!directory || directory->is_listing || directory->is_refreshing || directory->listed_ms == INT64_MIN ||
            fs->tree.draining)
                return;
        age_ms = pail_clock_monotonic_ms() - directory->listed_ms;
        if (++directory->uses < REFRESH_USES || directory->pages > REFRESH_PAGES ||
            age_ms < fs->options.ttl_ms / REFRESH_SHARE || age_ms >= fs->options.ttl_ms)
                return;
        refresh = malloc(sizeof(*refresh));
        if (!refresh)
                return;
        *refresh = (struct refresh){ fs, node };
        if (pail_workpool_submit(fs->shared->queries, run_refresh, refresh) < 0) {
                free(refresh);
                return;
        }
        pail_node_ref_locked(node);
        directory->is_refreshing = true;
}
