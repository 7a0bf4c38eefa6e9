/* SPDX-License-Identifier: Apache-2.0 */
#include "../../support/alloc.h"
#include "source.h"

#include "pail/util/cleanup.h"
#include "pail/util/interrupt.h"

PAIL_DEFINE_CLEANUP(struct pail_pool, pail_pool_free);

static struct pail_pool *make(unsigned limit, unsigned reader, unsigned ahead, unsigned other)
{
        const struct pail_pool_options options = {
                .limit_bytes = (uint64_t)limit * PAIL_BLOCK_SIZE,
                .reader_floor_blocks = reader,
                .ahead_floor_blocks = ahead,
                .other_floor_blocks = other,
        };
        struct pail_pool *pool = NULL;

        assert_int_equal(pail_pool_new(&options, &pool), 0);
        return pool;
}

static uint64_t used(struct pail_pool *pool, enum pail_pool_class class)
{
        struct pail_pool_stats stats;

        pail_pool_stats(pool, &stats);
        return stats.used_blocks[class];
}

static void test_options_are_checked(void **state)
{
        static const struct pail_pool_options bad[] = {
                { .limit_bytes = 0 },
                { .limit_bytes = (uint64_t)PAIL_POOL_MIN_BLOCKS * PAIL_BLOCK_SIZE - 1 },
                { .limit_bytes = UINT64_MAX, .other_floor_blocks = UINT32_MAX, .reader_floor_blocks = 15 },
                { .limit_bytes = 64 * PAIL_BLOCK_SIZE, .reader_floor_blocks = 15 },
                { .limit_bytes = 64 * PAIL_BLOCK_SIZE, .reader_floor_blocks = 40, .ahead_floor_blocks = 25 },
                { .limit_bytes = 64 * PAIL_BLOCK_SIZE, .reader_floor_blocks = 40, .other_floor_blocks = 25 },
        };
        struct pail_pool *pool = NULL;

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(bad); i++)
                assert_int_equal(pail_pool_new(&bad[i], &pool), -EINVAL);
        assert_null(pool);
        pail_pool_free(NULL);
        pool = make(PAIL_POOL_MIN_BLOCKS, 0, 0, 0);
        pail_pool_free(pool);
}

static void test_floors_hold_against_other_classes(void **state)
{
        _cleanup_(pail_pool_free_p) struct pail_pool *pool = make(64, 20, 10, 4);

        (void)state;
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_AHEAD, 41), -EAGAIN);
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_AHEAD, 40), 0);
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_AHEAD, 1), -EAGAIN);
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_READER, 21), -EAGAIN);
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_READER, 20), 0);
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_OTHER, 4), 0);
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_OTHER, 1), -EAGAIN);
        pail_pool_unreserve(pool, PAIL_POOL_AHEAD, 30);
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_READER, 31), -EAGAIN);
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_READER, 30), 0);
        assert_int_equal(used(pool, PAIL_POOL_READER), 50);
        pail_pool_unreserve(pool, PAIL_POOL_AHEAD, 10);
        pail_pool_unreserve(pool, PAIL_POOL_READER, 50);
        pail_pool_unreserve(pool, PAIL_POOL_OTHER, 4);
}

struct taker {
        struct pail_pool *pool;
        unsigned count;
        atomic_bool is_interrupted, has_begun, has_it;
        int result;
        pthread_t thread;
};

static bool taker_is_set(void *context)
{
        struct taker *taker = context;

        atomic_store(&taker->has_begun, true);
        return atomic_load(&taker->is_interrupted);
}

static void *take(void *argument)
{
        struct taker *taker = argument;
        const struct pail_interrupt interrupt = { .is_set = taker_is_set, .context = taker };

        pail_interrupt_install(&interrupt);
        taker->result = pail_pool_reserve(taker->pool, PAIL_POOL_READER, taker->count);
        atomic_store(&taker->has_it, taker->result == 0);
        pail_interrupt_install(NULL);
        return NULL;
}

/* Starts it and returns once it stands in line. */
static void taker_start(struct taker *taker, struct pail_pool *pool, unsigned count)
{
        *taker = (struct taker){ .pool = pool, .count = count };
        assert_int_equal(pthread_create(&taker->thread, NULL, take, taker), 0);
        while (!atomic_load(&taker->has_begun))
                usleep(200);
        usleep(2000);
}

static int taker_join(struct taker *taker)
{
        assert_int_equal(pthread_join(taker->thread, NULL), 0);
        return taker->result;
}

static void test_waiting_is_all_or_none_and_in_order(void **state)
{
        _cleanup_(pail_pool_free_p) struct pail_pool *pool = make(32, 24, 4, 0);
        struct taker big, small;

        (void)state;
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_READER, 28), 0);
        taker_start(&big, pool, 9);
        taker_start(&small, pool, 1);
        assert_int_equal(used(pool, PAIL_POOL_READER), 28);
        pail_pool_unreserve(pool, PAIL_POOL_READER, 8); /* enough for small, which has to wait for its turn */
        usleep(5000);
        assert_false(big.has_it);
        assert_false(small.has_it);
        assert_int_equal(used(pool, PAIL_POOL_READER), 20);
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_READER, 1), -EAGAIN); /* nobody jumps the queue */
        pail_pool_unreserve(pool, PAIL_POOL_READER, 2);
        assert_int_equal(taker_join(&big), 0);
        assert_int_equal(taker_join(&small), 0);
        assert_int_equal(used(pool, PAIL_POOL_READER), 28);
        pail_pool_unreserve(pool, PAIL_POOL_READER, 28);
}

