/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns a list operation into pages: follows the markers, keeps to a limit and a page size, ends a list that does not
 * end by itself, and asks for the next page as soon as one has come (one page of look-ahead: two pages of memory at
 * most, the caller's and the next). It knows nothing of the network: requests are made through a table of functions.
 *
 * The limit counts items, not the prefixes that a delimiter makes of them. When a page holds more items than are still
 * wanted it is cut, and the page token stays on it. One thread at a time.
 */
#ifndef PAIL_SRC_S3_RESOURCE_PAGINATOR_H
#define PAIL_SRC_S3_RESOURCE_PAGINATOR_H

#include "page_token.h"
#include "pail/s3/types.h"
#include "pail/util/error.h"

struct pail_paginated {
        /* Starts the request of the page that a token names, with at most max_items. Waits for no answer. */
        int (*begin)(void *context, const struct pail_s3_page_token *at, unsigned max_items, void **ret_request,
                     struct pail_error *ret_error);
        /* Each ends a request that was begun: waits for its page, or gives it up without waiting. */
        int (*wait)(void *request, struct pail_s3_page *ret_page, struct pail_error *ret_error);
        void (*cancel)(void *request);
};

struct pail_paginator {
        const struct pail_paginated *paginated;
        void *context;
        uint64_t limit, seen; /* items in all; limit 0: none */
        unsigned page_size;
        bool is_mixed; /* prefixes come among the items, so the limit does not tell how large a page to ask for */
        struct pail_s3_page_token at; /* of what has not been given */
        char *first;                  /* entry of the page before, in words */
        unsigned empty_pages;         /* in a row */
        void *next_request;           /* the request of that page; NULL: not made */
        bool has_ended;               /* nothing more is given */
        bool is_exhausted;            /* because the list has no more */
};

/* page_size 0: 1000. To begin elsewhere than at the beginning, fill in at. */
void pail_paginator_init(struct pail_paginator *paginator, const struct pail_paginated *paginated, void *context,
                         uint64_t limit, unsigned page_size, bool is_mixed);
/* Gives up the look-ahead. */
void pail_paginator_done(struct pail_paginator *paginator);
/*
 * 1: *ret_page is a page, the caller's; 0: no more; < 0: error. An error ends the iteration, unless it is -EINTR or
 * -ETIMEDOUT.
 */
int pail_paginator_next(struct pail_paginator *paginator, struct pail_s3_page *ret_page, struct pail_error *ret_error);

#endif
