/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/str.h"

#include "../support/test.h"

enum { UNTOUCHED = 4711 };

static void test_u64(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                int result;
                uint64_t value;
        } cases[] = {
                { "0", 0, 0 },
                { "007", 0, 7 },
                { "18446744073709551615", 0, UINT64_MAX },
                { "18446744073709551616", -ERANGE, 0 },
                { "99999999999999999999999999", -ERANGE, 0 },
                { "99999999999999999999999999x", -EINVAL, 0 },
                { "", -EINVAL, 0 },
                { "-1", -EINVAL, 0 },
                { "+1", -EINVAL, 0 },
                { " 1", -EINVAL, 0 },
                { "1 ", -EINVAL, 0 },
                { "1\n", -EINVAL, 0 },
                { "0x10", -EINVAL, 0 },
                { "1.0", -EINVAL, 0 },
                { "\xd9\xa1", -EINVAL, 0 }, /* an Arabic digit */
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                uint64_t value = UNTOUCHED;
                assert_int_equal(pail_str_to_u64(cases[i].text, &value), cases[i].result);
                assert_true(value == (cases[i].result ? UNTOUCHED : cases[i].value));
        }
}

static void test_i64(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                int result;
                int64_t value;
        } cases[] = {
                { "0", 0, 0 },
                { "-0", 0, 0 },
                { "-12", 0, -12 },
                { "9223372036854775807", 0, INT64_MAX },
                { "9223372036854775808", -ERANGE, 0 },
                { "-9223372036854775808", 0, INT64_MIN },
                { "-9223372036854775809", -ERANGE, 0 },
                { "-99999999999999999999", -ERANGE, 0 },
                { "-", -EINVAL, 0 },
                { "--1", -EINVAL, 0 },
                { "+1", -EINVAL, 0 },
                { "- 1", -EINVAL, 0 },
                { "", -EINVAL, 0 },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                int64_t value = UNTOUCHED;
                assert_int_equal(pail_str_to_i64(cases[i].text, &value), cases[i].result);
                assert_true(value == (cases[i].result ? UNTOUCHED : cases[i].value));
        }
}

static void test_octal(void **state)
{
        (void)state;
        unsigned value = UNTOUCHED;
        assert_int_equal(pail_str_to_octal("8", &value), -EINVAL);
        assert_int_equal(pail_str_to_octal("0o17", &value), -EINVAL);
        assert_int_equal(pail_str_to_octal("", &value), -EINVAL);
        assert_int_equal(pail_str_to_octal("-7", &value), -EINVAL);
        assert_int_equal(pail_str_to_octal("40000000000", &value), -ERANGE);
        assert_int_equal(value, UNTOUCHED);
        assert_int_equal(pail_str_to_octal("0755", &value), 0);
        assert_int_equal(value, 0755);
        assert_int_equal(pail_str_to_octal("37777777777", &value), 0);
        assert_int_equal(value, UINT32_MAX);
}

static void test_size(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                int result;
                uint64_t value;
        } cases[] = {
                { "0", 0, 0 },
                { "17", 0, 17 },
                { "17B", 0, 17 },
                { "8K", 0, 8192 },
                { "8k", 0, 8192 },
                { "8KB", 0, 8192 },
                { "8KiB", 0, 8192 },
                { "3MiB", 0, 3u << 20 },
                { "2G", 0, UINT64_C(2) << 30 },
                { "1T", 0, UINT64_C(1) << 40 },
                { "16777215TiB", 0, UINT64_C(16777215) << 40 },
                { "16777216T", -ERANGE, 0 },
                { "99999999999999999999", -ERANGE, 0 },
                { "99999999999999999999Q", -EINVAL, 0 },
                { "K", -EINVAL, 0 },
                { "", -EINVAL, 0 },
                { "8P", -EINVAL, 0 },
                { "8 K", -EINVAL, 0 },
                { "8KK", -EINVAL, 0 },
                { "8iB", -EINVAL, 0 },
                { "8BB", -EINVAL, 0 },
                { "1.5G", -EINVAL, 0 },
                { "-1K", -EINVAL, 0 },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                uint64_t value = UNTOUCHED;
                assert_int_equal(pail_str_to_size(cases[i].text, &value), cases[i].result);
                assert_true(value == (cases[i].result ? UNTOUCHED : cases[i].value));
        }
}

static void test_duration(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                int result;
                int64_t value;
        } cases[] = {
                { "0", 0, 0 },
                { "0.0", 0, 0 },
                { "1", 0, 1000 },
                { "1.5", 0, 1500 },
                { "1.5s", 0, 1500 },
                { "250ms", 0, 250 },
                { "0.0001", 0, 1 },
                { "0.5ms", 0, 1 },
                { "0.0000000000001", 0, 1 },
                { "0.9999999999999", 0, 1000 },
                { "2m", 0, 120000 },
                { "0.5h", 0, 1800000 },
                { "9223372036854775.807", 0, INT64_MAX },
                { "9223372036854775.808", -ERANGE, 0 },
                { "18446744073709551615ms", -ERANGE, 0 },
                { "99999999999999999999h", -ERANGE, 0 },
                { "", -EINVAL, 0 },
                { "s", -EINVAL, 0 },
                { ".5", -EINVAL, 0 },
                { "5.", -EINVAL, 0 },
                { "1.2.3", -EINVAL, 0 },
                { "-1", -EINVAL, 0 },
                { "1d", -EINVAL, 0 },
                { "1 s", -EINVAL, 0 },
                { "1e3", -EINVAL, 0 },
                { "inf", -EINVAL, 0 },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                int64_t value = UNTOUCHED;
                assert_int_equal(pail_str_to_duration_ms(cases[i].text, &value), cases[i].result);
                assert_true(value == (cases[i].result ? UNTOUCHED : cases[i].value));
        }
}

static void test_bool(void **state)
{
        (void)state;
        static const char *const yes[] = { "1", "yes", "true", "on", "TRUE", "Yes" };
        static const char *const no[] = { "0", "no", "false", "off", "OFF", "False" };
        static const char *const neither[] = { "", "2", "y", "truee", " true", "01" };
        bool value;
        for (size_t i = 0; i < TEST_COUNT(yes); i++) {
                value = false;
                assert_int_equal(pail_str_to_bool(yes[i], &value), 0);
                assert_true(value);
        }
        for (size_t i = 0; i < TEST_COUNT(no); i++) {
                value = true;
                assert_int_equal(pail_str_to_bool(no[i], &value), 0);
                assert_false(value);
        }
        for (size_t i = 0; i < TEST_COUNT(neither); i++)
                assert_int_equal(pail_str_to_bool(neither[i], &value), -EINVAL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_u64),  cmocka_unit_test(test_i64),      cmocka_unit_test(test_octal),
                cmocka_unit_test(test_size), cmocka_unit_test(test_duration), cmocka_unit_test(test_bool),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
