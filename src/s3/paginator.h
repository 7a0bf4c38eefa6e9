/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns a list operation into pages: follows the token, keeps to a limit and a page size, and ends a list that does
 * not end by itself. It knows nothing of what is listed: a page is the caller's, looked at through a table of
 * functions.
 */
#ifndef PAIL_SRC_S3_PAGINATOR_H
#define PAIL_SRC_S3_PAGINATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/util/error.h"

struct pail_paginated {
        /* Fetches the page after token (NULL: the first) with at most max_items. May block. */
        int (*fetch)(void *context, const char *token, unsigned max_items, void *ret_page,
                     struct pail_error *ret_error);
        /* Items of a page; of its first one the name that tells it from others, borrowed (NULL: empty page). */
        size_t (*count)(const void *page);
        const char *(*first)(const void *page);
        /* What fetches the page after this one, borrowed; NULL: this was the last. */
        const char *(*token)(const void *page);
        /* Drops all items but the first keep ones. */
        void (*trim)(void *page, size_t keep);
        void (*release)(void *page);
};

struct pail_paginator {
        const struct pail_paginated *paginated;
        void *context;
        uint64_t limit, seen; /* items in all; limit 0: none */
        unsigned page_size;
        char *token, *first;  /* of the page before */
        unsigned empty_pages; /* in a row */
        bool ended;
};

void pail_paginator_init(struct pail_paginator *paginator, const struct pail_paginated *paginated, void *context,
                         uint64_t limit, unsigned page_size);
void pail_paginator_done(struct pail_paginator *paginator);
/*
 * 1: *ret_page is a page, the caller's; 0: no more; < 0: error. An error ends the iteration, unless it is -EINTR or
 * -ETIMEDOUT.
 */
int pail_paginator_next(struct pail_paginator *paginator, void *ret_page, struct pail_error *ret_error);

#endif
