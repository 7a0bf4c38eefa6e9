/* SPDX-License-Identifier: Apache-2.0 */
#include "../../support/alloc.h"
#include "source.h"

enum { BLOCK = PAIL_BLOCK_SIZE };

static struct source source;

static int setup(void **state)
{
        (void)state;
        source_init(&source, 64, 100 * (uint64_t)BLOCK + 1000);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        source_done(&source);
        return 0;
}

static void expect_range(unsigned call, uint64_t first, uint64_t size_bytes, bool is_background)
{
        assert_true(call < source.count);
        assert_int_equal(source.calls[call].range.offset, first * BLOCK);
        assert_int_equal(source.calls[call].range.size_bytes, size_bytes);
        assert_int_equal(source.calls[call].range.is_background, is_background);
}

static void test_absent_blocks_are_fetched_once(void **state)
{
        struct source_reader one, two;

        (void)state;
        source_reader_start(&one, &source, 3, 4);
        source_reader_await_acquired(&one);
        source_reader_start(&two, &source, 5, 4); /* two blocks of the other's fetch, two of its own */
        source_reader_await_acquired(&two);
        assert_int_equal(source.count, 2);
        expect_range(0, 3, 4 * BLOCK, false);
        expect_range(1, 7, 2 * BLOCK, false);
        source_serve(&source, 1); /* out of order */
        assert_false(two.has_returned);
        source_serve(&source, 0);
        assert_int_equal(source_reader_join(&one), 0);
        assert_int_equal(source_reader_join(&two), 0);
        source_check_valid(&source, 3, 6);
        assert_int_equal(source_stats(&source).misses, 8);
        assert_int_equal(source_stats(&source).hits, 6);
        assert_int_equal(source_stats(&source).bytes_fetched, 6 * BLOCK);
}

static void test_only_the_gaps_are_fetched(void **state)
{
        struct source_reader reader;

        (void)state;
        source_load(&source, 2, 1);
        source_load(&source, 5, 2);
        source_reader_start(&reader, &source, 1, 8);
        source_reader_await_acquired(&reader);
        assert_int_equal(source.count, 5);
        expect_range(2, 1, BLOCK, false);
        expect_range(3, 3, 2 * BLOCK, false);
        expect_range(4, 7, 2 * BLOCK, false);
        source_serve(&source, 4);
        source_serve(&source, 2);
        source_serve(&source, 3);
        assert_int_equal(source_reader_join(&reader), 0);
}

static void test_last_block_is_short(void **state)
{
        struct pail_view view;

        (void)state;
        assert_int_equal(pail_blocks_acquire(source.blocks, 99, 2, 0, &view), 0);
        expect_range(0, 99, BLOCK + 1000, false);
        assert_int_equal(source_deliver(&source, 0, BLOCK + 999), 0);
        assert_int_equal(source_deliver(&source, 0, 2), -EPROTO);
        assert_int_equal(source_deliver(&source, 0, 1), 0);
        source_end(&source, 0, 0);
        assert_int_equal(pail_view_wait(&view), 0);
        assert_int_equal(pail_view_data(&view, 1)[999], source_byte(100 * (uint64_t)BLOCK + 999));
        pail_view_release(&view);
        pail_view_release(&view);
}

static void test_readers_wake_as_their_blocks_land(void **state)
{
        struct source_reader early, late;
        uint64_t next;

        (void)state;
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 20, &source, &next), 1);
        expect_range(0, 0, 20 * BLOCK, true);
        source_reader_start(&early, &source, 0, 2);
        source_reader_start(&late, &source, 10, 2);
        source_reader_await_acquired(&early);
        source_reader_await_acquired(&late);
        assert_int_equal(source.calls[0].raises, 1); /* once for both */
        assert_int_equal(source_deliver(&source, 0, BLOCK), 0);
        assert_int_equal(source_deliver(&source, 0, BLOCK - 1), 0);
        usleep(3000);
        assert_false(early.has_returned);
        assert_int_equal(source_deliver(&source, 0, 1), 0);
        assert_int_equal(source_reader_join(&early), 0);
        assert_false(late.has_returned);
        source_serve(&source, 0);
        assert_int_equal(source_reader_join(&late), 0);
        assert_int_equal(source.count, 1);
}

