/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the names in a directory as a whole: fresh or not, empty, implied by its keys, removed meanwhile. */
#include "directory.h"

#include <string.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"

enum { NAME_LIMIT = 255 };

struct pail_listing_state *pail_directory_state_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        if (!inode->listing)
                inode->listing = pail_listing_state_new();
        return inode->listing;
}

bool pail_directory_is_fresh_locked(const struct pail_fs *fs, const struct pail_inode *inode)
{
        const struct pail_listing_state *listing = inode->listing;

        pail_mutex_assert_held(&fs->tree.mutex);
        return listing && listing->listed_ms != INT64_MIN &&
               pail_clock_monotonic_ms() - listing->listed_ms < fs->options.ttl_ms;
}

void pail_directory_set_empty_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        struct pail_listing_state *listing = pail_directory_state_locked(fs, inode);

        pail_mutex_assert_held(&fs->tree.mutex);
        if (listing)
                listing->listed_ms = pail_clock_monotonic_ms();
}

void pail_directory_keep_implied_locked(struct pail_fs *fs, struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        for (; inode; inode = inode->parent) {
                struct pail_listing_state *listing = inode->is_remote ? NULL : pail_directory_state_locked(fs, inode);

                if (listing)
                        listing->is_kept = true;
        }
}

bool pail_directory_is_kept_locked(const struct pail_fs *fs, const struct pail_inode *inode)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        return inode->listing && inode->listing->is_kept;
}

void pail_directory_note_removed_locked(struct pail_fs *fs, struct pail_inode *inode, const char *name)
{
        struct pail_listing_state *listing = pail_directory_state_locked(fs, inode);

        pail_mutex_assert_held(&fs->tree.mutex);
        if (!listing)
                return;
        listing->removed_serial = ++fs->tree.serial;
        if (listing->is_listing)
                pail_listing_state_add_removed(listing, name);
}

bool pail_directory_was_removed_locked(const struct pail_fs *fs, const struct pail_inode *inode, const char *name)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        return inode->listing && pail_listing_state_was_removed(inode->listing, name);
}

bool pail_directory_name_is_valid(const struct pail_fs *fs, const struct pail_inode *parent, const char *name)
{
        size_t length = strlen(name);

        if (length == 0 || length > NAME_LIMIT || pail_str_equal(name, ".") || pail_str_equal(name, ".."))
                return false;
        return parent != fs->tree.root || !pail_str_equal(name, ".pail");
}
