/* SPDX-License-Identifier: Apache-2.0 */
/* The window against pipes of known width and length. */
#include "../../support/test.h"
#include "fs/data/read_window.h"

#define MIB ((uint64_t)1 << 20)
#define NO_LIMIT (UINT64_MAX / 4)

/* A pipe and its reader: how many milliseconds a MiB takes with a window of that size. */
struct pipe {
        double latency_ms, ms_per_mib;
        double now_ms;
        uint64_t read_bytes;
};

static double cost_ms(const struct pipe *pipe, uint64_t window_bytes)
{
        /* A window a round trip, or the width of the pipe, whichever is slower. */
        double trip_ms = pipe->latency_ms * (double)MIB / (double)window_bytes;

        return trip_ms > pipe->ms_per_mib ? trip_ms : pipe->ms_per_mib;
}

static void run(struct pipe *pipe, struct pail_read_window *window, uint64_t mib, uint64_t share_bytes)
{
        for (uint64_t i = 0; i < mib; i++) {
                pipe->now_ms += cost_ms(pipe, window->size_bytes);
                pail_read_window_note(window, MIB, true, share_bytes, 1 + (int64_t)pipe->now_ms);
        }
}

static void test_closed_until_opened(void **state)
{
        struct pail_read_window window = { 0 };

        (void)state;
        pail_read_window_note(&window, MIB, true, NO_LIMIT, 1);
        assert_int_equal(window.size_bytes, 0);
        pail_read_window_open(&window);
        assert_int_equal(window.size_bytes, PAIL_READ_WINDOW_FIRST_BYTES);
        pail_read_window_note(&window, MIB, true, NO_LIMIT, 1);
        pail_read_window_open(&window); /* does not shrink it */
        assert_int_equal(window.size_bytes, 2 * MIB);
}

static void test_grows_only_while_the_reader_waits(void **state)
{
        struct pail_read_window window = { 0 };

        (void)state;
        pail_read_window_open(&window);
        for (int64_t now_ms = 1; now_ms < 100000; now_ms += 10)
                pail_read_window_note(&window, MIB, false, NO_LIMIT, now_ms);
        assert_int_equal(window.size_bytes, PAIL_READ_WINDOW_FIRST_BYTES);
}

static void test_grows_with_what_was_read(void **state)
{
        struct pail_read_window window = { 0 };

        (void)state;
        pail_read_window_open(&window);
        for (unsigned i = 1; i < 100; i++) {
                pail_read_window_note(&window, 4096, true, NO_LIMIT, 1);
                assert_true(window.size_bytes <= MIB + 2 * 4096 * i);
        }
        assert_true(window.size_bytes > MIB);
}

static void test_a_long_fat_pipe_gets_a_large_window(void **state)
{
        struct pipe pipe = { .latency_ms = 100, .ms_per_mib = 0.25 }; /* needs 400 MiB */
        struct pail_read_window window = { 0 };

        (void)state;
        pail_read_window_open(&window);
        run(&pipe, &window, 4096, NO_LIMIT);
        assert_true(window.proven_bytes >= 256 * MIB);
        assert_true(window.proven_bytes <= 512 * MIB);
}

static void test_a_full_pipe_gets_no_more(void **state)
{
        struct pipe slow = { .latency_ms = 20, .ms_per_mib = 10 }, local = { .latency_ms = 0.2, .ms_per_mib = 0.7 };
        struct pail_read_window window = { 0 };
        unsigned above = 0;

        (void)state;
        pail_read_window_open(&window);
        run(&slow, &window, 64, NO_LIMIT);
        for (unsigned i = 0; i < 4096; i++) {
                run(&slow, &window, 1, NO_LIMIT);
                assert_true(window.size_bytes <= 64 * MIB);
                above += window.size_bytes > PAIL_READ_WINDOW_EASY_BYTES;
        }
        assert_true(above < 4096 / 4); /* a trial now and then */
        assert_true(above > 0);
        window = (struct pail_read_window){ 0 };
        pail_read_window_open(&window);
        run(&local, &window, 4096, NO_LIMIT);
        assert_int_equal(window.proven_bytes, PAIL_READ_WINDOW_EASY_BYTES);
}

static void test_a_pipe_that_widens_is_noticed(void **state)
{
        struct pipe pipe = { .latency_ms = 50, .ms_per_mib = 10 };
        struct pail_read_window window = { 0 };

        (void)state;
        pail_read_window_open(&window);
        run(&pipe, &window, 1024, NO_LIMIT);
        assert_int_equal(window.proven_bytes, PAIL_READ_WINDOW_EASY_BYTES);
        pipe.ms_per_mib = 0.5;
        run(&pipe, &window, 2048, NO_LIMIT);
        assert_true(window.proven_bytes >= 64 * MIB);
}

static void test_the_share_bounds_it(void **state)
{
        struct pipe pipe = { .latency_ms = 100, .ms_per_mib = 0.25 };
        struct pail_read_window window = { 0 };

        (void)state;
        pail_read_window_open(&window);
        for (unsigned i = 0; i < 1000; i++) {
                run(&pipe, &window, 1, 48 * MIB);
                assert_true(window.size_bytes <= 48 * MIB);
        }
        assert_int_equal(window.size_bytes, 48 * MIB);
        run(&pipe, &window, 1, 5000);
        assert_int_equal(window.size_bytes, 5000);
        run(&pipe, &window, 1, 0);
        assert_int_equal(window.size_bytes, 1);
        run(&pipe, &window, 2000, 200 * MIB); /* the others have ended */
        assert_int_equal(window.size_bytes, 200 * MIB);
}

static void test_joining_keeps_the_larger(void **state)
{
        struct pipe pipe = { .latency_ms = 100, .ms_per_mib = 0.25 };
        struct pail_read_window one = { 0 }, two = { .read_bytes = 3 * MIB };

        (void)state;
        pail_read_window_open(&one);
        run(&pipe, &one, 500, NO_LIMIT);
        uint64_t size = one.size_bytes, measured = one.read_bytes - one.since_bytes;
        pail_read_window_join(&one, &two);
        assert_int_equal(one.size_bytes, size);
        assert_int_equal(one.read_bytes, 503 * MIB);
        assert_int_equal(one.read_bytes - one.since_bytes, measured);
        pail_read_window_join(&two, &one);
        assert_int_equal(two.size_bytes, size);
        assert_int_equal(two.read_bytes, 506 * MIB);
        assert_int_equal(two.read_bytes - two.since_bytes, measured);
}

static void test_parts(void **state)
{
        struct pail_read_window window = { .size_bytes = 1 };

        (void)state;
        assert_int_equal(pail_read_window_part_bytes(&window), MIB);
        window.size_bytes = 12 * MIB;
        assert_int_equal(pail_read_window_part_bytes(&window), 3 * MIB);
        window.size_bytes = 500 * MIB;
        assert_int_equal(pail_read_window_part_bytes(&window), 8 * MIB);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_closed_until_opened),
                cmocka_unit_test(test_grows_only_while_the_reader_waits),
                cmocka_unit_test(test_grows_with_what_was_read),
                cmocka_unit_test(test_a_long_fat_pipe_gets_a_large_window),
                cmocka_unit_test(test_a_full_pipe_gets_no_more),
                cmocka_unit_test(test_a_pipe_that_widens_is_noticed),
                cmocka_unit_test(test_the_share_bounds_it),
                cmocka_unit_test(test_joining_keeps_the_larger),
                cmocka_unit_test(test_parts),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
