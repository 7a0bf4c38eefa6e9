/* SPDX-License-Identifier: Apache-2.0 */
/* Servers and proxies that lack something, or say it in their own way. */
#include <errno.h>

#include "../fixture.h"
#include "pail/util/cleanup.h"

#define COPIED ANSWER("200 OK", XML, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>")
#define PART_COPIED ANSWER("200 OK", XML, "<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>")
#define STORED ANSWER("200 OK", "ETag: \"new\"\r\n", "")
#define HTML "Content-Type: text/html\r\n"
#define PAGE "<html>no</html>"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

static unsigned warnings;
static char warning[300];

static void on_warn(void *context, const char *message)
{
        (void)context;
        snprintf(warning, sizeof(warning), "%s", message);
        warnings++;
}

static void begin(struct fixture *f)
{
        warnings = 0;
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .warn = on_warn });
}

static struct pail_bucket_features features(struct fixture *f)
{
        struct pail_bucket *bucket = NULL;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        struct pail_bucket_features found = pail_bucket_features(bucket);
        pail_bucket_unref(bucket);
        return found;
}

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

static const char *method(struct fixture *f, unsigned request)
{
        return f->requests[request].head.method;
}

static int copy(struct fixture *f, struct pail_error *error)
{
        const struct pail_s3_copy_input input = {
                .bucket = "b", .key = "k", .source_bucket = "b", .source_key = "s", .source_if_match = "e"
        };
        char etag[PAIL_S3_ETAG_SIZE];
        *error = PAIL_ERROR_INIT;
        return pail_s3_copy_object(f->client, &input, etag, error);
}

static int copy_part(struct fixture *f, struct pail_error *error)
{
        const struct pail_s3_part_input input = {
                .bucket = "b", .key = "k", .upload_id = "u", .part_number = 1, .source_bucket = "b", .source_key = "s"
        };
        struct pail_s3_part part = { .part_number = 1 };
        *error = PAIL_ERROR_INIT;
        return pail_s3_upload_part_copy(f->client, &input, &part, error);
}

static int head(struct fixture *f, uint64_t *size_bytes, struct pail_error *error)
{
        struct pail_s3_object_metadata metadata = { 0 };
        *error = PAIL_ERROR_INIT;
        int r = pail_s3_head_object(f->client, "b", "k", &metadata, error);
        if (r >= 0 && size_bytes)
                *size_bytes = metadata.size_bytes;
        pail_s3_object_metadata_done(&metadata);
        return r;
}

static const char *const lacking[] = {
        ERROR("501 Not Implemented", "NotImplemented"),
        ANSWER("501 Not Implemented", "", ""),
        ERROR("400 Bad Request", "NotImplemented"),
        ERROR("405 Method Not Allowed", "MethodNotAllowed"),
        ANSWER("405 Not Allowed", HTML, PAGE),
        /* It took the request for a PUT of no bytes. */
        ANSWER("200 OK", "ETag: \"d41d8cd98f00b204e9800998ecf8427e\"\r\n", ""),
};

static void test_a_server_that_does_not_copy(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        for (size_t i = 0; i < TEST_COUNT(lacking); i++) {
                begin(f);
                assert_int_equal(features(f).copies, PAIL_S3_UNKNOWN);
                fixture_answers(f, lacking[i], NULL);
                assert_int_equal(copy(f, &error), -EOPNOTSUPP);
                assert_int_equal(fixture_requests(f), 1);
                assert_true(pail_s3_error_is_unsupported(&error));
                assert_int_equal(pail_s3_errno(&error), -EOPNOTSUPP);
                assert_non_null(strstr(error.message, "the server cannot copy objects: "));
                assert_non_null(strstr(error.message, "CopyObject of s3://b/k"));
                assert_int_equal(features(f).copies, PAIL_S3_MISSING);
                assert_int_equal(features(f).part_copies, PAIL_S3_UNKNOWN);
                assert_int_equal(copy_part(f, &error), -EOPNOTSUPP);
                assert_non_null(strstr(error.message, "the server cannot copy parts of objects: "));
                assert_int_equal(features(f).part_copies, PAIL_S3_MISSING);
                assert_int_equal(warnings, 1);
                assert_int_equal(copy_part(f, &error), -EOPNOTSUPP); /* said once */
                assert_int_equal(warnings, 1);
        }
}

