/* SPDX-License-Identifier: Apache-2.0 */
#include "../../support/test.h"
#include "aws/signing/sigv4_canonical.h"

/* name, value, name, value… and NULL. */
static void fill(struct pail_http_headers *headers, const char *const *pairs)
{
        for (; *pairs; pairs += 2)
                assert_int_equal(pail_http_headers_add(headers, pairs[0], pairs[1]), 0);
}

static void assert_canonical(const char *path, const char *query, const char *const *pairs, const char *expected,
                             const char *expected_names)
{
        struct pail_http_headers headers = { 0 };
        struct pail_buf canonical, names;

        fill(&headers, pairs);
        pail_buf_init(&canonical, 65536);
        pail_buf_init(&names, 65536);
        assert_int_equal(pail_sigv4_canonical_request("GET", path, query, &headers, "HASH", &canonical, &names), 0);
        assert_string_equal(canonical.data, expected);
        assert_string_equal(names.data, expected_names);
        pail_buf_done(&canonical);
        pail_buf_done(&names);
        pail_http_headers_done(&headers);
}

static void test_queries(void **state)
{
        static const struct {
                const char *query, *canonical;
        } cases[] = {
                { NULL, "" },
                { "", "" },
                { "lifecycle", "lifecycle=" },
                { "a=", "a=" },
                { "b=2&a=1", "a=1&b=2" },
                { "a-b=1&a=1", "a=1&a-b=1" },
                { "a=2&a=1&a", "a=&a=1&a=2" },
                { "a=10&a=1&a=%20", "a=%20&a=1&a=10" },
                { "aa=1&a=1&A=1", "A=1&a=1&aa=1" },
                { "a=b=c", "a=b=c" },
                { "%2F=%2f&%25=", "%25=&%2F=%2f" },
                { "list-type=2&prefix=J&encoding-type=url&delimiter=%2F",
                  "delimiter=%2F&encoding-type=url&list-type=2&prefix=J" },
        };
        static const char *const none[] = { NULL };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char expected[256];
                snprintf(expected, sizeof(expected), "GET\n/\n%s\n\n\n\nHASH", cases[i].canonical);
                assert_canonical("/", cases[i].query, none, expected, "");
        }
}

static void test_headers(void **state)
{
        static const char *const pairs[] = { "X-Amz-Date",
                                             "20130524T000000Z",
                                             "Host",
                                             "h",
                                             "x-amz-meta-b",
                                             "  two  spaces \t tab  ",
                                             "X-Amz-Meta-A",
                                             "1",
                                             "x-amz-meta-B",
                                             "second",
                                             "X-AMZ-META-b",
                                             "",
                                             "Content-Type",
                                             "a; b=c",
                                             NULL };

        (void)state;
        assert_canonical("/", NULL, pairs,
                         "GET\n/\n\ncontent-type:a; b=c\nhost:h\nx-amz-date:20130524T000000Z\nx-amz-meta-a:1\n"
                         "x-amz-meta-b:two spaces tab,second,\n\n"
                         "content-type;host;x-amz-date;x-amz-meta-a;x-amz-meta-b\nHASH",
                         "content-type;host;x-amz-date;x-amz-meta-a;x-amz-meta-b");
}

/* The path is what was sent, whatever it looks like. */
static void test_paths(void **state)
{
        static const char *const none[] = { NULL };
        static const char *const paths[] = { "/", "//", "/a//b/../c/./", "/%7Euser/a%2Fb/%20", "/%25%2B+&=" };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(paths); i++) {
                char expected[256];
                snprintf(expected, sizeof(expected), "GET\n%s\n\n\n\n\nHASH", paths[i]);
                assert_canonical(paths[i], NULL, none, expected, "");
        }
        assert_canonical("", NULL, none, "GET\n/\n\n\n\n\nHASH", "");
}

static void test_caps(void **state)
{
        struct pail_http_headers headers = { 0 };
        struct pail_buf canonical, names;

        (void)state;
        assert_int_equal(pail_http_headers_add(&headers, "x-amz-meta-a", "0123456789"), 0);
        pail_buf_init(&canonical, 20);
        pail_buf_init(&names, 100);
        assert_int_equal(pail_sigv4_canonical_request("GET", "/", "", &headers, "HASH", &canonical, &names), -EMSGSIZE);
        pail_buf_done(&canonical);
        pail_buf_done(&names);
        pail_buf_init(&canonical, 100);
        pail_buf_init(&names, 5);
        assert_int_equal(pail_sigv4_canonical_request("GET", "/", "", &headers, "HASH", &canonical, &names), -EMSGSIZE);
        pail_buf_done(&canonical);
        pail_buf_done(&names);
        pail_http_headers_done(&headers);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_queries),
                cmocka_unit_test(test_headers),
                cmocka_unit_test(test_paths),
                cmocka_unit_test(test_caps),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
