/* SPDX-License-Identifier: Apache-2.0 */
/* Cancelling, in each state that a request can be in, and from each place it can be asked for. */

#include "../support/test.h"
#include "blackhole.h"
#include "call.h"
#include "pail/util/clock.h"

struct fixture {
        struct pail_http_engine *engine;
        struct server *server;
        struct gate arrived;
};

/* Does what the first letter of the path says. */
static void serve(struct connection *connection, void *context)
{
        struct fixture *f = context;
        struct seen seen;
        while (server_read_head(connection, &seen)) {
                gate_open(&f->arrived);
                switch (seen.target[1]) {
                case 'u': /* an upload is not read */
                        sleep_ms(20);
                        break;
                case 'w': /* nothing is answered */
                        server_wait_gone(connection);
                        return;
                case 'r': /* part of the answer */
                        server_sendf(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart");
                        server_wait_gone(connection);
                        return;
                case 'e': /* endless */
                        server_sendf(connection, "HTTP/1.1 200 OK\r\n\r\n");
                        while (server_sendf(connection, "more and more"))
                                ;
                        return;
                default:
                        if (!server_read_body(connection, NULL, seen.announced) ||
                            !server_answer(connection, "200 OK", "done"))
                                return;
                        continue;
                }
                server_wait_gone(connection);
                return;
        }
}

static int set_up(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        f->arrived = GATE_INIT;
        f->server = server_new(serve, f);
        f->engine = make_engine(&(struct pail_http_engine_options){ .max_connections = 1 });
        *state = f;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *f = *state;
        pail_http_engine_free(f->engine);
        server_free(f->server);
        free(f);
        return 0;
}

/* The engine works on as if nothing had been, and the cancelled one can be sent again. */
static void assert_usable(struct fixture *f, struct call *cancelled)
{
        struct pail_http_stats stats;
        pail_http_engine_stats(f->engine, &stats);
        assert_int_equal(stats.active, 0);
        assert_int_equal(stats.queued, 0);
        char url[64];
        snprintf(url, sizeof(url), "http://127.0.0.1:%u/", server_port(f->server));
        call_set_url(cancelled, url);
        cancelled->on_body = NULL;
        cancelled->request.not_before_ms = 0;
        call_run(cancelled);
        call_assert_answered(cancelled, 200);
        call_assert_body(cancelled, "done");
}

static void assert_cancelled(struct call *call, bool sent)
{
        call_wait(call);
        call_assert_failed(call, PAIL_ERROR_CANCELLED);
        assert_int_equal(call->request.error.sent, sent);
}

static void test_queued(void **state)
{
        struct fixture *f = *state;
        struct call holder, call;
        call_init(&holder, f->engine, "GET", f->server, "/wait");
        call_submit(&holder);
        gate_wait(&f->arrived, 1);
        call_init(&call, f->engine, "GET", f->server, "/never");
        call_submit(&call);
        call_cancel(&call);
        call_cancel(&call);
        assert_cancelled(&call, false);
        call_cancel(&holder);
        assert_cancelled(&holder, true);
        assert_int_equal(gate_count(&f->arrived), 1);
        assert_usable(f, &call);
        call_done(&call);
        call_done(&holder);
}

static void test_delayed(void **state)
{
        struct fixture *f = *state;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        call.request.not_before_ms = pail_clock_monotonic_ms() + 60000;
        call_submit(&call);
        call_cancel(&call);
        assert_cancelled(&call, false);
        assert_usable(f, &call);
        call_done(&call);
}

static void test_connecting(void **state)
{
        struct fixture *f = *state;
        struct blackhole hole;
        blackhole_open(&hole);
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        char url[64];
        snprintf(url, sizeof(url), "http://127.0.0.1:%u/", hole.port);
        call_set_url(&call, url);
        call_submit(&call);
        sleep_ms(30);
        call_cancel(&call);
        assert_cancelled(&call, false);
        blackhole_close(&hole);
        assert_usable(f, &call);
        call_done(&call);
}

static void test_sending(void **state)
{
        struct fixture *f = *state;
        enum { SIZE = 32 * 1024 * 1024 };
        struct iovec vector = { calloc(1, SIZE), SIZE };
        assert_non_null(vector.iov_base);
        struct call call;
        call_init(&call, f->engine, "PUT", f->server, "/upload");
        call.request.body = (struct pail_http_body){ .vector = &vector, .vector_count = 1, .size_bytes = SIZE };
        call_submit(&call);
        gate_wait(&f->arrived, 1);
        sleep_ms(30);
        call_cancel(&call);
        assert_cancelled(&call, true);
        assert_usable(f, &call);
        call_done(&call);
        free(vector.iov_base);
}

static void test_waiting(void **state)
{
        struct fixture *f = *state;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/wait");
        call_submit(&call);
        gate_wait(&f->arrived, 1);
        call_cancel(&call);
        assert_cancelled(&call, true);
        assert_usable(f, &call);
        call_done(&call);
}

static void open_gate(struct call *call)
{
        gate_open(call->context);
}

static void test_receiving(void **state)
{
        struct fixture *f = *state;
        struct gate received = GATE_INIT;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/receive");
        call.on_body = open_gate;
        call.context = &received;
        call_submit(&call);
        gate_wait(&received, 1);
        call_cancel(&call);
        assert_cancelled(&call, true);
        call_assert_body(&call, "part");
        assert_usable(f, &call);
        call_done(&call);
}

static void cancel_itself(struct call *call)
{
        ++*(unsigned *)call->context;
        call_cancel(call);
}

/* Not one more piece comes after it. */
static void test_from_sink(void **state)
{
        struct fixture *f = *state;
        unsigned pieces = 0;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/endless");
        call.on_body = cancel_itself;
        call.context = &pieces;
        call_submit(&call);
        assert_cancelled(&call, true);
        assert_int_equal(pieces, 1);
        assert_usable(f, &call);
        call_done(&call);
}

static void cancel_other(struct call *call)
{
        call_cancel(call->context);
}

static void test_from_done(void **state)
{
        struct fixture *f = *state;
        struct call first, second;
        call_init(&first, f->engine, "GET", f->server, "/");
        call_init(&second, f->engine, "GET", f->server, "/wait");
        first.on_done = cancel_other;
        first.context = &second;
        call_submit(&first);
        call_submit(&second);
        call_wait(&first);
        call_assert_answered(&first, 200);
        call_wait(&second);
        call_assert_failed(&second, PAIL_ERROR_CANCELLED);
        call_done(&first);
        call_done(&second);
}

static void test_ended(void **state)
{
        struct fixture *f = *state;
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/");
        call_cancel(&call); /* before it ever was submitted */
        call_run(&call);
        call_cancel(&call);
        call_assert_answered(&call, 200);
        assert_usable(f, &call);
        call_done(&call);
}

/* Whatever the moment, a request ends once, and as either answered or cancelled. */
static void test_any_moment(void **state)
{
        struct fixture *f = *state;
        struct pail_http_engine *engine = make_engine(
                &(struct pail_http_engine_options){ .threads = 3, .max_connections = 4 });
        enum { ROUNDS = 40, COUNT = 8 };
        unsigned cancelled = 0, answered = 0;
        for (int round = 0; round < ROUNDS; round++) {
                struct call calls[COUNT];
                for (int i = 0; i < COUNT; i++) {
                        call_init(&calls[i], engine, "GET", f->server, "/");
                        call_submit(&calls[i]);
                }
                if (round % 4)
                        usleep((useconds_t)(round * 20));
                for (int i = COUNT - 1; i >= 0; i -= 1 + round % 2)
                        call_cancel(&calls[i]);
                for (int i = 0; i < COUNT; i++) {
                        call_wait(&calls[i]);
                        cancelled += calls[i].request.error.class == PAIL_ERROR_CANCELLED;
                        answered += calls[i].request.error.class == PAIL_ERROR_NONE;
                        call_done(&calls[i]);
                }
        }
        assert_int_equal(cancelled + answered, ROUNDS * COUNT);
        assert_true(cancelled > 0);
        assert_true(answered > 0);
        pail_http_engine_free(engine);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_queued),  TEST(test_delayed),    TEST(test_connecting), TEST(test_sending),
                TEST(test_waiting), TEST(test_receiving),  TEST(test_from_sink),  TEST(test_from_done),
                TEST(test_ended),   TEST(test_any_moment),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