/* One object is refused where the others are copied: that is no feature that the server lacks. */
static void test_what_worked_once_is_not_missing(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        begin(f);
        fixture_answers(f, COPIED, ERROR("501 Not Implemented", "NotImplemented"), NULL);
        assert_int_equal(copy(f, &error), 0);
        assert_int_equal(copy(f, &error), -EOPNOTSUPP);
        assert_true(pail_s3_error_is_unsupported(&error));
        assert_int_equal(features(f).copies, PAIL_S3_WORKS);
        assert_int_equal(warnings, 0);
        /* What was refused first and works then works. */
        fixture_answers(f, ERROR("501 Not Implemented", "NotImplemented"), PART_COPIED, NULL);
        assert_int_equal(copy_part(f, &error), -EOPNOTSUPP);
        assert_int_equal(copy_part(f, &error), 0);
        assert_int_equal(features(f).part_copies, PAIL_S3_WORKS);
}

static void test_other_refusals_of_copies(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        begin(f);
        fixture_answers(f, ERROR("400 Bad Request", "InvalidRequest"), NULL);
        assert_int_equal(copy(f, &error), -EINVAL);
        fixture_answers(f, ERROR("403 Forbidden", "AccessDenied"), NULL);
        assert_int_equal(copy(f, &error), -EACCES);
        assert_false(pail_s3_error_is_unsupported(&error));
        assert_int_equal(features(f).copies, PAIL_S3_UNKNOWN);
        /* Nor is what another method is answered anything but a refusal. */
        fixture_answers(f, ERROR("405 Method Not Allowed", "MethodNotAllowed"), NULL);
        assert_int_equal(pail_s3_delete_object(f->client, "b", "k", &error), -EPERM);
        assert_false(pail_s3_error_is_unsupported(&error));
}

static int put_if(struct fixture *f, const char *if_match, struct pail_error *error)
{
        static char hello[] = "hello";
        const struct iovec vector = { hello, 5 };
        const struct pail_http_body body = { .vector = &vector, .vector_count = 1, .fd = -1, .size_bytes = 5 };
        const struct pail_s3_conditions conditions = { .if_match = if_match, .if_none_match = !if_match };
        struct pail_bucket *bucket = NULL;
        struct pail_object *object = NULL;
        char etag[PAIL_S3_ETAG_SIZE];
        *error = PAIL_ERROR_INIT;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_object_new(bucket, "k", &object), 0);
        int r = pail_object_put(object, NULL, &body, &conditions, etag, error);
        pail_object_free(object);
        pail_bucket_unref(bucket);
        return r;
}

#define ABSENT ANSWER("404 Not Found", "", "")
#define PRESENT(etag) ANSWER("200 OK", "ETag: \"" etag "\"\r\nContent-Length: 5\r\n", "")