static void test_error_in_the_middle(void **state)
{
        struct source_reader before, across, after;

        (void)state;
        source_reader_start(&across, &source, 0, 8);
        source_reader_await_acquired(&across);
        source_reader_start(&before, &source, 0, 2);
        source_reader_start(&after, &source, 6, 2);
        source_reader_await_acquired(&before);
        source_reader_await_acquired(&after);
        assert_int_equal(source_deliver(&source, 0, 3 * BLOCK + 5), 0);
        source_end(&source, 0, -EIO);
        assert_int_equal(source_reader_join(&before), 0);
        assert_int_equal(source_reader_join(&across), -EIO);
        assert_int_equal(source_reader_join(&after), -EIO);
        source_check_valid(&source, 0, 3);
        source_load(&source, 3, 5); /* absent again: asked for anew */
        assert_int_equal(source.count, 2);
        expect_range(1, 3, 5 * BLOCK, false);
}

static void test_short_body_is_an_error(void **state)
{
        struct source_reader reader;

        (void)state;
        source_reader_start(&reader, &source, 0, 2);
        source_reader_await_acquired(&reader);
        assert_int_equal(source_deliver(&source, 0, 2 * BLOCK - 1), 0);
        source_end(&source, 0, 0);
        assert_int_equal(source_reader_join(&reader), -EIO);
        source_check_valid(&source, 0, 1);
}

static void test_error_after_the_last_byte_hurts_nobody(void **state)
{
        struct source_reader reader;

        (void)state;
        source_reader_start(&reader, &source, 0, 2);
        source_reader_await_acquired(&reader);
        source_deliver_rest(&source, 0);
        source_end(&source, 0, -EIO);
        assert_int_equal(source_reader_join(&reader), 0);
}

static void test_source_that_does_not_start(void **state)
{
        struct source_reader reader;
        uint64_t next;

        (void)state;
        source.start_result = -ENETDOWN;
        source_reader_start(&reader, &source, 0, 2);
        assert_int_equal(source_reader_join(&reader), -ENETDOWN);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 20, &source, &next), -ENETDOWN);
        source.start_result = 0;
        source_load(&source, 0, 2);
        assert_int_equal(source_stats(&source).used_blocks[PAIL_POOL_AHEAD], 0);
}

static void test_interrupted_only_reader_cancels(void **state)
{
        struct source_reader reader;

        (void)state;
        source_reader_start(&reader, &source, 0, 4);
        source_reader_await_acquired(&reader);
        assert_int_equal(source_deliver(&source, 0, BLOCK), 0);
        atomic_store(&reader.is_interrupted, true);
        assert_int_equal(source_reader_join(&reader), -EINTR);
        assert_int_equal(source.calls[0].cancels, 1);
        assert_int_equal(source_deliver(&source, 0, 1), -ECANCELED);
        assert_int_equal(source_stats(&source).used_blocks[PAIL_POOL_READER], 3); /* somebody may still write there */
        source_load(&source, 0, 4); /* the next reader asks anew, and gets no error */
        expect_range(1, 1, 3 * BLOCK, false);
        source_end(&source, 0, -ECANCELED);
        source_check_valid(&source, 0, 4);
        assert_int_equal(source_stats(&source).used_blocks[PAIL_POOL_READER], 0);
}

static void test_interrupted_reader_leaves_the_fetch_to_others(void **state)
{
        struct source_reader one, two;

        (void)state;
        source_reader_start(&one, &source, 0, 4);
        source_reader_await_acquired(&one);
        source_reader_start(&two, &source, 3, 1);
        source_reader_await_acquired(&two);
        atomic_store(&one.is_interrupted, true);
        assert_int_equal(source_reader_join(&one), -EINTR);
        assert_int_equal(source.calls[0].cancels, 0);
        source_serve(&source, 0);
        assert_int_equal(source_reader_join(&two), 0);
        source_check_valid(&source, 0, 4);
}

static void test_interrupted_reader_leaves_read_ahead_alone(void **state)
{
        struct source_reader reader;
        uint64_t next;

        (void)state;
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 4, &source, &next), 1);
        source_reader_start(&reader, &source, 0, 4);
        source_reader_await_acquired(&reader);
        atomic_store(&reader.is_interrupted, true);
        assert_int_equal(source_reader_join(&reader), -EINTR);
        assert_int_equal(source.calls[0].cancels, 0);
        source_serve(&source, 0);
        source_check_valid(&source, 0, 4);
}

