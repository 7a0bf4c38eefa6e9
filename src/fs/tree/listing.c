/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing a directory: pages of the bucket's objects, entered into the tree as they come, and a sweep of what was not seen at
 * the end. What this mount changed after the listing began is newer than any page of it. The time that counts for freshness is
 * the beginning: a page may have been made right then.
 */
#include "listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "directory.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

/* In use: this many lookups since the last listing. Small: this many pages. The share of the ttl after which it is refreshed: 1/2. */
enum { REFRESH_USES = 8, REFRESH_PAGES = 4, REFRESH_SHARE = 2 };

struct listing {
        struct pail_fs *fs;
        struct pail_inode *inode; /* pinned */
        char *key;                /* of the directory: the prefix */
        size_t key_length;
        uint64_t serial;
        int64_t begun_ms;
        int64_t wanted_ms; /* a listing that began then or later will do */
        unsigned pages;
        bool has_hidden;
        bool has_marker;
};

static bool is_newer_here(const struct listing *listing, const struct pail_inode *inode)
{
        return inode->is_local || inode->lock.is_held || inode->changed_serial > listing->serial;
}

/* A listing tells size and version; the headers stay unknown, or stay as known when it is the same version. */
static int confirm_locked(struct listing *listing, struct pail_inode *inode, const struct pail_remote_entry *entry)
{
        pail_mutex_assert_held(&listing->fs->tree.mutex);
        struct pail_fs *fs = listing->fs;
        bool is_same = inode->etag && pail_str_equal(inode->etag, entry->etag);
        time_t modified = entry->last_modified.tv_sec;
        int r;

        inode->checked_ms = listing->begun_ms;
        inode->is_remote = true;
        if (is_same && (!inode->last_modified || inode->last_modified == modified)) {
                inode->last_modified = modified;
                return 0;
        }
        if (!is_same)
                pail_inode_drop_data_locked(fs, inode);
        r = pail_str_replace(&inode->etag, entry->etag);
        pail_attributes_default(&fs->options, S_IFREG, entry->size_bytes, entry->last_modified, &inode->attributes);
        inode->last_modified = modified;
        inode->is_loaded = false;
        return r;
}

static int enter_file_locked(struct listing *listing, const char *name, const struct pail_remote_entry *entry)
{
        pail_mutex_assert_held(&listing->fs->tree.mutex);
        struct pail_fs *fs = listing->fs;
        struct pail_inode *inode = pail_inode_child_locked(fs, listing->inode, name);
        uint64_t ino = 0;

        if (inode && is_newer_here(listing, inode)) {
                inode->seen_ms = listing->begun_ms;
                return 0;
        }
        if (inode && inode->is_directory && inode->seen_ms == listing->begun_ms) {
                fs->tree.hidden_keys++; /* both a file and a directory: the directory shows */
                return 0;
        }
        if (inode && (inode->is_directory ||
                      (inode->etag && !pail_str_equal(inode->etag, entry->etag) && (inode->lookups || inode->file)))) {
                ino = inode->ino;
                inode->is_superseded = true;
                pail_inode_detach_locked(fs, inode);
                inode = NULL;
        }
        if (!inode && !pail_directory_was_removed_locked(fs, listing->inode, name))
                inode = pail_inode_new_locked(fs, listing->inode, name, false, ino);
        else if (!inode)
                return 0;
        if (!inode)
                return -ENOMEM;
        inode->seen_ms = listing->begun_ms;
        return confirm_locked(listing, inode, entry);
}

static int enter_directory_locked(struct listing *listing, const char *name)
{
        pail_mutex_assert_held(&listing->fs->tree.mutex);
        struct pail_fs *fs = listing->fs;
        struct pail_inode *inode = pail_inode_child_locked(fs, listing->inode, name);

        if (inode && !inode->is_directory && !is_newer_here(listing, inode)) {
                fs->tree.hidden_keys++;
                pail_inode_detach_locked(fs, inode);
                inode = NULL;
        }
        if (!inode) {
                if (pail_directory_was_removed_locked(fs, listing->inode, name))
                        return 0;
                inode = pail_inode_new_locked(fs, listing->inode, name, true, 0);
                if (!inode)
                        return -ENOMEM;
                pail_attributes_default(&fs->options, S_IFDIR, 0, (struct timespec){ 0 }, &inode->attributes);
        }
        inode->seen_ms = listing->begun_ms;
        if (!is_newer_here(listing, inode))
                inode->checked_ms = listing->begun_ms;
        return 0;
}

