/* SPDX-License-Identifier: Apache-2.0 */
/* Operations that change something, and answers that leave it open whether they did. */
#include <fcntl.h>
#include <sys/mman.h>

#include "../fixture.h"
#include "pail/util/cleanup.h"

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

static int put(struct fixture *f, bool conditional, char *etag)
{
        static char hello[] = "hello";
        const struct iovec vector = { hello, 5 };
        static char type[] = "text/x", class[] = "COLD", language[] = "de";
        struct pail_s3_headers headers = { .content_type = type, .storage_class = class, .content_language = language };
        assert_int_equal(pail_http_headers_add(&headers.metadata, "mode", "1"), 0);
        const struct pail_s3_put_input input = {
                .bucket = "b",
                .key = "k",
                .headers = &headers,
                .tagging = "a=b",
                .body = { .vector = &vector, .vector_count = 1, .fd = -1, .size_bytes = 5 },
                .conditions = { .if_none_match = conditional, .if_match = conditional ? NULL : "old" },
        };
        int r = pail_s3_put_object(f->client, &input, etag, NULL);
        pail_http_headers_done(&headers.metadata);
        return r;
}

static void test_put(void **state)
{
        struct fixture *f = *state;
        char etag[PAIL_S3_ETAG_SIZE];
        fixture_answers(f, ANSWER("200 OK", "ETag: \"new\"\r\n", ""), NULL);
        assert_int_equal(put(f, false, etag), 0);
        assert_string_equal(etag, "new");
        assert_string_equal(f->requests[0].body, "hello");
        assert_string_equal(sent(f, 0, "Content-Type"), "text/x");
        assert_string_equal(sent(f, 0, "Content-Language"), "de");
        assert_string_equal(sent(f, 0, "x-amz-meta-mode"), "1");
        assert_string_equal(sent(f, 0, "x-amz-storage-class"), "COLD");
        assert_string_equal(sent(f, 0, "x-amz-tagging"), "a=b");
        assert_string_equal(sent(f, 0, "If-Match"), "old");
        assert_null(sent(f, 0, "If-None-Match"));
        assert_null(sent(f, 0, "Expect"));
        assert_string_equal(sent(f, 0, "x-amz-content-sha256"),
                            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        fixture_answers(f, ANSWER("200 OK", "", ""), NULL);
        assert_int_equal(put(f, false, etag), -EPROTO);
}

static void test_large_body_asks_first(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_part part = { .part_number = 3, .checksum = "x" };
        _cleanup_close_ int fd = memfd_create("body", MFD_CLOEXEC);
        assert_int_equal(ftruncate(fd, 1 << 20), 0);
        const struct pail_s3_part_input input = { .bucket = "b",
                                                  .key = "k",
                                                  .upload_id = "u+",
                                                  .part_number = 3,
                                                  .body = { .fd = fd, .size_bytes = 1 << 20 } };
        fixture_answers(f, ANSWER("200 OK", "ETag: \"p\"\r\n", ""), NULL);
        assert_int_equal(pail_s3_upload_part(f->client, &input, &part, NULL), 0);
        assert_string_equal(sent(f, 0, "Expect"), "100-continue");
        assert_string_equal(f->requests[0].head.target, "/b/k?partNumber=3&uploadId=u%2B");
        assert_string_equal(part.etag, "p");
        assert_string_equal(part.checksum, "");
}

#define HELLO "5d41402abc4b2a76b9719d911017c592"

/* Sent again, the object meets itself. */
static void test_conditional_put_in_doubt(void **state)
{
        struct fixture *f = *state;
        char etag[PAIL_S3_ETAG_SIZE];
        fixture_answers(f, ANSWER_CLOSE, ERROR("412 No", "PreconditionFailed"),
                        ANSWER("200 OK", "ETag: \"" HELLO "\"\r\nContent-Length: 5\r\nx-amz-meta-mode: 1\r\n", ""),
                        NULL);
        assert_int_equal(put(f, true, etag), 0);
        assert_string_equal(etag, HELLO);
        assert_string_equal(f->requests[2].head.method, "HEAD");
        static const char *const others[] = {
                ANSWER("200 OK", "ETag: \"" HELLO "\"\r\nContent-Length: 5\r\nx-amz-meta-mode: 2\r\n", ""),
                ANSWER("200 OK", "ETag: \"" HELLO "\"\r\nContent-Length: 5\r\n", ""),
                ANSWER("200 OK", "ETag: \"" HELLO "\"\r\nContent-Length: 6\r\nx-amz-meta-mode: 1\r\n", ""),
                ANSWER("200 OK", "ETag: \"x\"\r\nContent-Length: 5\r\nx-amz-meta-mode: 1\r\n", ""),
                ERROR("404 No", "NoSuchKey"),
        };
        for (size_t i = 0; i < TEST_COUNT(others); i++) {
                fixture_answers(f, ANSWER_CLOSE, ERROR("412 No", "PreconditionFailed"), others[i], NULL);
                assert_int_equal(put(f, true, etag), -ESTALE);
        }
        /* No doubt: the first attempt was refused. */
        fixture_answers(f, ERROR("412 No", "PreconditionFailed"), NULL);
        assert_int_equal(put(f, true, etag), -ESTALE);
        assert_int_equal(fixture_requests(f), 1);
        fixture_answers(f, ERROR("503 Slow", "SlowDown"), ERROR("412 No", "PreconditionFailed"), others[0], NULL);
        assert_int_equal(put(f, true, etag), -ESTALE);
}

#define COMPLETED(etag)                                                                                                \
        ANSWER("200 OK", XML, "<CompleteMultipartUploadResult><ETag>" etag "</ETag></CompleteMultipartUploadResult>")

static int complete(struct fixture *f, const char *first_etag, char *etag, struct pail_error *error)
{
        struct pail_s3_part parts[2] = { { 1, 10, "" }, { 2, 5, HELLO } };
        snprintf(parts[0].etag, sizeof(parts[0].etag), "%s", first_etag);
        *error = PAIL_ERROR_INIT;
        return pail_s3_complete_multipart_upload(f->client, "b", "k", "u", parts, 2, NULL, etag, error);
}

/* md5(unhex(HELLO HELLO))-2, as the library sees it: read from the answer that has no ETag of its own. */
static void expected_etag(struct fixture *f, char *ret_etag)
{
        struct pail_error error;
        fixture_answers(f, COMPLETED(""), NULL);
        assert_int_equal(complete(f, HELLO, ret_etag, &error), 0);
        assert_int_equal(fixture_requests(f), 1);
        assert_string_equal(ret_etag, "616b22817b80eed9f65c3aa38cd29054-2");
}

static void test_complete(void **state)
{
        struct fixture *f = *state;
        char etag[PAIL_S3_ETAG_SIZE];
        struct pail_error error;
        fixture_answers(f, COMPLETED("&quot;x-2&quot;"), NULL);
        assert_int_equal(complete(f, HELLO, etag, &error), 0);
        assert_string_equal(etag, "x-2");
        assert_string_equal(f->requests[0].body,
                            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                            "<Part><PartNumber>1</PartNumber><ETag>&quot;" HELLO "&quot;</ETag></Part>"
                            "<Part><PartNumber>2</PartNumber><ETag>&quot;" HELLO "&quot;</ETag></Part>"
                            "</CompleteMultipartUpload>");
        /* An ETag that cannot be worked out is asked for. */
        fixture_answers(f, COMPLETED(""), ANSWER("200 OK", "ETag: \"h\"\r\nContent-Length: 15\r\n", ""), NULL);
        assert_int_equal(complete(f, "no-md5", etag, &error), 0);
        assert_string_equal(etag, "h");
}

static void test_complete_in_doubt(void **state)
{
        struct fixture *f = *state;
        char etag[PAIL_S3_ETAG_SIZE], ours[PAIL_S3_ETAG_SIZE], there[2][200];
        struct pail_error error;
        expected_etag(f, ours);
        snprintf(there[0], sizeof(there[0]), ANSWER("200 OK", "ETag: \"%s\"\r\nContent-Length: 15\r\n", ""), ours);
        snprintf(there[1], sizeof(there[1]), ANSWER("200 OK", "ETag: \"%s\"\r\nContent-Length: 16\r\n", ""), ours);
        fixture_answers(f, ANSWER_CLOSE, ERROR("404 No", "NoSuchUpload"), there[0], NULL);
        assert_int_equal(complete(f, HELLO, etag, &error), 0);
        assert_string_equal(etag, ours);
        fixture_answers(f, ANSWER_CLOSE, ERROR("412 No", "PreconditionFailed"), there[0], NULL);
        assert_int_equal(complete(f, HELLO, etag, &error), 0);
        fixture_answers(f, ERROR("404 No", "NoSuchUpload"), there[1], NULL);
        assert_int_equal(complete(f, HELLO, etag, &error), -ENOENT);
        assert_string_equal(error.code, "NoSuchUpload");
        fixture_answers(f, ERROR("412 No", "PreconditionFailed"), there[0], NULL);
        assert_int_equal(complete(f, HELLO, etag, &error), -ESTALE);
        assert_int_equal(fixture_requests(f), 1);
        /* The server fails and fails: the upload is gone and the object is another's. */
        fixture_answers(f, ERROR("500 No", "InternalError"), ERROR("500 No", "InternalError"),
                        ERROR("500 No", "InternalError"), there[1], ERROR("404 No", "NoSuchUpload"), NULL);
        assert_int_equal(complete(f, HELLO, etag, &error), -ENOENT);
        assert_string_equal(error.code, "NoSuchUpload");
        assert_int_equal(fixture_requests(f), 5);
}

static const char *const keys[] = { "a", "b&<", "bell\x07", "c" };

static void test_delete_objects(void **state)
{
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        size_t failed = 99;
        fixture_answers(f, ANSWER("200 OK", XML, "<DeleteResult></DeleteResult>"), ANSWER("204 No", "", ""), NULL);
        assert_int_equal(pail_s3_delete_objects(f->client, "b", keys, 4, &failed, &error), 0);
        assert_int_equal(failed, 0);
        assert_string_equal(f->requests[0].head.target, "/b?delete");
        assert_non_null(sent(f, 0, "Content-MD5"));
        assert_non_null(strstr(f->requests[0].body,
                               "<Quiet>true</Quiet><Object><Key>a</Key></Object>"
                               "<Object><Key>b&amp;&lt;</Key></Object><Object><Key>c</Key></Object>"));
        assert_string_equal(f->requests[1].head.method, "DELETE");
        assert_string_equal(f->requests[1].head.target, "/b/bell%07");
}

#define FAILED(key, code) "<Error><Key>" key "</Key><Code>" code "</Code><Message>m</Message></Error>"

/* Ceph tells an empty version id of keys that were named without one; they get another try all the same. */
static void test_versions_that_fail(void **state)
{
        struct fixture *f = *state;
        static const char *const names[] = { "a", "b" }, *const versions[] = { NULL, "v" };
        struct pail_bucket *bucket = NULL;
        assert_int_equal(pail_bucket_new(f->client, "bucket", &bucket), 0);
        fixture_answers(
                f,
                ANSWER("200 OK", XML,
                       "<DeleteResult><Error><Key>a</Key><VersionId></VersionId><Code>InternalError</Code></Error>"
                       "</DeleteResult>"),
                ANSWER("204 No", "", ""), NULL);
        assert_int_equal(pail_bucket_delete_versions(bucket, names, versions, 2, NULL), 0);
        assert_int_equal(fixture_requests(f), 2);
        assert_string_equal(f->requests[1].head.method, "DELETE");
        assert_string_equal(f->requests[1].head.target, "/bucket/a");
        pail_bucket_unref(bucket);
}

static void test_keys_that_fail(void **state)
{
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        size_t failed = 99;
        static const char *const plain[] = { "a", "b", "c", "d" };
        fixture_answers(f,
                        ANSWER("200 OK", XML,
                               "<DeleteResult>" FAILED("a", "AccessDenied") FAILED("b", "InternalError")
                                       FAILED("c", "AccessDenied") FAILED("d", "NoSuchKey") "</DeleteResult>"),
                        ANSWER("204 No", "", ""), NULL);
        assert_int_equal(pail_s3_delete_objects(f->client, "b", plain, 4, &failed, &error), -EACCES);
        assert_int_equal(failed, 2);
        assert_string_equal(error.message,
                            "access denied: the server says: m [AccessDenied] (DeleteObjects of s3://b/a)");
        assert_int_equal(fixture_requests(f), 2);
        assert_string_equal(f->requests[1].head.target, "/b/b");

        fixture_answers(f, ERROR("403 No", "AccessDenied"), NULL);
        assert_int_equal(pail_s3_delete_objects(f->client, "b", plain, 4, &failed, &error), -EACCES);
        assert_int_equal(failed, 4);
        assert_int_equal(fixture_requests(f), 1);
}

static void test_no_bulk_delete(void **state)
{
        struct fixture *f = *state;
        static const char *const plain[] = { "a", "b" };
        fixture_answers(f, ERROR("405 No", "MethodNotAllowed"), ANSWER("204 No", "", ""), NULL);
        assert_int_equal(pail_s3_delete_objects(f->client, "b", plain, 2, NULL, NULL), 0);
        assert_int_equal(fixture_requests(f), 3);
        fixture_answers(f, ANSWER("204 No", "", ""), NULL);
        assert_int_equal(pail_s3_delete_objects(f->client, "b", plain, 2, NULL, NULL), 0);
        assert_int_equal(fixture_requests(f), 2);
        static const char *many[PAIL_S3_PAGE_MAX + 1];
        assert_int_equal(pail_s3_delete_objects(f->client, "b", many, PAIL_S3_PAGE_MAX + 1, NULL, NULL), -EINVAL);
}

static void test_absent_is_success(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, ERROR("404 No", "NoSuchKey"), NULL);
        assert_int_equal(pail_s3_delete_object(f->client, "b", "k", NULL), 0);
        fixture_answers(f, ERROR("404 No", "NoSuchBucket"), NULL);
        assert_int_equal(pail_s3_delete_object(f->client, "b", "k", NULL), -ENOENT);
        fixture_answers(f, ERROR("404 No", "NoSuchUpload"), NULL);
        assert_int_equal(pail_s3_abort_multipart_upload(f->client, "b", "k", "u", NULL), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_put),
                TEST(test_large_body_asks_first),
                TEST(test_conditional_put_in_doubt),
                TEST(test_complete),
                TEST(test_complete_in_doubt),
                TEST(test_delete_objects),
                TEST(test_versions_that_fail),
                TEST(test_keys_that_fail),
                TEST(test_no_bulk_delete),
                TEST(test_absent_is_success),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
