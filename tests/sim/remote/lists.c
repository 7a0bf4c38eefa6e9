/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "pail/util/str.h"
#include "private.h"

struct pail_remote_list {
        struct memory_remote *remote;
        char *prefix, *after; /* after: the last key or prefix that was shown */
        bool by_directory, is_ended;
        unsigned left; /* of the limit; 0: none is set */
        bool has_limit;
};

int memory_list(struct pail_remote *base, const struct pail_remote_listing *listing, struct pail_remote_list **ret_list)
{
        struct pail_remote_list *made = calloc(1, sizeof(*made));

        PAIL_SIM_CHECK(made);
        *made = (struct pail_remote_list){ .remote = memory_of(base),
                                           .prefix = memory_copy_text(listing->prefix),
                                           .after = memory_copy_text(""),
                                           .by_directory = listing->by_directory,
                                           .left = listing->limit,
                                           .has_limit = listing->limit > 0 };
        *ret_list = made;
        return 0;
}

/* The entry that a key is shown as: itself, or up to the next '/'. Owned. */
static char *shown_as(const struct pail_remote_list *made, const char *key, bool *ret_is_prefix)
{
        const char *slash = made->by_directory ? strchr(key + strlen(made->prefix), '/') : NULL;
        char *shown = slash ? strndup(key, (size_t)(slash + 1 - key)) : strdup(key);

        PAIL_SIM_CHECK(shown);
        *ret_is_prefix = slash;
        return shown;
}

static void enter(struct pail_remote_list *made, const struct store_version *version, struct pail_remote_entry *entry,
                  unsigned *count)
{
        bool is_prefix;
        char *shown = shown_as(made, version->key, &is_prefix);

        if (strcmp(shown, made->after) <= 0) {
                free(shown);
                return;
        }
        *entry = (struct pail_remote_entry){ .key = shown, .is_prefix = is_prefix };
        if (!is_prefix) {
                entry->size_bytes = version->size_bytes;
                entry->last_modified = (struct timespec){ .tv_sec = (time_t)(version->from_ms / 1000) };
                pail_str_copy(entry->etag, sizeof(entry->etag), version->etag);
        }
        free(made->after);
        made->after = memory_copy_text(shown);
        ++*count;
}

/* Would the key be shown on a later page? */
static bool is_behind(const struct pail_remote_list *made, const char *key)
{
        bool is_prefix;
        char *shown = shown_as(made, key, &is_prefix);
        int order = strcmp(shown, made->after);

        free(shown);
        return order > 0;
}

int memory_next_page(struct pail_remote_list *made, struct pail_remote_page *ret_page,
                     struct pail_remote_error *ret_error)
{
        const struct store *store = made->remote->store;
        struct pail_remote_entry *entries;
        unsigned count = 0, limit = MEMORY_PAGE_ENTRIES;
        int r;

        if (made->is_ended)
                return 0;
        r = memory_go(made->remote, MEMORY_LIST, true, ret_error);
        if (r < 0)
                return r;
        entries = calloc(limit, sizeof(*entries));
        PAIL_SIM_CHECK(entries);
        if (made->has_limit && made->left < limit)
                limit = made->left;
        made->is_ended = true;
        for (size_t i = 0; i < store->key_count; i++) {
                const struct store_version *version = store->keys[i].current;
                if (!store_is_object(version) || !pail_str_starts_with(version->key, made->prefix))
                        continue;
                if (count < limit)
                        enter(made, version, &entries[count], &count);
                else
                        made->is_ended = made->is_ended && !is_behind(made, version->key);
        }
        made->left -= made->has_limit ? count : 0;
        if (made->has_limit && made->left == 0)
                made->is_ended = true;
        *ret_page = (struct pail_remote_page){ .entries = entries, .count = count };
        return 1;
}

void memory_end_list(struct pail_remote_list *made)
{
        if (!made)
                return;
        free(made->prefix);
        free(made->after);
        free(made);
}
