/* SPDX-License-Identifier: Apache-2.0 */
/* The short way of a read: what is all base is read there, and nothing else is. */
#include "fs/data/base.h"

#include "fake_remote.h"

enum { OBJECT_BYTES = 1000 };

static struct fake_remote fake;
static struct pail_data_engine *engine;
static struct pail_base base;

/* A file of that many bytes, over an object of OBJECT_BYTES of which data_bytes show. */
static void make_base(uint64_t size_bytes, uint64_t data_bytes)
{
        PAIL_LOCK(&base.guarded.mutex);
        assert_int_equal(pail_object_data_new(engine, &fake.base, "key", "etag-1", OBJECT_BYTES, &base.guarded.data),
                         0);
        base.guarded.size_bytes = size_bytes;
        base.guarded.data_bytes = data_bytes;
}

static int setup(void **state)
{
        const struct pail_data_engine_options options = { .memory_limit_bytes = 64 * FAKE_MIB };

        (void)state;
        fake_init(&fake, OBJECT_BYTES);
        fake_serve_by_threads(&fake, 2, 0);
        assert_int_equal(pail_data_engine_new(&options, &engine), 0);
        pail_base_init(&base);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        pail_base_done(&base);
        fake_finish_all(&fake);
        pail_data_engine_free(engine);
        fake_done(&fake);
        return 0;
}

/* Reads what is all base, and expects so many bytes. */
static void expect_read(uint64_t offset, size_t size, size_t expected)
{
        struct pail_content_result result;
        int r = -1;

        assert_true(pail_base_read(&base, NULL, offset, size, &result, &r));
        assert_int_equal(r, 0);
        assert_int_equal(result.size_bytes, expected);
        if (expected)
                fake_check_result(&result, offset, expected);
        pail_content_result_done(&result);
}

static void expect_elsewhere(uint64_t offset, size_t size)
{
        struct pail_content_result result;
        int r = -1;

        assert_false(pail_base_read(&base, NULL, offset, size, &result, &r));
        assert_int_equal(r, -1);
        assert_int_equal(fake.count, 0);
}

static void test_an_unchanged_file(void **state)
{
        (void)state;
        make_base(OBJECT_BYTES, OBJECT_BYTES);
        expect_read(OBJECT_BYTES, 1, 0);
        expect_read(UINT64_MAX, SIZE_MAX, 0);
        assert_int_equal(fake.count, 0);
        expect_read(0, 10, 10);
        expect_read(900, 4096, 100);
        expect_read(0, OBJECT_BYTES, OBJECT_BYTES);
        assert_int_equal(fake.count, 1); /* one block */
}

static void test_an_empty_file(void **state)
{
        (void)state;
        expect_read(0, 4096, 0);
        expect_read(5, 1, 0);
        assert_int_equal(fake.count, 0);
}

static void test_what_was_written_is_elsewhere(void **state)
{
        (void)state;
        make_base(OBJECT_BYTES, OBJECT_BYTES);
        pail_mutex_lock(&base.guarded.mutex);
        base.guarded.is_all = false;
        pail_mutex_unlock(&base.guarded.mutex);
        expect_elsewhere(0, 10);
        expect_elsewhere(OBJECT_BYTES, 10);
}

static void test_zeros_are_elsewhere(void **state)
{
        (void)state;
        make_base(OBJECT_BYTES, 500);
        expect_elsewhere(0, 10);
        expect_elsewhere(600, 10);
}

static void test_a_failure_is_told(void **state)
{
        struct pail_content_result result;
        int r = 0;

        (void)state;
        make_base(OBJECT_BYTES, OBJECT_BYTES);
        fake.start_result = -ENETDOWN;
        assert_true(pail_base_read(&base, NULL, 0, 10, &result, &r));
        assert_int_equal(r, -ENETDOWN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_an_unchanged_file),   TEST(test_an_empty_file),     TEST(test_what_was_written_is_elsewhere),
                TEST(test_zeros_are_elsewhere), TEST(test_a_failure_is_told),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
