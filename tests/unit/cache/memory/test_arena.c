/* SPDX-License-Identifier: Apache-2.0 */
#include "cache/memory/arena.h"

#include "../../support/test.h"
#include "cache/memory/block.h"

enum { SIZE = 4096, LIMIT = 8 };

static struct pail_arena arena;

static int set_up(void **state)
{
        (void)state;
        return pail_arena_init(&arena, SIZE, LIMIT, 2);
}

static int tear_down(void **state)
{
        (void)state;
        pail_arena_done(&arena);
        return 0;
}

static void test_touched_blocks_are_free_from_the_lowest_address_on(void **state)
{
        (void)state;
        assert_int_equal(arena.resident, 2);
        assert_int_equal(arena.peak, 2);
        assert_ptr_equal(pail_block_list_remove_first(&arena.free)->data, arena.memory);
        assert_ptr_equal(pail_block_list_remove_first(&arena.free)->data, arena.memory + SIZE);
        assert_null(pail_block_list_remove_first(&arena.free));
}

static void test_new_memory_ends_at_the_limit(void **state)
{
        (void)state;
        for (unsigned i = 2; i < LIMIT; i++) {
                struct pail_block *block = pail_arena_touch_new(&arena, 0);
                assert_ptr_equal(block->data, arena.memory + i * SIZE);
                memset(block->data, 1, SIZE);
        }
        assert_null(pail_arena_touch_new(&arena, 0));
        assert_int_equal(arena.resident, LIMIT);
        assert_int_equal(arena.peak, LIMIT);
}

static void test_memory_outside_counts(void **state)
{
        (void)state;
        assert_non_null(pail_arena_touch_new(&arena, LIMIT - 3));
        assert_null(pail_arena_touch_new(&arena, LIMIT - 3));
        assert_int_equal(arena.peak, LIMIT);
        assert_int_equal(arena.resident, 3);
}

static void test_memory_given_back_is_used_again(void **state)
{
        (void)state;
        struct pail_block *block = pail_block_list_remove_first(&arena.free);
        char *data = block->data;
        data[0] = 'x';
        pail_arena_give_back(&arena, block);
        assert_int_equal(arena.resident, 1);
        assert_int_equal(arena.peak, 2);
        for (unsigned i = 2; i < LIMIT; i++)
                assert_ptr_not_equal(pail_arena_touch_new(&arena, 0), block);
        assert_ptr_equal(pail_arena_touch_new(&arena, 0), block);
        assert_ptr_equal(block->data, data);
        assert_int_equal(data[0], 0); /* the system has given another page */
}

static void test_no_more_is_touched_than_there_is(void **state)
{
        (void)state;
        struct pail_arena small;
        assert_int_equal(pail_arena_init(&small, SIZE, 2, 100), 0);
        assert_int_equal(small.resident, 2);
        assert_null(pail_arena_touch_new(&small, 0));
        pail_arena_done(&small);
        pail_arena_done(&small); /* twice is fine */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_touched_blocks_are_free_from_the_lowest_address_on),
                TEST(test_new_memory_ends_at_the_limit),
                TEST(test_memory_outside_counts),
                TEST(test_memory_given_back_is_used_again),
                TEST(test_no_more_is_touched_than_there_is),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
