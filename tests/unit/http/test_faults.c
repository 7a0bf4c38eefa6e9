/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that are slow, silent, cut off, or talk nonsense. */
#include <sys/mman.h>

#include "../support/test.h"
#include "blackhole.h"
#include "call.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"

/* What the server does with each request. */
struct manner {
        const char *answer;   /* sent, and then: */
        const char *repeated; /* this, again and again */
        bool hold;            /* nothing, until the client goes */
        bool reset;           /* a reset */
        bool deaf;            /* the body of the request is not read; nothing is answered */
        long pause_ms;        /* before the answer */
};

struct fixture {
        struct pail_http_engine *engine;
        struct server *server;
        struct gate release; /* lets a deaf server go */
        pthread_mutex_t mutex;
        struct manner manner;
};

static void behave(struct fixture *f, struct manner manner)
{
        pthread_mutex_lock(&f->mutex);
        f->manner = manner;
        pthread_mutex_unlock(&f->mutex);
}

static void serve(struct connection *connection, void *context)
{
        struct fixture *f = context;
        struct seen seen;
        if (!server_read_head(connection, &seen))
                return;
        pthread_mutex_lock(&f->mutex);
        struct manner manner = f->manner;
        pthread_mutex_unlock(&f->mutex);
        if (manner.deaf) {
                gate_wait(&f->release, 1);
                return;
        }
        if (!server_read_body(connection, NULL, seen.announced))
                return;
        sleep_ms(manner.pause_ms);
        if (manner.answer)
                server_send(connection, manner.answer, strlen(manner.answer));
        while (manner.repeated && server_send(connection, manner.repeated, strlen(manner.repeated)))
                ;
        if (manner.hold)
                server_wait_gone(connection);
        if (manner.reset) {
                sleep_ms(20);
                server_reset(connection);
        }
}

static int set_up_with(void **state, int64_t limit_ms)
{
        struct fixture *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        f->release = GATE_INIT;
        pthread_mutex_init(&f->mutex, NULL);
        f->server = server_new(serve, f);
        f->engine = make_engine(&(struct pail_http_engine_options){
                .connect_ms = limit_ms, .first_byte_ms = limit_ms, .stall_ms = limit_ms, .max_connections = 4 });
        *state = f;
        return 0;
}

static int set_up(void **state)
{
        return set_up_with(state, 200);
}

/* For what does not depend on time. */
static int set_up_patient(void **state)
{
        return set_up_with(state, 60000);
}

static int tear_down(void **state)
{
        struct fixture *f = *state;
        pail_http_engine_free(f->engine);
        server_free(f->server);
        free(f);
        return 0;
}

/* Runs a GET that must fail so, after at least min_ms. Returns the message. */
static const char *run_to_fail(struct fixture *f, const char *url, enum pail_error_class class, bool sent,
                               int64_t min_ms)
{
        static char message[sizeof(((struct pail_error *)NULL)->message)];
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/key?X-Amz-Signature=secret");
        if (url)
                call_set_url(&call, url);
        int64_t start_ms = pail_clock_monotonic_ms();
        call_run(&call);
        int64_t took_ms = pail_clock_monotonic_ms() - start_ms;
        call_assert_failed(&call, class);
        assert_int_equal(call.request.error.sent, sent);
        assert_int_equal(call.request.error.http_status, 0);
        assert_true(took_ms >= min_ms);
        assert_true(took_ms < min_ms + 5000);
        char peer[32];
        snprintf(peer, sizeof(peer), "127.0.0.1:%u", server_port(f->server));
        if (!url)
                assert_non_null(strstr(call.request.error.message, peer));
        assert_null(strstr(call.request.error.message, "secret"));
        snprintf(message, sizeof(message), "%s", call.request.error.message);
        call_done(&call);
        struct pail_http_stats stats;
        pail_http_engine_stats(f->engine, &stats);
        assert_int_equal(stats.active, 0);
        return message;
}

static void test_refused_connection(void **state)
{
        struct fixture *f = *state;
        const char *message = run_to_fail(f, "http://127.0.0.1:1/", PAIL_ERROR_CONNECT, false, 0);
        assert_non_null(strstr(message, "127.0.0.1:1"));
}

