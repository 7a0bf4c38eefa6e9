/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/str.h"

#include "../support/alloc.h"
#include "../support/test.h"

static void test_compare(void **state)
{
        (void)state;
        assert_true(pail_str_equal(NULL, NULL));
        assert_false(pail_str_equal(NULL, ""));
        assert_false(pail_str_equal("", NULL));
        assert_true(pail_str_equal("a", "a"));
        assert_false(pail_str_equal("a", "ab"));
        assert_true(pail_str_is_empty(NULL) && pail_str_is_empty("") && !pail_str_is_empty(" "));

        assert_true(pail_str_starts_with("abc", ""));
        assert_true(pail_str_starts_with("abc", "abc"));
        assert_false(pail_str_starts_with("ab", "abc"));
        assert_true(pail_str_ends_with("abc", ""));
        assert_true(pail_str_ends_with("abc", "bc"));
        assert_false(pail_str_ends_with("bc", "abc"));
        assert_false(pail_str_ends_with("abcd", "bc"));
}

static void test_dup_and_replace(void **state)
{
        (void)state;
        char *copy = (char *)1;
        assert_int_equal(pail_str_dup(NULL, &copy), 0);
        assert_null(copy);
        assert_int_equal(pail_str_replace(&copy, "whole"), 0);
        assert_string_equal(copy, "whole");
        assert_int_equal(pail_str_replace(&copy, copy + 2), 0); /* from within itself */
        assert_string_equal(copy, "ole");
        test_alloc_fail_at(1);
        assert_int_equal(pail_str_replace(&copy, "other"), -ENOMEM);
        assert_string_equal(copy, "ole");
        assert_int_equal(pail_str_replace(&copy, NULL), 0);
        assert_null(copy);
}

static int print(void *context)
{
        char *string = NULL;
        int r = pail_str_printf(&string, "%s %0200d", "x", 1);
        if (r == 0)
                assert_int_equal(strlen(string), 202);
        else
                assert_null(string);
        free(string);
        (void)context;
        return r;
}

static void test_printf(void **state)
{
        (void)state;
        assert_true(test_alloc_each(print, NULL) >= 1);
        char *empty = NULL;
        assert_int_equal(pail_str_printf(&empty, "%s", ""), 0);
        assert_string_equal(empty, "");
        free(empty);
}

static void test_strip(void **state)
{
        (void)state;
        static const char *const cases[][2] = {
                { "", "" }, { " \t\r\n\v\f", "" }, { "a", "a" }, { "  a b\t\n", "a b" }, { "\xc2\xa0", "\xc2\xa0" },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char text[32];
                pail_str_copy(text, sizeof(text), cases[i][0]);
                assert_string_equal(pail_str_strip(text), cases[i][1]);
        }
}

static void test_copy_cuts(void **state)
{
        (void)state;
        char target[4] = "zzz";
        pail_str_copy(target, sizeof(target), "ab");
        assert_string_equal(target, "ab");
        pail_str_copy(target, sizeof(target), "abc");
        assert_string_equal(target, "abc");
        pail_str_copy(target, sizeof(target), "abcd");
        assert_string_equal(target, "abc");
        pail_str_copy(target, 1, "abcd");
        assert_string_equal(target, "");
}

static void test_make_printable(void **state)
{
        (void)state;
        char text[] = "a\n\x1b[31mb\x7f\xc2\x9b\xc3\xa4\xc2\xa0\xc2";
        pail_str_make_printable(text);
        assert_string_equal(text, "a??[31mb???\xc3\xa4\xc2\xa0\xc2");
}

static void test_distance(void **state)
{
        (void)state;
        assert_int_equal(pail_str_distance("", ""), 0);
        assert_int_equal(pail_str_distance("abc", ""), 3);
        assert_int_equal(pail_str_distance("", "abc"), 3);
        assert_int_equal(pail_str_distance("kitten", "sitting"), 3);
        assert_int_equal(pail_str_distance("flaw", "lawn"), 2);
        assert_int_equal(pail_str_distance("profile", "profile"), 0);
        assert_int_equal(pail_str_distance("region", "regoin"), 2);

        char long_a[201], long_b[201];
        memset(long_a, 'a', 200);
        memset(long_b, 'b', 200);
        long_a[200] = long_b[200] = 0;
        assert_int_equal(pail_str_distance(long_a, long_b), 64);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_compare),   cmocka_unit_test(test_dup_and_replace),
                cmocka_unit_test(test_printf),    cmocka_unit_test(test_strip),
                cmocka_unit_test(test_copy_cuts), cmocka_unit_test(test_make_printable),
                cmocka_unit_test(test_distance),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
