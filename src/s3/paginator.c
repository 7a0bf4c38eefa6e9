/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "A list that never ends" is found in three ways: the token repeats; a page begins with the same item as the one
 * before; or empty pages go on and on. A server that invents new names for ever cannot be told from a very large
 * bucket.
 */
#include "paginator.h"

#include <errno.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum {
        PAGE_SIZE = 1000,
        EMPTY_PAGES_MAX = 1000, /* a versioned bucket may have many in a row that hold delete markers only */
};

void pail_paginator_init(struct pail_paginator *paginator, const struct pail_paginated *paginated, void *context,
                         uint64_t limit, unsigned page_size)
{
        *paginator = (struct pail_paginator){
                .paginated = paginated,
                .context = context,
                .limit = limit,
                .page_size = page_size && page_size < PAGE_SIZE ? page_size : PAGE_SIZE,
        };
}

void pail_paginator_done(struct pail_paginator *paginator)
{
        free(paginator->token);
        free(paginator->first);
        paginator->token = paginator->first = NULL;
        paginator->ended = true;
}

static int endless(struct pail_error *ret_error, const char *why)
{
        pail_error_set(ret_error, PAIL_ERROR_PROTOCOL, "the server's list does not end: %s", why);
        return -EPROTO;
}

static int check_progress(struct pail_paginator *paginator, const void *page, struct pail_error *ret_error)
{
        const struct pail_paginated *paginated = paginator->paginated;
        const char *token = paginated->token(page), *first = paginated->first(page);
        if (token && pail_str_equal(token, paginator->token))
                return endless(ret_error, "a page names itself as the next one");
        if (first && pail_str_equal(first, paginator->first))
                return endless(ret_error, "the same page came twice");
        if (first)
                paginator->empty_pages = 0;
        else if (++paginator->empty_pages > EMPTY_PAGES_MAX)
                return endless(ret_error, "too many empty pages");
        int r = pail_str_replace(&paginator->token, token);
        if (r >= 0 && first)
                r = pail_str_replace(&paginator->first, first);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot list") : 0;
}

static unsigned wanted_items(const struct pail_paginator *paginator)
{
        uint64_t left = paginator->limit - paginator->seen;
        return paginator->limit && left < paginator->page_size ? (unsigned)left : paginator->page_size;
}

int pail_paginator_next(struct pail_paginator *paginator, void *ret_page, struct pail_error *ret_error)
{
        const struct pail_paginated *paginated = paginator->paginated;
        if (paginator->ended)
                return 0;
        int r = paginated->fetch(paginator->context, paginator->token, wanted_items(paginator), ret_page, ret_error);
        if (r < 0) {
                paginator->ended = r != -EINTR && r != -ETIMEDOUT;
                return r;
        }
        r = check_progress(paginator, ret_page, ret_error);
        if (r < 0) {
                paginated->release(ret_page);
                paginator->ended = true;
                return r;
        }
        size_t count = paginated->count(ret_page);
        if (paginator->limit && count > paginator->limit - paginator->seen)
                paginated->trim(ret_page, (size_t)(paginator->limit - paginator->seen));
        paginator->seen += paginated->count(ret_page);
        paginator->ended = !paginator->token || (paginator->limit && paginator->seen >= paginator->limit);
        return 1;
}
