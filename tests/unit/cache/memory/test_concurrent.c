/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many readers of a few objects in a pool too small for them, on a source that is slow, delivers in odd pieces, ends
 * early or with errors, and is cancelled; read-ahead comes and goes meanwhile. The model is the function that gives
 * the byte at a position: what a reader gets is right or an error that the source made, memory never exceeds the
 * limit, and everybody comes to an end.
 */
#include <unistd.h>

#include "pail/util/interrupt.h"
#include "pail/util/workpool.h"
#include "source.h"

enum {
        OBJECTS = 3,
        OBJECT_BLOCKS = 150,
        READERS = 24,
        READS = 100,
        WORKERS = 3,
};

struct server {
        struct pail_pool *pool;
        struct pail_workpool *workers;
        struct pail_blocks *objects[OBJECTS];
        atomic_uint seed;
        atomic_uint failures, cancellations, calls, releases, interrupted;
};

struct call {
        struct server *server;
        struct pail_fetch *fetch;
        struct pail_fetch_range range;
        atomic_uint refs;
};

static uint32_t next_random(uint32_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 17;
        *seed ^= *seed << 5;
        return *seed;
}

static void call_unref(struct call *call)
{
        if (atomic_fetch_sub(&call->refs, 1) == 1) {
                atomic_fetch_add(&call->server->releases, 1);
                free(call);
        }
}

/* 0 whole, -EIO: an error in the middle, -ENODATA: ends early and says nothing. */
static int choose_fate(uint32_t *seed)
{
        uint32_t dice = next_random(seed) % 24;

        return dice == 0 ? -EIO : dice == 1 ? -ENODATA : 0;
}

static void serve(void *argument)
{
        static const size_t pieces[] = { 1, 4096, 65536, 131072, 131073, 524288 };
        struct call *call = argument;
        uint32_t seed = atomic_fetch_add(&call->server->seed, 0x9E3779B9) | 1;
        uint64_t done = 0, stop = call->range.size_bytes;
        char *bytes = malloc(524288);
        int fate = choose_fate(&seed), r = 0;

        THREAD_CHECK(bytes);
        if (fate < 0) {
                atomic_fetch_add(&call->server->failures, 1);
                stop = next_random(&seed) % stop;
        }
        while (done < stop && r == 0) {
                size_t n = pieces[next_random(&seed) % TEST_COUNT(pieces)];
                if (n > stop - done)
                        n = stop - done;
                source_fill(bytes, call->range.offset + done, n);
                r = pail_fetch_deliver(call->fetch, bytes, n);
                done += n;
                if (next_random(&seed) % 8 == 0)
                        usleep(next_random(&seed) % 300);
        }
        THREAD_CHECK(r == 0 || r == -ECANCELED);
        pail_fetch_end(call->fetch, fate == -ENODATA ? 0 : fate);
        free(bytes);
        call_unref(call);
}

static int start(void *context, struct pail_fetch *fetch, const struct pail_fetch_range *range, void **ret_call)
{
        struct server *server = context;
        struct call *call = calloc(1, sizeof *call);

        THREAD_CHECK(call);
        *call = (struct call){ .server = server, .fetch = fetch, .range = *range };
        atomic_init(&call->refs, 2);
        atomic_fetch_add(&server->calls, 1);
        THREAD_CHECK(pail_workpool_submit(server->workers, serve, call) == 0);
        *ret_call = call;
        return 0;
}

static void raise_priority(void *call)
{
        (void)call;
}

static void cancel(void *context)
{
        struct call *call = context;

        atomic_fetch_add(&call->server->cancellations, 1);
}

static void release(void *call)
{
        call_unref(call);
}

static const struct pail_source faulty = {
        .start = start, .raise_priority = raise_priority, .cancel = cancel, .release = release
};

struct reader {
        struct server *server;
        uint32_t seed;
        unsigned looks; /* of the interrupt token, until it is set; 0: never */
        unsigned succeeded;
        pthread_t thread;
};

static bool is_set(void *context)
{
        struct reader *reader = context;

        return reader->looks > 0 && --reader->looks == 0;
}

static void check_bytes(const struct pail_view *view, uint64_t first, uint32_t *seed)
{
        for (unsigned i = 0; i < view->count; i++) {
                const char *data = pail_view_data(view, i);
                uint64_t position = (first + i) * PAIL_BLOCK_SIZE;
                size_t size = PAIL_BLOCK_SIZE;

                if (first + i == OBJECT_BLOCKS - 1)
                        size = 12345;
                for (size_t at = next_random(seed) % 61; at < size; at += 61)
                        THREAD_CHECK(data[at] == source_byte(position + at));
                THREAD_CHECK(data[size - 1] == source_byte(position + size - 1));
        }
}