static void test_prefetch_goes_from_run_to_run(void **state)
{
        uint64_t next;

        (void)state;
        source_load(&source, 4, 1);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 8, &source, &next), 1);
        assert_int_equal(next, 4);
        assert_int_equal(pail_blocks_prefetch(source.blocks, next, 4, &source, &next), 1);
        assert_int_equal(next, 8);
        expect_range(1, 0, 4 * BLOCK, true);
        expect_range(2, 5, 3 * BLOCK, true);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 8, &source, &next), 0);
        assert_int_equal(next, 8);
        source_serve(&source, 1);
        source_serve(&source, 2);
        source_check_valid(&source, 0, 8);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 99, UINT64_MAX, &source, &next), 1); /* to the end */
        expect_range(3, 99, BLOCK + 1000, true);
        assert_int_equal(next, 101);
}

static void test_prefetch_only_tries(void **state)
{
        uint64_t next;

        (void)state;
        /* 64 blocks: 16 are the readers' floor. */
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 49, &source, &next), -EAGAIN);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 48, &source, &next), 1);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 48, 1, &source, &next), -EAGAIN);
        source_serve(&source, 0);
        /* Landed, but not read: read-ahead does not displace itself. A reader does. */
        assert_int_equal(pail_blocks_prefetch(source.blocks, 48, 1, &source, &next), -EAGAIN);
        source_load(&source, 48, 32);
        assert_true(source_stats(&source).resident_bytes <= 64 * BLOCK);
}

static void test_abandoned_read_ahead_is_cancelled(void **state)
{
        struct source_reader reader;
        uint64_t next;
        int other;

        (void)state;
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 8, &source, &next), 1);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 8, 8, &source, &next), 1);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 16, 8, &source, &next), 1);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 24, 8, &source, &next), 1);
        source_serve(&source, 3);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 16, 8, &other, &next), 0); /* somebody else counts on it */
        source_reader_start(&reader, &source, 9, 1);
        source_reader_await_acquired(&reader);
        pail_blocks_abandon(source.blocks, 0, 32, &source);
        assert_int_equal(source.calls[0].cancels, 1);
        assert_int_equal(source.calls[1].cancels, 0); /* a reader waits */
        assert_int_equal(source.calls[2].cancels, 0);
        source_serve(&source, 1);
        assert_int_equal(source_reader_join(&reader), 0);
        source_serve(&source, 2);
        source_check_valid(&source, 8, 16);
}

static void test_extra_blocks_come_with_the_last(void **state)
{
        struct pail_view view;

        (void)state;
        source_load(&source, 7, 1);
        assert_int_equal(pail_blocks_acquire(source.blocks, 0, 2, 20, &view), 0);
        expect_range(1, 0, 7 * BLOCK, false); /* up to the next valid one */
        assert_int_equal(source_deliver(&source, 1, 2 * BLOCK), 0);
        assert_int_equal(pail_view_wait(&view), 0);
        pail_view_release(&view);
        source_serve(&source, 1);
        source_check_valid(&source, 0, 8);
}

static void test_extra_blocks_are_left_out_where_there_is_no_room(void **state)
{
        struct pail_view view;
        uint64_t next;

        (void)state;
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 40, &source, &next), 1);
        assert_int_equal(pail_blocks_acquire(source.blocks, 50, 2, 20, &view), 0);
        expect_range(1, 50, 2 * BLOCK, false);
        source_serve(&source, 1);
        assert_int_equal(pail_view_wait(&view), 0);
        pail_view_release(&view);
}

/* A source that is done before start returns, as one from memory would be. */
static void serve_at_once(struct source_call *call)
{
        char *bytes = malloc(call->range.size_bytes);

        source_fill(bytes, call->range.offset, call->range.size_bytes);
        assert_int_equal(pail_fetch_deliver(call->fetch, bytes, call->range.size_bytes), 0);
        pail_fetch_end(call->fetch, 0);
        call->has_ended = true;
        free(bytes);
}

static void test_end_before_start_returns(void **state)
{
        uint64_t next;

        (void)state;
        source.on_start = serve_at_once;
        source_load(&source, 0, 16);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 16, 16, &source, &next), 1);
        source_check_valid(&source, 0, 32);
        assert_int_equal(source_stats(&source).used_blocks[PAIL_POOL_AHEAD], 0);
}

/* While a background fetch is being started a reader comes, or its reader goes. */
static struct source_reader during;

static void read_during_start(struct source_call *call)
{
        if (!call->range.is_background)
                return;
        source_reader_start(&during, call->source, 0, 1);
        source_reader_await_acquired(&during);
        assert_int_equal(call->raises, 0);
}

static void test_raise_while_starting_comes_afterwards(void **state)
{
        uint64_t next;

        (void)state;
        source.on_start = read_during_start;
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 2, &source, &next), 1);
        assert_int_equal(source.calls[0].raises, 1);
        source_serve(&source, 0);
        assert_int_equal(source_reader_join(&during), 0);
}