static void test_conditions_that_are_refused(void **state)
{
        static const char *const refusals[] = {
                ERROR("400 Bad Request", "InvalidArgument"),
                ERROR("400 Bad Request", "NotImplemented"),
                ERROR("501 Not Implemented", "NotImplemented"),
        };
        struct fixture *f = *state;
        struct pail_error error;
        for (size_t i = 0; i < TEST_COUNT(refusals); i++) {
                begin(f);
                /* The checksum is suspected first. */
                fixture_answers(f, refusals[i], refusals[i], ABSENT, STORED, ABSENT, STORED, NULL);
                assert_int_equal(put_if(f, NULL, &error), 0);
                assert_string_equal(sent(f, 0, "If-None-Match"), "*");
                assert_string_equal(method(f, 2), "HEAD");
                assert_null(sent(f, 3, "If-None-Match"));
                assert_non_null(sent(f, 3, "x-amz-checksum-crc32c"));
                assert_int_equal(features(f).if_none_match, PAIL_S3_MISSING);
                assert_int_equal(features(f).if_match, PAIL_S3_UNKNOWN);
                assert_int_equal(warnings, 1);
                assert_non_null(strstr(warning, "conditional writes"));
                /* From then on it looks first. */
                assert_int_equal(put_if(f, NULL, &error), 0);
                assert_string_equal(method(f, 4), "HEAD");
                assert_int_equal(fixture_requests(f), 6);
                assert_int_equal(warnings, 1);
        }
        fixture_answers(f, PRESENT("other"), NULL);
        assert_int_equal(put_if(f, NULL, &error), -ESTALE);
        assert_string_equal(error.code, "PreconditionFailed");
        assert_int_equal(fixture_requests(f), 1);
        fixture_answers(f, refusals[0], refusals[0], PRESENT("other"), NULL);
        assert_int_equal(put_if(f, "mine", &error), -ESTALE);
        assert_string_equal(error.code, "PreconditionFailed");
        assert_int_equal(features(f).if_match, PAIL_S3_UNKNOWN);
        fixture_answers(f, refusals[0], refusals[0], PRESENT("mine"), STORED, NULL);
        assert_int_equal(put_if(f, "mine", &error), 0);
        assert_int_equal(features(f).if_match, PAIL_S3_MISSING);
        fixture_answers(f, PRESENT("mine"), STORED, NULL);
        assert_int_equal(put_if(f, "mine", &error), 0);
        assert_int_equal(fixture_requests(f), 2);
}

static void test_conditions_that_are_not_the_cause(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        begin(f);
        fixture_answers(f, ERROR("400 Bad Request", "InvalidArgument"), ERROR("400 Bad Request", "InvalidArgument"),
                        ABSENT, ERROR("400 Bad Request", "InvalidArgument"), NULL);
        assert_int_equal(put_if(f, NULL, &error), -EINVAL);
        assert_null(strstr(error.message, "conditional"));
        assert_int_equal(features(f).if_none_match, PAIL_S3_UNKNOWN);
        /* They are heeded: then no refusal is theirs. */
        fixture_answers(f, STORED, ERROR("400 Bad Request", "InvalidArgument"), NULL);
        assert_int_equal(put_if(f, NULL, &error), 0);
        assert_int_equal(features(f).if_none_match, PAIL_S3_WORKS);
        assert_int_equal(put_if(f, NULL, &error), -EINVAL);
        assert_int_equal(fixture_requests(f), 3);
        assert_int_equal(warnings, 0);
        /* That says nothing of the other header, which some servers do not take. */
        fixture_answers(f, ERROR("400 Bad Request", "InvalidArgument"), ERROR("400 Bad Request", "InvalidArgument"),
                        PRESENT("mine"), STORED, NULL);
        assert_int_equal(put_if(f, "mine", &error), 0);
        assert_int_equal(features(f).if_match, PAIL_S3_MISSING);
        assert_int_equal(features(f).if_none_match, PAIL_S3_WORKS);
        assert_int_equal(warnings, 1);
}

static int put_bytes(struct fixture *f, size_t size, struct pail_error *error)
{
        _cleanup_free_ char *bytes = calloc(1, size + 1);
        const struct iovec vector = { bytes, size };
        const struct pail_s3_put_input input = {
                .bucket = "b",
                .key = "k",
                .body = { .vector = &vector, .vector_count = 1, .fd = -1, .size_bytes = size }
        };
        char etag[PAIL_S3_ETAG_SIZE];
        *error = PAIL_ERROR_INIT;
        return pail_s3_put_object(f->client, &input, etag, error);
}

