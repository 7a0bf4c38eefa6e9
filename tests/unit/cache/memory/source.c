/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include "pail/util/interrupt.h"

/* The pattern repeats after a prime number of bytes: no two blocks are alike, and copying it costs little. */
enum { PERIOD = 65521 };
static char pattern[PERIOD];

static __attribute__((constructor)) void make_pattern(void)
{
        for (uint64_t i = 0; i < PERIOD; i++)
                pattern[i] = (char)((i * UINT64_C(0x9E3779B97F4A7C15)) >> 56);
}

char source_byte(uint64_t position)
{
        return pattern[position % PERIOD];
}

void source_fill(char *target, uint64_t position, size_t size)
{
        while (size > 0) {
                size_t at = position % PERIOD, n = size < PERIOD - at ? size : PERIOD - at;
                memcpy(target, pattern + at, n);
                target += n;
                position += n;
                size -= n;
        }
}

static int start(void *context, struct pail_fetch *fetch, const struct pail_fetch_range *range, void **ret_call)
{
        struct source *source = context;
        struct source_call *call;

        if (source->start_result < 0)
                return source->start_result;
        call = &source->calls[atomic_fetch_add(&source->count, 1)];
        call->source = source;
        call->fetch = fetch;
        call->range = *range;
        if (source->on_start)
                source->on_start(call);
        *ret_call = call;
        return 0;
}

static void raise_priority(void *context)
{
        struct source_call *call = context;

        THREAD_CHECK(atomic_load(&call->releases) == 0);
        atomic_fetch_add(&call->raises, 1);
}

static void cancel(void *context)
{
        struct source_call *call = context;

        THREAD_CHECK(atomic_load(&call->releases) == 0);
        atomic_fetch_add(&call->cancels, 1);
}

static void release(void *context)
{
        struct source_call *call = context;

        atomic_fetch_add(&call->releases, 1);
}

static const struct pail_source scripted = {
        .start = start, .raise_priority = raise_priority, .cancel = cancel, .release = release
};

void source_init(struct source *source, unsigned limit_blocks, uint64_t size_bytes)
{
        const struct pail_pool_options options = { .limit_bytes = (uint64_t)limit_blocks * PAIL_BLOCK_SIZE };

        memset(source, 0, sizeof *source);
        assert_int_equal(pail_pool_new(&options, &source->pool), 0);
        assert_int_equal(pail_blocks_new(source->pool, size_bytes, &scripted, source, &source->blocks), 0);
}

void source_done(struct source *source)
{
        struct pail_pool_stats stats;

        pail_blocks_free(source->blocks);
        for (unsigned i = 0; i < source->count; i++) {
                if (!source->calls[i].has_ended)
                        source_end(source, i, -ECANCELED);
        }
        stats = source_stats(source);
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                assert_int_equal(stats.used_blocks[i], 0);
        assert_int_equal(stats.valid_blocks, 0);
        assert_true(stats.peak_bytes <= stats.limit_bytes);
        pail_pool_free(source->pool);
        for (unsigned i = 0; i < source->count; i++)
                assert_int_equal(source->calls[i].releases, 1);
}

int source_deliver(struct source *source, unsigned number, size_t size)
{
        enum { PIECE = 64 * 1024 };
        struct source_call *call = &source->calls[number];
        char *bytes = malloc(PIECE);
        int r = 0;

        assert_true(bytes && number < source->count && !call->has_ended);
        while (size > 0 && r == 0) {
                size_t n = size < PIECE ? size : PIECE;
                source_fill(bytes, call->range.offset + call->delivered_bytes, n);
                r = pail_fetch_deliver(call->fetch, bytes, n);
                if (r == 0)
                        call->delivered_bytes += n;
                size -= n;
        }
        free(bytes);
        return r;
}

void source_deliver_rest(struct source *source, unsigned number)
{
        struct source_call *call = &source->calls[number];

        assert_int_equal(source_deliver(source, number, call->range.size_bytes - call->delivered_bytes), 0);
}

void source_end(struct source *source, unsigned number, int result)
{
        assert_true(number < source->count && !source->calls[number].has_ended);
        source->calls[number].has_ended = true;
        pail_fetch_end(source->calls[number].fetch, result);
}

void source_serve(struct source *source, unsigned call)
{
        source_deliver_rest(source, call);
        source_end(source, call, 0);
}

static void check_view(const struct pail_view *view, uint64_t first)
{
        for (unsigned i = 0; i < view->count; i++) {
                const char *data = pail_view_data(view, i);
                uint64_t position = (first + i) * PAIL_BLOCK_SIZE;
                THREAD_CHECK(data[0] == source_byte(position));
                THREAD_CHECK(data[77777] == source_byte(position + 77777));
                THREAD_CHECK(data[PAIL_BLOCK_SIZE - 1] == source_byte(position + PAIL_BLOCK_SIZE - 1));
        }
}

static bool is_set(void *context)
{
        struct source_reader *reader = context;

        return atomic_load(&reader->is_interrupted);
}

static void *read_thread(void *argument)
{
        struct source_reader *reader = argument;
        const struct pail_interrupt interrupt = { .is_set = is_set, .context = reader };
        struct pail_view view;

        pail_interrupt_install(&interrupt);
        reader->result = pail_blocks_acquire(reader->source->blocks, reader->first, reader->count, reader->extra,
                                             &view);
        atomic_store(&reader->has_acquired, true);
        if (reader->result == 0)
                reader->result = pail_view_wait(&view);
        if (reader->result == 0) {
                check_view(&view, reader->first);
                pail_view_release(&view);
        }
        pail_interrupt_install(NULL);
        atomic_store(&reader->has_returned, true);
        return NULL;
}

void source_reader_start(struct source_reader *reader, struct source *source, uint64_t first, unsigned count)
{
        memset(reader, 0, sizeof *reader);
        reader->source = source;
        reader->first = first;
        reader->count = count;
        assert_int_equal(pthread_create(&reader->thread, NULL, read_thread, reader), 0);
}

int source_reader_join(struct source_reader *reader)
{
        assert_int_equal(pthread_join(reader->thread, NULL), 0);
        return reader->result;
}

void source_reader_await_acquired(struct source_reader *reader)
{
        while (!atomic_load(&reader->has_acquired))
                usleep(200);
}

void source_check_valid(struct source *source, uint64_t first, unsigned count)
{
        unsigned calls = source->count;

        source_load(source, first, count);
        assert_int_equal(source->count, calls);
}

void source_load(struct source *source, uint64_t first, unsigned count)
{
        while (count > 0) {
                unsigned n = count < PAIL_VIEW_MAX_BLOCKS ? count : PAIL_VIEW_MAX_BLOCKS, call = source->count;
                struct pail_view view;
                assert_int_equal(pail_blocks_acquire(source->blocks, first, n, 0, &view), 0);
                for (; call < source->count; call++)
                        if (!source->calls[call].has_ended)
                                source_serve(source, call);
                assert_int_equal(pail_view_wait(&view), 0);
                check_view(&view, first);
                pail_view_release(&view);
                first += n;
                count -= n;
        }
}

struct pail_pool_stats source_stats(const struct source *source)
{
        struct pail_pool_stats stats;

        pail_pool_stats(source->pool, &stats);
        return stats;
}
