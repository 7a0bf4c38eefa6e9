/* SPDX-License-Identifier: Apache-2.0 */

#include "../support/test.h"
#include "http/answer.h"
#include "pail/util/clock.h"

struct fixture {
        struct pail_http_request request;
        struct pail_http_answer answer;
        const char *reason;
};

static int set_up(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        pail_http_request_init(&f->request);
        pail_http_answer_init(&f->answer, &f->request.response);
        *state = f;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *f = *state;
        pail_http_request_done(&f->request);
        free(f);
        return 0;
}

/* Feeds lines up to the first that is refused. */
static int feed(struct fixture *f, const char *text)
{
        while (*text) {
                const char *end = strchr(text, '\n');
                size_t length = end ? (size_t)(end + 1 - text) : strlen(text);
                int r = pail_http_answer_line(&f->answer, text, length, &f->reason);
                if (r < 0)
                        return r;
                text += length;
        }
        return 0;
}

static void test_plain(void **state)
{
        struct fixture *f = *state;
        assert_int_equal(feed(f, "HTTP/1.1 206 Partial Content\r\n"), 0);
        assert_int_equal(f->answer.state, PAIL_HTTP_ANSWER_HEAD);
        assert_int_equal(feed(f, "ETag:  \"abc\" \r\ncontent-length: 17\r\nX:\r\n\r\n"), 0);
        assert_int_equal(f->answer.state, PAIL_HTTP_ANSWER_BODY);
        const struct pail_http_response *response = &f->request.response;
        assert_int_equal(response->status, 206);
        assert_int_equal(response->content_length, 17);
        assert_int_equal(response->headers.count, 3);
        assert_string_equal(pail_http_headers_get(&response->headers, "etag"), "\"abc\"");
        assert_string_equal(pail_http_headers_get(&response->headers, "x"), "");
        assert_int_equal(feed(f, "Trailer: 1\r\n"), 0);
        assert_int_equal(response->headers.count, 3);
}

static void test_interim(void **state)
{
        struct fixture *f = *state;
        assert_int_equal(feed(f, "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"), 0);
        assert_int_equal(f->answer.state, PAIL_HTTP_ANSWER_NONE);
        assert_int_equal(f->request.response.status, 0);
        assert_int_equal(f->request.response.headers.count, 0);
        assert_int_equal(feed(f, "HTTP/1.1 204\r\n\r\n"), 0);
        assert_int_equal(f->request.response.status, 204);
        assert_int_equal(f->request.response.content_length, -1);
}

static void test_second_answer(void **state)
{
        struct fixture *f = *state;
        assert_int_equal(feed(f, "HTTP/1.1 417 No\r\nContent-Length: 3\r\nA: b\r\n\r\n"), 0);
        assert_int_equal(feed(f, "HTTP/1.1 200 OK\r\nC: d\r\n\r\n"), 0);
        assert_int_equal(f->request.response.status, 200);
        assert_int_equal(f->request.response.headers.count, 1);
        assert_int_equal(f->request.response.content_length, -1);
}

static void test_fold(void **state)
{
        struct fixture *f = *state;
        assert_int_equal(feed(f, "HTTP/1.1 200 OK\r\nA: one\r\n\t two\r\n three \r\nB: x\r\n\r\n"), 0);
        assert_string_equal(pail_http_headers_get(&f->request.response.headers, "A"), "one two three");
        assert_int_equal(f->request.response.headers.count, 2);
}

static void test_date(void **state)
{
        struct fixture *f = *state;
        char line[64];
        time_t then = pail_clock_now().tv_sec + 3600;
        struct tm parts;
        assert_non_null(gmtime_r(&then, &parts));
        assert_true(strftime(line, sizeof(line), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts) > 0);
        assert_int_equal(feed(f, "HTTP/1.1 403 Forbidden\r\n"), 0);
        assert_int_equal(feed(f, line), 0);
        assert_int_equal(feed(f, "\r\n"), 0);
        assert_in_range(f->answer.clock_offset_s, 3598, 3600);
}

static void test_no_date(void **state)
{
        struct fixture *f = *state;
        assert_int_equal(feed(f, "HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n"), 0);
        assert_int_equal(f->answer.clock_offset_s, 0);
}

static void test_same_length_twice(void **state)
{
        struct fixture *f = *state;
        assert_int_equal(feed(f, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"), 0);
        assert_int_equal(f->request.response.content_length, 5);
}

static void test_refused(void **state)
{
        static const char *const heads[] = {
                "HTTP/1.1\r\n",
                "HTTP/1.1 2x0 OK\r\n",
                "HTTP/1.1 099 OK\r\n",
                "HTTP/1.1 20",
                "HTTP/1.1 200 OK\r\nno colon\r\n",
                "HTTP/1.1 200 OK\r\nbad name: x\r\n",
                "HTTP/1.1 200 OK\r\n: x\r\n",
                "HTTP/1.1 200 OK\r\n folded at once\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5 5\r\n\r\n",
        };
        for (size_t i = 0; i < TEST_COUNT(heads); i++) {
                struct fixture *f = *state;
                pail_http_answer_init(&f->answer, &f->request.response);
                f->reason = NULL;
                assert_int_equal(feed(f, heads[i]), -EPROTO);
                assert_non_null(f->reason);
        }
}

static void test_nul(void **state)
{
        struct fixture *f = *state;
        assert_int_equal(feed(f, "HTTP/1.1 200 OK\r\n"), 0);
        assert_int_equal(pail_http_answer_line(&f->answer, "A: b\0c\r\n", 8, &f->reason), -EPROTO);
}

static void test_too_many(void **state)
{
        struct fixture *f = *state;
        assert_int_equal(feed(f, "HTTP/1.1 200 OK\r\n"), 0);
        for (int i = 0; i < PAIL_HTTP_HEADERS_MAX_COUNT; i++)
                assert_int_equal(feed(f, "A: b\r\n"), 0);
        assert_int_equal(feed(f, "A: b\r\n"), -EPROTO);
}

static void test_endless_interim(void **state)
{
        struct fixture *f = *state;
        int r = 0;
        int rounds = 0;
        for (; r == 0 && rounds < 100000; rounds++)
                r = feed(f, "HTTP/1.1 102 Processing\r\n\r\n");
        assert_int_equal(r, -EPROTO);
        assert_in_range(rounds, 1000, 20000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_plain), TEST(test_interim),  TEST(test_second_answer),     TEST(test_fold),
                TEST(test_date),  TEST(test_no_date),  TEST(test_same_length_twice), TEST(test_refused),
                TEST(test_nul),   TEST(test_too_many), TEST(test_endless_interim),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
