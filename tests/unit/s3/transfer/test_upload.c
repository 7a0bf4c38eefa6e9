/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads of a file: what is sent, and what happens when the server loses or refuses some of it. */
#include <errno.h>
#include <sys/mman.h>

#include "../fixture.h"
#include "pail/util/cleanup.h"

#define CREATED                                                                                                        \
        ANSWER("200 OK", XML, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
#define STORED ANSWER("200 OK", "ETag: \"e\"\r\n", "")
#define COMPLETED                                                                                                      \
        ANSWER("200 OK", XML, "<CompleteMultipartUploadResult><ETag>\"x-3\"</ETag></CompleteMultipartUploadResult>")
#define ABORTED ANSWER("204 No Content", "", "")
#define LOST ERROR("404 Not Found", "NoSuchUpload")
#define REFUSED ERROR("400 Bad Request", "EntityTooLarge")
#define UNREADABLE ERROR("400 Bad Request", "InvalidRequest")

enum { PART = 5 << 20, SIZE = 2 * PART + (1 << 20) };

/* Three parts, one at a time, so that the requests have one order. */
static struct pail_upload *make_upload(struct fixture *f, enum pail_s3_checksum checksum, const char *tagging,
                                       int *ret_fd)
{
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = NULL;
        struct pail_upload *upload = NULL;
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .checksum = checksum });
        *ret_fd = memfd_create("upload", MFD_CLOEXEC);
        assert_int_equal(ftruncate(*ret_fd, SIZE), 0);
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        const struct pail_upload_options options = { .bucket = bucket,
                                                     .key = "k",
                                                     .tagging = tagging,
                                                     .fd = *ret_fd,
                                                     .part_size_bytes = PART,
                                                     .max_parts_in_flight = 1 };
        assert_int_equal(pail_upload_new(&options, &upload), 0);
        return upload;
}

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

static void assert_request(struct fixture *f, unsigned request, const char *method, const char *target)
{
        assert_string_equal(f->requests[request].head.method, method);
        assert_string_equal(f->requests[request].head.target, target);
}

#define PART_TARGET(number) "/b/k?partNumber=" number "&uploadId=u"

static void test_one_part(void **state)
{
        struct fixture *f = *state;
        _cleanup_close_ int fd = -1;
        char etag[PAIL_S3_ETAG_SIZE];
        _cleanup_(pail_upload_free_p) struct pail_upload *upload = make_upload(f, PAIL_S3_CHECKSUM_NONE, "a=b", &fd);
        fixture_answers(f, STORED, NULL);
        assert_int_equal(pail_upload_advance(upload, PART, NULL), 0);
        assert_false(pail_upload_is_begun(upload));
        assert_int_equal(pail_upload_finish(upload, PART, NULL, etag, NULL), 0);
        assert_string_equal(etag, "e");
        assert_int_equal(fixture_requests(f), 1);
        assert_request(f, 0, "PUT", "/b/k");
        assert_string_equal(sent(f, 0, "x-amz-tagging"), "a=b");
}

static void test_a_file_that_grows(void **state)
{
        struct fixture *f = *state;
        _cleanup_close_ int fd = -1;
        char etag[PAIL_S3_ETAG_SIZE];
        _cleanup_(pail_upload_free_p) struct pail_upload *upload = make_upload(f, PAIL_S3_CHECKSUM_NONE, NULL, &fd);
        fixture_answers(f, CREATED, STORED, STORED, STORED, COMPLETED, NULL);
        assert_int_equal(pail_upload_advance(upload, PART + 1, NULL), 0);
        assert_true(pail_upload_is_begun(upload));
        assert_int_equal(pail_upload_finish(upload, SIZE, NULL, etag, NULL), 0);
        assert_string_equal(etag, "x-3");
        assert_false(pail_upload_is_begun(upload));
        assert_int_equal(fixture_requests(f), 5);
        assert_request(f, 0, "POST", "/b/k?uploads");
        assert_request(f, 1, "PUT", PART_TARGET("1"));
        assert_request(f, 2, "PUT", PART_TARGET("2"));
        assert_request(f, 3, "PUT", PART_TARGET("3"));
        assert_request(f, 4, "POST", "/b/k?uploadId=u");
}