static void test_unknown_host(void **state)
{
        struct fixture *f = *state;
        /* RFC 6761: never a name. The label is longer than a label may be, so that no resolver is asked. */
        const char *url = "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid/";
        run_to_fail(f, url, PAIL_ERROR_RESOLVE, false, 0);
}

static void test_connect_timeout(void **state)
{
        struct fixture *f = *state;
        struct blackhole hole;
        blackhole_open(&hole);
        char url[64];
        snprintf(url, sizeof(url), "http://127.0.0.1:%u/", hole.port);
        const char *message = run_to_fail(f, url, PAIL_ERROR_TIMEOUT, false, 190);
        assert_non_null(strstr(message, "no connection"));
        blackhole_close(&hole);
}

static void test_first_byte_timeout(void **state)
{
        struct fixture *f = *state;
        behave(f, (struct manner){ .hold = true });
        const char *message = run_to_fail(f, NULL, PAIL_ERROR_TIMEOUT, true, 200);
        assert_non_null(strstr(message, "did not begin to answer for 200 ms"));
}

static void test_own_first_byte_timeout(void **state)
{
        struct fixture *f = *state;
        behave(f, (struct manner){ .answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .pause_ms = 400 });
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        call.request.first_byte_ms = 5000;
        call_run(&call);
        call_assert_answered(&call, 200);
        call.request.first_byte_ms = 0;
        call_run(&call);
        call_assert_failed(&call, PAIL_ERROR_TIMEOUT);
        call_done(&call);
}

