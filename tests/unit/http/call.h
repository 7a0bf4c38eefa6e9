/* SPDX-License-Identifier: Apache-2.0 */
/* A request of a test: made, sent, waited for, looked at. */
#ifndef TESTS_HTTP_CALL_H
#define TESTS_HTTP_CALL_H

#include <stdbool.h>

#include "pail/http/engine.h"
#include "pail/util/buf.h"
#include "server.h"

struct call {
        struct pail_http_request request;
        struct pail_http_engine *engine;
        struct gate ended;                  /* opened by each done */
        struct pail_buf body;               /* what the sink got */
        unsigned announced;                 /* calls of on_headers */
        int headers_result;                 /* what on_headers returns */
        int body_result;                    /* what on_body returns */
        bool on_engine_thread;              /* done ran there */
        void (*on_body)(struct call *call); /* called by the sink, may be NULL */
        void (*on_done)(struct call *call); /* called by done before the gate opens, may be NULL */
        void *context;                      /* of these two */
};

/* An engine of one thread, so that what depends on kept connections is certain; options may be NULL. */
struct pail_http_engine *make_engine(const struct pail_http_engine_options *options);

/* target: what follows the port. The body of the answer goes to call->body. */
void call_init(struct call *call, struct pail_http_engine *engine, const char *method, struct server *server,
               const char *target);
void call_set_url(struct call *call, const char *url);
void call_done(struct call *call);

void call_submit(struct call *call);
void call_cancel(struct call *call);
/* Waits for the one and only done since the last submit. */
void call_wait(struct call *call);
/* Submits and waits. */
void call_run(struct call *call);

/* After the end. */
void call_assert_answered(const struct call *call, int status);
void call_assert_failed(const struct call *call, enum pail_error_class class);
void call_assert_body(const struct call *call, const char *text);

#endif
