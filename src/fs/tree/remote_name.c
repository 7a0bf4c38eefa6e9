/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is behind a name that nothing is known of: a file is an object of that key; a directory is any key that begins with it and a
 * slash. Both questions go out at once, because either answer alone costs a round trip.
 */
#include "remote_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "listing.h"
#include "pail/util/str.h"
#include "remote_stat.h"

struct peek {
        struct pail_fs *fs;
        char *key;
        bool exists, has_marker;
};

static void release_peek(void *context)
{
        struct peek *peek = context;

        free(peek->key);
        free(peek);
}

/* The marker is the first of all keys below it. Without order it may be further behind: then it is asked for to find out. */
static bool may_be_marker(const struct peek *peek, const char *first)
{
        return pail_str_equal(first, peek->key) ||
               !peek->fs->options.remote->ops->features(peek->fs->options.remote).lists_in_order;
}

/* Without the permission to list, a directory is its marker. */
static int run_peek(void *context)
{
        struct peek *peek = context;
        struct pail_remote_page page = { 0 };
        int r;

        if (!peek->fs->options.can_list) {
                struct pail_remote_object marker = { 0 };

                r = pail_remote_stat_key(peek->fs, peek->key, &marker);
                peek->exists = peek->has_marker = r == 0;
                pail_remote_object_done(&marker);
                return r == -ENOENT ? 0 : r;
        }
        r = pail_listing_peek(peek->fs, peek->key, 1, &page);
        if (r < 0)
                return r;
        peek->exists = page.count > 0;
        peek->has_marker = peek->exists && may_be_marker(peek, page.entries[0].key);
        pail_remote_page_done(&page);
        return 0;
}

static int start_peek(struct pail_fs *fs, const char *key, struct peek **ret_peek, struct pail_future **ret_future)
{
        struct peek *peek = calloc(1, sizeof(*peek));
        int r;

        if (!peek)
                return -ENOMEM;
        peek->fs = fs;
        peek->key = strdup(key);
        if (!peek->key) {
                free(peek);
                return -ENOMEM;
        }
        r = pail_future_start(fs->shared->queries, run_peek, release_peek, peek, ret_future);
        if (r == 0)
                *ret_peek = peek;
        return r;
}

void pail_remote_name_done(struct pail_remote_name *found)
{
        pail_remote_object_done(&found->object);
}

int pail_remote_name_stat(struct pail_fs *fs, const char *file_key, const char *directory_key,
                          struct pail_remote_name *ret_found)
{
        _cleanup_future_ struct pail_future *future = NULL;
        struct pail_remote_name found = { 0 };
        struct peek *peek = NULL;
        int r, list;

        r = directory_key ? start_peek(fs, directory_key, &peek, &future) : 0;
        if (r < 0)
                return r;
        r = pail_remote_stat_key(fs, file_key, &found.object);
        list = r < 0 && r != -ENOENT ? r : !future ? 0 : pail_future_wait(future, pail_fs_deadline(fs));
        if (list < 0) {
                pail_remote_name_done(&found);
                return list;
        }
        found.is_file = r == 0;
        found.is_directory = peek && peek->exists;
        found.has_marker = peek && peek->has_marker;
        if (found.has_marker) {
                pail_remote_object_done(&found.object);
                r = pail_remote_stat_key(fs, directory_key, &found.object);
                found.has_marker = r == 0;
        }
        if (r < 0 && r != -ENOENT)
                return r;
        *ret_found = found;
        return 0;
}
