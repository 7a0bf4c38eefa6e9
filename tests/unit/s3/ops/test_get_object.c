/* SPDX-License-Identifier: Apache-2.0 */
/* GetObject on servers that do not do what they are asked. */
#include "../fixture.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"

#define GET_OK(headers, body) ANSWER("200 OK", "ETag: \"e\"\r\n" headers, body)
#define GET_PART(range, body) ANSWER("206 Partial", "ETag: \"e\"\r\nContent-Range: bytes " range "\r\n", body)

struct got {
        struct pail_buf body;
        struct pail_s3_object_metadata metadata;
        struct pail_error error;
};

static int get(struct fixture *f, uint64_t offset, uint64_t size, const char *if_match, struct got *got)
{
        const struct pail_s3_get_input input = {
                .bucket = "b", .key = "k", .offset = offset, .size_bytes = size, .if_match = if_match
        };
        pail_buf_init(&got->body, 1000);
        got->metadata = (struct pail_s3_object_metadata){ 0 };
        got->error = PAIL_ERROR_INIT;
        return pail_s3_get_object(f->client, &input, &got->body, &got->metadata, &got->error);
}

static void assert_got(struct got *got, const char *expected, uint64_t size)
{
        assert_int_equal(got->body.length, strlen(expected));
        assert_string_equal(got->body.data, expected);
        assert_int_equal(got->metadata.size_bytes, size);
        assert_string_equal(got->metadata.etag, "e");
        pail_buf_done(&got->body);
        pail_s3_object_metadata_done(&got->metadata);
}

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

static void test_whole(void **state)
{
        struct fixture *f = *state;
        struct got got;
        fixture_answers(f, GET_OK("x-amz-meta-a: b\r\n", "hello"), NULL);
        assert_int_equal(get(f, 0, 0, NULL, &got), 0);
        assert_null(sent(f, 0, "Range"));
        assert_null(sent(f, 0, "If-Match"));
        assert_string_equal(pail_http_headers_get(&got.metadata.headers.metadata, "a"), "b");
        assert_got(&got, "hello", 5);
}

static void test_range(void **state)
{
        struct fixture *f = *state;
        struct got got;
        fixture_answers(f, GET_PART("2-4/10", "cde"), NULL);
        assert_int_equal(get(f, 2, 3, "e", &got), 0);
        assert_string_equal(sent(f, 0, "Range"), "bytes=2-4");
        assert_string_equal(sent(f, 0, "If-Match"), "\"e\"");
        assert_got(&got, "cde", 10);
        fixture_answers(f, GET_PART("8-9/10", "ij"), NULL);
        assert_int_equal(get(f, 8, 100, NULL, &got), 0);
        assert_got(&got, "ij", 10);
}

static void test_range_is_ignored(void **state)
{
        struct fixture *f = *state;
        struct got got;
        static const struct {
                uint64_t offset, size;
                const char *expected;
        } cases[] = { { 2, 3, "cde" }, { 0, 4, "abcd" }, { 9, 5, "j" }, { 0, 100, "abcdefghij" } };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                fixture_answers(f, GET_OK("", "abcdefghij"), NULL);
                assert_int_equal(get(f, cases[i].offset, cases[i].size, NULL, &got), 0);
                assert_got(&got, cases[i].expected, 10);
                assert_int_equal(fixture_requests(f), 1);
        }
        fixture_answers(f, GET_OK("", "abcdefghij"), NULL);
        assert_int_equal(get(f, 10, 1, NULL, &got), -ERANGE);
        pail_buf_done(&got.body);
}

static void test_wrong_range(void **state)
{
        struct fixture *f = *state;
        struct got got;
        static const char *const wrong[] = { GET_PART("3-5/10", "def"), GET_PART("*/10", ""), GET_PART("2-4/*", "cde"),
                                             ANSWER("206 Partial", "ETag: \"e\"\r\n", "cde"),
                                             ANSWER("206 Partial", "Content-Range: bytes 2-4/10\r\n", "cde") };
        for (size_t i = 0; i < TEST_COUNT(wrong); i++) {
                fixture_answers(f, wrong[i], NULL);
                assert_int_equal(get(f, 2, 3, NULL, &got), -EPROTO);
                assert_int_equal(got.body.length, 0);
                assert_int_equal(fixture_requests(f), 1);
                pail_buf_done(&got.body);
        }
}

