/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/str.h"

#include "pail/util/buf.h"

#include "../support/alloc.h"
#include "../support/test.h"

static void test_percent_encode(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        assert_int_equal(pail_str_percent_encode(&buf, "AZaz09-_.~", 10, false), 0);
        assert_string_equal(buf.data, "AZaz09-_.~");
        pail_buf_reset(&buf);
        assert_int_equal(pail_str_percent_encode(&buf, "a/b c+%\xc3\xbc*\0\n", 12, false), 0);
        assert_string_equal(buf.data, "a%2Fb%20c%2B%25%C3%BC%2A%00%0A");
        pail_buf_reset(&buf);
        assert_int_equal(pail_str_percent_encode(&buf, "a/b", 3, true), 0);
        assert_string_equal(buf.data, "a/b");
}

static void test_percent_decode(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        assert_int_equal(pail_str_percent_decode(&buf, "a%2Fb+%c3%bC%00", true), 0);
        assert_int_equal(buf.length, 7);
        assert_memory_equal(buf.data, "a/b \xc3\xbc\0", 8);
        pail_buf_reset(&buf);
        assert_int_equal(pail_str_percent_decode(&buf, "a+b", false), 0);
        assert_string_equal(buf.data, "a+b");

        static const char *const bad[] = { "%", "x%2", "x%", "%zz", "%2x", "%%20", "ok%20%g0" };
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                assert_int_equal(pail_str_percent_decode(&buf, bad[i], true), -EINVAL);
                assert_string_equal(buf.data, "a+b"); /* as before */
        }
}

static void test_percent_round_trip(void **state)
{
        (void)state;
        char all[255];
        for (int i = 0; i < 255; i++)
                all[i] = (char)(i + 1);
        _cleanup_buf_ struct pail_buf encoded = PAIL_BUF_INIT(1000);
        _cleanup_buf_ struct pail_buf decoded = PAIL_BUF_INIT(1000);
        assert_int_equal(pail_str_percent_encode(&encoded, all, sizeof(all), false), 0);
        assert_int_equal(pail_str_percent_decode(&decoded, encoded.data, true), 0);
        assert_int_equal(decoded.length, sizeof(all));
        assert_memory_equal(decoded.data, all, sizeof(all));
}

static void test_hex(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(6);
        assert_int_equal(pail_str_hex(&buf, "\x00\xff\x1a", 3), 0);
        assert_string_equal(buf.data, "00ff1a");
        assert_int_equal(pail_str_hex(&buf, "", 0), 0);
        assert_int_equal(pail_str_hex(&buf, "\x01", 1), -EMSGSIZE);
}

/* RFC 4648 §10. */
static const char *const vectors[][2] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
        { "\xfb\xff\xbe", "+/++" },
};

static void test_base64(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(100);
        for (size_t i = 0; i < TEST_COUNT(vectors); i++) {
                pail_buf_reset(&buf);
                assert_int_equal(pail_str_base64_encode(&buf, vectors[i][0], strlen(vectors[i][0])), 0);
                assert_string_equal(buf.data, vectors[i][1]);
                pail_buf_reset(&buf);
                assert_int_equal(pail_str_base64_decode(&buf, vectors[i][1]), 0);
                assert_string_equal(buf.data, vectors[i][0]);
        }
}

static void test_base64_malformed(void **state)
{
        (void)state;
        static const char *const bad[] = { "Z",        "Zg",   "Zg=",      "=",
                                           "====",     "Z===", "Zg==Zg==", "Zm9v\n",
                                           "Zm 9v===", "Zm-v", "Zm_v",     "Zg=v",
                                           "Zm9=Zm9v", "Zh==", "Zm9=",     "\xff\xff\xff\xff" };
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(100);
        pail_buf_append_string(&buf, "before");
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                assert_int_equal(pail_str_base64_decode(&buf, bad[i]), -EINVAL);
                assert_string_equal(buf.data, "before");
        }
}

static void test_caps(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(3);
        assert_int_equal(pail_str_percent_encode(&buf, "ab cd", 5, false), -EMSGSIZE);
        pail_buf_reset(&buf);
        assert_int_equal(pail_str_percent_decode(&buf, "abcd", false), -EMSGSIZE);
        pail_buf_reset(&buf);
        assert_int_equal(pail_str_base64_encode(&buf, "abc", 3), -EMSGSIZE);
        pail_buf_reset(&buf);
        assert_int_equal(pail_str_base64_decode(&buf, "Zm9vYg=="), -EMSGSIZE);
}

static int encode_all(void *context)
{
        (void)context;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        pail_str_percent_encode(&buf, "/some/key with spaces/and more of them", 38, true);
        pail_str_hex(&buf, "0123456789abcdef", 16);
        pail_str_base64_encode(&buf, "0123456789abcdef", 16);
        return pail_str_base64_decode(&buf, "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy");
}

static void test_out_of_memory(void **state)
{
        (void)state;
        assert_true(test_alloc_each(encode_all, NULL) >= 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_percent_encode),
                cmocka_unit_test(test_percent_decode),
                cmocka_unit_test(test_percent_round_trip),
                cmocka_unit_test(test_hex),
                cmocka_unit_test(test_base64),
                cmocka_unit_test(test_base64_malformed),
                cmocka_unit_test(test_caps),
                cmocka_unit_test(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