static void read_once(struct reader *reader)
{
        struct pail_blocks *blocks = reader->server->objects[next_random(&reader->seed) % OBJECTS];
        uint64_t first = next_random(&reader->seed) % OBJECT_BLOCKS, next;
        unsigned count = 1 + next_random(&reader->seed) % PAIL_VIEW_MAX_BLOCKS;
        struct pail_view view;
        int r;

        if (count > OBJECT_BLOCKS - first)
                count = (unsigned)(OBJECT_BLOCKS - first);
        reader->looks = next_random(&reader->seed) % 16 == 0 ? 1 + next_random(&reader->seed) % 2 : 0;
        r = pail_blocks_acquire(blocks, first, count, next_random(&reader->seed) % 4, &view);
        if (r == 0) {
                if (next_random(&reader->seed) % 4 == 0)
                        (void)pail_blocks_prefetch(blocks, first + count < OBJECT_BLOCKS ? first + count : 0, 12,
                                                   reader, &next);
                r = pail_view_wait(&view);
        }
        if (r == 0) {
                reader->succeeded++;
                check_bytes(&view, first, &reader->seed);
                pail_view_release(&view);
        } else if (r == -EINTR) {
                atomic_fetch_add(&reader->server->interrupted, 1);
        } else {
                THREAD_CHECK(r == -EIO);
        }
        if (next_random(&reader->seed) % 8 == 0)
                pail_blocks_abandon(blocks, first, 32, reader);
}

static void *read_many(void *argument)
{
        struct reader *reader = argument;
        const struct pail_interrupt interrupt = { .is_set = is_set, .context = reader };

        pail_interrupt_install(&interrupt);
        for (unsigned i = 0; i < READS; i++)
                read_once(reader);
        pail_interrupt_install(NULL);
        return NULL;
}

static void check_at_end(struct server *server, const struct reader *readers)
{
        struct pail_pool_stats stats;
        unsigned succeeded = 0;

        for (unsigned i = 0; i < OBJECTS; i++)
                pail_blocks_free(server->objects[i]);
        pail_workpool_drain(server->workers);
        pail_pool_stats(server->pool, &stats);
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                assert_int_equal(stats.used_blocks[i], 0);
        assert_int_equal(stats.valid_blocks, 0);
        assert_true(stats.peak_bytes <= stats.limit_bytes);
        assert_int_equal(server->calls, server->releases);
        for (unsigned i = 0; i < READERS; i++)
                succeeded += readers[i].succeeded;
        assert_true(succeeded > READERS * READS / 2);
        assert_true(server->failures > 0 && server->cancellations > 0 && server->interrupted > 0);
}

static void test_readers_against_the_model(unsigned limit_blocks)
{
        const struct pail_pool_options options = { .limit_bytes = (uint64_t)limit_blocks * PAIL_BLOCK_SIZE };
        struct server server = { .seed = 12345 };
        struct reader readers[READERS];

        assert_int_equal(pail_pool_new(&options, &server.pool), 0);
        assert_int_equal(pail_workpool_new("source", WORKERS, &server.workers), 0);
        for (unsigned i = 0; i < OBJECTS; i++)
                assert_int_equal(pail_blocks_new(server.pool, (OBJECT_BLOCKS - 1) * (uint64_t)PAIL_BLOCK_SIZE + 12345,
                                                 &faulty, &server, &server.objects[i]),
                                 0);
        for (unsigned i = 0; i < READERS; i++) {
                readers[i] = (struct reader){ .server = &server, .seed = 77 + i };
                assert_int_equal(pthread_create(&readers[i].thread, NULL, read_many, &readers[i]), 0);
        }
        for (unsigned i = 0; i < READERS; i++)
                assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
        check_at_end(&server, readers);
        pail_workpool_free(server.workers);
        pail_pool_free(server.pool);
}

static void test_tiny_pool(void **state)
{
        (void)state;
        test_readers_against_the_model(PAIL_POOL_MIN_BLOCKS);
}

static void test_larger_pool(void **state)
{
        (void)state;
        test_readers_against_the_model(256);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_tiny_pool),
                cmocka_unit_test(test_larger_pool),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