static void test_interrupted_waiter_lets_the_next_one_pass(void **state)
{
        _cleanup_(pail_pool_free_p) struct pail_pool *pool = make(32, 28, 4, 0);
        struct taker big, small;

        (void)state;
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_READER, 27), 0);
        taker_start(&big, pool, 9);
        taker_start(&small, pool, 1);
        assert_false(small.has_it);
        atomic_store(&big.is_interrupted, true);
        assert_int_equal(taker_join(&big), -EINTR);
        assert_int_equal(taker_join(&small), 0);
        assert_int_equal(used(pool, PAIL_POOL_READER), 28);
        pail_pool_unreserve(pool, PAIL_POOL_READER, 28);
}

static void test_impossible_is_refused_at_once(void **state)
{
        _cleanup_(pail_pool_free_p) struct pail_pool *pool = make(64, 20, 10, 4);

        (void)state;
        assert_int_equal(pail_pool_reserve(pool, PAIL_POOL_READER, 51), -EINVAL);
        assert_int_equal(pail_pool_reserve(pool, PAIL_POOL_READER, 50), 0);
        pail_pool_unreserve(pool, PAIL_POOL_READER, 50);
}

static void test_memory_of_others_displaces_the_pool_s(void **state)
{
        struct source source;
        struct pail_pool_stats stats;

        (void)state;
        source_init(&source, 64, 64 * PAIL_BLOCK_SIZE);
        source_load(&source, 0, 60);
        stats = source_stats(&source);
        assert_true(stats.valid_blocks >= 16);
        assert_int_equal(pail_pool_try_reserve(source.pool, PAIL_POOL_OTHER, 40), 0);
        stats = source_stats(&source);
        assert_true(stats.resident_bytes <= 24 * PAIL_BLOCK_SIZE);
        assert_true(stats.peak_bytes <= 64 * PAIL_BLOCK_SIZE);
        source_load(&source, 0, 60); /* works in what is left */
        stats = source_stats(&source);
        assert_true(stats.resident_bytes <= 24 * PAIL_BLOCK_SIZE);
        pail_pool_unreserve(source.pool, PAIL_POOL_OTHER, 40);
        source_load(&source, 0, 60);
        assert_true(source_stats(&source).resident_bytes > 24 * PAIL_BLOCK_SIZE);
        source_done(&source);
}

/* Pages of the mapping that are in memory, as the kernel sees it. */
static uint64_t resident_bytes(void)
{
        FILE *file = fopen("/proc/self/statm", "re");
        unsigned long long total, resident;

        assert_non_null(file);
        assert_int_equal(fscanf(file, "%llu %llu", &total, &resident), 2);
        fclose(file);
        return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void test_trim_gives_memory_back(void **state)
{
        struct source source;
        uint64_t full;

        (void)state;
        source_init(&source, 256, 300 * PAIL_BLOCK_SIZE);
        for (uint64_t first = 0; first < 256; first += 16) {
                uint64_t next;
                if (pail_blocks_prefetch(source.blocks, first, 16, NULL, &next) == 1)
                        source_serve(&source, source.count - 1);
        }
        full = resident_bytes();
        assert_true(source_stats(&source).resident_bytes >= 128 * PAIL_BLOCK_SIZE);
        pail_pool_trim(source.pool);
        assert_int_equal(source_stats(&source).resident_bytes, 0);
        assert_int_equal(source_stats(&source).valid_blocks, 0);
        assert_true(resident_bytes() + 100 * PAIL_BLOCK_SIZE <= full);
        source_load(&source, 0, 64);
        source_done(&source);
}

static void test_pretouched_memory_is_used_first(void **state)
{
        const struct pail_pool_options options = {
                .limit_bytes = 64 * PAIL_BLOCK_SIZE, .pretouch_bytes = (uint64_t)1 << 40, /* cut to the limit */
        };
        _cleanup_(pail_pool_free_p) struct pail_pool *pool = NULL;
        struct pail_pool_stats stats;

        (void)state;
        assert_int_equal(pail_pool_new(&options, &pool), 0);
        pail_pool_stats(pool, &stats);
        assert_int_equal(stats.resident_bytes, stats.limit_bytes);
        assert_int_equal(stats.peak_bytes, stats.limit_bytes);
        assert_int_equal(pail_pool_try_reserve(pool, PAIL_POOL_OTHER, 40), 0);
        pail_pool_stats(pool, &stats);
        assert_int_equal(stats.resident_bytes, 24 * PAIL_BLOCK_SIZE);
        pail_pool_unreserve(pool, PAIL_POOL_OTHER, 40);
}

static int make_and_free(void *context)
{
        const struct pail_pool_options options = { .limit_bytes = 64 * PAIL_BLOCK_SIZE };
        struct pail_pool *pool;
        int r = pail_pool_new(&options, &pool);

        (void)context;
        if (r == 0)
                pail_pool_free(pool);
        return r;
}

static void test_failing_allocations(void **state)
{
        (void)state;
        assert_true(test_alloc_each(make_and_free, NULL) >= 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_options_are_checked),
                cmocka_unit_test(test_floors_hold_against_other_classes),
                cmocka_unit_test(test_waiting_is_all_or_none_and_in_order),
                cmocka_unit_test(test_interrupted_waiter_lets_the_next_one_pass),
                cmocka_unit_test(test_impossible_is_refused_at_once),
                cmocka_unit_test(test_memory_of_others_displaces_the_pool_s),
                cmocka_unit_test(test_trim_gives_memory_back),
                cmocka_unit_test(test_pretouched_memory_is_used_first),
                cmocka_unit_test(test_failing_allocations),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