static void test_an_upload_that_is_lost(void **state)
{
        struct fixture *f = *state;
        _cleanup_close_ int fd = -1;
        char etag[PAIL_S3_ETAG_SIZE];
        _cleanup_(pail_upload_free_p) struct pail_upload *upload = make_upload(f, PAIL_S3_CHECKSUM_NONE, NULL, &fd);
        fixture_answers(f, CREATED, STORED, LOST, ABORTED, CREATED, STORED, STORED, STORED, COMPLETED, NULL);
        assert_int_equal(pail_upload_finish(upload, SIZE, NULL, etag, NULL), 0);
        assert_int_equal(fixture_requests(f), 9);
        assert_request(f, 3, "DELETE", "/b/k?uploadId=u");
        assert_request(f, 5, "PUT", PART_TARGET("1"));
        /* Twice is a failure; what is left is aborted at the end. */
        fixture_answers(f, CREATED, LOST, ABORTED, CREATED, LOST, ABORTED, NULL);
        assert_int_equal(pail_upload_finish(upload, SIZE, NULL, etag, NULL), -ENOENT);
        assert_int_equal(fixture_requests(f), 5);
        pail_upload_abort(upload);
        assert_int_equal(fixture_requests(f), 6);
        assert_request(f, 5, "DELETE", "/b/k?uploadId=u");
}

/* What S3 has is kept. */
static void test_a_part_that_is_refused(void **state)
{
        struct fixture *f = *state;
        _cleanup_close_ int fd = -1;
        char etag[PAIL_S3_ETAG_SIZE];
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_(pail_upload_free_p) struct pail_upload *upload = make_upload(f, PAIL_S3_CHECKSUM_NONE, NULL, &fd);
        fixture_answers(f, CREATED, STORED, REFUSED, STORED, STORED, COMPLETED, NULL);
        assert_int_equal(pail_upload_finish(upload, SIZE, NULL, etag, &error), -EFBIG);
        assert_int_equal(fixture_requests(f), 3);
        assert_int_equal(pail_upload_advance(upload, SIZE, NULL), -EFBIG); /* until it is finished anew */
        assert_int_equal(pail_upload_finish(upload, SIZE, NULL, etag, &error), 0);
        assert_int_equal(fixture_requests(f), 6);
        assert_request(f, 3, "PUT", PART_TARGET("2"));
        assert_request(f, 4, "PUT", PART_TARGET("3"));
}

/* The server takes the name of the algorithm but not the checksums: that is found out by the first part. */
static void test_checksums_that_are_refused(void **state)
{
        struct fixture *f = *state;
        _cleanup_close_ int fd = -1;
        char etag[PAIL_S3_ETAG_SIZE];
        _cleanup_(pail_upload_free_p) struct pail_upload *upload = make_upload(f, PAIL_S3_CHECKSUM_AUTO, NULL, &fd);
        fixture_answers(f, CREATED, UNREADABLE, STORED, UNREADABLE, ABORTED, CREATED, STORED, STORED, STORED, COMPLETED,
                        NULL);
        assert_int_equal(pail_upload_finish(upload, SIZE, NULL, etag, NULL), 0);
        assert_int_equal(fixture_requests(f), 10);
        assert_string_equal(sent(f, 0, "x-amz-checksum-algorithm"), "CRC32C");
        assert_non_null(sent(f, 1, "x-amz-checksum-crc32c"));
        assert_null(sent(f, 2, "x-amz-checksum-crc32c"));
        assert_request(f, 4, "DELETE", "/b/k?uploadId=u");
        assert_null(sent(f, 5, "x-amz-checksum-algorithm"));
}

static void test_tags_that_are_not_taken(void **state)
{
        struct fixture *f = *state;
        _cleanup_close_ int fd = -1;
        char etag[PAIL_S3_ETAG_SIZE];
        _cleanup_(pail_upload_free_p) struct pail_upload *upload = make_upload(f, PAIL_S3_CHECKSUM_NONE, "a=b", &fd);
        fixture_answers(f, CREATED, STORED, STORED, STORED, COMPLETED,
                        ANSWER("200 OK", "ETag: \"x-3\"\r\nContent-Length: 11534336\r\n", ""), STORED, NULL);
        assert_int_equal(pail_upload_finish(upload, SIZE, NULL, etag, NULL), 0);
        assert_int_equal(fixture_requests(f), 7);
        assert_string_equal(sent(f, 0, "x-amz-tagging"), "a=b");
        assert_request(f, 5, "HEAD", "/b/k");
        assert_request(f, 6, "PUT", "/b/k?tagging");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_one_part),
                TEST(test_a_file_that_grows),
                TEST(test_an_upload_that_is_lost),
                TEST(test_a_part_that_is_refused),
                TEST(test_checksums_that_are_refused),
                TEST(test_tags_that_are_not_taken),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
