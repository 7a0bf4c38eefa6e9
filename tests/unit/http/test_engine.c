/* SPDX-License-Identifier: Apache-2.0 */
/* What a request says and what an answer says, with a server that behaves. */
#include <sys/mman.h>

#include "../support/test.h"
#include "call.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"

struct fixture {
        struct pail_http_engine *engine;
        struct server *server;
        struct seen seen; /* the last request */
        char *upload;     /* room for the body of a request, or NULL */
        const char *answer;
        struct gate gone; /* for each connection that ended */
};

/* Answers every request with f->answer, or says hello. */
static void serve(struct connection *connection, void *context)
{
        struct fixture *f = context;
        struct seen seen;
        while (server_read_head(connection, &seen) && server_read_body(connection, f->upload, seen.announced)) {
                f->seen = seen;
                const char *answer = f->answer ? f->answer
                                               : "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\nhello";
                if (!server_send(connection, answer, strlen(answer)))
                        break;
        }
        gate_open(&f->gone);
}

static int set_up(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        f->gone = GATE_INIT;
        f->server = server_new(serve, f);
        f->engine = make_engine(&(struct pail_http_engine_options){ .user_agent = "pail/test" });
        *state = f;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *f = *state;
        pail_http_engine_free(f->engine);
        server_free(f->server);
        free(f->upload);
        free(f);
        return 0;
}

static void test_get(void **state)
{
        struct fixture *f = *state;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        call_run(&call);
        call_assert_answered(&call, 200);
        call_assert_body(&call, "hello");
        assert_int_equal(call.announced, 1);
        assert_int_equal(call.request.response.body_bytes, 5);
        assert_int_equal(call.request.response.content_length, 5);
        assert_int_equal(call.request.response.error_body.length, 0);
        assert_string_equal(pail_http_headers_get(&call.request.response.headers, "a"), "b");
        assert_int_equal(call.request.error.retry_after_ms, -1);
        assert_false(pail_http_engine_is_own_thread(f->engine));
        call_done(&call);
}

static void test_connection_is_kept(void **state)
{
        struct fixture *f = *state;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        for (int i = 0; i < 10; i++) {
                call_run(&call);
                call_assert_answered(&call, 200);
                call_assert_body(&call, "hello");
        }
        assert_int_equal(server_connections(f->server), 1);
        struct pail_http_stats stats;
        pail_http_engine_stats(f->engine, &stats);
        assert_int_equal(stats.requests, 10);
        assert_int_equal(stats.failures, 0);
        assert_int_equal(stats.active, 0);
        assert_int_equal(stats.queued, 0);
        assert_in_range(stats.bytes_sent, 10 * 30, 10 * 300);
        assert_in_range(stats.bytes_received, 10 * 40, 10 * 100);
        call_done(&call);
}

/* It is closed, without anybody asking for something. */
static void test_old_connection_is_closed(void **state)
{
        struct fixture *f = *state;
        struct pail_http_engine *engine = make_engine(&(struct pail_http_engine_options){ .idle_ms = 50 });
        struct call call;
        call_init(&call, engine, "GET", f->server, "/");
        call_run(&call);
        gate_wait(&f->gone, 1);
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_int_equal(server_connections(f->server), 2);
        call_done(&call);
        pail_http_engine_free(engine);
}

/* What stands on the wire is what was built, byte by byte. */
static void test_request_is_verbatim(void **state)
{
        struct fixture *f = *state;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/b/./../a//%2F%2f/%7e~!'()*/?list-type=2&prefix=%20%2B+&x");
        assert_int_equal(pail_http_headers_add(&call.request.headers, "x-amz-date", "20130524T000000Z"), 0);
        assert_int_equal(pail_http_headers_add(&call.request.headers, "Host", "bucket.example"), 0);
        assert_int_equal(pail_http_headers_add(&call.request.headers, "x-amz-meta-empty", ""), 0);
        assert_int_equal(pail_http_headers_add(&call.request.headers, "Content-Length", "77"), 0);
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_string_equal(f->seen.method, "GET");
        assert_string_equal(f->seen.target, "/b/./../a//%2F%2f/%7e~!'()*/?list-type=2&prefix=%20%2B+&x");
        assert_string_equal(seen_header(&f->seen, "Host"), "bucket.example");
        assert_string_equal(seen_header(&f->seen, "X-Amz-Date"), "20130524T000000Z");
        assert_string_equal(seen_header(&f->seen, "User-Agent"), "pail/test");
        assert_string_equal(seen_header(&f->seen, "x-amz-meta-empty"), "");
        static const char *const absent[] = { "Accept", "Accept-Encoding", "Content-Length", "Expect", "Cookie" };
        for (size_t i = 0; i < TEST_COUNT(absent); i++)
                assert_null(seen_header(&f->seen, absent[i]));
        call_done(&call);
}