static void abandon_during_start(struct source_call *call)
{
        pail_blocks_abandon(call->source->blocks, 0, 2, call->source);
        assert_int_equal(call->cancels, 0);
}

static void test_cancel_while_starting_comes_afterwards(void **state)
{
        uint64_t next;

        (void)state;
        source.on_start = abandon_during_start;
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 2, &source, &next), 1);
        assert_int_equal(source.calls[0].cancels, 1);
        source_end(&source, 0, -ECANCELED);
}

static void test_lent_blocks_outlive_their_object(void **state)
{
        struct pail_view view;

        (void)state;
        assert_int_equal(pail_blocks_acquire(source.blocks, 1, 1, 0, &view), 0);
        source_serve(&source, 0);
        assert_int_equal(pail_view_wait(&view), 0);
        pail_blocks_free(source.blocks);
        source.blocks = NULL;
        pail_pool_trim(source.pool);
        assert_int_equal(pail_view_data(&view, 0)[100], source_byte(BLOCK + 100));
        pail_view_release(&view);
}

static void test_free_cancels_what_is_under_way(void **state)
{
        uint64_t next;

        (void)state;
        assert_int_equal(pail_blocks_prefetch(source.blocks, 0, 4, &source, &next), 1);
        assert_int_equal(pail_blocks_prefetch(source.blocks, 8, 4, &source, &next), 1);
        assert_int_equal(source_deliver(&source, 0, 2 * BLOCK), 0);
        pail_blocks_free(source.blocks);
        source.blocks = NULL;
        assert_int_equal(source.calls[0].cancels, 1);
        assert_int_equal(source.calls[1].cancels, 1);
        assert_int_equal(source_deliver(&source, 0, 1), -ECANCELED);
}

static int read_gaps(void *context)
{
        struct pail_view view;
        unsigned call = source.count;
        int r;

        (void)context;
        r = pail_blocks_acquire(source.blocks, 0, 6, 4, &view);
        for (; call < source.count; call++)
                source_serve(&source, call);
        return r < 0 ? r : pail_view_wait(&view);
}

static int prefetch_some(void *context)
{
        uint64_t next;
        int r = pail_blocks_prefetch(source.blocks, 20, 4, context, &next);

        return r < 0 ? r : 0;
}

static int make_another(void *context)
{
        struct pail_blocks *blocks;
        int r = pail_blocks_new(source.pool, 1, NULL, context, &blocks);

        if (r == 0)
                pail_blocks_free(blocks);
        return r;
}

static void test_failing_allocations(void **state)
{
        struct pail_pool_stats stats;

        (void)state;
        source_load(&source, 2, 1);
        assert_int_equal(test_alloc_each(prefetch_some, NULL), 1);
        assert_int_equal(test_alloc_each(make_another, NULL), 1);
        for (unsigned number = 1; number <= 2;
             number++) { /* the fetch of the first gap, that of the second with extra */
                test_alloc_fail_at(number);
                assert_int_equal(read_gaps(NULL), -ENOMEM);
                test_alloc_fail_at(0);
                stats = source_stats(&source);
                assert_int_equal(stats.used_blocks[PAIL_POOL_READER], 0);
                assert_int_equal(stats.used_blocks[PAIL_POOL_AHEAD], 4);
        }
        source_load(&source, 0, 10);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_absent_blocks_are_fetched_once),
                TEST(test_only_the_gaps_are_fetched),
                TEST(test_last_block_is_short),
                TEST(test_readers_wake_as_their_blocks_land),
                TEST(test_error_in_the_middle),
                TEST(test_short_body_is_an_error),
                TEST(test_error_after_the_last_byte_hurts_nobody),
                TEST(test_source_that_does_not_start),
                TEST(test_interrupted_only_reader_cancels),
                TEST(test_interrupted_reader_leaves_the_fetch_to_others),
                TEST(test_interrupted_reader_leaves_read_ahead_alone),
                TEST(test_prefetch_goes_from_run_to_run),
                TEST(test_prefetch_only_tries),
                TEST(test_abandoned_read_ahead_is_cancelled),
                TEST(test_extra_blocks_come_with_the_last),
                TEST(test_extra_blocks_are_left_out_where_there_is_no_room),
                TEST(test_end_before_start_returns),
                TEST(test_raise_while_starting_comes_afterwards),
                TEST(test_cancel_while_starting_comes_afterwards),
                TEST(test_lent_blocks_outlive_their_object),
                TEST(test_free_cancels_what_is_under_way),
                TEST(test_failing_allocations),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
