/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads some of whose parts are copied, on servers that do not take that as Amazon S3 does. */
#include <errno.h>
#include <sys/mman.h>

#include "../fixture.h"
#include "pail/util/cleanup.h"

#define CREATED                                                                                                        \
        ANSWER("200 OK", XML, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
#define STORED ANSWER("200 OK", "ETag: \"e\"\r\n", "")
#define PART_COPIED ANSWER("200 OK", XML, "<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>")
#define BASE ANSWER("200 OK", "ETag: \"base\"\r\nContent-Length: 12582912\r\n", "")
#define COMPLETED                                                                                                      \
        ANSWER("200 OK", XML, "<CompleteMultipartUploadResult><ETag>\"x-3\"</ETag></CompleteMultipartUploadResult>")
#define ABORTED ANSWER("204 No Content", "", "")
#define REFUSED ERROR("400 Bad Request", "InvalidArgument")

enum { PART = 5 << 20, SIZE = 2 * PART + (1 << 20) };

/* The second of three parts has changed. */
static int prepare(void *context, uint64_t offset, uint64_t size_bytes, bool offer_copy,
                   enum pail_upload_part_kind *ret_kind)
{
        unsigned *offers = context;
        (void)size_bytes;
        *offers += offer_copy;
        *ret_kind = offer_copy && offset != PART ? PAIL_UPLOAD_COPY : PAIL_UPLOAD_DATA;
        return 0;
}

/* Returns how many copies were offered. */
static unsigned upload(struct fixture *f, const struct pail_s3_conditions *conditions, int expected)
{
        _cleanup_close_ int fd = memfd_create("upload", MFD_CLOEXEC);
        assert_int_equal(ftruncate(fd, SIZE), 0);
        struct pail_bucket *bucket = NULL;
        struct pail_upload *upload = NULL;
        unsigned offers = 0;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        const struct pail_upload_options options = { .bucket = bucket,
                                                     .key = "k",
                                                     .fd = fd,
                                                     .source = { .prepare = prepare, .context = &offers },
                                                     .copy_key = "k",
                                                     .copy_etag = "base",
                                                     .copy_size_bytes = SIZE,
                                                     .part_size_bytes = PART,
                                                     .max_parts_in_flight = 1 };
        assert_int_equal(pail_upload_new(&options, &upload), 0);
        char etag[PAIL_S3_ETAG_SIZE];
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_upload_finish(upload, NULL, NULL, SIZE, conditions, etag, &error);
        if (r != expected)
                fail_msg("%d: %s", r, error.message);
        pail_upload_free(upload);
        pail_bucket_unref(bucket);
        return offers;
}

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

static void use(struct fixture *f, enum pail_s3_checksum checksum)
{
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .checksum = checksum });
}

/* Create, copy, data, copy, the look at the base, complete: from the request on that is given. */
static void assert_without_checksums(struct fixture *f, unsigned first, const char *md5)
{
        assert_null(sent(f, first, "x-amz-checksum-algorithm"));
        assert_non_null(sent(f, first + 1, "x-amz-copy-source"));
        assert_null(sent(f, first + 2, "x-amz-checksum-crc32c"));
        assert_null(sent(f, first + 2, "x-amz-checksum-crc64nvme"));
        if (md5)
                assert_string_equal(sent(f, first + 2, "Content-MD5"), md5);
        else
                assert_null(sent(f, first + 2, "Content-MD5"));
        assert_non_null(sent(f, first + 3, "x-amz-copy-source"));
        assert_string_equal(f->requests[first + 4].head.method, "HEAD");
        assert_null(strstr(f->requests[first + 5].body, "Checksum"));
}

