/* SPDX-License-Identifier: Apache-2.0 */
/* The grid of parts of an upload. */
#include "../../support/test.h"
#include "s3/transfer/part_grid.h"

#include "pail/s3/transfer.h"

static const uint64_t MIB = 1 << 20, GIB = 1 << 30;

static void test_begin(void **state)
{
        (void)state;
        assert_int_equal(pail_part_grid_offset(8 * MIB, 1), 0);
        assert_int_equal(pail_part_grid_size(8 * MIB, 1), 8 * MIB);
        assert_int_equal(pail_part_grid_offset(8 * MIB, 2), 8 * MIB);
        assert_int_equal(pail_part_grid_at(8 * MIB, 0), 1);
        assert_int_equal(pail_part_grid_at(8 * MIB, 8 * MIB - 1), 1);
        assert_int_equal(pail_part_grid_at(8 * MIB, 8 * MIB), 2);
}

/* Parts follow each other without gap, grow, stay within what S3 takes, and are found by their offsets. */
static void walk(uint64_t part_size, uint64_t reach)
{
        uint64_t offset = 0, before = 0;
        for (unsigned n = 1; n <= PAIL_S3_PARTS_MAX; n++) {
                uint64_t size = pail_part_grid_size(part_size, n);
                assert_int_equal(pail_part_grid_offset(part_size, n), offset);
                assert_true(size >= before && size >= PAIL_S3_PART_MIN && size <= PAIL_S3_PART_LIMIT);
                assert_int_equal(pail_part_grid_at(part_size, offset), n);
                assert_int_equal(pail_part_grid_at(part_size, offset + size - 1), n);
                offset += size;
                before = size;
        }
        assert_true(offset >= reach);
        assert_true(pail_part_grid_at(part_size, offset) > PAIL_S3_PARTS_MAX);
        assert_true(pail_part_grid_at(part_size, UINT64_MAX) > PAIL_S3_PARTS_MAX);
}

static void test_grid(void **state)
{
        (void)state;
        walk(5 * MIB, 37 * 1024 * GIB);
        walk(8 * MIB, 37 * 1024 * GIB);
        walk(5 * MIB + 1, 37 * 1024 * GIB);
        walk(100 * MIB + 12345, 40 * 1024 * GIB);
        walk(5 * GIB, 48 * 1024 * GIB);
}

static void test_bad_part_sizes(void **state)
{
        (void)state;
        struct pail_bucket *bucket = NULL;
        assert_int_equal(pail_bucket_new(NULL, "b", &bucket), 0);
        struct pail_upload_options options = { .bucket = bucket, .key = "k", .fd = -1, .part_size_bytes = 5 * MIB - 1 };
        struct pail_upload *upload = NULL;
        assert_int_equal(pail_upload_new(&options, &upload), -EINVAL);
        options.part_size_bytes = 5 * GIB + 1;
        assert_int_equal(pail_upload_new(&options, &upload), -EINVAL);
        options.part_size_bytes = 5 * GIB;
        assert_int_equal(pail_upload_new(&options, &upload), 0);
        assert_false(pail_upload_is_begun(upload));
        pail_upload_free(upload);
        pail_upload_free(NULL);
        pail_bucket_unref(bucket);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_begin),
                cmocka_unit_test(test_grid),
                cmocka_unit_test(test_bad_part_sizes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
