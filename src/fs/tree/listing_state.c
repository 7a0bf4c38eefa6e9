/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that were removed here while a listing is under way: its older pages still tell of them. They are kept until the listing has ended, and
 * are few, since a listing takes seconds.
 */
#include "listing_state.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct pail_removed_name {
        UT_hash_handle by_name;
        char name[];
};

struct pail_listing_state *pail_listing_state_new(void)
{
        struct pail_listing_state *state = calloc(1, sizeof(*state));

        if (state)
                state->listed_ms = INT64_MIN;
        return state;
}

void pail_listing_state_forget_removed(struct pail_listing_state *state)
{
        struct pail_removed_name *item, *next;

        HASH_ITER(by_name, state->removed, item, next) {
                HASH_DELETE(by_name, state->removed, item);
                free(item);
        }
}

void pail_listing_state_free(struct pail_listing_state *state)
{
        if (!state)
                return;
        pail_listing_state_forget_removed(state);
        free(state);
}

void pail_listing_state_expire(struct pail_listing_state *state)
{
        if (state)
                state->listed_ms = INT64_MIN;
}

bool pail_listing_state_was_removed(const struct pail_listing_state *state, const char *name)
{
        struct pail_removed_name *item = NULL;

        HASH_FIND(by_name, state->removed, name, strlen(name), item);
        return item;
}

void pail_listing_state_add_removed(struct pail_listing_state *state, const char *name)
{
        size_t length = strlen(name);
        struct pail_removed_name *item;

        if (pail_listing_state_was_removed(state, name))
                return;
        item = calloc(1, sizeof(*item) + length + 1);
        if (!item)
                return;
        memcpy(item->name, name, length);
        HASH_ADD_KEYPTR(by_name, state->removed, item->name, length, item);
}
