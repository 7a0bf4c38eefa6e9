/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hundred readers at once, sequential and random, in a pool much too small for them, on a server that breaks off now
 * and then: every byte is right, the limit holds, and everybody comes to an end.
 */
#include <pthread.h>

#include "fake_remote.h"
#include "fs/data/read.h"

enum { READERS = 100, READS = 20, CONTENTS = 3, OBJECT_BYTES = 12 * FAKE_MIB + 4321 };

struct reader {
        struct pail_object_data *content;
        uint32_t seed;
        bool is_sequential;
        unsigned succeeded;
        pthread_t thread;
};

static uint32_t next_random(uint32_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 17;
        *seed ^= *seed << 5;
        return *seed;
}

static void *read_many(void *argument)
{
        struct reader *reader = argument;
        struct pail_read_stream *stream = NULL;
        uint64_t offset = 0;

        THREAD_CHECK(pail_read_stream_new(&stream) == 0);
        for (unsigned i = 0; i < READS; i++) {
                size_t size = reader->is_sequential ? FAKE_MIB / 2 : 1 + next_random(&reader->seed) % FAKE_MIB;
                struct pail_content_result result;
                int r;

                if (!reader->is_sequential || offset >= OBJECT_BYTES)
                        offset = next_random(&reader->seed) % OBJECT_BYTES;
                r = pail_read(reader->content, stream, offset, size, &result);
                THREAD_CHECK(r == 0 || r == -ETIMEDOUT);
                if (r < 0)
                        continue;
                reader->succeeded++;
                fake_check_result(&result, offset, size < OBJECT_BYTES - offset ? size : OBJECT_BYTES - offset);
                pail_content_result_done(&result);
                offset += size;
        }
        pail_read_stream_free(stream);
        return NULL;
}

static void run(uint64_t memory_limit_bytes, unsigned fail_one_in)
{
        const struct pail_data_engine_options options = { .memory_limit_bytes = memory_limit_bytes };
        struct pail_data_engine *engine;
        struct pail_object_data *contents[CONTENTS];
        static struct reader readers[READERS];
        struct pail_pool_stats stats;
        unsigned succeeded = 0;
        struct fake_remote fake;

        fake_init(&fake, OBJECT_BYTES);
        fake_serve_by_threads(&fake, 3, fail_one_in);
        assert_int_equal(pail_data_engine_new(&options, &engine), 0);
        for (unsigned i = 0; i < CONTENTS; i++)
                assert_int_equal(pail_object_data_new(engine, &fake.base, "key", "etag-1", OBJECT_BYTES, &contents[i]),
                                 0);
        for (unsigned i = 0; i < READERS; i++) {
                readers[i] =
                        (struct reader){ .content = contents[i % CONTENTS], .seed = 99 + i, .is_sequential = i % 2 };
                assert_int_equal(pthread_create(&readers[i].thread, NULL, read_many, &readers[i]), 0);
        }
        for (unsigned i = 0; i < READERS; i++) {
                assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
                succeeded += readers[i].succeeded;
        }
        for (unsigned i = 0; i < CONTENTS; i++)
                pail_object_data_unref(contents[i]);
        fake_finish_all(&fake);
        pail_pool_stats(engine->pool, &stats);
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                assert_int_equal(stats.used_blocks[i], 0);
        assert_true(stats.peak_bytes <= stats.limit_bytes);
        assert_int_equal(engine->parts, 0);
        assert_true(succeeded > READERS * READS / 2);
        if (fail_one_in > 0)
                assert_true(fake.failures > 0);
        else
                assert_int_equal(succeeded, READERS * READS);
        pail_data_engine_free(engine);
        fake_done(&fake);
}

static void test_tiny_pool(void **state)
{
        (void)state;
        run(4 * FAKE_MIB, 0);
}

static void test_tiny_pool_with_faults(void **state)
{
        (void)state;
        run(4 * FAKE_MIB, 20);
}

static void test_a_pool_that_holds_it_all(void **state)
{
        (void)state;
        run(64 * FAKE_MIB, 20);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_tiny_pool),
                cmocka_unit_test(test_tiny_pool_with_faults),
                cmocka_unit_test(test_a_pool_that_holds_it_all),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
