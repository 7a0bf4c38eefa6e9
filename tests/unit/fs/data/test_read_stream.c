/* SPDX-License-Identifier: Apache-2.0 */
/* What is read ahead, for which pattern of reading. */
#include "fake_remote.h"
#include "fs/data/read.h"
#include "pail/util/clock.h"

static struct fake_remote fake;
static struct pail_data_engine *engine;
static struct pail_object_data *content;
static struct pail_read_stream *stream;

#define GIB ((uint64_t)1 << 30)
#define MIB ((uint64_t)1 << 20)

static void make(uint64_t memory_limit_bytes, unsigned max_parts, uint64_t size)
{
        const struct pail_data_engine_options options = {
                .memory_limit_bytes = memory_limit_bytes,
                .max_parts_in_flight = max_parts,
        };

        fake_init(&fake, size);
        assert_int_equal(pail_data_engine_new(&options, &engine), 0);
        assert_int_equal(pail_object_data_new(engine, &fake.base, "key", "etag-1", size, &content), 0);
        assert_int_equal(pail_read_stream_new(&stream), 0);
}

static void unmake(void)
{
        pail_read_stream_free(stream);
        pail_object_data_unref(content);
        fake_finish_all(&fake);
        pail_data_engine_free(engine);
        fake_done(&fake);
}

static int setup(void **state)
{
        (void)state;
        make(256 * MIB, 0, GIB);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        unmake();
        return 0;
}

/* The reader asks for a range that it has to wait for, or that is in memory. */
static void wait_for(uint64_t offset, uint64_t size)
{
        pail_read_stream_advance(stream, content, offset, offset + size, true);
}

static void hit(uint64_t offset, uint64_t size)
{
        pail_read_stream_advance(stream, content, offset, offset + size, false);
}

/* The same, and the server answers everything, and the reader gets its bytes. */
static void read_on(struct pail_read_stream *reader, uint64_t offset, uint64_t size)
{
        uint64_t first = offset / FAKE_BLOCK, end = (offset + size + FAKE_BLOCK - 1) / FAKE_BLOCK;
        struct pail_view view;

        assert_int_equal(pail_blocks_acquire(content->blocks, first, (unsigned)(end - first), 0, &view), 0);
        pail_read_stream_advance(reader, content, offset, offset + size, true);
        fake_serve_from(&fake, 0);
        assert_int_equal(pail_view_wait(&view), 0);
        pail_view_release(&view);
}

/*
 * Where read-ahead has come to: the end of the requests so far, which must follow each other without gap or overlap
 * from start on.
 */
static uint64_t ahead_end(uint64_t start)
{
        for (unsigned i = 0; i < fake.count; i++) {
                if (fake.calls[i].priority == PAIL_REMOTE_READER)
                        continue;
                assert_int_equal(fake.calls[i].offset, start);
                start += fake.calls[i].size_bytes;
        }
        return start;
}

static void test_a_small_first_read_starts_nothing(void **state)
{
        (void)state;
        wait_for(0, 16384);
        assert_int_equal(fake.count, 0);
        wait_for(16384, 16384); /* but a second one after it does */
        assert_int_equal(fake.count, 1);
        assert_int_equal(ahead_end(FAKE_BLOCK), FAKE_BLOCK + MIB);
}

static void test_a_big_first_read_starts_a_small_window(void **state)
{
        (void)state;
        wait_for(0, 256 * 1024);
        assert_true(ahead_end(256 * 1024) <= 256 * 1024 + 2 * MIB);
        assert_true(fake.count >= 1);
}

static void test_random_reads_start_nothing(void **state)
{
        uint64_t seed = 1;

        (void)state;
        for (unsigned i = 0; i < 1000; i++) {
                seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
                wait_for((seed >> 33) % (GIB / 8192) * 8192 + 1, 4096);
        }
        assert_int_equal(fake.count, 0);
}

static void test_the_window_doubles_while_the_reader_waits(void **state)
{
        uint64_t front = 0, window, before = 0;

        (void)state;
        for (unsigned i = 0; i < 40; i++) {
                read_on(stream, front, MIB);
                front += MIB;
                window = ahead_end(MIB) - front;
                assert_true(window + MIB >= before);
                assert_true(window <= 3 * front); /* not much more than was read */
                before = window;
        }
        assert_true(before >= 24 * MIB);
}

static void test_parts_grow_to_whole_segments(void **state)
{
        unsigned whole = 0;

        (void)state;
        for (uint64_t front = 0; front < 100 * MIB; front += MIB)
                read_on(stream, front, MIB);
        for (unsigned i = 0; i < fake.count; i++) {
                assert_true(fake.calls[i].size_bytes <= 8 * MIB);
                whole += fake.calls[i].size_bytes == 8 * MIB && fake.calls[i].offset % (8 * MIB) == 0;
        }
        assert_true(whole >= 10);
        assert_true(fake.count <= 40);
}

