/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that are sent twice, or must not be; and "Expect: 100-continue". */

#include "../support/test.h"
#include <poll.h>

#include "call.h"

enum { BODY_BYTES = 3 * 1000 * 1000 };

struct fixture {
        struct pail_http_engine *engine;
        struct server *server;
        size_t read_before_end; /* of the body of the second request on the first connection */
        atomic_uint requests;   /* heads read */
        char *body;             /* what was received last, whole */
        const char *interim;    /* sent before the body is read */
        bool refuse;            /* sent instead of reading it: interim, and then the end */
        atomic_uint early;      /* bodies that came before they were asked for */
        struct seen seen;
};

/* The first connection serves one request, and ends during the second. */
static void serve_dying(struct connection *connection, void *context)
{
        struct fixture *f = context;
        struct seen seen;
        for (unsigned i = 1; server_read_head(connection, &seen); i++) {
                f->requests++;
                if (connection->number == 1 && i == 2) {
                        server_read_body(connection, NULL, f->read_before_end);
                        if (f->read_before_end < seen.announced)
                                server_reset(connection);
                        return;
                }
                if (!server_read_body(connection, f->body, seen.announced) ||
                    !server_answer(connection, "200 OK", "done"))
                        return;
        }
}

static void serve_expecting(struct connection *connection, void *context)
{
        struct fixture *f = context;
        struct seen seen;
        while (server_read_head(connection, &seen)) {
                f->requests++;
                f->seen = seen;
                bool expects = seen_header(&seen, "Expect") != NULL;
                if (expects && f->interim) {
                        /* The body is not there before it was asked for. */
                        struct pollfd early = { .fd = connection->fd, .events = POLLIN };
                        f->early += poll(&early, 1, 50) != 0;
                }
                if (expects && f->interim)
                        server_send(connection, f->interim, strlen(f->interim));
                if (expects && f->refuse)
                        continue;
                if (!server_read_body(connection, f->body, seen.announced) ||
                    !server_answer(connection, "200 OK", "done"))
                        return;
        }
}

static void start(struct fixture *f, serve_function serve)
{
        f->server = server_new(serve, f);
        f->engine = make_engine(NULL);
        f->body = calloc(1, BODY_BYTES);
        assert_non_null(f->body);
}

static int set_up_dying(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        start(f, serve_dying);
        *state = f;
        return 0;
}

static int set_up_expecting(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        start(f, serve_expecting);
        *state = f;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *f = *state;
        pail_http_engine_free(f->engine);
        server_free(f->server);
        free(f->body);
        free(f);
        return 0;
}

/* A call with a body whose every byte tells its place. */
static void init_upload(struct call *call, struct fixture *f, const char *method)
{
        static char data[BODY_BYTES];
        static struct iovec vector = { data, BODY_BYTES };
        for (size_t i = 0; i < BODY_BYTES; i++)
                data[i] = (char)(i % 251);
        call_init(call, f->engine, method, f->server, "/k");
        call->request.body = (struct pail_http_body){ .vector = &vector, .vector_count = 1, .size_bytes = BODY_BYTES };
}

static void assert_uploaded(const struct fixture *f)
{
        for (size_t i = 0; i < BODY_BYTES; i++)
                if (f->body[i] != (char)(i % 251))
                        fail_msg("byte %zu of the body is wrong", i);
}

static void warm_up(struct fixture *f)
{
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/warm");
        call_run(&call);
        call_assert_answered(&call, 200);
        call_done(&call);
}

static void test_safe_methods_are_sent_again(void **state)
{
        struct fixture *f = *state;
        warm_up(f);
        struct call call;
        call_init(&call, f->engine, "GET", f->server, "/again");
        call_run(&call);
        call_assert_answered(&call, 200);
        call_assert_body(&call, "done");
        assert_int_equal(f->requests, 3);
        assert_int_equal(server_connections(f->server), 2);
        call_done(&call);
}

