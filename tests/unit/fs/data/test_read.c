/* SPDX-License-Identifier: Apache-2.0 */
#include "../../support/alloc.h"
#include "fixture.h"
#include "pail/util/str.h"

static void test_a_read_is_one_conditional_request(void **state)
{
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 5 * FAKE_MIB + 100, 300, 300, 1);
        expect_call(0, 5 * FAKE_MIB, FAKE_BLOCK, PAIL_REMOTE_READER);
        assert_string_equal(fixture.fake.calls[0].key, "key");
        assert_string_equal(fixture.fake.calls[0].if_match, "etag-1");
        fake_serve(&fixture.fake, 0);
        assert_int_equal(join(&reader), 0);
        read_in_memory(5 * FAKE_MIB, FAKE_BLOCK);
        assert_int_equal(fixture.fake.count, 1);
}

static void test_reads_are_cut_at_the_end(void **state)
{
        struct pail_content_result result;
        struct reader reader;

        (void)state;
        start_reader(&reader, false, SIZE - 500, FAKE_MIB, 500, 1);
        expect_call(0, 20 * FAKE_MIB, 1000, PAIL_REMOTE_READER);
        fake_serve(&fixture.fake, 0);
        assert_int_equal(join(&reader), 0);
        assert_int_equal(pail_read(fixture.content, fixture.stream, SIZE, 1, &result), 0);
        assert_int_equal(result.size_bytes, 0);
        assert_int_equal(result.count, 0);
        pail_content_result_done(&result);
        assert_int_equal(pail_read(fixture.content, fixture.stream, UINT64_MAX, FAKE_MIB, &result), 0);
        assert_int_equal(result.size_bytes, 0);
        assert_int_equal(pail_read(fixture.content, fixture.stream, 0, 0, &result), 0);
        assert_int_equal(result.size_bytes, 0);
        assert_int_equal(pail_read(fixture.content, fixture.stream, 0, FAKE_MIB + 1, &result), -EINVAL);
        assert_int_equal(pail_object_data_size(fixture.content), SIZE);
        assert_int_equal(fixture.fake.count, 1);
}

static void test_an_unaligned_mebibyte_spans_nine_blocks(void **state)
{
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 7, FAKE_MIB, FAKE_MIB, 1);
        expect_call(0, 0, 9 * FAKE_BLOCK, PAIL_REMOTE_READER);
        fake_serve(&fixture.fake, 0);
        assert_int_equal(join(&reader), 0);
}

static void test_a_small_file_is_one_request(void **state)
{
        struct reader reader;

        (void)state;
        pail_object_data_unref(fixture.content);
        fixture_make_content(700000);
        start_reader(&reader, true, 0, 16384, 16384, 1);
        expect_call(0, 0, 700000, PAIL_REMOTE_READER);
        assert_int_equal(fake_deliver(&fixture.fake, 0, FAKE_BLOCK), 0);
        assert_int_equal(join(&reader), 0); /* need not wait for the rest */
        fake_serve(&fixture.fake, 0);
        read_in_memory(0, 700000);
        assert_int_equal(fixture.fake.count, 1);
}

/* A reader sees nothing of a whole object before its checksum holds. */
static void test_damaged_bytes_are_kept_back(void **state)
{
        struct reader reader;

        (void)state;
        pail_object_data_unref(fixture.content);
        fixture_make_content(300000);
        fixture.fake.has_checksum = true;
        start_reader(&reader, true, 0, 16384, 16384, 1);
        expect_call(0, 0, 300000, PAIL_REMOTE_READER);
        assert_true(fixture.fake.calls[0].is_whole);
        fake_deliver_damaged(&fixture.fake, 0);
        fake_again(&fixture.fake, 0);
        fake_serve(&fixture.fake, 0);
        assert_int_equal(join(&reader), 0); /* compares the bytes */
        read_in_memory(0, 300000);
        assert_int_equal(fixture.fake.count, 1);
}

static void test_bytes_that_stay_damaged_are_an_error(void **state)
{
        struct reader reader;

        (void)state;
        pail_object_data_unref(fixture.content);
        fixture_make_content(300000);
        fixture.fake.has_checksum = true;
        start_reader(&reader, true, 0, 16384, 16384, 1);
        fake_deliver_damaged(&fixture.fake, 0);
        fake_again(&fixture.fake, 0);
        fake_deliver_damaged(&fixture.fake, 0);
        fake_end(&fixture.fake, 0, -EIO);
        assert_int_equal(join(&reader), -EIO);
        /* From now on a part is read by way of the whole, which can be checked. */
        start_reader(&reader, true, 150000, 16384, 16384, 1);
        expect_call(1, 0, 300000, PAIL_REMOTE_READER);
        assert_true(fixture.fake.calls[1].is_whole);
        fake_serve(&fixture.fake, 1);
        assert_int_equal(join(&reader), 0);
        read_in_memory(299000, 1000);
}