static void test_stall_while_receiving(void **state)
{
        struct fixture *f = *state;
        behave(f, (struct manner){ .answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome", .hold = true });
        const char *message = run_to_fail(f, NULL, PAIL_ERROR_TIMEOUT, true, 200);
        assert_non_null(strstr(message, "sent no more data for 200 ms"));
}

static void test_stall_within_head(void **state)
{
        struct fixture *f = *state;
        behave(f, (struct manner){ .answer = "HTTP/1.1 200 OK\r\nContent-Le", .hold = true });
        run_to_fail(f, NULL, PAIL_ERROR_TIMEOUT, true, 200);
}

static void test_stall_while_sending(void **state)
{
        struct fixture *f = *state;
        enum { SIZE = 64 * 1024 * 1024 };
        _cleanup_close_ int fd = memfd_create("zeros", MFD_CLOEXEC);
        assert_int_equal(ftruncate(fd, SIZE), 0);
        behave(f, (struct manner){ .deaf = true });
        struct call call;
        call_init(&call, f->engine, "PUT", f->server, "/");
        call.request.body = (struct pail_http_body){ .fd = fd, .size_bytes = SIZE };
        call_run(&call);
        call_assert_failed(&call, PAIL_ERROR_TIMEOUT);
        assert_true(call.request.error.sent);
        assert_non_null(strstr(call.request.error.message, "took no more data"));
        gate_open(&f->release);
        call_done(&call);
}

static void test_deadline(void **state)
{
        struct fixture *f = *state;
        behave(f, (struct manner){ .answer = "HTTP/1.1 200 OK\r\n\r\n", .repeated = "for ever and ever" });
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        int64_t start_ms = pail_clock_monotonic_ms();
        call.request.deadline_ms = start_ms + 250;
        call_run(&call);
        call_assert_failed(&call, PAIL_ERROR_TIMEOUT);
        assert_true(pail_clock_monotonic_ms() >= start_ms + 250);
        assert_non_null(strstr(call.request.error.message, "deadline"));
        call_done(&call);
}

static void test_truncated(void **state)
{
        struct fixture *f = *state;
        static const char *const answers[] = {
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n",
                "HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nsome",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nsome\r\n",
                "",
        };
        for (size_t i = 0; i < TEST_COUNT(answers); i++) {
                behave(f, (struct manner){ .answer = answers[i], .reset = i % 2 });
                run_to_fail(f, NULL, PAIL_ERROR_TRANSFER, true, 0);
        }
}

static void test_reset(void **state)
{
        struct fixture *f = *state;
        behave(f, (struct manner){ .reset = true });
        run_to_fail(f, NULL, PAIL_ERROR_TRANSFER, true, 0);
        behave(f, (struct manner){ .answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome", .reset = true });
        run_to_fail(f, NULL, PAIL_ERROR_TRANSFER, true, 0);
}

/* What is announced counts; the connection is not trusted any more. */
static void test_over_long(void **state)
{
        struct fixture *f = *state;
        behave(f,
               (struct manner){ .answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsomewhat more", .hold = true });
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        for (unsigned i = 1; i <= 3; i++) {
                call_run(&call);
                call_assert_answered(&call, 200);
                call_assert_body(&call, "some");
                assert_int_equal(server_connections(f->server), i);
        }
        call_done(&call);
}

static void test_until_close(void **state)
{
        struct fixture *f = *state;
        behave(f, (struct manner){ .answer = "HTTP/1.0 200 OK\r\n\r\nall of it" });
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        call_run(&call);
        call_assert_answered(&call, 200);
        call_assert_body(&call, "all of it");
        assert_int_equal(call.request.response.content_length, -1);
        call_done(&call);
}

static void test_nonsense(void **state)
{
        struct fixture *f = *state;
        static const char *const answers[] = {
                "SSH-2.0-OpenSSH_9.2\r\n",
                "<html>who are you?</html>",
                "\1\2\3\4\5\6\7\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nab",
                "HTTP/7.9 200 OK\r\n\r\nab",
        };
        for (size_t i = 0; i < TEST_COUNT(answers); i++) {
                behave(f, (struct manner){ .answer = answers[i] });
                run_to_fail(f, NULL, PAIL_ERROR_PROTOCOL, true, 0);
        }
}

static void test_endless(void **state)
{
        struct fixture *f = *state;
        static const struct {
                const char *answer, *repeated;
        } cases[] = {
                { "HTTP/1.1 200 OK\r\n", "X-More: and more\r\n" },            /* headers */
                { "HTTP/1.1 200 OK\r\nX: ", "a header line without an end" }, /* one header */
                { "", "HTTP/1.1 100 Continue\r\n\r\n" },                      /* interim answers */
                { "", "HTTP/1.1 200 OK" },                                    /* a status line */
                { "HTTP/1.1 404 Not Found\r\n\r\n", "a long excuse " },       /* an error that nobody reads */
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                behave(f, (struct manner){ .answer = cases[i].answer, .repeated = cases[i].repeated });
                run_to_fail(f, NULL, PAIL_ERROR_PROTOCOL, true, 0);
        }
}

static void test_long_error_body(void **state)
{
        struct fixture *f = *state;
        enum { SIZE = 500 * 1000 };
        static char answer[SIZE + 100];
        int head = snprintf(answer, 100, "HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n", SIZE);
        memset(answer + head, 'e', SIZE);
        answer[head + SIZE] = '\0';
        behave(f, (struct manner){ .answer = answer });
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        call_run(&call);
        call_assert_answered(&call, 400);
        assert_int_equal(call.request.response.error_body.length, 64 * 1024);
        assert_int_equal(call.request.response.body_bytes, SIZE);
        call_done(&call);
}

static void test_short_upload(void **state)
{
        struct fixture *f = *state;
        _cleanup_close_ int fd = memfd_create("short", MFD_CLOEXEC);
        assert_int_equal(ftruncate(fd, 1000), 0);
        struct call call;
        call_init(&call, f->engine, "PUT", f->server, "/");
        call.request.body = (struct pail_http_body){ .fd = fd, .size_bytes = 200000 };
        call_run(&call);
        call_assert_failed(&call, PAIL_ERROR_SYSTEM);
        assert_int_equal(call.request.error.error_number, ENODATA);
        assert_true(call.request.error.sent);
        call_done(&call);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_refused_connection),
                TEST(test_unknown_host),
                TEST(test_connect_timeout),
                TEST(test_first_byte_timeout),
                TEST(test_own_first_byte_timeout),
                TEST(test_stall_while_receiving),
                TEST(test_stall_within_head),
                TEST(test_stall_while_sending),
                TEST(test_deadline),
                TEST(test_truncated),
                TEST(test_reset),
                TEST(test_over_long),
                TEST(test_until_close),
                TEST(test_nonsense),
                cmocka_unit_test_setup_teardown(test_endless, set_up_patient, tear_down),
                TEST(test_long_error_body),
                TEST(test_short_upload),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
