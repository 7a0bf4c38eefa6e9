/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "A list that never ends" is found in three ways: the token repeats; a page begins with the same item as the one
 * before; or empty pages go on and on. A server that invents new names for ever cannot be told from a very large
 * bucket.
 *
 * The look-ahead is a hint: one that cannot be begun is begun again, and its failure told, when its page is wanted.
 */
#include "paginator.h"

#include <errno.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum {
        EMPTY_PAGES_MAX = 1000, /* a versioned bucket may have many in a row that hold delete markers only */
};

void pail_paginator_init(struct pail_paginator *paginator, const struct pail_paginated *paginated, void *context,
                         uint64_t limit, unsigned page_size, bool is_mixed)
{
        *paginator = (struct pail_paginator){
                .paginated = paginated,
                .context = context,
                .limit = limit,
                .page_size = page_size && page_size < PAIL_S3_PAGE_MAX ? page_size : PAIL_S3_PAGE_MAX,
                .is_mixed = is_mixed,
        };
}

void pail_paginator_done(struct pail_paginator *paginator)
{
        void *next_request = pail_steal(&paginator->next_request);
        if (next_request)
                paginator->paginated->cancel(next_request);
        pail_s3_page_token_done(&paginator->at);
        free(pail_steal(&paginator->first));
        paginator->has_ended = paginator->is_exhausted = true;
}

static unsigned wanted_items(const struct pail_paginator *paginator)
{
        uint64_t left = paginator->limit - paginator->seen, wanted;
        if (!paginator->limit || paginator->is_mixed || __builtin_add_overflow(left, paginator->at.skip, &wanted))
                return paginator->page_size;
        return wanted < paginator->page_size ? (unsigned)wanted : paginator->page_size;
}

static int begin_page(struct pail_paginator *paginator, void **ret_request, struct pail_error *ret_error)
{
        return paginator->paginated->begin(paginator->context, &paginator->at, wanted_items(paginator), ret_request,
                                           ret_error);
}

static int wait_page(struct pail_paginator *paginator, struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        void *request = pail_steal(&paginator->next_request);
        int r = request ? 0 : begin_page(paginator, &request, ret_error);
        return r < 0 ? r : paginator->paginated->wait(request, ret_page, ret_error);
}

static int set_endless(struct pail_error *ret_error, const char *why)
{
        pail_error_set(ret_error, PAIL_ERROR_PROTOCOL, "the server's list does not end: %s", why);
        return -EPROTO;
}

static int describe_first(const struct pail_s3_page *page, char **ret_text)
{
        const struct pail_s3_entry *entry = page->entries;
        return pail_str_printf(ret_text, "%u %s\n%s", entry->part_number, entry->key ? entry->key : "",
                               entry->id ? entry->id : "");
}

static int check_progress(struct pail_paginator *paginator, const struct pail_s3_page *page,
                          struct pail_error *ret_error)
{
        _cleanup_free_ char *first = NULL;
        if (page->is_truncated && pail_str_equal(page->next_token, paginator->at.token) &&
            pail_str_equal(page->next_id, paginator->at.id))
                return set_endless(ret_error, "a page names itself as the next one");
        if (page->count == 0)
                return ++paginator->empty_pages > EMPTY_PAGES_MAX ? set_endless(ret_error, "too many empty pages") : 0;
        int r = describe_first(page, &first);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot list");
        if (pail_str_equal(first, paginator->first))
                return set_endless(ret_error, "the same page came twice");
        paginator->empty_pages = 0;
        free(paginator->first);
        paginator->first = pail_steal(&first);
        return 0;
}

static uint64_t count_items(const struct pail_s3_page *page)
{
        uint64_t count = 0;
        for (size_t i = 0; i < page->count; i++)
                count += !page->entries[i].is_prefix;
        return count;
}

/* Keeps the items from first to end - 1, and the prefixes unless they were given with items before. */
static void keep_items(struct pail_s3_page *page, uint64_t first, uint64_t end, bool keeps_prefixes)
{
        uint64_t items = 0;
        size_t kept = 0;
        for (size_t i = 0; i < page->count; i++) {
                struct pail_s3_entry *entry = &page->entries[i];
                bool stays = entry->is_prefix ? keeps_prefixes : items >= first && items < end;
                items += !entry->is_prefix;
                if (stays)
                        page->entries[kept++] = *entry;
                else
                        pail_s3_entry_done(entry);
        }
        page->count = kept;
}

/* Cuts the page to what is wanted of it, and moves on. */
static int accept_page(struct pail_paginator *paginator, struct pail_s3_page *page)
{
        uint64_t left = paginator->limit ? paginator->limit - paginator->seen : UINT64_MAX;
        uint64_t items = count_items(page);
        uint64_t first = paginator->at.skip < items ? paginator->at.skip : items;
        bool is_cut = items - first > left;
        uint64_t end = is_cut ? first + left : items;
        if (paginator->at.skip > 0 || is_cut)
                keep_items(page, first, end, paginator->at.skip == 0);
        paginator->seen += end - first;
        paginator->has_ended = is_cut || !page->is_truncated ||
                               (paginator->limit && paginator->seen >= paginator->limit);
        if (is_cut) {
                paginator->at.skip = end;
                return 0;
        }
        paginator->is_exhausted = !page->is_truncated;
        paginator->at.skip -= first;
        return pail_s3_page_token_move(&paginator->at, page->next_token, page->next_id);
}

int pail_paginator_next(struct pail_paginator *paginator, struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_page_done) struct pail_s3_page page = { 0 };
        if (paginator->has_ended)
                return 0;
        int r = wait_page(paginator, &page, ret_error);
        if (r < 0) {
                paginator->has_ended = r != -EINTR && r != -ETIMEDOUT;
                return r;
        }
        r = check_progress(paginator, &page, ret_error);
        if (r >= 0) {
                r = accept_page(paginator, &page);
                if (r < 0)
                        pail_error_set_errno(ret_error, -r, "cannot list");
        }
        if (r < 0) {
                paginator->has_ended = true;
                return r;
        }
        if (!paginator->has_ended)
                (void)begin_page(paginator, &paginator->next_request, NULL);
        *ret_page = page;
        page = (struct pail_s3_page){ 0 };
        return 1;
}