static void test_a_proxy_that_takes_no_large_bodies(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        begin(f);
        fixture_answers(f, ANSWER("413 Request Entity Too Large", HTML, PAGE), NULL);
        assert_int_equal(put_bytes(f, 8 << 20, &error), -EFBIG);
        assert_int_equal(error.class, PAIL_ERROR_SERVICE);
        assert_int_equal(error.http_status, 413);
        assert_non_null(strstr(error.message, "takes no bodies of 8 MiB: lower part_size or raise its limit"));
        assert_int_equal(put_bytes(f, (8 << 20) + (1 << 19), &error), -EFBIG);
        assert_non_null(strstr(error.message, "takes no bodies of 8.5 MiB: "));
        /* There are no smaller parts. */
        assert_int_equal(put_bytes(f, 2 << 20, &error), -EFBIG);
        assert_non_null(strstr(error.message, "takes no bodies of 2 MiB: raise its limit"));
        assert_int_equal(fixture_requests(f), 3);
        /* S3 has its own word. */
        fixture_answers(f, ERROR("413 Too Large", "EntityTooLarge"), NULL);
        assert_int_equal(put_bytes(f, 5, &error), -EFBIG);
        assert_string_equal(error.code, "EntityTooLarge");
}

static void test_empty_answers_are_no_pages(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        begin(f);
        fixture_answers(f, ANSWER("200 OK", HTML "ETag: \"e\"\r\n", ""), ANSWER("204 No Content", HTML, ""),
                        ANSWER("200 OK", HTML "ETag: \"e\"\r\n", PAGE), NULL);
        assert_int_equal(put_bytes(f, 5, &error), 0);
        assert_int_equal(pail_s3_delete_object(f->client, "b", "k", &error), 0);
        assert_int_equal(put_bytes(f, 5, &error), -EPROTO);
        assert_int_equal(error.class, PAIL_ERROR_PROTOCOL);
        assert_non_null(strstr(error.message, "does not speak S3"));
}

#define NO_LENGTH ANSWER("200 OK", "ETag: \"e\"\r\n" CHUNKED, "")
#define BYTE_OF(total)                                                                                                 \
        ANSWER("206 Partial Content",                                                                                  \
               "ETag: \"e\"\r\nx-amz-meta-mode: 1\r\nContent-Range: bytes 0-0/" total "\r\n" CHUNKED,                  \
               "1\r\nx\r\n0\r\n\r\n")
#define LISTED(key, etag, size)                                                                                        \
        ANSWER("200 OK", XML,                                                                                          \
               "<ListBucketResult><Contents><Key>" key "</Key><ETag>\"" etag "\"</ETag><Size>" size                    \
               "</Size></Contents></ListBucketResult>")

static void test_head_without_length(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        uint64_t size = 0;
        begin(f);
        fixture_answers(f, NO_LENGTH, BYTE_OF("123456789012"), NULL);
        assert_int_equal(head(f, &size, &error), 0);
        assert_int_equal(size, UINT64_C(123456789012));
        assert_string_equal(sent(f, 1, "Range"), "bytes=0-0");
        assert_int_equal(fixture_requests(f), 2);
        /* An empty object has no byte. */
        fixture_answers(f, NO_LENGTH, ERROR("416 Range", "InvalidRange"), ANSWER("200 OK", "ETag: \"e\"\r\n", ""),
                        NULL);
        assert_int_equal(head(f, &size, &error), 0);
        assert_int_equal(size, 0);
        /* Neither has GET one, or it is archived. */
        static const char *const useless[] = { ANSWER("200 OK", "ETag: \"e\"\r\n" CHUNKED, "1\r\nx\r\n0\r\n\r\n"),
                                               ERROR("403 Forbidden", "InvalidObjectState") };
        for (size_t i = 0; i < TEST_COUNT(useless); i++) {
                fixture_answers(f, NO_LENGTH, useless[i], LISTED("k", "e", "77"), NULL);
                assert_int_equal(head(f, &size, &error), 0);
                assert_int_equal(size, 77);
        }
        fixture_answers(f, NO_LENGTH, useless[0], LISTED("k", "other", "77"), NULL);
        assert_int_equal(head(f, NULL, &error), -EPROTO);
        assert_non_null(strstr(error.message, "tells no size"));
        fixture_answers(f, NO_LENGTH, useless[0], LISTED("k2", "e", "77"), NULL);
        assert_int_equal(head(f, NULL, &error), -EPROTO);
}

