/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a list that exists in memory only. */
#include "../../support/test.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "s3/resource/paginator.h"

/* A list of count numbers, each prefix_every-th a prefix; or a server that does not behave. */
struct list {
        unsigned count, prefix_every;
        enum { WELL, SAME_TOKEN, SAME_PAGE, EMPTY_PAGES, TOO_MANY, FAIL, NO_LOOKAHEAD } behaviour;
        int failure;
        unsigned begun, waited, cancelled;
        unsigned asked[16]; /* max_items of the first requests */
};

struct request {
        struct list *list;
        unsigned from, max_items, number;
};

static int begin(void *context, const struct pail_s3_page_token *at, unsigned max_items, void **ret_request,
                 struct pail_error *ret_error)
{
        struct list *list = context;
        if (list->begun < TEST_COUNT(list->asked))
                list->asked[list->begun] = max_items;
        unsigned number = ++list->begun;
        if (list->behaviour == NO_LOOKAHEAD && number == 2) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "as asked");
                return -EACCES;
        }
        struct request *request = calloc(1, sizeof(*request));
        assert_non_null(request);
        *request = (struct request){ list, at->token ? (unsigned)strtoul(at->token, NULL, 10) : 0, max_items, number };
        /* The second marker always goes with the first. */
        assert_true(at->token ? pail_str_equal(at->id, "id") : !at->id);
        *ret_request = request;
        return 0;
}

static void add(struct pail_s3_page *page, const struct list *list, unsigned number)
{
        struct pail_s3_entry *entry = &page->entries[page->count++];
        *entry = (struct pail_s3_entry){ .is_prefix = list->prefix_every && number % list->prefix_every == 0 };
        assert_int_equal(pail_str_printf(&entry->key, "%u", list->behaviour == SAME_PAGE ? 7 : number), 0);
}

static int wait(void *opaque, struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        _cleanup_free_ struct request *request = opaque;
        struct list *list = request->list;
        list->waited++;
        if (list->behaviour == FAIL && request->number == 2) {
                pail_error_set(ret_error, PAIL_ERROR_TIMEOUT, "as asked");
                return list->failure;
        }
        unsigned left = list->count - request->from;
        unsigned count = left < request->max_items || list->behaviour == TOO_MANY ? left : request->max_items;
        if (list->behaviour == EMPTY_PAGES)
                count = 0;
        struct pail_s3_page page = { .entries = calloc(count + 1, sizeof(*page.entries)) };
        assert_non_null(page.entries);
        for (unsigned i = 0; i < count; i++)
                add(&page, list, request->from + i);
        unsigned next = request->from + count;
        if (list->behaviour == EMPTY_PAGES || list->behaviour == SAME_PAGE)
                next = request->number;
        if (list->behaviour == SAME_TOKEN)
                next = 1;
        page.is_truncated = next < list->count;
        if (page.is_truncated) {
                assert_int_equal(pail_str_printf(&page.next_token, "%u", next), 0);
                assert_int_equal(pail_str_dup("id", &page.next_id), 0);
        }
        *ret_page = page;
        return 0;
}

static void cancel(void *opaque)
{
        struct request *request = opaque;
        request->list->cancelled++;
        free(request);
}

static const struct pail_paginated paginated = { begin, wait, cancel };

/* Runs to the end: the number of items, *ret_result what ended it, *ret_pages how many there were. */
static unsigned run(struct list *list, uint64_t limit, unsigned page_size, int *ret_result, unsigned *ret_pages)
{
        struct pail_paginator paginator;
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_s3_page page;
        unsigned items = 0, pages = 0;
        pail_paginator_init(&paginator, &paginated, list, limit, page_size, list->prefix_every > 0);
        int r;
        while ((r = pail_paginator_next(&paginator, &page, &error)) > 0) {
                for (size_t i = 0; i < page.count; i++)
                        items += !page.entries[i].is_prefix;
                pages++;
                pail_s3_page_done(&page);
        }
        *ret_result = r;
        *ret_pages = pages;
        /* The end stays the end. */
        assert_int_equal(pail_paginator_next(&paginator, &page, &error), 0);
        pail_paginator_done(&paginator);
        assert_int_equal(list->begun, list->waited + list->cancelled);
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
                assert_int_equal(list.begun, pages); /* no look-ahead that nobody wants */
                assert_int_equal(list.cancelled, 0);
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

static void test_prefixes_do_not_count(void **state)
{
        (void)state;
        /* 0, 2, 4… are prefixes: ten items are in the first twenty entries, and a page is always asked for in full. */
        struct list list = { .count = 100, .prefix_every = 2 };
        int r;
        unsigned pages;
        assert_int_equal(run(&list, 12, 10, &r, &pages), 12);
        assert_int_equal(pages, 3);
        assert_int_equal(list.begun, 3);
        assert_int_equal(list.asked[2], 10);
}

static void test_looks_one_page_further(void **state)
{
        (void)state;
        struct list list = { .count = 50 };
        struct pail_paginator paginator;
        struct pail_s3_page page;
        pail_paginator_init(&paginator, &paginated, &list, 0, 10, false);
        assert_int_equal(list.begun, 0);
        for (unsigned i = 1; i <= 3; i++) {
                assert_int_equal(pail_paginator_next(&paginator, &page, NULL), 1);
                pail_s3_page_done(&page);
                assert_int_equal(list.begun, i + 1);
                assert_int_equal(list.waited, i);
        }
        pail_paginator_done(&paginator);
        assert_int_equal(list.cancelled, 1);
        assert_int_equal(list.waited, 3);
}

/* The page that came is given all the same; the next one is begun anew when it is wanted. */
static void test_lookahead_that_cannot_begin(void **state)
{
        (void)state;
        struct list list = { .count = 15, .behaviour = NO_LOOKAHEAD };
        struct pail_paginator paginator;
        struct pail_s3_page page;
        pail_paginator_init(&paginator, &paginated, &list, 0, 10, false);
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(pail_paginator_next(&paginator, &page, NULL), 1);
                pail_s3_page_done(&page);
        }
        assert_int_equal(list.begun, 3);
        assert_int_equal(list.waited, 2);
        assert_int_equal(pail_paginator_next(&paginator, &page, NULL), 0);
        pail_paginator_done(&paginator);
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
        assert_int_equal(list.begun, 2);

        /* After an outage the caller may go on where it stood. */
        struct pail_paginator paginator;
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_s3_page page;
        list = (struct list){ .count = 25, .behaviour = FAIL, .failure = -ETIMEDOUT };
        pail_paginator_init(&paginator, &paginated, &list, 0, 10, false);
        assert_int_equal(pail_paginator_next(&paginator, &page, &error), 1);
        pail_s3_page_done(&page);
        assert_int_equal(pail_paginator_next(&paginator, &page, &error), -ETIMEDOUT);
        assert_int_equal(error.class, PAIL_ERROR_TIMEOUT);
        assert_int_equal(pail_paginator_next(&paginator, &page, &error), 1);
        assert_string_equal(page.entries[0].key, "10");
        pail_s3_page_done(&page);
        pail_paginator_done(&paginator);
}

