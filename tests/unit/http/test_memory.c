/* SPDX-License-Identifier: Apache-2.0 */
/* Memory runs out at each place in turn, in our code and in curl's: every request still ends once, and the engine lives on. */
#include <curl/curl.h>

#include "../support/alloc.h"
#include "../support/test.h"
#include "call.h"

/* These names are redirected by the linker, so that curl's allocations fail as ours do. */
static void *curl_malloc(size_t size)
{
        return malloc(size);
}

static void curl_free_(void *pointer)
{
        free(pointer);
}

static void *curl_realloc(void *pointer, size_t size)
{
        return realloc(pointer, size);
}

static char *curl_strdup(const char *string)
{
        return strdup(string);
}

static void *curl_calloc(size_t count, size_t size)
{
        return calloc(count, size);
}

static void serve(struct connection *connection, void *context)
{
        (void)context;
        struct seen seen;
        while (server_read_request(connection, &seen) &&
               server_sendf(connection, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\nA: b\r\n folded\r\n\r\nhello"))
                ;
}

/* Runs one request with the number-th allocation failing. true: there was no such allocation. */
static bool run_one(struct pail_http_engine *engine, struct server *server, const char *method, unsigned number)
{
        struct call call;
        call_init(&call, engine, method, server, "/");
        struct iovec vector = { (char[]){ 'x', 'y' }, 2 };
        if (strcmp(method, "PUT") == 0) {
                call.request.body = (struct pail_http_body){ .vector = &vector, .vector_count = 1, .size_bytes = 2 };
                call.request.expect_continue = false;
        }
        call.request.sink = NULL;
        pail_http_headers_add(&call.request.headers, "x-amz-date", "now");
        test_alloc_fail_at(number);
        call_submit(&call);
        call_wait(&call);
        bool through = !test_alloc_has_failed();
        test_alloc_fail_at(0);
        if (through)
                call_assert_answered(&call, 200);
        else if (call.request.error.class != PAIL_ERROR_NONE)
                assert_true(*call.request.error.message);
        call_done(&call);
        return through;
}

static void test_requests(void **state)
{
        (void)state;
        static const char *const methods[] = { "GET", "PUT" };
        struct server *server = server_new(serve, NULL);
        for (size_t i = 0; i < TEST_COUNT(methods); i++) {
                unsigned number = 1;
                bool through = false;
                for (; !through; number++) {
                        /* A new engine each time: the first request of one allocates most. */
                        struct pail_http_engine *engine = make_engine(NULL);
                        through = run_one(engine, server, methods[i], number);
                        struct call call;
                        call_init(&call, engine, "GET", server, "/");
                        call_run(&call);
                        call_assert_answered(&call, 200);
                        call_assert_body(&call, "hello");
                        call_done(&call);
                        pail_http_engine_free(engine);
                }
                assert_true(number > 50);
        }
        server_free(server);
}

static void test_engine(void **state)
{
        (void)state;
        bool through = false;
        for (unsigned number = 1; !through; number++) {
                struct pail_http_engine *engine = NULL;
                struct pail_error error = PAIL_ERROR_INIT;
                struct pail_http_engine_options options = { .ca_bundle = "/", .user_agent = "pail/test" };
                test_alloc_fail_at(number);
                int r = pail_http_engine_new(&options, &engine, &error);
                through = !test_alloc_has_failed();
                test_alloc_fail_at(0);
                if (r < 0) {
                        assert_null(engine);
                        assert_int_equal(r, -ENOMEM);
                        assert_int_equal(error.class, PAIL_ERROR_SYSTEM);
                        assert_false(through);
                }
                pail_http_engine_free(engine);
        }
}

int main(void)
{
        if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_malloc, curl_free_, curl_realloc, curl_strdup, curl_calloc))
                return 1;
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_engine),
                cmocka_unit_test(test_requests),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
