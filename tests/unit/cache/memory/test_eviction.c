/* SPDX-License-Identifier: Apache-2.0 */
/* What is given up, and what is kept, when the pool is full. */
#include "source.h"

enum { BLOCK = PAIL_BLOCK_SIZE, LIMIT = 128 };

static struct source source;

static int setup(void **state)
{
        (void)state;
        source_init(&source, LIMIT, 10000 * (uint64_t)BLOCK);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        source_done(&source);
        return 0;
}

/* How many of the blocks are in memory. */
static unsigned kept(uint64_t first, unsigned count)
{
        unsigned found = 0;

        for (uint64_t i = first; i < first + count; i++) {
                struct pail_pool_stats before = source_stats(&source);
                source_load(&source, i, 1);
                found += source_stats(&source).hits > before.hits;
        }
        return found;
}

static void prefetch(uint64_t first, uint64_t count)
{
        uint64_t next;

        assert_int_equal(pail_blocks_prefetch(source.blocks, first, count, &source, &next), 1);
        source_serve(&source, source.count - 1);
}

static void test_scan_leaves_what_is_read_again(void **state)
{
        (void)state;
        source_load(&source, 0, 16);
        source_load(&source, 100, 24); /* something in between: no longer one go */
        source_load(&source, 0, 16);
        source_load(&source, 1000, 1000);
        assert_int_equal(kept(0, 16), 16);
        assert_int_equal(kept(100, 24), 0);
}

static void test_reading_in_small_pieces_is_not_reading_again(void **state)
{
        (void)state;
        for (unsigned pass = 0; pass < 32; pass++)
                source_load(&source, 0, 4);
        source_load(&source, 1000, 1000);
        assert_int_equal(kept(0, 4), 0);
}

static void test_what_was_loved_once_can_leave(void **state)
{
        (void)state;
        for (unsigned pass = 0; pass < 2; pass++)
                source_load(&source, 0, 20);
        for (uint64_t first = 100; first < 1000; first += 20) {
                source_load(&source, first, 20); /* a working set that moves on: each is read again once */
                source_load(&source, first + 2000, 20);
                source_load(&source, first, 20);
        }
        assert_int_equal(kept(0, 20), 0);
        assert_true(kept(980, 20) > 0);
}

static void test_read_ahead_outlasts_what_was_read(void **state)
{
        (void)state;
        source_load(&source, 1000, 60);
        prefetch(0, 40);
        source_load(&source, 2000, 60);
        assert_int_equal(kept(0, 40), 40);
}

static void test_stale_read_ahead_goes_first(void **state)
{
        (void)state;
        prefetch(0, 40);
        source_load(&source, 1000, 200); /* nobody came */
        assert_true(kept(1160, 40) >= 30);
        assert_int_equal(kept(0, 40), 0);
}

static void test_abandoned_read_ahead_goes_first(void **state)
{
        (void)state;
        source_load(&source, 1000, 30);
        prefetch(0, 40);
        pail_blocks_abandon(source.blocks, 0, 40, &source);
        source_load(&source, 2000, 30);
        assert_int_equal(kept(1000, 30), 30);
        assert_int_equal(kept(2000, 30), 30);
}

static void test_memory_is_recycled_before_it_grows(void **state)
{
        (void)state;
        source_load(&source, 0, 1000);
        assert_true(source_stats(&source).resident_bytes <= (LIMIT / 4 + PAIL_VIEW_MAX_BLOCKS + 1) * (uint64_t)BLOCK);
}

static void test_limit_holds(void **state)
{
        (void)state;
        for (uint64_t first = 0; first < 2000; first += 100) {
                prefetch(first, 16);
                source_load(&source, first, 50);
                source_load(&source, first > 500 ? first - 500 : 0, 50);
                assert_true(source_stats(&source).resident_bytes <= LIMIT * (uint64_t)BLOCK);
        }
        source_load(&source, 0, 60);
        prefetch(5000, 90);
        assert_int_equal(source_stats(&source).resident_bytes, LIMIT * (uint64_t)BLOCK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_scan_leaves_what_is_read_again),     TEST(test_reading_in_small_pieces_is_not_reading_again),
                TEST(test_what_was_loved_once_can_leave),      TEST(test_read_ahead_outlasts_what_was_read),
                TEST(test_stale_read_ahead_goes_first),        TEST(test_abandoned_read_ahead_goes_first),
                TEST(test_memory_is_recycled_before_it_grows), TEST(test_limit_holds),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