static void test_others_are_not(void **state)
{
        struct fixture *f = *state;
        warm_up(f);
        struct call call;
        call_init(&call, f->engine, "DELETE", f->server, "/once");
        call_run(&call);
        call_assert_failed(&call, PAIL_ERROR_TRANSFER);
        assert_true(call.request.error.sent);
        assert_int_equal(f->requests, 2);
        /* Whoever submits it again knows what that means. */
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_int_equal(f->requests, 3);
        call_done(&call);
}

static void test_upload_is_not(void **state)
{
        struct fixture *f = *state;
        warm_up(f);
        f->read_before_end = BODY_BYTES;
        struct call call;
        init_upload(&call, f, "PUT");
        call_run(&call);
        call_assert_failed(&call, PAIL_ERROR_TRANSFER);
        assert_true(call.request.error.sent);
        assert_int_equal(f->requests, 2);
        call_done(&call);
}

static void test_upload_that_may_is_rewound(void **state)
{
        struct fixture *f = *state;
        warm_up(f);
        f->read_before_end = BODY_BYTES;
        struct call call;
        init_upload(&call, f, "PUT");
        call.request.may_resend = true;
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_int_equal(f->requests, 3);
        assert_uploaded(f);
        call_done(&call);
}

/* Reset in the middle: sent again or failed as the system tells it, but never with a body that begins elsewhere. */
static void test_reset_within_upload(void **state)
{
        struct fixture *f = *state;
        warm_up(f);
        f->read_before_end = 100000;
        struct call call;
        init_upload(&call, f, "PUT");
        call.request.may_resend = true;
        call_run(&call);
        if (call.request.error.class != PAIL_ERROR_NONE) {
                call_assert_failed(&call, PAIL_ERROR_TRANSFER);
                assert_true(call.request.error.sent);
                call_run(&call);
        }
        call_assert_answered(&call, 200);
        assert_uploaded(f);
        call_done(&call);
}

static void test_continue(void **state)
{
        struct fixture *f = *state;
        f->interim = "HTTP/1.1 100 Continue\r\n\r\n";
        struct call call;
        init_upload(&call, f, "PUT");
        call.request.expect_continue = true;
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_int_equal(f->early, 0);
        assert_string_equal(seen_header(&f->seen, "Expect"), "100-continue");
        assert_uploaded(f);
        assert_int_equal(call.announced, 1);
        call_done(&call);
}

static void test_continue_ignored(void **state)
{
        struct fixture *f = *state;
        struct call call;
        init_upload(&call, f, "PUT");
        call.request.expect_continue = true;
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_uploaded(f);
        call_done(&call);
}

static void test_continue_refused(void **state)
{
        struct fixture *f = *state;
        f->interim = "HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nDenied";
        f->refuse = true;
        struct call call;
        init_upload(&call, f, "PUT");
        call.request.expect_continue = true;
        call_run(&call);
        call_assert_answered(&call, 403);
        assert_string_equal(call.request.response.error_body.data, "Denied");
        assert_int_equal(f->requests, 1);
        call_done(&call);
}

/* RFC 9110 §10.1.1: 417 asks for the same without the expectation. */
static void test_expectation_failed(void **state)
{
        struct fixture *f = *state;
        f->interim = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 4\r\n\r\nnope";
        f->refuse = true;
        struct call call;
        init_upload(&call, f, "PUT");
        call.request.expect_continue = true;
        call_run(&call);
        call_assert_answered(&call, 200);
        assert_int_equal(call.request.response.error_body.length, 0);
        call_assert_body(&call, "done");
        assert_uploaded(f);
        call_done(&call);
}

int main(void)
{
#define DYING(name) cmocka_unit_test_setup_teardown(name, set_up_dying, tear_down)
#define EXPECTING(name) cmocka_unit_test_setup_teardown(name, set_up_expecting, tear_down)
        const struct CMUnitTest tests[] = {
                DYING(test_safe_methods_are_sent_again),
                DYING(test_others_are_not),
                DYING(test_upload_is_not),
                DYING(test_upload_that_may_is_rewound),
                DYING(test_reset_within_upload),
                EXPECTING(test_continue),
                EXPECTING(test_continue_ignored),
                EXPECTING(test_continue_refused),
                EXPECTING(test_expectation_failed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
