/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several threads submit, cancel and reprioritize at random, against a server that answers, delays, cuts and resets
 * at random. Whatever happens, each request ends once, and an answer that counts as complete is complete.
 */
#include "../support/test.h"
#include "call.h"
#include "pail/util/clock.h"

enum { SUBMITTERS = 3, AT_ONCE = 10, ROUNDS = 25, ANSWER_BYTES = 40000 };

/* A generator of our own (xorshift), so that a seed says what was done. */
static unsigned next_random(unsigned *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 17;
        *seed ^= *seed << 5;
        return *seed;
}

static void serve(struct connection *connection, void *context)
{
        (void)context;
        static const char body[ANSWER_BYTES];
        unsigned seed = connection->number * 2654435761u + 1;
        struct seen seen;
        while (server_read_request(connection, &seen)) {
                unsigned choice = next_random(&seed) % 16;
                if (choice == 0)
                        sleep_ms(5);
                if (choice == 1)
                        server_reset(connection);
                if (choice <= 2)
                        return;
                size_t size = next_random(&seed) % ANSWER_BYTES;
                size_t sent = choice == 3 ? size / 2 : size;
                if (!server_sendf(connection, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nLength: %zu\r\n\r\n", size,
                                  size) ||
                    !server_send(connection, body, sent) || sent < size)
                        return;
        }
}

struct submitter {
        struct pail_http_engine *engine;
        struct server *server;
        unsigned seed;
        unsigned answered, failed, cancelled;
};

static void init_random(struct submitter *submitter, struct call *call)
{
        static char data[100000];
        static const struct iovec vector = { data, sizeof(data) };
        unsigned random = next_random(&submitter->seed);
        call_init(call, submitter->engine, random % 3 ? "GET" : "PUT", submitter->server, "/");
        call->request.priority = (enum pail_http_priority)(random / 3 % 3);
        call->request.may_resend = random / 9 % 2;
        if (random % 3 == 0)
                call->request.body = (struct pail_http_body){
                        .vector = &vector, .vector_count = 1, .size_bytes = next_random(&submitter->seed) % sizeof(data)
                };
        if (random / 18 % 8 == 0)
                call->request.not_before_ms = pail_clock_monotonic_ms() + random / 144 % 4;
        if (random / 18 % 8 == 1)
                call->request.deadline_ms = pail_clock_monotonic_ms() + random / 144 % 8;
        call_submit(call);
}

static void poke(struct submitter *submitter, struct call *call)
{
        unsigned random = next_random(&submitter->seed);
        if (random % 8 == 0)
                call_cancel(call);
        if (random % 8 == 1)
                pail_http_engine_reprioritize(submitter->engine, &call->request,
                                              (enum pail_http_priority)(random / 8 % 3));
}

/* Not cmocka's assertions: this is not its thread. */
static void require(bool condition)
{
        if (!condition)
                abort();
}

static void collect(struct submitter *submitter, struct call *call)
{
        gate_wait(&call->ended, 1);
        require(gate_count(&call->ended) == 1 && call->on_engine_thread);
        const struct pail_http_response *response = &call->request.response;
        switch (call->request.error.class) {
        case PAIL_ERROR_NONE:
                require(response->status == 200 && call->body.length == (size_t)response->content_length);
                require(strtoul(pail_http_headers_get(&response->headers, "Length"), NULL, 10) == call->body.length);
                submitter->answered++;
                break;
        case PAIL_ERROR_CANCELLED:
                submitter->cancelled++;
                break;
        default:
                require(*call->request.error.message);
                submitter->failed++;
        }
        call_done(call);
}

static void *submit_at_random(void *argument)
{
        struct submitter *submitter = argument;
        for (int round = 0; round < ROUNDS; round++) {
                struct call calls[AT_ONCE];
                for (int i = 0; i < AT_ONCE; i++)
                        init_random(submitter, &calls[i]);
                for (int i = 0; i < AT_ONCE; i++)
                        poke(submitter, &calls[i]);
                for (int i = 0; i < AT_ONCE; i++)
                        collect(submitter, &calls[i]);
        }
        return NULL;
}

static void test_soak(void **state)
{
        (void)state;
        struct server *server = server_new(serve, NULL);
        struct pail_http_engine *engine = make_engine(
                &(struct pail_http_engine_options){ .threads = 3, .max_connections = 7 });
        struct submitter submitters[SUBMITTERS];
        pthread_t threads[SUBMITTERS];
        for (unsigned i = 0; i < SUBMITTERS; i++) {
                submitters[i] = (struct submitter){ .engine = engine, .server = server, .seed = i + 1 };
                assert_int_equal(pthread_create(&threads[i], NULL, submit_at_random, &submitters[i]), 0);
        }
        unsigned answered = 0, failed = 0, cancelled = 0;
        for (unsigned i = 0; i < SUBMITTERS; i++) {
                pthread_join(threads[i], NULL);
                answered += submitters[i].answered;
                failed += submitters[i].failed;
                cancelled += submitters[i].cancelled;
        }
        struct pail_http_stats stats;
        pail_http_engine_stats(engine, &stats);
        assert_int_equal(stats.requests, SUBMITTERS * AT_ONCE * ROUNDS);
        assert_int_equal(stats.failures, failed + cancelled);
        assert_int_equal(stats.active + stats.queued, 0);
        assert_true(answered > stats.requests / 4);
        assert_true(failed > 0 && cancelled > 0);
        pail_http_engine_free(engine);
        server_free(server);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_soak) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
