/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/buf.h"

#include "../support/alloc.h"
#include "../support/test.h"

static void test_empty(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(100);
        test_alloc_fail_at(1);
        assert_string_equal(buf.data, "");
        assert_int_equal(pail_buf_append(&buf, NULL, 0), 0);
        assert_int_equal(pail_buf_append_string(&buf, ""), 0);
        assert_int_equal(pail_buf_printf(&buf, "%s", ""), 0);
        pail_buf_reset(&buf);
        pail_buf_truncate(&buf, 0);
        assert_int_equal(buf.length, 0);
        assert_false(test_alloc_has_failed()); /* nothing was allocated */
        test_alloc_fail_at(0);
}

static void test_bytes_with_nul(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(100);
        assert_int_equal(pail_buf_append(&buf, "a\0b", 3), 0);
        assert_int_equal(pail_buf_append_char(&buf, 0), 0);
        assert_int_equal(buf.length, 4);
        assert_memory_equal(buf.data, "a\0b\0", 5);
}

static void test_grows_to_the_cap_and_not_beyond(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        for (int i = 0; i < 1000; i++) {
                assert_int_equal(pail_buf_append_char(&buf, (char)('a' + i % 26)), 0);
                assert_int_equal(buf.data[buf.length], 0);
                assert_true(buf.allocated <= buf.cap + 1);
        }
        for (int i = 0; i < 1000; i++)
                assert_int_equal(buf.data[i], 'a' + i % 26);
        assert_int_equal(pail_buf_append_char(&buf, 'x'), -EMSGSIZE);
        assert_int_equal(buf.length, 1000);
        assert_int_equal(buf.data[1000], 0);
}

static void test_errors_are_sticky(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(4);
        assert_int_equal(pail_buf_append_string(&buf, "abc"), 0);
        assert_int_equal(pail_buf_append_string(&buf, "de"), -EMSGSIZE);
        assert_int_equal(pail_buf_append_char(&buf, 'd'), -EMSGSIZE); /* would fit, but the text has a gap */
        assert_int_equal(pail_buf_append(&buf, "", 0), -EMSGSIZE);
        assert_int_equal(pail_buf_printf(&buf, "d"), -EMSGSIZE);
        char *data = NULL;
        assert_int_equal(pail_buf_steal(&buf, &data, NULL), -EMSGSIZE);
        assert_null(data);
        assert_string_equal(buf.data, "abc");
        pail_buf_reset(&buf);
        assert_int_equal(pail_buf_append_string(&buf, "abcd"), 0);
        assert_string_equal(buf.data, "abcd");
}

static void test_sizes_do_not_overflow(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(SIZE_MAX / 2 - 1);
        assert_int_equal(pail_buf_append_string(&buf, "x"), 0);
        /* Never read: the size alone is too much. Through a volatile, or the compiler warns of it. */
        volatile size_t huge = SIZE_MAX;
        assert_int_equal(pail_buf_append(&buf, "", huge), -EMSGSIZE);
        assert_string_equal(buf.data, "x");
}

static void test_zero_cap(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(0);
        assert_int_equal(pail_buf_append_string(&buf, ""), 0);
        assert_int_equal(pail_buf_append_char(&buf, 'x'), -EMSGSIZE);
        assert_string_equal(buf.data, "");
}

static void test_printf(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(300);
        assert_int_equal(pail_buf_printf(&buf, "%d-%s", 7, "seven"), 0);
        assert_int_equal(pail_buf_printf(&buf, "/%0200d", 1), 0); /* does not fit into the first allocation */
        assert_int_equal(buf.length, 7 + 201);
        assert_memory_equal(buf.data, "7-seven/000", 11);
        assert_string_equal(buf.data + 205, "001");
        assert_int_equal(pail_buf_printf(&buf, "%0100d", 1), -EMSGSIZE);
        assert_int_equal(strlen(buf.data), 208);
}

static void test_truncate(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(10);
        pail_buf_append_string(&buf, "abcdef");
        pail_buf_truncate(&buf, 9);
        assert_string_equal(buf.data, "abcdef");
        pail_buf_truncate(&buf, 2);
        assert_string_equal(buf.data, "ab");
        assert_int_equal(buf.length, 2);
}

static void test_steal(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(10);
        char *data = NULL;
        size_t length = 99;
        assert_int_equal(pail_buf_steal(&buf, &data, &length), 0); /* an empty one gives heap data too */
        assert_string_equal(data, "");
        assert_int_equal(length, 0);
        free(data);

        pail_buf_append(&buf, "a\0b", 3);
        assert_int_equal(pail_buf_steal(&buf, &data, &length), 0);
        assert_memory_equal(data, "a\0b", 4);
        assert_int_equal(length, 3);
        free(data);
        assert_int_equal(buf.length, 0);
        assert_int_equal(pail_buf_append_string(&buf, "0123456789"), 0); /* the cap is still the same */
        assert_int_equal(pail_buf_append_char(&buf, 'x'), -EMSGSIZE);
}

static int build(void *context)
{
        (void)context;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        pail_buf_append_string(&buf, "abc");
        pail_buf_printf(&buf, "%0100d", 1);
        for (int i = 0; i < 500; i++)
                pail_buf_append_char(&buf, 'x');
        char *data = NULL;
        int r = pail_buf_steal(&buf, &data, NULL);
        if (r == 0)
                assert_int_equal(strlen(data), 603);
        else
                assert_null(data);
        free(data);
        return r;
}

static void test_out_of_memory(void **state)
{
        (void)state;
        assert_true(test_alloc_each(build, NULL) >= 3);
}

static void test_usable_after_failed_growth(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        pail_buf_append_string(&buf, "kept");
        test_alloc_fail_at(1);
        assert_int_equal(pail_buf_printf(&buf, "%0100d", 1), -ENOMEM);
        assert_string_equal(buf.data, "kept");
        assert_int_equal(pail_buf_append_char(&buf, 'x'), -ENOMEM);
}

static void test_reserve(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        pail_buf_append_string(&buf, "kept");
        assert_int_equal(pail_buf_reserve(&buf, 900), 0);
        assert_string_equal(buf.data, "kept");
        assert_int_equal(buf.length, 4);
        const char *data = buf.data;
        for (int i = 0; i < 900; i++)
                assert_int_equal(pail_buf_append_char(&buf, 'x'), 0);
        assert_ptr_equal(buf.data, data);
        assert_int_equal(pail_buf_reserve(&buf, 97), -EMSGSIZE);
}

static void test_wipe(void **state)
{
        (void)state;
        struct pail_buf buf;
        pail_buf_init(&buf, 100);
        pail_buf_wipe(&buf);
        pail_buf_append_string(&buf, "secret");
        pail_buf_wipe(&buf);
        assert_string_equal(buf.data, "");
        assert_int_equal(buf.allocated, 0);
        assert_int_equal(pail_buf_append_string(&buf, "again"), 0);
        pail_buf_wipe(&buf);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_empty),
                cmocka_unit_test(test_bytes_with_nul),
                cmocka_unit_test(test_grows_to_the_cap_and_not_beyond),
                cmocka_unit_test(test_errors_are_sticky),
                cmocka_unit_test(test_sizes_do_not_overflow),
                cmocka_unit_test(test_zero_cap),
                cmocka_unit_test(test_printf),
                cmocka_unit_test(test_truncate),
                cmocka_unit_test(test_steal),
                cmocka_unit_test(test_reserve),
                cmocka_unit_test(test_wipe),
                cmocka_unit_test(test_out_of_memory),
                cmocka_unit_test(test_usable_after_failed_growth),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