static void test_a_slow_reader_keeps_a_small_window(void **state)
{
        (void)state;
        for (uint64_t front = 0; front < 100 * MIB; front += MIB) {
                hit(front, MIB);
                assert_true(ahead_end(MIB) <= front + 4 * MIB);
                fake_serve_from(&fake, 0);
        }
        assert_true(ahead_end(MIB) > 100 * MIB);
}

static void test_the_number_of_parts_is_bounded(void **state)
{
        (void)state;
        unmake();
        make(256 * MIB, 3, GIB);
        for (uint64_t front = 0; front < 100 * MIB; front += MIB)
                wait_for(front, MIB);
        assert_int_equal(fake.peak_in_flight, 3);
        fake_serve_from(&fake, 0);
        wait_for(100 * MIB, MIB); /* and goes on when parts have ended */
        assert_true(fake.count > 3);
}

static void test_the_window_is_bounded_by_the_pool(void **state)
{
        struct pail_pool_stats counters;

        (void)state;
        unmake();
        make(16 * MIB, 0, GIB);
        for (uint64_t front = 0; front < 100 * MIB; front += MIB) {
                read_on(stream, front, MIB);
                assert_true(fake.calls[fake.count - 1].offset + fake.calls[fake.count - 1].size_bytes <=
                            front + 10 * MIB);
        }
        pail_data_engine_stats(engine, &counters);
        assert_true(counters.resident_bytes <= 16 * MIB);
        assert_true(ahead_end(MIB) >= 106 * MIB);
        assert_true(counters.bytes_fetched <= 110 * MIB);
}

static void test_a_tiny_pool_reads_ahead_a_little(void **state)
{
        (void)state;
        unmake();
        make(4 * MIB, 0, GIB);
        for (uint64_t front = 0; front < 20 * MIB; front += MIB)
                read_on(stream, front, MIB);
        assert_int_equal(ahead_end(MIB), 22 * MIB);
}

static void test_streams_share_fairly(void **state)
{
        struct pail_read_stream *other;
        uint64_t first, second;

        (void)state;
        unmake();
        make(64 * MIB, 0, GIB);
        assert_int_equal(pail_read_stream_new(&other), 0);
        for (uint64_t front = 0; front < 60 * MIB; front += MIB) {
                read_on(stream, front, MIB);
                read_on(other, 500 * MIB + front, MIB);
        }
        first = second = 0;
        for (unsigned i = 0; i < fake.count; i++) {
                uint64_t end = fake.calls[i].offset + fake.calls[i].size_bytes;
                if (end <= 500 * MIB && end > first)
                        first = end;
                else if (end > second)
                        second = end;
        }
        assert_true(first - 60 * MIB <= 16 * MIB && second - 560 * MIB <= 16 * MIB);
        assert_true(first - 60 * MIB >= 10 * MIB && second - 560 * MIB >= 10 * MIB);
        pail_read_stream_free(other);
}

static void test_an_idle_stream_costs_no_share(void **state)
{
        struct pail_read_stream *other;
        int64_t epoch = 0;

        (void)state;
        assert_int_equal(pail_read_stream_new(&other), 0);
        pail_read_stream_advance(other, content, 500 * MIB, 501 * MIB, true);
        pail_read_stream_advance(other, content, 501 * MIB, 502 * MIB, true);
        pail_read_stream_advance(stream, content, 0, MIB, true);
        assert_int_equal(pail_data_engine_note_active(engine, &epoch), 3);
        pail_clock_test_advance(5000);
        assert_int_equal(pail_data_engine_note_active(engine, &epoch), 1);
        pail_clock_test_advance(1024);
        assert_int_equal(pail_data_engine_note_active(engine, &epoch), 1);
        pail_read_stream_free(other);
}

/* As the kernel's read-ahead does it: several requests of one reader, in the wrong order. */
static void test_reordered_requests_are_sequential(void **state)
{
        static const unsigned order[] = { 0, 2, 1, 3, 6, 5, 4, 7 };

        (void)state;
        for (uint64_t base = 0; base < 96; base += 8)
                for (unsigned i = 0; i < 8; i++)
                        read_on(stream, (base + order[i]) * MIB, MIB);
        assert_true(ahead_end(MIB) >= 110 * MIB);
}

static void test_readers_at_two_places_of_one_handle(void **state)
{
        uint64_t bytes = 0;

        (void)state;
        for (uint64_t front = 0; front < 30 * MIB; front += MIB) {
                read_on(stream, front, MIB);
                read_on(stream, 500 * MIB + front, MIB);
        }
        for (unsigned i = 0; i < fake.count; i++)
                bytes += fake.calls[i].size_bytes;
        assert_true(bytes >= 100 * MIB);
        assert_true(fake.count < 70);
}