/* Half of it has come when it moves: the other half alone could not be checked. */
static void test_kept_back_bytes_come_anew_after_a_move(void **state)
{
        struct reader reader;

        (void)state;
        pail_object_data_unref(fixture.content);
        fixture_make_content(300000);
        fixture.fake.has_checksum = true;
        start_reader(&reader, true, 0, 16384, 16384, 1);
        assert_int_equal(fake_deliver(&fixture.fake, 0, 200000), 0);
        assert_int_equal(pail_object_data_rebase(fixture.content, "elsewhere", "etag-1"), 0);
        fake_refuse(&fixture.fake, 0, -ENOENT, PAIL_REMOTE_ABSENT);
        fake_await(&fixture.fake, 2);
        expect_call(1, 0, 300000, PAIL_REMOTE_READER);
        assert_true(fixture.fake.calls[1].is_whole);
        fake_serve(&fixture.fake, 1);
        assert_int_equal(join(&reader), 0);
        read_in_memory(0, 300000);
}

static void test_replaced_objects_are_stale(void **state)
{
        static const struct {
                int result;
                enum pail_remote_cause cause;
        } answers[] = { { -ESTALE, PAIL_REMOTE_REPLACED },
                        { -ENOENT, PAIL_REMOTE_ABSENT },
                        { -ERANGE, PAIL_REMOTE_REPLACED } };
        struct reader reader;

        (void)state;
        for (unsigned i = 0; i < TEST_COUNT(answers); i++) {
                start_reader(&reader, false, 0, 100, 100, 1);
                fake_refuse(&fixture.fake, i, answers[i].result, answers[i].cause);
                assert_int_equal(join(&reader), -ESTALE);
        }
}

static void test_a_server_that_ignores_the_condition_is_found_out(void **state)
{
        struct reader reader;

        (void)state;
        pail_str_copy(fixture.fake.etag, sizeof fixture.fake.etag, "etag-2");
        start_reader(&reader, false, 0, 100, 100, 1);
        assert_int_equal(fake_deliver(&fixture.fake, 0, 10), -ESTALE);
        fake_end(&fixture.fake, 0, -EIO);
        assert_int_equal(join(&reader), -ESTALE);
        pail_str_copy(fixture.fake.etag, sizeof fixture.fake.etag, "etag-1");
        fixture.fake.object_bytes = SIZE + 1;
        start_reader(&reader, false, 0, 100, 100, 1);
        assert_int_equal(fake_deliver(&fixture.fake, 1, 10), -ESTALE);
        fake_end(&fixture.fake, 1, -EIO);
        assert_int_equal(join(&reader), -ESTALE);
}

static void test_a_failure_reaches_all_and_is_not_remembered(void **state)
{
        struct reader one, two;

        (void)state;
        start_reader(&one, false, 0, FAKE_MIB, FAKE_MIB, 1);
        start_reader(&two, false, FAKE_BLOCK, 10, 10, 0);
        await_misses(9);
        assert_int_equal(fake_deliver(&fixture.fake, 0, 100), 0);
        fake_refuse(&fixture.fake, 0, -EACCES, PAIL_REMOTE_REFUSED);
        assert_int_equal(join(&one), -EACCES);
        assert_int_equal(join(&two), -EACCES);
        start_reader(&one, false, 0, FAKE_MIB, FAKE_MIB, 1);
        fake_serve(&fixture.fake, 1);
        assert_int_equal(join(&one), 0);
}

static void test_bodies_of_the_wrong_length(void **state)
{
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 0, 100, 100, 1);
        assert_int_equal(fake_deliver(&fixture.fake, 0, FAKE_BLOCK - 1), 0);
        fake_end(&fixture.fake, 0, 0);
        assert_int_equal(join(&reader), -EIO);
        start_reader(&reader, false, 0, 100, 100, 1);
        assert_int_equal(fake_deliver(&fixture.fake, 1, FAKE_BLOCK), 0);
        assert_int_equal(fake_deliver(&fixture.fake, 1, 1), -EPROTO);
        assert_int_equal(join(&reader), 0); /* it had what it wanted before */
        fake_end(&fixture.fake, 1, -EPROTO);
}

static void test_an_interrupted_reader_cancels_its_request(void **state)
{
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 0, 100, 100, 1);
        atomic_store(&reader.is_interrupted, true);
        assert_int_equal(join(&reader), -EINTR);
        assert_true(fixture.fake.calls[0].is_cancelled);
        assert_int_equal(fake_deliver(&fixture.fake, 0, 1), -ECANCELED);
        fake_end(&fixture.fake, 0, -EINTR);
}

