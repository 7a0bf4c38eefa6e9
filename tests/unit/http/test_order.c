/* SPDX-License-Identifier: Apache-2.0 */
/* Who goes first, who waits, and how the engine ends. */

#include "../support/test.h"
#include "call.h"
#include "pail/util/clock.h"

enum { MAX_SEEN = 256 };

struct fixture {
        struct server *server;
        struct gate arrived; /* once for each request that the server has read */
        struct gate release; /* requests for /hold are answered after its first opening */
        pthread_mutex_t mutex;
        unsigned count;
        char targets[MAX_SEEN][32];
};

static void serve(struct connection *connection, void *context)
{
        struct fixture *f = context;
        struct seen seen;
        while (server_read_request(connection, &seen)) {
                pthread_mutex_lock(&f->mutex);
                if (f->count < MAX_SEEN)
                        snprintf(f->targets[f->count++], sizeof(f->targets[0]), "%.31s", seen.target);
                pthread_mutex_unlock(&f->mutex);
                gate_open(&f->arrived);
                if (strcmp(seen.target, "/hold") == 0)
                        gate_wait(&f->release, 1);
                server_answer(connection, "200 OK", "done");
        }
}

static int set_up(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        f->arrived = f->release = GATE_INIT;
        pthread_mutex_init(&f->mutex, NULL);
        f->server = server_new(serve, f);
        *state = f;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *f = *state;
        gate_open(&f->release);
        server_free(f->server);
        free(f);
        return 0;
}

static void assert_order(const struct fixture *f, unsigned from, const char *const *targets, size_t count)
{
        assert_int_equal(f->count, from + count);
        for (size_t i = 0; i < count; i++)
                assert_string_equal(f->targets[from + i], targets[i]);
}

static void submit_new(struct call *call, struct pail_http_engine *engine, struct fixture *f, const char *target,
                       enum pail_http_priority priority)
{
        call_init(call, engine, "GET", f->server, target);
        call->request.priority = priority;
        call_submit(call);
}

static void finish(struct call *calls, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                call_wait(&calls[i]);
                call_assert_answered(&calls[i], 200);
                call_done(&calls[i]);
        }
}

static void test_priorities(void **state)
{
        struct fixture *f = *state;
        struct pail_http_engine *engine = make_engine(&(struct pail_http_engine_options){ .max_connections = 1 });
        struct call calls[7];
        submit_new(&calls[0], engine, f, "/hold", PAIL_HTTP_PRIORITY_BACKGROUND);
        gate_wait(&f->arrived, 1);
        submit_new(&calls[1], engine, f, "/b1", PAIL_HTTP_PRIORITY_BACKGROUND);
        submit_new(&calls[2], engine, f, "/b2", PAIL_HTTP_PRIORITY_BACKGROUND);
        submit_new(&calls[3], engine, f, "/w1", PAIL_HTTP_PRIORITY_WAITED);
        submit_new(&calls[4], engine, f, "/r1", PAIL_HTTP_PRIORITY_READER);
        submit_new(&calls[5], engine, f, "/w2", PAIL_HTTP_PRIORITY_WAITED);
        submit_new(&calls[6], engine, f, "/r2", PAIL_HTTP_PRIORITY_READER);
        pail_http_engine_reprioritize(engine, &calls[2].request, PAIL_HTTP_PRIORITY_WAITED);
        pail_http_engine_reprioritize(engine, &calls[0].request, PAIL_HTTP_PRIORITY_READER); /* runs: no effect */
        struct pail_http_stats stats;
        pail_http_engine_stats(engine, &stats);
        assert_int_equal(stats.active, 1);
        assert_int_equal(stats.queued, 6);
        gate_open(&f->release);
        finish(calls, 7);
        static const char *const expected[] = { "/hold", "/r1", "/r2", "/w1", "/w2", "/b2", "/b1" };
        assert_order(f, 0, expected, 7);
        assert_int_equal(server_connections(f->server), 1);
        pail_http_engine_free(engine);
}

