/* SPDX-License-Identifier: Apache-2.0 */

#include "../support/test.h"
#include "pail/http/request.h"
#include "pail/util/cleanup.h"

#define _cleanup_headers_ _cleanup_(pail_http_headers_done)

static void test_order_and_case(void **state)
{
        (void)state;
        _cleanup_headers_ struct pail_http_headers headers = { 0 };
        assert_null(pail_http_headers_get(&headers, "a"));
        assert_int_equal(pail_http_headers_add(&headers, "Beta", "1"), 0);
        assert_int_equal(pail_http_headers_add(&headers, "alpha", " \t two words\t "), 0);
        assert_int_equal(pail_http_headers_add(&headers, "BETA", "3"), 0);
        assert_int_equal(pail_http_headers_addf(&headers, "Range", "bytes=%d-%d", 0, 9), 0);
        assert_int_equal(headers.count, 4);
        assert_string_equal(headers.items[0].name, "Beta");
        assert_string_equal(headers.items[3].value, "bytes=0-9");
        assert_string_equal(pail_http_headers_get(&headers, "beta"), "1");
        assert_string_equal(pail_http_headers_get(&headers, "ALPHA"), "two words");
        assert_int_equal(pail_http_headers_add(&headers, "Empty", ""), 0);
        assert_string_equal(pail_http_headers_get(&headers, "empty"), "");
}

static void test_set_and_remove(void **state)
{
        (void)state;
        _cleanup_headers_ struct pail_http_headers headers = { 0 };
        assert_int_equal(pail_http_headers_set(&headers, "Date", "new"), 0);
        assert_int_equal(pail_http_headers_add(&headers, "Host", "h"), 0);
        assert_int_equal(pail_http_headers_add(&headers, "date", "second"), 0);
        assert_int_equal(pail_http_headers_add(&headers, "DATE", "third"), 0);
        assert_int_equal(pail_http_headers_set(&headers, "Date", "only"), 0);
        assert_int_equal(headers.count, 2);
        assert_string_equal(headers.items[0].value, "only");
        assert_string_equal(headers.items[1].name, "Host");
        assert_int_equal(pail_http_headers_set(&headers, "Host", "bad\nvalue"), -EINVAL);
        assert_string_equal(pail_http_headers_get(&headers, "host"), "h");
        pail_http_headers_remove(&headers, "DATE");
        pail_http_headers_remove(&headers, "absent");
        assert_int_equal(headers.count, 1);
        assert_int_equal(headers.size_bytes, strlen("Host") + strlen("h"));
        pail_http_headers_remove(&headers, "host");
        assert_int_equal(headers.size_bytes, 0);
}

static void test_refused(void **state)
{
        (void)state;
        _cleanup_headers_ struct pail_http_headers headers = { 0 };
        static const char *const names[] = { "", "a b", "a:", "a\r", "a\n", "\ta", "a\x7f" };
        for (size_t i = 0; i < TEST_COUNT(names); i++)
                assert_int_equal(pail_http_headers_add(&headers, names[i], "v"), -EINVAL);
        assert_int_equal(pail_http_headers_add(&headers, "a", "x\r\nInjected: y"), -EINVAL);
        assert_int_equal(pail_http_headers_add(&headers, "a", "x\n"), -EINVAL);
        assert_int_equal(headers.count, 0);
        /* Metadata of users is not always ASCII. */
        assert_int_equal(pail_http_headers_add(&headers, "x-amz-meta-f\xc3\xbc", "\xc3\xa4"), 0);
}

static void test_count_limit(void **state)
{
        (void)state;
        _cleanup_headers_ struct pail_http_headers headers = { 0 };
        for (int i = 0; i < PAIL_HTTP_HEADERS_MAX_COUNT; i++)
                assert_int_equal(pail_http_headers_add(&headers, "n", "v"), 0);
        assert_int_equal(pail_http_headers_add(&headers, "n", "v"), -EMSGSIZE);
        assert_int_equal(pail_http_headers_set(&headers, "n", "w"), 0);
        assert_int_equal(headers.count, 1);
        assert_int_equal(pail_http_headers_add(&headers, "n", "v"), 0);
}

static void test_size_limit(void **state)
{
        (void)state;
        _cleanup_headers_ struct pail_http_headers headers = { 0 };
        _cleanup_free_ char *big = malloc(PAIL_HTTP_HEADERS_MAX_BYTES + 1);
        assert_non_null(big);
        memset(big, 'x', PAIL_HTTP_HEADERS_MAX_BYTES);
        big[PAIL_HTTP_HEADERS_MAX_BYTES] = '\0';
        assert_int_equal(pail_http_headers_add(&headers, "n", big), -EMSGSIZE);
        big[PAIL_HTTP_HEADERS_MAX_BYTES - 1] = '\0';
        assert_int_equal(pail_http_headers_add(&headers, "n", big), 0);
        assert_int_equal(pail_http_headers_add(&headers, "m", ""), -EMSGSIZE);
        assert_int_equal(pail_http_headers_set(&headers, "N", big + 1), 0);
        assert_int_equal(pail_http_headers_add(&headers, "m", ""), 0);
        assert_int_equal(pail_http_headers_set(&headers, "m", "1"), -EMSGSIZE);
        assert_string_equal(pail_http_headers_get(&headers, "m"), "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order_and_case), cmocka_unit_test(test_set_and_remove),
                cmocka_unit_test(test_refused),        cmocka_unit_test(test_count_limit),
                cmocka_unit_test(test_size_limit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