/* The connection breaks; the rest is asked for, of the same version. */
static void test_resumed(void **state)
{
        struct fixture *f = *state;
        struct got got;
        fixture_answers(
                f, ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 10\r\nConnection: close\r\n", "abc"), ANSWER_CLOSE,
                ANSWER("206 Partial",
                       "ETag: \"e\"\r\nContent-Range: bytes 3-9/10\r\nContent-Length: 7\r\nConnection: close\r\n",
                       "de"),
                GET_PART("5-9/10", "fghij"), NULL);
        assert_int_equal(get(f, 0, 0, NULL, &got), 0);
        assert_got(&got, "abcdefghij", 10);
        assert_string_equal(sent(f, 1, "Range"), "bytes=3-");
        assert_string_equal(sent(f, 1, "If-Match"), "\"e\"");
        assert_string_equal(sent(f, 3, "Range"), "bytes=5-");
}

static void test_fewer_bytes_than_the_range(void **state)
{
        struct fixture *f = *state;
        struct got got;
        fixture_answers(f, GET_PART("2-3/10", "cd"), GET_PART("4-6/10", "efg"), NULL);
        assert_int_equal(get(f, 2, 5, NULL, &got), 0);
        assert_got(&got, "cdefg", 10);
        assert_string_equal(sent(f, 1, "Range"), "bytes=4-6");
}

static void test_another_version(void **state)
{
        struct fixture *f = *state;
        struct got got;
        /* Between attempts, on a server that ignores If-Match. */
        fixture_answers(f, ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 10\r\nConnection: close\r\n", "abc"),
                        ANSWER("206 Partial", "ETag: \"other\"\r\nContent-Range: bytes 3-9/10\r\n", "DEFGHIJ"), NULL);
        assert_int_equal(get(f, 0, 0, NULL, &got), -ESTALE);
        assert_string_equal(got.error.code, "PreconditionFailed");
        assert_string_equal(got.body.data, "abc");
        pail_buf_done(&got.body);
        /* From the first. */
        fixture_answers(f, GET_OK("", "abc"), NULL);
        assert_int_equal(get(f, 0, 0, "wanted", &got), -ESTALE);
        assert_int_equal(got.body.length, 0);
        pail_buf_done(&got.body);
}

static void test_empty_object(void **state)
{
        struct fixture *f = *state;
        struct got got;
        fixture_answers(f, ERROR("416 Range", "InvalidRange"), GET_OK("", ""), NULL);
        assert_int_equal(get(f, 0, 100, NULL, &got), 0);
        assert_string_equal(sent(f, 0, "Range"), "bytes=0-99");
        assert_null(sent(f, 1, "Range"));
        assert_got(&got, "", 0);
        fixture_answers(f, ERROR("416 Range", "InvalidRange"), NULL);
        assert_int_equal(get(f, 5, 100, NULL, &got), -ERANGE);
        assert_int_equal(fixture_requests(f), 1);
}

/* The whole object is asked for because it was empty, and it is not any more. */
static void test_object_that_grew(void **state)
{
        struct fixture *f = *state;
        struct got got;
        fixture_answers(f, ERROR("416 Range", "InvalidRange"), GET_OK("", "abcdef"), NULL);
        assert_int_equal(get(f, 0, 4, NULL, &got), 0);
        assert_got(&got, "abcd", 6);
}

static void test_sink_refuses(void **state)
{
        struct fixture *f = *state;
        const struct pail_s3_get_input input = { .bucket = "b", .key = "k" };
        _cleanup_buf_ struct pail_buf small = PAIL_BUF_INIT(3);
        struct pail_error error = PAIL_ERROR_INIT;
        fixture_answers(f, GET_OK("", "abcdef"), NULL);
        assert_int_equal(pail_s3_get_object(f->client, &input, &small, NULL, &error), -EMSGSIZE);
        assert_int_equal(fixture_requests(f), 1);
}

/* The bytes of an error are not the object's. */
static void test_error_bodies(void **state)
{
        struct fixture *f = *state;
        struct got got;
        fixture_answers(f, ERROR("503 Slow", "SlowDown"), GET_OK("", "abc"), NULL);
        assert_int_equal(get(f, 0, 0, NULL, &got), 0);
        assert_got(&got, "abc", 3);
        fixture_answers(f, ANSWER("403 Forbidden", XML, "<Error><Code>InvalidObjectState</Code></Error>"), NULL);
        assert_int_equal(get(f, 0, 0, NULL, &got), -EACCES);
        assert_non_null(strstr(got.error.message, "archived"));
        assert_int_equal(got.body.length, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_whole),           TEST(test_range),        TEST(test_range_is_ignored),
                TEST(test_wrong_range),     TEST(test_resumed),      TEST(test_fewer_bytes_than_the_range),
                TEST(test_another_version), TEST(test_empty_object), TEST(test_object_that_grew),
                TEST(test_sink_refuses),    TEST(test_error_bodies),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