static void test_reserve(void **state)
{
        struct fixture *f = *state;
        struct pail_http_engine *engine = make_engine(
                &(struct pail_http_engine_options){ .threads = 2, .max_connections = 8 });
        struct call background[10], readers[3];
        for (int i = 0; i < 10; i++)
                submit_new(&background[i], engine, f, "/hold", PAIL_HTTP_PRIORITY_BACKGROUND);
        gate_wait(&f->arrived, 6);
        struct pail_http_stats stats;
        pail_http_engine_stats(engine, &stats);
        assert_int_equal(stats.active, 6);
        assert_int_equal(stats.queued, 4);
        for (int i = 0; i < 3; i++)
                submit_new(&readers[i], engine, f, "/quick", PAIL_HTTP_PRIORITY_READER);
        finish(readers, 3);
        /* Their connections are free again, and still not for the background. */
        pail_http_engine_stats(engine, &stats);
        assert_int_equal(stats.active, 6);
        assert_int_equal(stats.queued, 4);
        assert_int_equal(gate_count(&f->arrived), 6 + 3);
        gate_open(&f->release);
        finish(background, 10);
        pail_http_engine_free(engine);
}

static void test_all_connections_are_used(void **state)
{
        struct fixture *f = *state;
        struct pail_http_engine *engine = make_engine(
                &(struct pail_http_engine_options){ .threads = 3, .max_connections = 8 });
        struct call calls[12];
        for (int i = 0; i < 12; i++)
                submit_new(&calls[i], engine, f, "/hold", PAIL_HTTP_PRIORITY_WAITED);
        gate_wait(&f->arrived, 8);
        struct pail_http_stats stats;
        pail_http_engine_stats(engine, &stats);
        assert_int_equal(stats.active, 8);
        assert_int_equal(stats.queued, 4);
        assert_int_equal(server_connections(f->server), 8);
        gate_open(&f->release);
        finish(calls, 12);
        assert_int_equal(server_connections(f->server), 8);
        pail_http_engine_free(engine);
}

static void test_kept_connection_is_preferred(void **state)
{
        struct fixture *f = *state;
        struct pail_http_engine *engine = make_engine(
                &(struct pail_http_engine_options){ .threads = 4, .max_connections = 8 });
        for (int i = 0; i < 20; i++) {
                struct call call;
                submit_new(&call, engine, f, "/quick", PAIL_HTTP_PRIORITY_WAITED);
                finish(&call, 1);
        }
        assert_int_equal(server_connections(f->server), 1);
        pail_http_engine_free(engine);
}

/* Kept connections to one host make room for another. */
static void test_two_hosts(void **state)
{
        struct fixture *f = *state;
        struct server *other = server_new(serve, f);
        struct pail_http_engine *engine = make_engine(&(struct pail_http_engine_options){ .max_connections = 1 });
        for (int i = 0; i < 6; i++) {
                struct call call;
                call_init(&call, engine, "GET", i % 2 ? f->server : other, "/quick");
                call_run(&call);
                call_assert_answered(&call, 200);
                call_done(&call);
        }
        assert_int_equal(server_connections(f->server), 3);
        assert_int_equal(server_connections(other), 3);
        pail_http_engine_free(engine);
        server_free(other);
}

static void test_not_before(void **state)
{
        struct fixture *f = *state;
        struct pail_http_engine *engine = make_engine(NULL);
        struct call calls[3];
        static const int delays_ms[] = { 150, 50, 100 };
        static const char *const targets[] = { "/150", "/50", "/100" };
        int64_t start_ms = pail_clock_monotonic_ms();
        for (int i = 0; i < 3; i++) {
                call_init(&calls[i], engine, "GET", f->server, targets[i]);
                calls[i].request.not_before_ms = start_ms + delays_ms[i];
                call_submit(&calls[i]);
        }
        for (int i = 0; i < 3; i++) {
                call_wait(&calls[i]);
                call_assert_answered(&calls[i], 200);
                call_done(&calls[i]);
                assert_true(pail_clock_monotonic_ms() >= start_ms + delays_ms[i]);
        }
        static const char *const expected[] = { "/50", "/100", "/150" };
        assert_order(f, 0, expected, 3);
        pail_http_engine_free(engine);
}

