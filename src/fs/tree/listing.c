/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing a directory: pages of the bucket's objects, entered into the tree as they come, and a sweep of what was not seen at
 * the end. What this mount changed after the listing began is newer than any page of it. The time that counts for freshness is
 * the beginning: a page may have been made right then.
 */
#include <errno.h>
#include <string.h>

#include "fs/tree/directory.h"
#include "fs/tree/load.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

struct listing {
        struct pail_fs *fs;
        struct pail_node *node; /* pinned */
        char *key;              /* of the directory: the prefix */
        size_t key_length;
        uint64_t serial;
        int64_t begun_ms;
        unsigned pages;
        bool has_hidden;
};

static bool is_newer_here(const struct listing *listing, const struct pail_node *node)
{
        return node->is_local || node->is_claimed || node->changed_serial > listing->serial;
}

/* A listing tells size and version; the headers stay unknown, or stay as known when it is the same version. */
static int confirm_locked(struct listing *listing, struct pail_node *node, const struct pail_s3_entry *entry)
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

static int enter_file_locked(struct listing *listing, const char *name, const struct pail_s3_entry *entry)
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
        if (node && (node->is_directory || (node->etag && !pail_str_equal(node->etag, entry->etag) && (node->lookups || node->draft)))) {
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

static int enter_locked(struct listing *listing, const struct pail_s3_entry *entry)
{
        char name[PAIL_S3_KEY_MAX + 2];
        size_t length;

        if (strncmp(entry->key, listing->key, listing->key_length) != 0)
                return 0; /* a server that ignores prefix */
        pail_str_copy(name, sizeof(name), entry->key + listing->key_length);
        length = strlen(name);
        if (length == 0)
                return 0; /* the directory's own marker */
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

static int enter_page(struct listing *listing, const struct pail_s3_page *page)
{
        PAIL_LOCK(&listing->fs->tree.mutex);
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

        HASH_ITER(by_name, listing->node->children, child, next)
        {
                if (child->seen_ms == listing->begun_ms || is_newer_here(listing, child) || child->draft)
                        continue;
                if (child->directory && child->directory->is_kept)
                        continue;
                pail_node_detach_locked(listing->fs, child);
        }
}

static int read_pages(struct listing *listing)
{
        struct pail_objects objects = pail_objects_filter(pail_bucket_objects(listing->fs->options.bucket), listing->key, "/");
        struct pail_objects_cursor *cursor = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_objects_pages(&objects, &cursor);

        while (r >= 0) {
                struct pail_s3_page page = { 0 };

                r = pail_objects_cursor_next(cursor, &page, &error);
                if (r <= 0)
                        break;
                r = enter_page(listing, &page);
                pail_s3_page_done(&page);
        }
        pail_objects_cursor_free(cursor);
        return r;
}

/* 1: this thread lists; 0: another one has just done it. */
static int begin_locked(struct listing *listing)
{
        struct pail_fs *fs = listing->fs;
        struct pail_directory *directory = pail_node_directory_locked(listing->node);
        int64_t asked_ms = pail_clock_monotonic_ms();
        int r;

        if (!directory)
                return -ENOMEM;
        while (directory->is_listing) {
                r = pail_interrupt_wait(&fs->tree.changed, &fs->tree.mutex, pail_fs_deadline(fs));
                if (r < 0)
                        return r;
        }
        if (listing->node->is_detached)
                return -ENOENT;
        if (directory->listed_ms >= asked_ms || pail_directory_is_fresh_locked(fs, listing->node))
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
        if (result == 0) {
                sweep_locked(listing);
                directory->listed_ms = listing->begun_ms;
                directory->pages = listing->pages;
                directory->has_hidden = listing->has_hidden;
                directory->misses = 0;
        }
        pail_directory_forget_removed_locked(listing->node);
        pail_cond_broadcast(&listing->fs->tree.changed);
}

int pail_directory_list(struct pail_fs *fs, struct pail_node *node)
{
        struct listing listing = { .fs = fs, .node = node };
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
