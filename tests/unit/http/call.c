/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"
#include "../support/test.h"

/* The environment of whoever runs the tests must not send them through a proxy. */
__attribute__((constructor)) static void forget_proxies(void)
{
        static const char *const names[] = { "http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY" };
        for (size_t i = 0; i < TEST_COUNT(names); i++)
                unsetenv(names[i]);
}

enum { BODY_CAP_BYTES = 64 * 1024 * 1024 };

struct pail_http_engine *make_engine(const struct pail_http_engine_options *options)
{
        struct pail_http_engine_options copy = options ? *options : (struct pail_http_engine_options){ 0 };
        if (!copy.threads)
                copy.threads = 1;
        struct pail_http_engine *engine = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        assert_int_equal(pail_http_engine_new(&copy, &engine, &error), 0);
        return engine;
}

static int on_headers(void *context, const struct pail_http_response *response)
{
        struct call *call = context;
        call->announced++;
        return response->status == 0 ? -EINVAL : call->headers_result;
}

static int on_body(void *context, const void *data, size_t size)
{
        struct call *call = context;
        int r = pail_buf_append(&call->body, data, size);
        if (call->on_body)
                call->on_body(call);
        return r < 0 ? r : call->body_result;
}

static const struct pail_http_sink sink = { .on_headers = on_headers, .on_body = on_body };

static void on_done(struct pail_http_request *request, void *context)
{
        struct call *call = context;
        (void)request;
        call->on_engine_thread = pail_http_engine_is_own_thread(call->engine);
        if (call->on_done)
                call->on_done(call);
        gate_open(&call->ended);
}

void call_init(struct call *call, struct pail_http_engine *engine, const char *method, struct server *server,
               const char *target)
{
        *call = (struct call){ .engine = engine, .ended = GATE_INIT };
        pail_buf_init(&call->body, BODY_CAP_BYTES);
        pail_http_request_init(&call->request);
        call->request.method = strdup(method);
        if (asprintf(&call->request.url, "http://127.0.0.1:%u%s", server ? server_port(server) : 1, target) < 0)
                abort();
        call->request.sink = &sink;
        call->request.sink_context = call;
        call->request.done = on_done;
        call->request.done_context = call;
        call->request.priority = PAIL_HTTP_PRIORITY_WAITED;
}

void call_set_url(struct call *call, const char *url)
{
        free(call->request.url);
        call->request.url = strdup(url);
}

void call_done(struct call *call)
{
        pail_http_request_done(&call->request);
        pail_buf_done(&call->body);
}

void call_submit(struct call *call)
{
        call->ended.count = 0;
        call->announced = 0;
        pail_buf_reset(&call->body);
        pail_http_engine_submit(call->engine, &call->request);
}

void call_cancel(struct call *call)
{
        pail_http_engine_cancel(call->engine, &call->request);
}

void call_wait(struct call *call)
{
        gate_wait(&call->ended, 1);
        assert_int_equal(gate_count(&call->ended), 1);
        assert_true(call->on_engine_thread);
}

void call_run(struct call *call)
{
        call_submit(call);
        call_wait(call);
}

void call_assert_answered(const struct call *call, int status)
{
        if (call->request.error.class != PAIL_ERROR_NONE)
                fail_msg("not answered: %s", call->request.error.message);
        assert_int_equal(call->request.response.status, status);
        assert_true(call->request.error.sent);
}

void call_assert_failed(const struct call *call, enum pail_error_class class)
{
        const struct pail_error *error = &call->request.error;
        if (error->class != class)
                fail_msg("%s expected, not %s: %s", pail_error_class_name(class), pail_error_class_name(error->class),
                         error->message);
        assert_true(*error->message);
        /* What a person reads names no query, where signatures are. */
        assert_null(strchr(error->message, '?'));
}

void call_assert_body(const struct call *call, const char *text)
{
        assert_string_equal(call->body.data, text);
}
