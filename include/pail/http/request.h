/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP request and its answer. A request is built by one thread, handed to the engine, and belongs to the
 * engine until its done callback runs; then it belongs to its builder again and may be submitted once more.
 */
#ifndef PAIL_HTTP_REQUEST_H
#define PAIL_HTTP_REQUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/http/body.h"
#include "pail/http/headers.h"
#include "pail/util/buf.h"
#include "pail/util/error.h"

enum pail_http_priority {
        PAIL_HTTP_PRIORITY_READER,     /* a reader waits for these bytes */
        PAIL_HTTP_PRIORITY_WAITED,     /* metadata and flushes that someone waits for */
        PAIL_HTTP_PRIORITY_BACKGROUND, /* read-ahead, background upload */
};

struct pail_http_response {
        int status; /* 0: none */
        struct pail_http_headers headers;
        /*
         * Body of an answer outside 2xx, or of one without a sink, up to the buffer's cap; what follows is discarded, and
         * a body that goes on for 1 MiB beyond the cap ends the request with PROTOCOL.
         */
        struct pail_buf error_body;
        uint64_t body_bytes;    /* received, of any status */
        int64_t content_length; /* announced; -1: not announced */
};

/*
 * Where the body of a 2xx answer goes, on the engine's thread, in order, in pieces as they arrive (no copy of the
 * whole is kept). Must not block and takes no lock that is held across a request. A return < 0 ends the transfer
 * with that error (class SYSTEM, error_number set).
 */
struct pail_http_sink {
        /* Before the first body byte; may be NULL. */
        int (*on_headers)(void *context, const struct pail_http_response *response);
        int (*on_body)(void *context, const void *data, size_t size);
};

struct pail_http_request {
        /* Filled by the builder. Strings are owned by the request and freed by pail_http_request_done(). */
        char *method; /* "GET"; HEAD answers have no body */
        char *url;    /* sent verbatim: no normalisation of the path */
        struct pail_http_headers headers;
        struct pail_http_body body;
        /* Borrowed; NULL: the body goes to response.error_body, whose cap the builder may raise. */
        const struct pail_http_sink *sink;
        void *sink_context;
        enum pail_http_priority priority;
        int64_t not_before_ms; /* monotonic; 0: at once */
        int64_t first_byte_ms; /* from the last byte sent to the first of the answer; 0: engine's default */
        int64_t deadline_ms;   /* monotonic: the attempt is ended then with TIMEOUT; 0: none */
        bool no_proxy;         /* whatever the environment says: for services of this machine */
        bool expect_continue;  /* send "Expect: 100-continue" */
        /*
         * A kept connection may turn out to be dead only after the request was written to it. GET and HEAD are then sent
         * again on a new one without a word; so is a request with this flag. Any other ends with TRANSFER, and
         * error.sent true: leave it false where the first sending, had it been carried out after all, would change the
         * answer to the second (conditions, POST).
         */
        bool may_resend;
        void (*done)(struct pail_http_request *request, void *context); /* engine's thread; must not block */
        void *done_context;

        /* The result, valid from done on. */
        struct pail_http_response response;
        struct pail_error error; /* class NONE when a complete HTTP answer arrived, whatever its status */

        /* The engine's own: where the request stands, guarded by the engine's lock. */
        struct pail_http_queue_link {
                struct pail_http_request *next, *prev;
                unsigned char state;
                unsigned char thread; /* index, once one was chosen */
                bool is_background;   /* counts against the limit of background requests */
                atomic_bool is_cancelled;
        } link;
};

/* All zero but the cap of response.error_body (64 KiB). */
void pail_http_request_init(struct pail_http_request *request);
void pail_http_request_done(struct pail_http_request *request);
/* Clears response and error (the memory of error_body is kept). Submitting does the same. */
void pail_http_request_reset(struct pail_http_request *request);

#endif
