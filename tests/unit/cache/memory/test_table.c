/* SPDX-License-Identifier: Apache-2.0 */
#include "cache/memory/table.h"

#include "../../support/test.h"
#include "cache/memory/block.h"

enum { BLOCKS = 64 };

static struct pail_block_table table;
static struct pail_block blocks[BLOCKS];
static struct pail_blocks owners[2];

static int set_up(void **state)
{
        (void)state;
        memset(blocks, 0, sizeof(blocks));
        memset(owners, 0, sizeof(owners));
        return pail_block_table_init(&table, BLOCKS);
}

static int tear_down(void **state)
{
        (void)state;
        pail_block_table_done(&table);
        return 0;
}

static unsigned count_items(const struct pail_blocks *owner)
{
        unsigned count = 0;
        for (const struct pail_block *block = owner->guarded.items; block; block = block->owner_next)
                count++;
        return count;
}

static void test_buckets_are_a_power_of_two(void **state)
{
        (void)state;
        struct pail_block_table other;
        assert_int_equal(table.bucket_count, BLOCKS);
        assert_int_equal(pail_block_table_init(&other, 33), 0);
        assert_int_equal(other.bucket_count, 64);
        pail_block_table_done(&other);
        assert_null(other.buckets);
}

/* As many as there are buckets, so that some share one. */
static void test_finds_what_was_inserted(void **state)
{
        (void)state;
        for (unsigned i = 0; i < BLOCKS; i++)
                pail_block_table_insert(&table, &owners[i % 2], i / 2 * 1000, &blocks[i]);
        for (unsigned i = 0; i < BLOCKS; i++) {
                assert_ptr_equal(pail_block_table_find(&table, &owners[i % 2], i / 2 * 1000), &blocks[i]);
                assert_null(pail_block_table_find(&table, &owners[i % 2], i / 2 * 1000 + 1));
        }
        assert_int_equal(count_items(&owners[0]), BLOCKS / 2);
        assert_int_equal(count_items(&owners[1]), BLOCKS / 2);
}

static void test_finds_nothing_that_was_removed(void **state)
{
        (void)state;
        for (unsigned i = 0; i < BLOCKS; i++)
                pail_block_table_insert(&table, &owners[0], i, &blocks[i]);
        for (unsigned i = 0; i < BLOCKS; i += 2)
                pail_block_table_remove(&table, &blocks[i]);
        for (unsigned i = 0; i < BLOCKS; i++)
                assert_ptr_equal(pail_block_table_find(&table, &owners[0], i), i % 2 ? &blocks[i] : NULL);
        assert_int_equal(count_items(&owners[0]), BLOCKS / 2);
        assert_null(blocks[0].owner);
        pail_block_table_insert(&table, &owners[1], 0, &blocks[0]);
        assert_ptr_equal(pail_block_table_find(&table, &owners[1], 0), &blocks[0]);
}

/* One bucket for all: only owner and index tell them apart. */
static void test_tells_objects_apart(void **state)
{
        (void)state;
        struct pail_block_table single;
        assert_int_equal(pail_block_table_init(&single, 1), 0);
        pail_block_table_insert(&single, &owners[0], 5, &blocks[0]);
        assert_null(pail_block_table_find(&single, &owners[1], 5));
        pail_block_table_insert(&single, &owners[1], 5, &blocks[1]);
        pail_block_table_insert(&single, &owners[1], 6, &blocks[2]);
        assert_ptr_equal(pail_block_table_find(&single, &owners[0], 5), &blocks[0]);
        assert_ptr_equal(pail_block_table_find(&single, &owners[1], 5), &blocks[1]);
        pail_block_table_remove(&single, &blocks[1]);
        assert_null(pail_block_table_find(&single, &owners[1], 5));
        assert_ptr_equal(pail_block_table_find(&single, &owners[1], 6), &blocks[2]);
        pail_block_table_done(&single);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_buckets_are_a_power_of_two, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_finds_what_was_inserted, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_tells_objects_apart, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_finds_nothing_that_was_removed, set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
