/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call is one HTTP request that is submitted again until it is answered well enough or its attempts are used up; the thread of the
 * caller sleeps on a condition variable meanwhile, and the pauses between are the engine's (not_before_ms).
 *
 * Answers are secrets. The body is received into memory that is large enough from the beginning for every answer that holds
 * credentials, so that no part of one stays behind where a growing buffer was; it is handed on without a copy, and wiped.
 */
#include "service.h"

#include <errno.h>
#include <string.h>

#include "pail/aws/sigv4.h"
#include "pail/aws/sigv4_body.h"
#include "pail/http/engine.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

enum {
        SERVICE_TIMEOUT_MS = 10 * 1000,
        SERVICE_FIRST_PAUSE_MS = 100, /* doubles */
        SERVICE_PAUSE_MAX_MS = 2000,
        SERVICE_CONNECTIONS = 4,
        SERVICE_RESERVED_BYTES = 16 * 1024,
};

struct pail_service {
        char *ca_bundle;
        bool no_verify_ssl;
        struct {
                struct pail_mutex mutex;
                struct pail_http_engine *engine; /* NULL: nothing was asked yet */
        } guarded;
};

int pail_service_new(const struct pail_service_options *options, struct pail_service **ret_service)
{
        struct pail_service *service = calloc(1, sizeof(*service));

        if (!service || pail_str_dup(options->ca_bundle, &service->ca_bundle) < 0) {
                free(service);
                return -ENOMEM;
        }
        service->no_verify_ssl = options->no_verify_ssl;
        pail_mutex_init(&service->guarded.mutex);
        *ret_service = service;
        return 0;
}

void pail_service_free(struct pail_service *service)
{
        if (!service)
                return;
        pail_http_engine_free(service->guarded.engine);
        pail_mutex_done(&service->guarded.mutex);
        free(service->ca_bundle);
        free(service);
}

static int find_or_start_engine(struct pail_service *service, struct pail_http_engine **ret_engine,
                                struct pail_error *ret_error)
{
        const struct pail_http_engine_options options = {
                .threads = 1,
                .max_connections = SERVICE_CONNECTIONS,
                .ca_bundle = service->ca_bundle,
                .no_verify_ssl = service->no_verify_ssl,
                .user_agent = PACKAGE_NAME "/" PACKAGE_VERSION,
        };
        int r = 0;

        PAIL_LOCK(&service->guarded.mutex);
        if (!service->guarded.engine)
                r = pail_http_engine_new(&options, &service->guarded.engine, ret_error);
        if (r == 0)
                *ret_engine = service->guarded.engine;
        return r;
}

void pail_service_headers_wipe(struct pail_http_headers *headers)
{
        for (size_t i = 0; i < headers->count; i++)
                explicit_bzero(headers->items[i].value, strlen(headers->items[i].value));
        pail_http_headers_done(headers);
}

void pail_service_answer_done(struct pail_service_answer *answer)
{
        pail_service_headers_wipe(&answer->headers);
        pail_buf_wipe(&answer->body);
        *answer = (struct pail_service_answer){ 0 };
}

/* One call. The engine's thread touches it only between submit and the end of on_done. */
struct call {
        const struct pail_service_request *asked;
        struct pail_http_request http;
        struct iovec body;
        struct {
                struct pail_mutex mutex;
                struct pail_cond ended;
                bool has_ended;
        } guarded;
};

static void on_done(struct pail_http_request *request, void *context)
{
        struct call *call = context;

        (void)request;
        PAIL_LOCK(&call->guarded.mutex);
        call->guarded.has_ended = true;
        pail_cond_broadcast(&call->guarded.ended);
}

static void call_done(struct call *call)
{
        pail_service_headers_wipe(&call->http.headers);
        pail_service_headers_wipe(&call->http.response.headers);
        pail_buf_wipe(&call->http.response.error_body);
        pail_http_request_done(&call->http);
        pail_cond_done(&call->guarded.ended);
        pail_mutex_done(&call->guarded.mutex);
}

static int copy_headers(struct call *call)
{
        const struct pail_http_headers *asked = call->asked->headers;
        int r = 0;

        for (size_t i = 0; asked && r == 0 && i < asked->count; i++)
                r = pail_http_headers_add(&call->http.headers, asked->items[i].name, asked->items[i].value);
        if (r == 0 && call->asked->content_type)
                r = pail_http_headers_set(&call->http.headers, "Content-Type", call->asked->content_type);
        return r;
}

static int build_call(struct call *call, const struct pail_service_request *asked)
{
        int r;

        call->asked = asked;
        pail_mutex_init(&call->guarded.mutex);
        pail_cond_init(&call->guarded.ended);
        pail_http_request_init(&call->http);
        call->http.priority = PAIL_HTTP_PRIORITY_WAITED;
        call->http.no_proxy = asked->no_proxy;
        call->http.done = on_done;
        call->http.done_context = call;
        call->http.body.fd = -1;
        if (asked->body) {
                call->body = (struct iovec){ .iov_base = (char *)(uintptr_t)asked->body,
                                             .iov_len = asked->body_length };
                call->http.body.vector = &call->body;
                call->http.body.vector_count = 1;
                call->http.body.size_bytes = asked->body_length;
        }
        r = pail_str_dup(asked->method, &call->http.method);
        if (r == 0)
                r = pail_str_dup(asked->url, &call->http.url);
        if (r == 0)
                r = copy_headers(call);
        call->http.response.error_body.cap = PAIL_SERVICE_ANSWER_CAP;
        return r == 0 ? pail_buf_reserve(&call->http.response.error_body, SERVICE_RESERVED_BYTES) : r;
}