static void test_a_server_that_copies_into_what_has_no_checksums(void **state)
{
        static const struct {
                enum pail_s3_checksum checksum;
                const char *algorithm, *md5;
        } cases[] = {
                { PAIL_S3_CHECKSUM_AUTO, "CRC32C", NULL },
                { PAIL_S3_CHECKSUM_CRC32C, "CRC32C", "XzY+DlipXwbL6bvGYsXftg==" }, /* asked for: so in another way */
                { PAIL_S3_CHECKSUM_CRC64NVME, "CRC64NVME", "XzY+DlipXwbL6bvGYsXftg==" },
        };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                use(f, cases[i].checksum);
                fixture_answers(f, CREATED, REFUSED, ABORTED, CREATED, PART_COPIED, STORED, PART_COPIED, BASE,
                                COMPLETED, NULL);
                assert_int_equal(upload(f, NULL, 0), 2 + 3); /* the second is prepared while the first is sent */
                assert_int_equal(fixture_requests(f), 9);
                assert_string_equal(sent(f, 0, "x-amz-checksum-algorithm"), cases[i].algorithm);
                assert_string_equal(f->requests[2].head.method, "DELETE");
                assert_without_checksums(f, 3, cases[i].md5);
                /* Remembered. */
                fixture_answers(f, CREATED, PART_COPIED, STORED, PART_COPIED, BASE, COMPLETED, NULL);
                assert_int_equal(upload(f, NULL, 0), 3);
                assert_int_equal(fixture_requests(f), 6);
                assert_without_checksums(f, 0, cases[i].md5);
        }
}

/* A source that has no checksum to give: the end is refused. */
static void test_a_server_that_refuses_the_end(void **state)
{
        static const char *const refusals[] = { ERROR("400 Bad Request", "InvalidRequest"),
                                                ERROR("400 Bad Request", "InvalidPart") };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(refusals); i++) {
                use(f, PAIL_S3_CHECKSUM_AUTO);
                fixture_answers(f, CREATED, PART_COPIED, STORED, PART_COPIED, BASE, refusals[i], ABORTED, CREATED,
                                PART_COPIED, STORED, PART_COPIED, BASE, COMPLETED, NULL);
                (void)upload(f, NULL, 0);
                assert_int_equal(fixture_requests(f), 13);
                assert_without_checksums(f, 7, NULL);
        }
}

/* That was not it: the cause is told, after one more try, and nothing is learned. */
static void test_another_cause(void **state)
{
        struct fixture *f = *state;
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, CREATED, REFUSED, ABORTED, CREATED, REFUSED, ABORTED, NULL);
        (void)upload(f, NULL, -EINVAL);
        assert_int_equal(fixture_requests(f), 6);
        fixture_answers(f, CREATED, PART_COPIED, STORED, PART_COPIED, BASE, COMPLETED, NULL);
        (void)upload(f, NULL, 0);
        assert_string_equal(sent(f, 0, "x-amz-checksum-algorithm"), "CRC32C");
        assert_non_null(sent(f, 2, "x-amz-checksum-crc32c"));
}

static void test_a_server_that_does_not_copy_parts(void **state)
{
        struct fixture *f = *state;
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, CREATED, ERROR("501 Not Implemented", "NotImplemented"), ABORTED, CREATED, STORED, STORED,
                        STORED, COMPLETED, NULL);
        assert_int_equal(upload(f, NULL, 0), 2);
        assert_int_equal(fixture_requests(f), 8);
        assert_string_equal(sent(f, 3, "x-amz-checksum-algorithm"), "CRC32C");
        for (unsigned i = 4; i < 7; i++) {
                assert_null(sent(f, i, "x-amz-copy-source"));
                assert_non_null(sent(f, i, "x-amz-checksum-crc32c"));
        }
        /* The next is not offered any. */
        fixture_answers(f, CREATED, STORED, STORED, STORED, COMPLETED, NULL);
        assert_int_equal(upload(f, NULL, 0), 0);
        assert_int_equal(fixture_requests(f), 5);
}

static void test_an_end_under_conditions(void **state)
{
        struct fixture *f = *state;
        const struct pail_s3_conditions conditions = { .if_match = "base" };
        use(f, PAIL_S3_CHECKSUM_NONE);
        fixture_answers(f, CREATED, PART_COPIED, STORED, PART_COPIED, BASE, REFUSED, BASE, COMPLETED, NULL);
        (void)upload(f, &conditions, 0);
        assert_int_equal(fixture_requests(f), 8);
        assert_string_equal(sent(f, 5, "If-Match"), "base");
        assert_null(sent(f, 7, "If-Match"));
        fixture_answers(f, CREATED, PART_COPIED, STORED, PART_COPIED, BASE, BASE, COMPLETED, NULL);
        (void)upload(f, &conditions, 0);
        assert_null(sent(f, 6, "If-Match"));
}