static void test_head(void **state)
{
        struct fixture *f = *state;
        struct call call;
        f->answer = "HTTP/1.1 200 OK\r\nContent-Length: 123456\r\n\r\n";
        call_init(&call, f->engine, "HEAD", f->server, "/");
        call_run(&call);
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_int_equal(call.request.response.content_length, 123456);
        assert_int_equal(call.request.response.body_bytes, 0);
        assert_int_equal(server_connections(f->server), 1);
        call_done(&call);

        /* The handle is as good for a GET afterwards. */
        f->answer = NULL;
        call_init(&call, f->engine, "GET", f->server, "/");
        call_run(&call);
        call_assert_body(&call, "hello");
        assert_string_equal(f->seen.method, "GET");
        call_done(&call);
}

static void test_methods_without_body(void **state)
{
        struct fixture *f = *state;
        static const struct {
                const char *method, *length;
        } cases[] = { { "PUT", "0" }, { "POST", "0" }, { "DELETE", NULL }, { "GET", NULL } };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct call call;
                call_init(&call, f->engine, cases[i].method, f->server, "/");
                call_run(&call);
                call_assert_answered(&call, 200);
                call_assert_body(&call, "hello");
                assert_string_equal(f->seen.method, cases[i].method);
                const char *length = seen_header(&f->seen, "Content-Length");
                if (cases[i].length)
                        assert_string_equal(length, cases[i].length);
                else
                        assert_null(length);
                assert_null(seen_header(&f->seen, "Transfer-Encoding"));
                call_done(&call);
        }
        assert_int_equal(server_connections(f->server), 1);
}

static void test_body_from_memory(void **state)
{
        struct fixture *f = *state;
        enum { PIECE = 300 * 1000, COUNT = 11 };
        static char piece[PIECE];
        for (size_t i = 0; i < PIECE; i++)
                piece[i] = (char)(i * 7);
        struct iovec vector[COUNT];
        for (int i = 0; i < COUNT; i++)
                vector[i] = (struct iovec){ piece, PIECE };
        f->upload = malloc(PIECE * COUNT);
        struct call call;
        call_init(&call, f->engine, "PUT", f->server, "/k");
        call.request.body =
                (struct pail_http_body){ .vector = vector, .vector_count = COUNT, .size_bytes = PIECE * COUNT };
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_int_equal(f->seen.announced, PIECE * COUNT);
        assert_null(seen_header(&f->seen, "Expect"));
        for (int i = 0; i < COUNT; i++)
                assert_memory_equal(f->upload + i * PIECE, piece, PIECE);
        call_done(&call);
}

