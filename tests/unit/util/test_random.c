/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/random.h"

#include <sys/random.h>

#include "../support/death.h"
#include "../support/test.h"

/* The linker redirects getrandom() here. */
ssize_t __real_getrandom(void *target, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *target, size_t size, unsigned flags);

enum mode { REAL, ODD, NONE, SCRIPTED };
static enum mode mode;
static unsigned calls;
static uint64_t script[4];

ssize_t __wrap_getrandom(void *target, size_t size, unsigned flags)
{
        calls++;
        switch (mode) {
        case NONE:
                errno = ENOSYS;
                return -1;
        case ODD: /* interrupted every other time, and then short */
                if (calls % 2) {
                        errno = EINTR;
                        return -1;
                }
                return __real_getrandom(target, size < 7 ? size : 7, flags);
        case SCRIPTED:
                assert_int_equal(size, sizeof(script[0]));
                memcpy(target, &script[calls - 1], size);
                return (ssize_t)size;
        case REAL:
        default:
                return __real_getrandom(target, size, flags);
        }
}

static void test_fills_all(void **state)
{
        (void)state;
        unsigned char bytes[1000];
        unsigned seen[256] = { 0 }, different = 0;
        mode = ODD;
        memset(bytes, 0, sizeof(bytes));
        pail_random_fill(bytes + 1, sizeof(bytes) - 2);
        mode = REAL;
        assert_int_equal(bytes[0], 0);
        assert_int_equal(bytes[sizeof(bytes) - 1], 0);
        for (size_t i = 0; i < sizeof(bytes); i++)
                different += seen[bytes[i]]++ == 0;
        assert_true(different > 200); /* about 251 are to be expected */
        assert_true(seen[0] < 40);    /* about 6 */
        pail_random_fill(NULL, 0);
}

static void test_below(void **state)
{
        (void)state;
        unsigned count[6] = { 0 };
        mode = REAL;
        for (int i = 0; i < 6000; i++) {
                uint64_t number = pail_random_below(6);
                assert_true(number < 6);
                count[number]++;
        }
        for (int i = 0; i < 6; i++)
                assert_true(count[i] > 700 && count[i] < 1300); /* ten times the standard deviation */
        assert_int_equal(pail_random_below(1), 0);
}

/* Of three numbers the last of 2^64 is one too many: it is drawn again. */
static void test_no_number_is_favoured(void **state)
{
        (void)state;
        mode = SCRIPTED;
        calls = 0;
        script[0] = UINT64_MAX;
        script[1] = UINT64_MAX - 1;
        assert_int_equal(pail_random_below(3), (UINT64_MAX - 1) % 3);
        assert_int_equal(calls, 2);
        calls = 0;
        assert_int_equal(pail_random_below(UINT64_C(1) << 63), (UINT64_C(1) << 63) - 1);
        assert_int_equal(calls, 1);
        mode = REAL;
}

static void fill_without_source(void *context)
{
        mode = NONE;
        pail_random_fill(context, 8);
}

static void test_without_a_source(void **state)
{
        (void)state;
        char target[8], output[1024];
        test_death(fill_without_source, target, output, sizeof(output));
        assert_non_null(strstr(output, "no random numbers"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fills_all),
                cmocka_unit_test(test_below),
                cmocka_unit_test(test_no_number_is_favoured),
                cmocka_unit_test(test_without_a_source),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