static void test_a_request_that_does_not_start(void **state)
{
        struct pail_content_result result;

        (void)state;
        fixture.fake.start_result = -ENETDOWN;
        assert_int_equal(pail_read(fixture.content, fixture.stream, 0, FAKE_MIB, &result), -ENETDOWN);
        fixture.fake.start_result = 0;
        assert_int_equal(fixture.fake.count, 0);
}

static void test_read_ahead_is_hurried_by_its_reader(void **state)
{
        struct reader first, second;

        (void)state;
        start_reader(&first, true, 0, FAKE_BLOCK, FAKE_BLOCK, 2);
        expect_call(0, 0, FAKE_BLOCK, PAIL_REMOTE_READER);
        expect_call(1, FAKE_BLOCK, FAKE_MIB, PAIL_REMOTE_BACKGROUND);
        fake_serve(&fixture.fake, 0);
        assert_int_equal(join(&first), 0);
        assert_int_equal(fixture.fake.calls[1].raises, 0);
        start_reader(&second, false, FAKE_BLOCK, 10, 10, 0);
        while (atomic_load(&fixture.fake.calls[1].raises) == 0)
                usleep(200);
        assert_int_equal(fake_deliver(&fixture.fake, 1, FAKE_BLOCK), 0);
        assert_int_equal(join(&second), 0);
        fake_serve(&fixture.fake, 1);
}

static void test_the_last_reference_cancels(void **state)
{
        struct pail_content_result result;
        struct reader reader;

        (void)state;
        start_reader(&reader, true, 0, FAKE_BLOCK, FAKE_BLOCK, 2);
        fake_serve(&fixture.fake, 0);
        assert_int_equal(join(&reader), 0);
        assert_int_equal(pail_read(fixture.content, NULL, 0, 10, &result), 0);
        pail_object_data_unref(pail_object_data_ref(fixture.content));
        assert_false(fixture.fake.calls[1].is_cancelled);
        pail_read_stream_free(fixture.stream); /* holds one too, and its read-ahead has no reader any more */
        fixture.stream = NULL;
        assert_true(fixture.fake.calls[1].is_cancelled);
        pail_object_data_unref(fixture.content);
        fixture.content = NULL;
        fake_check_result(&result, 0, 10); /* lent bytes stay */
        pail_content_result_done(&result);
        fake_end(&fixture.fake, 1, -EINTR);
}

static void test_copy(void **state)
{
        char *target = malloc(SIZE);
        unsigned long long bytes;

        (void)state;
        assert_non_null(target);
        assert_int_equal(pail_read_copy(fixture.content, SIZE - 5, 6, target), -ENODATA);
        assert_int_equal(pail_read_copy(fixture.content, SIZE + 1, 0, target), -ENODATA);
        assert_int_equal(pail_read_copy(fixture.content, SIZE, 0, target), 0);
        assert_int_equal(fixture.fake.count, 0);
        fake_serve_by_threads(&fixture.fake, 4, 0);
        assert_int_equal(pail_read_copy(fixture.content, 3 * FAKE_MIB + 5, 12 * FAKE_MIB, target), 0);
        for (uint64_t i = 0; i < 12 * FAKE_MIB; i += 13)
                assert_int_equal(target[i], fake_byte(3 * FAKE_MIB + 5 + i));
        assert_true(fixture.fake.peak_in_flight >= 2);
        bytes = 12 * FAKE_MIB + FAKE_BLOCK; /* whole blocks, and nothing beyond */
        fake_finish_all(&fixture.fake);
        assert_int_equal(fixture.fake.bytes, bytes);
        free(target);
}

static void test_copy_fails_in_the_middle(void **state)
{
        char *target = malloc(4 * FAKE_MIB);

        (void)state;
        assert_non_null(target);
        fake_serve_by_threads(&fixture.fake, 2, 1); /* each fails */
        assert_int_equal(pail_read_copy(fixture.content, 0, 4 * FAKE_MIB, target), -ETIMEDOUT);
        free(target);
}

static void test_counters(void **state)
{
        struct pail_pool_stats counters;
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 0, FAKE_MIB, FAKE_MIB, 1);
        fake_serve(&fixture.fake, 0);
        assert_int_equal(join(&reader), 0);
        read_in_memory(0, FAKE_MIB);
        pail_data_engine_stats(fixture.engine, &counters);
        assert_int_equal(counters.hits, 8);
        assert_int_equal(counters.misses, 8);
        assert_int_equal(counters.fetches, 1);
        assert_int_equal(counters.bytes_fetched, FAKE_MIB);
        assert_int_equal(counters.limit_bytes, 64 * FAKE_MIB);
        assert_true(counters.resident_bytes >= FAKE_MIB);
}

