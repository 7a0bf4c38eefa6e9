/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a list that exists in memory only. */
#include "../support/test.h"
#include "s3/paginator.h"

/* A list of count numbers, or a server that does not behave. */
struct list {
        unsigned count;
        enum { WELL, SAME_TOKEN, SAME_PAGE, EMPTY_PAGES, TOO_MANY, FAIL } behaviour;
        int failure;
        unsigned fetches, released;
        unsigned asked[8]; /* max_items of the first fetches */
};

struct page {
        struct list *list;
        unsigned first_number, count;
        char first[16], token[16];
};

static int fetch(void *context, const char *token, unsigned max_items, void *ret_page, struct pail_error *ret_error)
{
        struct list *list = context;
        unsigned from = token ? (unsigned)strtoul(token, NULL, 10) : 0;
        if (list->fetches < TEST_COUNT(list->asked))
                list->asked[list->fetches] = max_items;
        list->fetches++;
        if (list->behaviour == FAIL && list->fetches == 2) {
                pail_error_set(ret_error, PAIL_ERROR_TIMEOUT, "as asked");
                return list->failure;
        }
        struct page page = { .list = list, .first_number = from };
        page.count = list->count - from < max_items ? list->count - from : max_items;
        if (list->behaviour == TOO_MANY)
                page.count = list->count - from;
        if (list->behaviour == EMPTY_PAGES)
                page.count = 0;
        unsigned next = from + page.count;
        if (list->behaviour == EMPTY_PAGES || list->behaviour == SAME_PAGE)
                next = list->fetches;
        if (list->behaviour == SAME_TOKEN)
                next = 1;
        if (next < list->count)
                snprintf(page.token, sizeof(page.token), "%u", next);
        snprintf(page.first, sizeof(page.first), "%u", list->behaviour == SAME_PAGE ? 7 : from);
        *(struct page *)ret_page = page;
        return 0;
}

static size_t count(const void *page)
{
        return ((const struct page *)page)->count;
}

static const char *first(const void *page)
{
        return count(page) ? ((const struct page *)page)->first : NULL;
}

static const char *token(const void *page)
{
        const struct page *p = page;
        return p->token[0] ? p->token : NULL;
}

static void trim(void *page, size_t keep)
{
        ((struct page *)page)->count = (unsigned)keep;
}

static void release(void *page)
{
        ((struct page *)page)->list->released++;
}

static const struct pail_paginated paginated = { fetch, count, first, token, trim, release };

/* Runs to the end: the sum of items, *ret_result what ended it, *ret_pages how many there were. */
static unsigned run(struct list *list, uint64_t limit, unsigned page_size, int *ret_result, unsigned *ret_pages)
{
        struct pail_paginator paginator;
        struct pail_error error = PAIL_ERROR_INIT;
        struct page page;
        unsigned items = 0, pages = 0;
        pail_paginator_init(&paginator, &paginated, list, limit, page_size);
        int r;
        while ((r = pail_paginator_next(&paginator, &page, &error)) > 0) {
                items += page.count;
                pages++;
        }
        *ret_result = r;
        *ret_pages = pages;
        /* The end stays the end. */
        assert_int_equal(pail_paginator_next(&paginator, &page, &error), 0);
        pail_paginator_done(&paginator);
        return items;
}

static void test_pages(void **state)
{
        (void)state;
        static const struct {
                unsigned count, page_size;
                uint64_t limit;
                unsigned items, pages;
        } cases[] = {
                { 25, 10, 0, 25, 3 },       { 0, 10, 0, 0, 1 },     { 20, 10, 0, 20, 2 }, { 25, 10, 15, 15, 2 },
                { 25, 10, 10, 10, 1 },      { 25, 10, 100, 25, 3 }, { 5, 0, 0, 5, 1 },    { 2500, 0, 0, 2500, 3 },
                { 2500, 5000, 0, 2500, 3 }, { 2500, 0, 1, 1, 1 },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct list list = { .count = cases[i].count };
                int r;
                unsigned pages;
                assert_int_equal(run(&list, cases[i].limit, cases[i].page_size, &r, &pages), cases[i].items);
                assert_int_equal(r, 0);
                assert_int_equal(pages, cases[i].pages);
                assert_int_equal(list.fetches, pages);
        }
}

static void test_asks_for_no_more_than_the_limit(void **state)
{
        (void)state;
        struct list list = { .count = 100 };
        int r;
        unsigned pages;
        run(&list, 25, 10, &r, &pages);
        assert_int_equal(list.asked[0], 10);
        assert_int_equal(list.asked[1], 10);
        assert_int_equal(list.asked[2], 5);
}

static void test_more_than_asked_for(void **state)
{
        (void)state;
        struct list list = { .count = 100, .behaviour = TOO_MANY };
        int r;
        unsigned pages;
        assert_int_equal(run(&list, 25, 10, &r, &pages), 25);
        assert_int_equal(r, 0);
}

static void test_endless(void **state)
{
        (void)state;
        static const int behaviours[] = { SAME_TOKEN, SAME_PAGE, EMPTY_PAGES };
        for (size_t i = 0; i < TEST_COUNT(behaviours); i++) {
                struct list list = { .count = 1000000, .behaviour = behaviours[i] };
                int r;
                unsigned pages;
                run(&list, 0, 10, &r, &pages);
                assert_int_equal(r, -EPROTO);
                assert_int_equal(list.released, 1);
                assert_in_range(pages, 1, 1000);
        }
}

static void test_failures(void **state)
{
        (void)state;
        struct list list = { .count = 25, .behaviour = FAIL, .failure = -EACCES };
        int r;
        unsigned pages;
        assert_int_equal(run(&list, 0, 10, &r, &pages), 10);
        assert_int_equal(r, -EACCES);
        assert_int_equal(list.fetches, 2);

        /* After an outage the caller may go on where it stood. */
        struct pail_paginator paginator;
        struct pail_error error = PAIL_ERROR_INIT;
        struct page page;
        list = (struct list){ .count = 25, .behaviour = FAIL, .failure = -ETIMEDOUT };
        pail_paginator_init(&paginator, &paginated, &list, 0, 10);
        assert_int_equal(pail_paginator_next(&paginator, &page, &error), 1);
        assert_int_equal(pail_paginator_next(&paginator, &page, &error), -ETIMEDOUT);
        assert_int_equal(error.class, PAIL_ERROR_TIMEOUT);
        assert_int_equal(pail_paginator_next(&paginator, &page, &error), 1);
        assert_int_equal(page.first_number, 10);
        pail_paginator_done(&paginator);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pages),
                cmocka_unit_test(test_asks_for_no_more_than_the_limit),
                cmocka_unit_test(test_more_than_asked_for),
                cmocka_unit_test(test_endless),
                cmocka_unit_test(test_failures),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