/* The directory's own marker: the same version means that the attributes are as known. */
static int enter_marker_locked(struct listing *listing, const struct pail_remote_entry *entry)
{
        pail_mutex_assert_held(&listing->fs->tree.mutex);
        struct pail_inode *inode = listing->inode;
        time_t modified = entry->last_modified.tv_sec;

        listing->has_marker = true;
        if (is_newer_here(listing, inode) || inode == listing->fs->tree.root)
                return 0;
        inode->is_loaded = inode->is_loaded && inode->is_remote && pail_str_equal(inode->etag, entry->etag) &&
                           (!inode->last_modified || inode->last_modified == modified);
        inode->is_remote = true;
        inode->last_modified = modified;
        inode->checked_ms = listing->begun_ms;
        return pail_str_replace(&inode->etag, entry->etag);
}

/* At the end of a complete listing without one: the directory is implied by its keys. */
static void note_no_marker_locked(struct listing *listing)
{
        pail_mutex_assert_held(&listing->fs->tree.mutex);
        struct pail_inode *inode = listing->inode;

        if (listing->has_marker || is_newer_here(listing, inode) || inode == listing->fs->tree.root)
                return;
        if (inode->is_remote)
                inode->is_loaded = false; /* the marker is gone: whether the directory is, a lookup finds out */
        else if (inode->children)
                inode->checked_ms = listing->begun_ms;
}

static int enter_locked(struct listing *listing, const struct pail_remote_entry *entry)
{
        pail_mutex_assert_held(&listing->fs->tree.mutex);
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
        if (listing->inode == listing->fs->tree.root && pail_str_equal(name, ".pail"))
                return 0;
        if (strchr(name, '/') || !pail_directory_name_is_valid(listing->fs, listing->inode, name)) {
                listing->has_hidden = true;
                listing->fs->tree.hidden_keys++;
                return 0;
        }
        return entry->is_prefix ? enter_directory_locked(listing, name) : enter_file_locked(listing, name, entry);
}

