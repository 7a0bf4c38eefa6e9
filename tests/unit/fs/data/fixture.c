/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "pail/util/interrupt.h"

struct fixture fixture;

void fixture_make_content(uint64_t size)
{
        fixture.fake.object_bytes = size;
        assert_int_equal(
                pail_object_data_new(fixture.engine, &fixture.fake.base, "key", "etag-1", size, &fixture.content), 0);
}

int fixture_setup(void **state)
{
        const struct pail_data_engine_options options = { .memory_limit_bytes = 64 * FAKE_MIB };

        (void)state;
        fake_init(&fixture.fake, SIZE);
        assert_int_equal(pail_data_engine_new(&options, &fixture.engine), 0);
        fixture_make_content(SIZE);
        assert_int_equal(pail_read_stream_new(&fixture.stream), 0);
        return 0;
}

int fixture_teardown(void **state)
{
        (void)state;
        pail_read_stream_free(fixture.stream);
        pail_object_data_unref(fixture.content);
        fake_finish_all(&fixture.fake);
        pail_data_engine_free(fixture.engine);
        fake_done(&fixture.fake);
        fixture.stream = NULL;
        fixture.content = NULL;
        return 0;
}

static bool is_set(void *context)
{
        return atomic_load(&((struct reader *)context)->is_interrupted);
}

static void *read_thread(void *argument)
{
        struct reader *reader = argument;
        const struct pail_interrupt interrupt = { .is_set = is_set, .context = reader };
        struct pail_content_result result;

        pail_interrupt_install(&interrupt);
        reader->result = pail_read(fixture.content, reader->has_stream ? fixture.stream : NULL, reader->offset,
                                   reader->size, &result);
        if (reader->result == 0) {
                fake_check_result(&result, reader->offset, reader->expected);
                pail_content_result_done(&result);
        }
        pail_interrupt_install(NULL);
        atomic_store(&reader->has_returned, true);
        return NULL;
}

void start_reader(struct reader *reader, bool has_stream, uint64_t offset, size_t size, size_t expected, unsigned calls)
{
        unsigned before = fixture.fake.count;

        *reader = (struct reader){ .offset = offset, .size = size, .expected = expected, .has_stream = has_stream };
        assert_int_equal(pthread_create(&reader->thread, NULL, read_thread, reader), 0);
        fake_await(&fixture.fake, before + calls);
        assert_int_equal(fixture.fake.count, before + calls);
}

void await_misses(uint64_t misses)
{
        struct pail_pool_stats counters;

        for (;;) {
                pail_data_engine_stats(fixture.engine, &counters);
                if (counters.misses >= misses)
                        return;
                usleep(200);
        }
}

int join(struct reader *reader)
{
        assert_int_equal(pthread_join(reader->thread, NULL), 0);
        return reader->result;
}

void expect_call(unsigned call, uint64_t offset, uint64_t size_bytes, enum pail_remote_priority priority)
{
        assert_true(call < fixture.fake.count);
        assert_int_equal(fixture.fake.calls[call].offset, offset);
        assert_int_equal(fixture.fake.calls[call].size_bytes, size_bytes);
        assert_int_equal(fixture.fake.calls[call].priority, priority);
}

void read_in_memory(uint64_t offset, size_t size)
{
        struct pail_content_result result;

        assert_int_equal(pail_read(fixture.content, NULL, offset, size, &result), 0);
        fake_check_result(&result, offset, size);
        pail_content_result_done(&result);
}