static void test_engine_options(void **state)
{
        static const struct pail_data_engine_options bad[] = {
                { .memory_limit_bytes = 4 * FAKE_MIB - 1 },
                { .memory_limit_bytes = 64 * FAKE_MIB, .outside_bytes = 61 * FAKE_MIB },
                { .memory_limit_bytes = 64 * FAKE_MIB, .outside_bytes = UINT64_MAX },
        };
        const struct pail_data_engine_options good = { .memory_limit_bytes = 64 * FAKE_MIB,
                                                       .outside_bytes = 32 * FAKE_MIB };
        struct pail_data_engine *other = NULL;

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(bad); i++)
                assert_int_equal(pail_data_engine_new(&bad[i], &other), -EINVAL);
        assert_null(other);
        pail_data_engine_free(NULL);
        assert_int_equal(pail_data_engine_new(&good, &other), 0);
        pail_data_engine_free(other);
}

static void test_etags_and_sizes_are_checked(void **state)
{
        struct pail_object_data *other = NULL;
        char etag[PAIL_REMOTE_ETAG_SIZE + 1];

        (void)state;
        memset(etag, 'e', sizeof etag);
        etag[PAIL_REMOTE_ETAG_SIZE] = '\0';
        assert_int_equal(pail_object_data_new(fixture.engine, &fixture.fake.base, "key", etag, 1, &other), -EINVAL);
        assert_int_equal(pail_object_data_new(fixture.engine, &fixture.fake.base, "key", "e", UINT64_MAX, &other),
                         -EFBIG);
        assert_int_equal(pail_object_data_rebase(fixture.content, "key", etag), -EINVAL);
        assert_null(other);
}

static int use_everything(void *context)
{
        const struct pail_data_engine_options options = { .memory_limit_bytes = 8 * FAKE_MIB };
        struct pail_data_engine *own = NULL;
        struct pail_object_data *made = NULL;
        struct pail_read_stream *reader = NULL;
        int r = pail_data_engine_new(&options, &own);

        (void)context;
        if (r == 0)
                r = pail_object_data_new(own, &fixture.fake.base, "key", "etag-1", SIZE, &made);
        if (r == 0)
                r = pail_object_data_rebase(made, "other", "etag-1");
        if (r == 0)
                r = pail_read_stream_new(&reader);
        pail_read_stream_free(reader);
        pail_object_data_unref(made);
        pail_data_engine_free(own);
        return r;
}

static int read_something(void *context)
{
        struct pail_content_result result;
        int r = pail_read(fixture.content, NULL, *(uint64_t *)context, 10, &result);

        *(uint64_t *)context += FAKE_BLOCK;
        if (r == 0)
                pail_content_result_done(&result);
        return r;
}

static void test_failing_allocations(void **state)
{
        struct reader reader;
        uint64_t offset = 0;

        (void)state;
        assert_true(test_alloc_each(use_everything, NULL) >= 7);
        start_reader(&reader, false, 0, FAKE_MIB, FAKE_MIB, 1);
        fake_serve(&fixture.fake, 0);
        assert_int_equal(join(&reader), 0);
        assert_int_equal(test_alloc_each(read_something, &offset), 1); /* from memory */
        for (unsigned number = 1; number <= 4; number++) {             /* view, fetch, request, key */
                offset = 2 * FAKE_MIB;
                test_alloc_fail_at(number);
                assert_int_equal(read_something(&offset), -ENOMEM);
                test_alloc_fail_at(0);
        }
        assert_int_equal(fixture.fake.count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_a_read_is_one_conditional_request),
                TEST(test_reads_are_cut_at_the_end),
                TEST(test_an_unaligned_mebibyte_spans_nine_blocks),
                TEST(test_a_small_file_is_one_request),
                TEST(test_damaged_bytes_are_kept_back),
                TEST(test_bytes_that_stay_damaged_are_an_error),
                TEST(test_kept_back_bytes_come_anew_after_a_move),
                TEST(test_replaced_objects_are_stale),
                TEST(test_a_server_that_ignores_the_condition_is_found_out),
                TEST(test_a_failure_reaches_all_and_is_not_remembered),
                TEST(test_bodies_of_the_wrong_length),
                TEST(test_an_interrupted_reader_cancels_its_request),
                TEST(test_a_request_that_does_not_start),
                TEST(test_read_ahead_is_hurried_by_its_reader),
                TEST(test_the_last_reference_cancels),
                TEST(test_copy),
                TEST(test_copy_fails_in_the_middle),
                TEST(test_counters),
                TEST(test_engine_options),
                TEST(test_etags_and_sizes_are_checked),
                TEST(test_failing_allocations),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