/* The directory was renamed meanwhile: what was listed is the old name. */
static bool is_void_locked(const struct listing *listing)
{
        pail_mutex_assert_held(&listing->fs->tree.mutex);
        _cleanup_free_ char *key = NULL;

        return pail_lock_is_in_held_tree(&listing->inode->lock) ||
               pail_inode_key_locked(listing->fs, listing->inode, &key) < 0 || !pail_str_equal(key, listing->key);
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
        pail_mutex_assert_held(&listing->fs->tree.mutex);
        struct pail_inode *child, *next;

        HASH_ITER(by_name, listing->inode->children, child, next) {
                if (child->seen_ms == listing->begun_ms || is_newer_here(listing, child) ||
                    pail_inode_is_in_use_locked(listing->fs, child))
                        continue;
                if (pail_directory_is_kept_locked(listing->fs, child))
                        continue;
                pail_inode_detach_locked(listing->fs, child);
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
        pail_mutex_assert_held(&listing->fs->tree.mutex);
        struct pail_fs *fs = listing->fs;
        struct pail_listing_state *state = pail_directory_state_locked(fs, listing->inode);
        int r;

        if (!state)
                return -ENOMEM;
        while (state->is_listing || pail_lock_is_in_held_tree(&listing->inode->lock)) {
                r = pail_interrupt_wait(&fs->tree.changed, &fs->tree.mutex, pail_fs_deadline(fs));
                if (r < 0)
                        return r;
        }
        if (listing->inode->is_detached)
                return -ENOENT;
        if (state->listed_ms >= listing->wanted_ms)
                return 0;
        r = pail_inode_key_locked(fs, listing->inode, &listing->key);
        if (r < 0)
                return r;
        state->is_listing = true;
        listing->serial = fs->tree.serial;
        listing->begun_ms = pail_clock_monotonic_ms();
        return 1;
}

static void end_locked(struct listing *listing, int r)
{
        pail_mutex_assert_held(&listing->fs->tree.mutex);
        struct pail_listing_state *state = listing->inode->listing;

        state->is_listing = false;
        if (r == 0 && !is_void_locked(listing)) {
                sweep_locked(listing);
                state->listed_ms = listing->begun_ms;
                state->pages = listing->pages;
                state->has_hidden = listing->has_hidden;
                state->misses = state->uses = 0;
                note_no_marker_locked(listing);
        }
        pail_listing_state_forget_removed(state);
        pail_cond_broadcast(&listing->fs->tree.changed);
}

/* Makes the listing at least as new as wanted_ms; waits for one under way. */
static int list_since(struct pail_fs *fs, struct pail_inode *inode, int64_t wanted_ms)
{
        struct listing listing = { .fs = fs, .inode = inode, .wanted_ms = wanted_ms };
        int r;

        if (!fs->options.can_list)
                return -EACCES;
        {
                PAIL_LOCK(&fs->tree.mutex);
                r = begin_locked(&listing);
        }
        if (r <= 0)
                return r;
        listing.key_length = strlen(listing.key);
        r = read_pages(&listing);
        {
                PAIL_LOCK(&fs->tree.mutex);
                end_locked(&listing, r);
        }
        free(listing.key);
        return r;
}

int pail_listing_refresh(struct pail_fs *fs, struct pail_inode *inode)
{
        int64_t now_ms = pail_clock_monotonic_ms();

        /* With a ttl of zero, one that begins after this call is what it takes. */
        return list_since(fs, inode, fs->options.ttl_ms ? now_ms - fs->options.ttl_ms + 1 : now_ms);
}

struct refresh {
        struct pail_fs *fs;
        struct pail_inode *inode;
};

static void run_refresh(void *context)
{
        struct refresh *refresh = context;
        struct pail_fs *fs = refresh->fs;

        (void)list_since(fs, refresh->inode, pail_clock_monotonic_ms() - fs->options.ttl_ms / REFRESH_SHARE);
        {
                PAIL_LOCK(&fs->tree.mutex);
                refresh->inode->listing->is_refreshing = false;
                pail_inode_unref_locked(fs, refresh->inode);
        }
        free(refresh);
}

/*
 * A program that works its way through a directory would wait for a new listing each time the old one has aged: it is fetched in the
 * background at half of its time, if the directory is small and in use.
 */
void pail_listing_note_use_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        struct pail_listing_state *state = inode->listing;
        int64_t age_ms;
        struct refresh *refresh;

        if (!state || state->is_listing || state->is_refreshing || state->listed_ms == INT64_MIN || fs->tree.draining)
                return;
        age_ms = pail_clock_monotonic_ms() - state->listed_ms;
        if (++state->uses < REFRESH_USES || state->pages > REFRESH_PAGES ||
            age_ms < fs->options.ttl_ms / REFRESH_SHARE || age_ms >= fs->options.ttl_ms)
                return;
        refresh = malloc(sizeof(*refresh));
        if (!refresh)
                return;
        *refresh = (struct refresh){ fs, inode };
        if (pail_workpool_submit(fs->shared->queries, run_refresh, refresh) < 0) {
                free(refresh);
                return;
        }
        pail_inode_ref_locked(fs, inode);
        state->is_refreshing = true;
}

int pail_listing_peek(struct pail_fs *fs, const char *key, unsigned count, struct pail_remote_page *ret_page)
{
        const struct pail_remote_listing what = { .prefix = key, .limit = count };
        struct pail_remote *remote = fs->options.remote;
        struct pail_remote_list *list;
        int r = remote->ops->list(remote, &what, &list);

        if (r < 0)
                return r;
        r = remote->ops->next_page(list, ret_page, NULL);
        remote->ops->end_list(list);
        if (r == 0)
                *ret_page = (struct pail_remote_page){ 0 };
        return r < 0 ? r : 0;
}
