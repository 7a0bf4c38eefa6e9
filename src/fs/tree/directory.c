/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a directory's listing; the listing itself is in listing.c. */
#include "fs/tree/directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"

enum { NAME_LIMIT = 255 };

struct pail_removed_name {
        UT_hash_handle by_name;
        char name[];
};

struct pail_directory *pail_node_directory_locked(struct pail_node *node)
{
        if (!node->directory) {
                node->directory = calloc(1, sizeof(*node->directory));
                if (node->directory)
                        node->directory->listed_ms = INT64_MIN;
        }
        return node->directory;
}

static void forget_removed(struct pail_directory *directory)
{
        struct pail_removed_name *item, *next;

        HASH_ITER(by_name, directory->removed, item, next) {
                HASH_DELETE(by_name, directory->removed, item);
                free(item);
        }
}

void pail_directory_free(struct pail_directory *directory)
{
        if (!directory)
                return;
        forget_removed(directory);
        free(directory);
}

void pail_directory_expire(struct pail_directory *directory)
{
        if (directory)
                directory->listed_ms = INT64_MIN;
}

bool pail_directory_is_fresh_locked(const struct pail_fs *fs, const struct pail_node *node)
{
        const struct pail_directory *directory = node->directory;

        return directory && directory->listed_ms != INT64_MIN &&
               pail_clock_monotonic_ms() - directory->listed_ms < fs->options.ttl_ms;
}

void pail_directory_set_empty_locked(struct pail_node *node)
{
        struct pail_directory *directory = pail_node_directory_locked(node);

        if (directory)
                directory->listed_ms = pail_clock_monotonic_ms();
}

void pail_directory_keep_implied_locked(struct pail_node *node)
{
        for (; node; node = node->parent) {
                struct pail_directory *directory = node->is_remote ? NULL : pail_node_directory_locked(node);

                if (directory)
                        directory->is_kept = true;
        }
}

void pail_directory_note_removed_locked(struct pail_fs *fs, struct pail_node *node, const char *name)
{
        struct pail_directory *directory = pail_node_directory_locked(node);
        struct pail_removed_name *item;
        size_t length = strlen(name);

        if (!directory)
                return;
        directory->removed_serial = ++fs->tree.serial;
        if (!directory->is_listing || pail_directory_was_removed_locked(node, name))
                return;
        item = calloc(1, sizeof(*item) + length + 1);
        if (!item)
                return; /* a ghost for one ttl is what lack of memory costs */
        memcpy(item->name, name, length);
        HASH_ADD_KEYPTR(by_name, directory->removed, item->name, length, item);
}

bool pail_directory_was_removed_locked(const struct pail_node *node, const char *name)
{
        struct pail_removed_name *item = NULL;

        if (node->directory)
                HASH_FIND(by_name, node->directory->removed, name, strlen(name), item);
        return item;
}

void pail_directory_forget_removed_locked(struct pail_node *node)
{
        forget_removed(node->directory);
}

bool pail_directory_name_is_valid(const struct pail_fs *fs, const struct pail_node *parent, const char *name)
{
        size_t length = strlen(name);

        if (length == 0 || length > NAME_LIMIT || pail_str_equal(name, ".") || pail_str_equal(name, ".."))
                return false;
        return parent != fs->tree.root || !pail_str_equal(name, ".pail");
}

int pail_directory_peek(struct pail_fs *fs, const char *key, unsigned count, struct pail_remote_page *ret_page)
{
        const struct pail_remote_listing listing = { .prefix = key, .limit = count };
        struct pail_remote *remote = fs->options.remote;
        struct pail_remote_list *list;
        int r = remote->ops->list(remote, &listing, &list);

        if (r < 0)
                return r;
        r = remote->ops->next_page(list, ret_page, NULL);
        remote->ops->end_list(list);
        if (r == 0)
                *ret_page = (struct pail_remote_page){ 0 };
        return r < 0 ? r : 0;
}