static void test_the_reason_of_a_mute_refusal(void **state)
{
        static const struct {
                const char *head, *get;
                int expected;
                const char *word;
        } cases[] = {
                { ANSWER("400 Bad Request", "", ""), ERROR("400 Bad Request", "ExpiredToken"), -EACCES, "has expired" },
                { ANSWER("400 Bad Request", "", ""), ERROR("400 Bad Request", "InvalidRequest"), -EACCES,
                  "sse_c_key_file" },
                { ANSWER("400 Bad Request", "", ""), ERROR("400 Bad Request", "InvalidObjectName"), -ENOENT,
                  "this key" },
                { ANSWER("400 Bad Request", "", ""), ERROR("400 Bad Request", "InvalidArgument"), -EIO,
                  "InvalidArgument" },
                { ANSWER("400 Bad Request", "", ""), ANSWER("502 Bad Gateway", HTML, PAGE), -EIO, "status 400" },
                { ANSWER("403 Forbidden", "", ""), ERROR("403 Forbidden", "SignatureDoesNotMatch"), -EACCES, "secret" },
                { ANSWER("403 Forbidden", "", ""), ERROR("404 Not Found", "NoSuchKey"), -ENOENT, "no such object" },
        };
        struct fixture *f = *state;
        struct pail_error error;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .max_attempts = 2 });
                /* 400 without a word may be the region, or the checksum of what is written: HeadBucket is asked once. */
                bool is_400 = cases[i].head[0] == '4' && cases[i].head[2] == '0';
                if (is_400)
                        fixture_answers(f, cases[i].head, ANSWER("200 OK", "", ""), cases[i].get, NULL);
                else
                        fixture_answers(f, cases[i].head, cases[i].get, NULL);
                assert_int_equal(head(f, NULL, &error), cases[i].expected);
                if (!strstr(error.message, cases[i].word))
                        fail_msg("%s", error.message);
        }
        /* Let through: then that is the answer. */
        begin(f);
        uint64_t size = 0;
        fixture_answers(f, ANSWER("403 Forbidden", "", ""), BYTE_OF("9"), NULL);
        assert_int_equal(head(f, &size, &error), 0);
        assert_int_equal(size, 9);
}

/* Who may not list is refused every name that does not exist: the reason is not asked for each time. */
static void test_denial_is_not_asked_for_again(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        begin(f);
        fixture_answers(f, ANSWER("403 Forbidden", "", ""),
                        ANSWER("403 Forbidden", XML,
                               "<Error><Code>AccessDenied</Code><Message>with an explicit deny</Message></Error>"),
                        ANSWER("403 Forbidden", "", ""), NULL);
        assert_int_equal(head(f, NULL, &error), -EACCES);
        assert_non_null(strstr(error.message, "explicit deny"));
        assert_int_equal(head(f, NULL, &error), -EACCES);
        assert_int_equal(head(f, NULL, &error), -EACCES);
        assert_int_equal(fixture_requests(f), 4);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_a_server_that_does_not_copy),       TEST(test_what_worked_once_is_not_missing),
                TEST(test_other_refusals_of_copies),          TEST(test_conditions_that_are_refused),
                TEST(test_conditions_that_are_not_the_cause), TEST(test_a_proxy_that_takes_no_large_bodies),
                TEST(test_empty_answers_are_no_pages),        TEST(test_head_without_length),
                TEST(test_the_reason_of_a_mute_refusal),      TEST(test_denial_is_not_asked_for_again),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