static void test_deadline_while_waiting(void **state)
{
        struct fixture *f = *state;
        struct pail_http_engine *engine = make_engine(&(struct pail_http_engine_options){ .max_connections = 1 });
        struct call holder, queued, delayed;
        submit_new(&holder, engine, f, "/hold", PAIL_HTTP_PRIORITY_WAITED);
        gate_wait(&f->arrived, 1);
        int64_t now_ms = pail_clock_monotonic_ms();
        call_init(&queued, engine, "GET", f->server, "/queued?secret");
        queued.request.deadline_ms = now_ms + 60;
        call_init(&delayed, engine, "GET", f->server, "/delayed");
        delayed.request.not_before_ms = now_ms + 60000;
        delayed.request.deadline_ms = now_ms + 30;
        call_submit(&queued);
        call_submit(&delayed);
        call_wait(&queued);
        call_assert_failed(&queued, PAIL_ERROR_TIMEOUT);
        assert_false(queued.request.error.sent);
        assert_true(pail_clock_monotonic_ms() >= now_ms + 60);
        call_wait(&delayed);
        call_assert_failed(&delayed, PAIL_ERROR_TIMEOUT);
        gate_open(&f->release);
        finish(&holder, 1);
        assert_int_equal(f->count, 1);
        call_done(&queued);
        call_done(&delayed);
        pail_http_engine_free(engine);
}

static void resubmit(struct call *call)
{
        unsigned *left = call->context;
        if (*left == 0)
                return;
        --*left;
        pail_http_engine_submit(call->engine, &call->request);
}

static void test_submit_from_done(void **state)
{
        struct fixture *f = *state;
        struct pail_http_engine *engine = make_engine(NULL);
        struct call call;
        unsigned left = 50;
        call_init(&call, engine, "GET", f->server, "/again");
        call.on_done = resubmit;
        call.context = &left;
        call_submit(&call);
        gate_wait(&call.ended, 51);
        pail_http_engine_free(engine);
        call_assert_answered(&call, 200);
        assert_int_equal(left, 0);
        assert_int_equal(f->count, 51);
        assert_int_equal(server_connections(f->server), 1);
        call_done(&call);
}

struct survivor {
        struct pail_http_request request;
        struct pail_http_engine *engine;
        unsigned ends, cancelled;
};

static void survive(struct pail_http_request *request, void *context)
{
        struct survivor *survivor = context;
        survivor->ends++;
        survivor->cancelled += request->error.class == PAIL_ERROR_CANCELLED;
        if (survivor->ends == 1)
                pail_http_engine_submit(survivor->engine, request);
}

/* Running, queued and delayed requests end, each twice, as each submits itself once more while the engine ends. */
static void test_free_with_work(void **state)
{
        struct fixture *f = *state;
        struct pail_http_engine *engine = make_engine(
                &(struct pail_http_engine_options){ .threads = 2, .max_connections = 4 });
        enum { COUNT = 12 };
        static struct survivor survivors[COUNT];
        for (int i = 0; i < COUNT; i++) {
                struct survivor *survivor = &survivors[i];
                *survivor = (struct survivor){ .engine = engine };
                pail_http_request_init(&survivor->request);
                survivor->request.method = strdup("GET");
                assert_true(asprintf(&survivor->request.url, "http://127.0.0.1:%u/hold", server_port(f->server)) > 0);
                survivor->request.done = survive;
                survivor->request.done_context = survivor;
                if (i >= 8)
                        survivor->request.not_before_ms = pail_clock_monotonic_ms() + 60000;
                pail_http_engine_submit(engine, &survivor->request);
        }
        gate_wait(&f->arrived, 4);
        pail_http_engine_free(engine);
        for (int i = 0; i < COUNT; i++) {
                assert_int_equal(survivors[i].ends, 2);
                assert_int_equal(survivors[i].cancelled, 2);
                assert_int_equal(survivors[i].request.error.sent, false);
                pail_http_request_done(&survivors[i].request);
        }
}

static void test_free_without_work(void **state)
{
        struct fixture *f = *state;
        (void)f;
        for (int i = 0; i < 20; i++) {
                struct pail_http_engine *engine = make_engine(&(struct pail_http_engine_options){ .threads = 4 });
                pail_http_engine_free(engine);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_priorities),
                TEST(test_reserve),
                TEST(test_all_connections_are_used),
                TEST(test_kept_connection_is_preferred),
                TEST(test_two_hosts),
                TEST(test_not_before),
                TEST(test_deadline_while_waiting),
                TEST(test_submit_from_done),
                TEST(test_free_with_work),
                TEST(test_free_without_work),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