static void test_small_unaligned_reads_are_sequential(void **state)
{
        (void)state;
        for (uint64_t front = 0; front < 4 * MIB; front += 5000) {
                wait_for(front, 5000);
                fake_serve_from(&fake, 0);
        }
        assert_true(ahead_end(FAKE_BLOCK) >= 6 * MIB);
}

static void test_a_second_pass_is_sequential_too(void **state)
{
        (void)state;
        for (uint64_t front = 300 * MIB; front < 600 * MIB; front += MIB)
                read_on(stream, front, MIB);
        unsigned first = fake.count, background = 0;
        for (uint64_t front = 300 * MIB; front < 340 * MIB; front += MIB)
                read_on(stream, front, MIB);
        for (unsigned i = first; i < fake.count; i++)
                background += fake.calls[i].priority == PAIL_REMOTE_BACKGROUND;
        assert_true(background >= 6);
        assert_true(fake.count - first <= 26);
}

static void test_nothing_is_read_beyond_the_end(void **state)
{
        (void)state;
        unmake();
        make(256 * MIB, 0, 10 * MIB + 1);
        for (uint64_t front = 0; front <= 10 * MIB; front += MIB) {
                wait_for(front, front < 10 * MIB ? MIB : 1);
                fake_serve_from(&fake, 0);
        }
        assert_int_equal(ahead_end(MIB), 10 * MIB + 1);
}

static void test_what_is_in_memory_is_not_read_ahead(void **state)
{
        (void)state;
        for (uint64_t front = 0; front < 20 * MIB; front += MIB) {
                wait_for(front, MIB);
                fake_serve_from(&fake, 0);
        }
        unsigned long long bytes = fake.bytes;
        pail_read_stream_free(stream);
        assert_int_equal(pail_read_stream_new(&stream), 0);
        for (uint64_t front = MIB; front < 8 * MIB; front += MIB)
                hit(front, MIB);
        fake_serve_from(&fake, 0);
        assert_int_equal(fake.bytes, bytes);
}

static void test_leaving_cancels_read_ahead(void **state)
{
        unsigned cancelled = 0;

        (void)state;
        for (uint64_t front = 0; front < 8 * MIB; front += MIB)
                read_on(stream, front, MIB);
        unsigned first = fake.count;
        for (uint64_t front = 8 * MIB; front < 16 * MIB; front += MIB)
                wait_for(front, MIB);
        assert_true(fake.count >= first + 2);
        for (unsigned i = 0; i < 8; i++) /* goes elsewhere, for good */
                wait_for((100 + 20 * i) * MIB, 4096);
        for (unsigned i = 0; i < fake.count; i++)
                cancelled += fake.calls[i].is_cancelled;
        assert_int_equal(cancelled, fake.count - first);
}

static void test_another_version_starts_anew(void **state)
{
        struct pail_object_data *next;
        unsigned count;

        (void)state;
        wait_for(0, MIB);
        wait_for(MIB, MIB);
        count = fake.count;
        assert_int_equal(pail_object_data_new(engine, &fake.base, "key", "etag-2", GIB, &next), 0);
        pail_read_stream_advance(stream, next, 2 * MIB, 3 * MIB, true);
        assert_int_equal(fake.count, count);
        pail_read_stream_advance(stream, next, 3 * MIB, 4 * MIB, true);
        assert_true(fake.count > count);
        assert_string_equal(fake.calls[count].if_match, "etag-2");
        pail_object_data_unref(next);
}

static void test_a_part_that_does_not_start_is_tried_again(void **state)
{
        (void)state;
        fake.start_result = -ENETDOWN;
        wait_for(0, MIB);
        wait_for(MIB, MIB);
        assert_int_equal(fake.count, 0);
        fake.start_result = 0;
        wait_for(2 * MIB, MIB);
        assert_true(fake.count > 0);
        assert_int_equal(fake.calls[0].offset, 3 * MIB);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_a_small_first_read_starts_nothing),   TEST(test_a_big_first_read_starts_a_small_window),
                TEST(test_random_reads_start_nothing),          TEST(test_the_window_doubles_while_the_reader_waits),
                TEST(test_parts_grow_to_whole_segments),        TEST(test_a_slow_reader_keeps_a_small_window),
                TEST(test_the_number_of_parts_is_bounded),      TEST(test_the_window_is_bounded_by_the_pool),
                TEST(test_a_tiny_pool_reads_ahead_a_little),    TEST(test_streams_share_fairly),
                TEST(test_an_idle_stream_costs_no_share),       TEST(test_reordered_requests_are_sequential),
                TEST(test_readers_at_two_places_of_one_handle), TEST(test_small_unaligned_reads_are_sequential),
                TEST(test_a_second_pass_is_sequential_too),     TEST(test_nothing_is_read_beyond_the_end),
                TEST(test_what_is_in_memory_is_not_read_ahead), TEST(test_leaving_cancels_read_ahead),
                TEST(test_another_version_starts_anew),         TEST(test_a_part_that_does_not_start_is_tried_again),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