/* Reads on from the text of a position; appends what it reads to *seen, and tells where it stopped. */
static void read_on(struct list *list, char **text, uint64_t limit, unsigned page_size, char *seen, size_t size)
{
        struct pail_paginator paginator;
        struct pail_s3_page page;
        pail_paginator_init(&paginator, &paginated, list, limit, page_size, list->prefix_every > 0);
        assert_int_equal(pail_s3_page_token_parse(*text, 'o', &paginator.at), 0);
        free(pail_steal(text));
        int r;
        while ((r = pail_paginator_next(&paginator, &page, NULL)) > 0) {
                for (size_t i = 0; i < page.count; i++) {
                        size_t used = strlen(seen);
                        snprintf(seen + used, size - used, "%s ", page.entries[i].key);
                }
                pail_s3_page_done(&page);
        }
        assert_int_equal(r, 0);
        if (!paginator.is_exhausted)
                assert_int_equal(pail_s3_page_token_format(&paginator.at, 'o', text), 0);
        pail_paginator_done(&paginator);
}

/* In whatever bites, with whatever page sizes: every entry once. Within a page prefixes come when they come. */
static void test_resumes_at_the_very_item(void **state)
{
        (void)state;
        static const struct {
                unsigned prefix_every;
                int behaviour;
        } kinds[] = { { 0, WELL }, { 3, WELL }, { 0, TOO_MANY }, { 5, TOO_MANY } };
        for (size_t kind = 0; kind < TEST_COUNT(kinds); kind++) {
                for (unsigned limit = 1; limit <= 9; limit++) {
                        for (unsigned page_size = 1; page_size <= 12; page_size++) {
                                char seen[256] = "", *text = strdup("o0");
                                unsigned bites = 0, times[23] = { 0 };
                                while (text && bites++ < 100) {
                                        struct list list = { .count = 23,
                                                             .prefix_every = kinds[kind].prefix_every,
                                                             .behaviour = kinds[kind].behaviour };
                                        read_on(&list, &text, limit, page_size, seen, sizeof(seen));
                                }
                                assert_null(text);
                                char *rest = seen;
                                for (char *word = strsep(&rest, " "); word && *word; word = strsep(&rest, " "))
                                        times[strtoul(word, NULL, 10)]++;
                                for (unsigned i = 0; i < 23; i++)
                                        assert_int_equal(times[i], 1);
                        }
                }
        }
}

static void test_positions_as_text(void **state)
{
        (void)state;
        char token[] = "a:b/%\xc3\xbc 1", id[] = ":";
        const struct pail_s3_page_token position = { token, id, 77 };
        struct pail_s3_page_token parsed = { 0 };
        char *text = NULL;
        assert_int_equal(pail_s3_page_token_format(&position, 'v', &text), 0);
        for (const char *c = text; *c; c++)
                assert_true(*c > ' ' && *c < 0x7f);
        assert_int_equal(pail_s3_page_token_parse(text, 'v', &parsed), 0);
        assert_string_equal(parsed.token, token);
        assert_string_equal(parsed.id, id);
        assert_int_equal(parsed.skip, 77);
        pail_s3_page_token_done(&parsed);
        static const char *const bad[] = { "",     "v",      "o1:x",   "vx",     "v-1", "v1 ", "v18446744073709551616",
                                           "v1:%", "v1:%zz", "v1:%00", "v1:a:%4" };
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                assert_int_equal(pail_s3_page_token_parse(bad[i], 'v', &parsed), -EINVAL);
                assert_null(parsed.token);
        }
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pages),
                cmocka_unit_test(test_asks_for_no_more_than_the_limit),
                cmocka_unit_test(test_prefixes_do_not_count),
                cmocka_unit_test(test_looks_one_page_further),
                cmocka_unit_test(test_lookahead_that_cannot_begin),
                cmocka_unit_test(test_more_than_asked_for),
                cmocka_unit_test(test_endless),
                cmocka_unit_test(test_failures),
                cmocka_unit_test(test_resumes_at_the_very_item),
                cmocka_unit_test(test_positions_as_text),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
