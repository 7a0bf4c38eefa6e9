/* SPDX-License-Identifier: Apache-2.0 */
/* Access points in requests: what a copy names as its source, and what is refused before anything is sent. */
#include "../fixture.h"

#include <errno.h>

#define ARN "arn:aws:s3:us-west-2:123456789012:accesspoint/name"
#define COPIED ANSWER("200 OK", XML, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>")

static void assert_copy_source(struct fixture *f, const char *bucket, const char *key, const char *expected)
{
        const struct pail_s3_copy_input copy = {
                .bucket = "b-1", .key = "k", .source_bucket = bucket, .source_key = key
        };
        struct pail_error error = PAIL_ERROR_INIT;
        char etag[PAIL_S3_ETAG_SIZE];
        fixture_answers(f, COPIED, NULL);
        if (pail_s3_copy_object(f->client, &copy, etag, &error) != 0)
                fail_msg("%s", error.message);
        assert_string_equal(seen_header(&f->requests[0].head, "x-amz-copy-source"), expected);
}

static void test_copy_source(void **state)
{
        struct fixture *f = *state;
        assert_copy_source(f, "bucket", "a/b c", "bucket/a/b%20c");
        assert_copy_source(f, ARN, "a/b c",
                           "arn%3Aaws%3As3%3Aus-west-2%3A123456789012%3Aaccesspoint/name/object/a/b%20c");
}

/* The fixture's endpoint is an address, before which no name can stand. */
static void test_refused(void **state)
{
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        fixture_answers(f, COPIED, NULL);
        assert_int_equal(pail_s3_delete_object(f->client, ARN, "k", &error), -EINVAL);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        assert_int_equal(fixture_requests(f), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(test_copy_source), TEST(test_refused) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
