/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/math.h"

#include "../support/test.h"

static void test_smaller_and_larger(void **state)
{
        (void)state;
        assert_int_equal(pail_min(1, 2), 1);
        assert_int_equal(pail_min(2, 1), 1);
        assert_int_equal(pail_max(-1, -2), -1);
        assert_int_equal(pail_max(-2, -1), -1);
        assert_int_equal(pail_min(3, 3), 3);
        assert_true(pail_max(UINT64_MAX, UINT64_C(1)) == UINT64_MAX);
        assert_true(pail_min(INT64_MIN, INT64_C(0)) == INT64_MIN);
        assert_true(pail_max((size_t)0, SIZE_MAX) == SIZE_MAX);
}

static void test_of_constants_and_variables(void **state)
{
        (void)state;
        const uint64_t limit = 7;
        uint64_t value = 9;
        assert_int_equal(pail_min(value, limit), 7);
        assert_int_equal(pail_max(limit, value), 9);
}

static void test_each_argument_is_evaluated_once(void **state)
{
        (void)state;
        int a = 0, b = 10;
        assert_int_equal(pail_min(++a, b--), 1);
        assert_int_equal(a, 1);
        assert_int_equal(b, 9);
        assert_int_equal(pail_max(++a, b--), 9);
        assert_int_equal(a, 2);
        assert_int_equal(b, 8);
}

static void test_one_within_the_other(void **state)
{
        (void)state;
        int low = 0, high = 10;
        assert_int_equal(pail_min(pail_max(-5, low), high), 0);
        assert_int_equal(pail_min(pail_max(15, low), high), 10);
        assert_int_equal(pail_max(pail_min(5, pail_max(high, low)), pail_min(low, high)), 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_smaller_and_larger),
                cmocka_unit_test(test_of_constants_and_variables),
                cmocka_unit_test(test_each_argument_is_evaluated_once),
                cmocka_unit_test(test_one_within_the_other),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
