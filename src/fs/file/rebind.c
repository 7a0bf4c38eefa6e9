/* SPDX-License-Identifier: Apache-2.0 */
/* A list of contents that move together. One may be in it twice: moves nest. */
#include "fs/file/rebind.h"

#include <errno.h>
#include <stdlib.h>

#include "fs/file/file.h"

static int add(struct pail_followers *followers, struct pail_content *content)
{
        if (!content)
                return 0;
        if (followers->count == followers->allocated) {
                size_t allocated = followers->allocated ? followers->allocated * 2 : 4;
                struct pail_content **items = reallocarray(followers->items, allocated, sizeof(struct pail_content *));

                if (!items)
                        return -ENOMEM;
                followers->items = items;
                followers->allocated = allocated;
        }
        followers->items[followers->count++] = pail_content_ref(content);
        return 0;
}

int pail_followers_add_locked(struct pail_followers *followers, struct pail_node *node)
{
        int r = add(followers, node->content);

        if (r < 0 || !node->draft)
                return r;
        PAIL_LOCK(&node->draft->guarded.mutex);
        return add(followers, node->draft->guarded.base);
}

void pail_followers_begin(struct pail_followers *followers)
{
        for (size_t i = 0; i < followers->count; i++)
                pail_content_move_begin(followers->items[i]);
}

void pail_followers_end(struct pail_followers *followers)
{
        for (size_t i = 0; i < followers->count; i++)
                pail_content_move_end(followers->items[i]);
}

void pail_followers_done(struct pail_followers *followers)
{
        for (size_t i = 0; i < followers->count; i++)
                pail_content_unref(followers->items[i]);
        free(followers->items);
        *followers = (struct pail_followers){ 0 };
}