static int sign_call(struct call *call, struct pail_error *ret_error)
{
        const struct pail_service_request *asked = call->asked;
        const struct pail_sigv4_scope scope = {
                .time = pail_clock_now().tv_sec,
                .region = asked->sign_region,
                .service = asked->sign_service,
        };
        char hash[65];
        int r;

        if (!asked->sign_as)
                return 0;
        r = pail_sigv4_body_hash(&call->http.body, hash);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "signing a request");
        return pail_sigv4_sign(&call->http, asked->sign_as, &scope, hash, NULL, ret_error);
}

static void send_and_wait(struct call *call, struct pail_http_engine *engine, int64_t pause_ms)
{
        int64_t now_ms = pail_clock_monotonic_ms();
        int64_t timeout_ms = call->asked->timeout_ms ? call->asked->timeout_ms : SERVICE_TIMEOUT_MS;

        call->http.not_before_ms = pause_ms > 0 ? now_ms + pause_ms : 0;
        call->http.first_byte_ms = timeout_ms;
        call->http.deadline_ms = now_ms + pause_ms + timeout_ms;
        call->guarded.has_ended = false;
        pail_http_engine_submit(engine, &call->http);
        PAIL_LOCK(&call->guarded.mutex);
        while (!call->guarded.has_ended)
                pail_cond_wait(&call->guarded.ended, &call->guarded.mutex);
}

static bool is_worth_another(const struct call *call)
{
        const struct pail_http_response *response = &call->http.response;

        switch (call->http.error.class) {
        case PAIL_ERROR_NONE:
                return response->status == 429 || response->status >= 500 ||
                       (call->asked->is_retryable &&
                        call->asked->is_retryable(response->status, response->error_body.data));
        case PAIL_ERROR_CONFIG:
        case PAIL_ERROR_TLS:
        case PAIL_ERROR_CANCELLED:
        case PAIL_ERROR_SYSTEM:
                return false;
        default:
                return true;
        }
}

static int run_attempts(struct call *call, struct pail_http_engine *engine, struct pail_error *ret_error)
{
        unsigned attempts = call->asked->attempts ? call->asked->attempts : 1;
        int64_t pause_ms = 0;

        for (unsigned attempt = 1;; attempt++) {
                int r = sign_call(call, ret_error);
                if (r < 0)
                        return r;
                send_and_wait(call, engine, pause_ms);
                if (attempt >= attempts || !is_worth_another(call))
                        break;
                pause_ms = pause_ms ? pause_ms * 2 : SERVICE_FIRST_PAUSE_MS;
                if (pause_ms > SERVICE_PAUSE_MAX_MS)
                        pause_ms = SERVICE_PAUSE_MAX_MS;
        }
        if (call->http.error.class == PAIL_ERROR_NONE)
                return 0;
        if (ret_error)
                *ret_error = call->http.error;
        return call->http.error.error_number ? -call->http.error.error_number : -EIO;
}

static bool is_cut(const struct pail_http_response *response)
{
        return response->body_bytes > response->error_body.length;
}

static void move_answer(struct pail_http_response *response, struct pail_service_answer *ret_answer)
{
        *ret_answer = (struct pail_service_answer){
                .status = response->status,
                .headers = response->headers,
                .body = response->error_body,
        };
        response->headers = (struct pail_http_headers){ 0 };
        pail_buf_init(&response->error_body, 0);
}

int pail_service_call(struct pail_service *service, const struct pail_service_request *request,
                      struct pail_service_answer *ret_answer, struct pail_error *ret_error)
{
        _cleanup_(call_done) struct call call = { 0 };
        struct pail_http_engine *engine;
        int r = build_call(&call, request);

        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot make a request to %s", request->name);
        r = find_or_start_engine(service, &engine, ret_error);
        if (r == 0)
                r = run_attempts(&call, engine, ret_error);
        if (r == 0 && call.http.response.status < 300 && is_cut(&call.http.response)) {
                pail_error_set(ret_error, PAIL_ERROR_PROTOCOL, "the answer is longer than %d KiB",
                               PAIL_SERVICE_ANSWER_CAP / 1024);
                r = -EMSGSIZE;
        }
        if (r < 0) {
                pail_error_prefix(ret_error, "%s", request->name);
                return r == -ENOENT
                               ? -EIO
                               : r; /* a CA bundle that is not there, say: among providers ENOENT means "ask the next" */
        }
        move_answer(&call.http.response, ret_answer);
        return 0;
}