static void test_body_from_sparse_file(void **state)
{
        struct fixture *f = *state;
        enum { SIZE = 3 * 1000 * 1000, OFFSET = 4097 };
        _cleanup_close_ int fd = memfd_create("sparse", MFD_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(ftruncate(fd, OFFSET + SIZE + 100), 0);
        assert_int_equal(pwrite(fd, "begin", 5, OFFSET), 5);
        assert_int_equal(pwrite(fd, "endXX", 5, OFFSET + SIZE - 3), 5);
        f->upload = malloc(SIZE);
        struct call call;
        call_init(&call, f->engine, "PUT", f->server, "/k");
        call.request.body = (struct pail_http_body){ .fd = fd, .offset = OFFSET, .size_bytes = SIZE };
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_int_equal(f->seen.announced, SIZE);
        assert_memory_equal(f->upload, "begin\0\0", 7);
        assert_memory_equal(f->upload + SIZE - 5, "\0\0end", 5);
        for (size_t i = 5; i < SIZE - 3; i++)
                if (f->upload[i])
                        fail_msg("byte %zu of a hole is not zero", i);
        assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
        call_done(&call);
}

static void test_error_body_is_kept(void **state)
{
        struct fixture *f = *state;
        struct call call;
        f->answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\n<Error></>";
        call_init(&call, f->engine, "GET", f->server, "/");
        call_run(&call);
        call_assert_answered(&call, 404);
        assert_string_equal(call.request.response.error_body.data, "<Error></>");
        assert_int_equal(call.announced, 0);
        call_assert_body(&call, "");
        call_done(&call);
}

static void test_body_without_sink(void **state)
{
        struct fixture *f = *state;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        call.request.sink = NULL;
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_string_equal(call.request.response.error_body.data, "hello");
        /* A smaller cap keeps the beginning; the count is of all. */
        call.request.response.error_body.cap = 3;
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_string_equal(call.request.response.error_body.data, "hel");
        assert_int_equal(call.request.response.body_bytes, 5);
        assert_int_equal(server_connections(f->server), 1);
        call_done(&call);
}

static void test_redirect_is_an_answer(void **state)
{
        struct fixture *f = *state;
        struct call call;
        f->answer = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\nno";
        call_init(&call, f->engine, "GET", f->server, "/here");
        call_run(&call);
        call_assert_answered(&call, 307);
        assert_string_equal(f->seen.target, "/here");
        assert_string_equal(pail_http_headers_get(&call.request.response.headers, "location"), "/elsewhere");
        assert_string_equal(call.request.response.error_body.data, "no");
        call_done(&call);
}

static void test_framings(void **state)
{
        struct fixture *f = *state;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        f->answer =
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: trailer\r\n\r\n";
        call_run(&call);
        call_assert_answered(&call, 200);
        call_assert_body(&call, "abcde");
        assert_int_equal(call.request.response.content_length, -1);
        assert_null(pail_http_headers_get(&call.request.response.headers, "T"));
        /* A coded body stays as it is: it is the object. */
        f->answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b??";
        call_run(&call);
        call_assert_answered(&call, 200);
        call_assert_body(&call, "\x1f\x8b??");
        f->answer = "HTTP/1.1 204 No Content\r\n\r\n";
        call_run(&call);
        call_assert_answered(&call, 204);
        assert_int_equal(server_connections(f->server), 1);
        call_done(&call);
}

static void test_clock_offset(void **state)
{
        struct fixture *f = *state;
        struct call call;
        f->answer = "HTTP/1.1 403 Forbidden\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n";
        call_init(&call, f->engine, "GET", f->server, "/");
        int64_t before = 784111777 - (int64_t)pail_clock_now().tv_sec;
        call_run(&call);
        call_assert_answered(&call, 403);
        assert_in_range(before - call.request.error.clock_offset_s, 0, 2);
        call_done(&call);
}

static void test_sink_refuses(void **state)
{
        struct fixture *f = *state;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        call.body_result = -ENOSPC;
        call_run(&call);
        call_assert_failed(&call, PAIL_ERROR_SYSTEM);
        assert_int_equal(call.request.error.error_number, ENOSPC);
        call.body_result = 0;
        call.headers_result = -ESTALE;
        call_run(&call);
        call_assert_failed(&call, PAIL_ERROR_SYSTEM);
        assert_int_equal(call.request.error.error_number, ESTALE);
        call_assert_body(&call, "");
        call.headers_result = 0;
        call_run(&call);
        call_assert_answered(&call, 200);
        call_done(&call);
}

static void test_not_a_url(void **state)
{
        struct fixture *f = *state;
        static const char *const urls[] = { "http://", "ftp://127.0.0.1/", "http://127.0.0.1:99999/",
                                            "file:///etc/passwd", "http://user:pw@127.0.0.1/" };
        for (size_t i = 0; i < TEST_COUNT(urls); i++) {
                struct call call;
                call_init(&call, f->engine, "GET", f->server, "/");
                call_set_url(&call, urls[i]);
                call_run(&call);
                call_assert_failed(&call, PAIL_ERROR_CONFIG);
                assert_false(call.request.error.sent);
                assert_null(strstr(call.request.error.message, "pw"));
                call_done(&call);
        }
}

static void test_proxy(void **state)
{
        struct fixture *f = *state;
        char proxy[64];
        snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", server_port(f->server));
        setenv("http_proxy", proxy, 1);
        struct pail_http_engine *engine = make_engine(NULL);
        struct call call;
        call_init(&call, engine, "GET", f->server, "/");
        call_set_url(&call, "http://bucket.invalid/key?q");
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_string_equal(f->seen.target, "http://bucket.invalid/key?q");
        setenv("no_proxy", "127.0.0.1", 1);
        snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u/direct", server_port(f->server));
        call_set_url(&call, proxy);
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_string_equal(f->seen.target, "/direct");
        call_done(&call);
        pail_http_engine_free(engine);
        unsetenv("http_proxy");
        unsetenv("no_proxy");
}

static void test_bad_bundle(void **state)
{
        (void)state;
        struct pail_http_engine *engine = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_http_engine_options options = { .ca_bundle = "/nonexistent/ca.pem" };
        assert_int_equal(pail_http_engine_new(&options, &engine, &error), -ENOENT);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        assert_non_null(strstr(error.message, "/nonexistent/ca.pem"));
        assert_null(engine);
        pail_http_engine_free(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_get),
                TEST(test_connection_is_kept),
                TEST(test_old_connection_is_closed),
                TEST(test_request_is_verbatim),
                TEST(test_head),
                TEST(test_methods_without_body),
                TEST(test_body_from_memory),
                TEST(test_body_from_sparse_file),
                TEST(test_error_body_is_kept),
                TEST(test_body_without_sink),
                TEST(test_redirect_is_an_answer),
                TEST(test_framings),
                TEST(test_clock_offset),
                TEST(test_sink_refuses),
                TEST(test_not_a_url),
                TEST(test_proxy),
                cmocka_unit_test(test_bad_bundle),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