#define EMPTY(etag) ANSWER("200 OK", "ETag: \"" etag "\"\r\nContent-Length: 0\r\n", "")
#define WHOLE_COPIED ANSWER("200 OK", XML, "<CopyObjectResult><ETag>\"base\"</ETag></CopyObjectResult>")
#define LACKING ERROR("501 Not Implemented", "NotImplemented")

static int copy(struct fixture *f, uint64_t threshold_bytes, struct pail_error *error)
{
        struct pail_bucket *bucket = NULL;
        struct pail_object *source = NULL, *destination = NULL;
        const struct pail_object_copy_options options = { .threshold_bytes = threshold_bytes, .acl_is_default = true };
        char etag[PAIL_S3_ETAG_SIZE];
        *error = PAIL_ERROR_INIT;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_object_new(bucket, "s", &source), 0);
        assert_int_equal(pail_object_new(bucket, "d", &destination), 0);
        int r = pail_object_copy(source, destination, &options, etag, error);
        pail_object_free(source);
        pail_object_free(destination);
        pail_bucket_unref(bucket);
        return r;
}

/* A copy in parts declares none: what the server makes of that is its own. */
static void test_copy_in_parts(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        use(f, PAIL_S3_CHECKSUM_CRC32C);
        fixture_answers(f, BASE, CREATED, PART_COPIED, BASE, COMPLETED, BASE, NULL);
        assert_int_equal(copy(f, 1, &error), 0);
        assert_null(sent(f, 1, "x-amz-checksum-algorithm"));
        assert_null(strstr(f->requests[4].body, "Checksum"));
}

/* Ceph copies what is encrypted with a customer's key in parts, and not whole. */
static void test_one_way_of_copying(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, BASE, LACKING, CREATED, PART_COPIED, BASE, COMPLETED, BASE, NULL);
        assert_int_equal(copy(f, 0, &error), 0);
        assert_int_equal(fixture_requests(f), 7);
        fixture_answers(f, BASE, CREATED, PART_COPIED, BASE, COMPLETED, BASE, NULL);
        assert_int_equal(copy(f, 0, &error), 0); /* remembered */
        assert_int_equal(fixture_requests(f), 6);
        /* An empty object is one part, too. */
        fixture_answers(f, EMPTY("base"), CREATED, PART_COPIED, EMPTY("base"), COMPLETED, EMPTY("x-3"), NULL);
        assert_int_equal(copy(f, 0, &error), 0);
        assert_non_null(sent(f, 2, "x-amz-copy-source"));
        assert_null(sent(f, 2, "x-amz-copy-source-range"));
        /* The other way round. */
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, BASE, CREATED, LACKING, ABORTED, WHOLE_COPIED, NULL);
        assert_int_equal(copy(f, 1, &error), 0);
        assert_int_equal(fixture_requests(f), 5);
        fixture_answers(f, BASE, WHOLE_COPIED, NULL);
        assert_int_equal(copy(f, 1, &error), 0);
        assert_int_equal(fixture_requests(f), 2);
        /* None. */
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, BASE, LACKING, CREATED, LACKING, ABORTED, NULL);
        assert_int_equal(copy(f, 0, &error), -EOPNOTSUPP);
        assert_true(pail_s3_error_is_unsupported(&error));
        assert_non_null(strstr(error.message, "cannot copy objects"));
        fixture_answers(f, BASE, LACKING, NULL);
        assert_int_equal(copy(f, 0, &error), -EOPNOTSUPP);
        assert_int_equal(fixture_requests(f), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_a_server_that_copies_into_what_has_no_checksums),
                TEST(test_a_server_that_refuses_the_end),
                TEST(test_another_cause),
                TEST(test_a_server_that_does_not_copy_parts),
                TEST(test_an_end_under_conditions),
                TEST(test_copy_in_parts),
                TEST(test_one_way_of_copying),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
