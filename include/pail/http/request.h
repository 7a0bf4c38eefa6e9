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
#include <sys/types.h>
#include <sys/uio.h>

#include "pail/util/buf.h"
#include "pail/util/error.h"

/* Header lists keep order; names compare without case (RFC 9110 §5.1). Values are stripped of outer white space. */
struct pail_http_header {
        char *name;
        char *value;
};
struct pail_http_headers {
        struct pail_http_header *items; /* owned */
        size_t count;
        size_t allocated;
        size_t size_bytes; /* of all names and values */
};
enum { PAIL_HTTP_HEADERS_MAX_COUNT = 256, PAIL_HTTP_HEADERS_MAX_BYTES = 64 * 1024 };
/*
 * Zero-initialised is empty. At most 256 headers of 64 KiB in all: -EMSGSIZE beyond. CR or LF in either part, and an
 * empty name or one with a colon, white space or control character: -EINVAL. -ENOMEM.
 */
int pail_http_headers_add(struct pail_http_headers *headers, const char *name, const char *value);
int pail_http_headers_addf(struct pail_http_headers *headers, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Replaces every header of that name by one. */
int pail_http_headers_set(struct pail_http_headers *headers, const char *name, const char *value);
void pail_http_headers_remove(struct pail_http_headers *headers, const char *name);
/* The first value, borrowed; NULL: absent. */
const char *pail_http_headers_get(const struct pail_http_headers *headers, const char *name);
void pail_http_headers_done(struct pail_http_headers *headers); /* empty afterwards */

enum pail_http_priority {
        PAIL_HTTP_PRIORITY_READER,     /* a reader waits for these bytes */
        PAIL_HTTP_PRIORITY_WAITED,     /* metadata and flushes that someone waits for */
        PAIL_HTTP_PRIORITY_BACKGROUND, /* read-ahead, background upload */
};

/* Body of the request: memory (vector != NULL), or a range of a file, or nothing (size 0). All borrowed until done. */
struct pail_http_body {
        const struct iovec *vector;
        size_t vector_count;
        int fd; /* read with pread: the file offset is not used. Sparse holes read as zeros. */
        off_t offset;
        uint64_t size_bytes;
        /*
         * Told how many bytes more were taken for sending, on the engine's thread; must not block; NULL: nobody is.
         * Negative when they have to be sent again, and when the request has failed or its answer is outside 2xx: the
         * sum is then back at 0.
         */
        void (*progress)(void *context, int64_t delta_bytes);
        void *progress_context;
};
/*
 * Shows the bytes to take(), in order, for a digest of them; a file is read once, in pieces. The error of take, of
 * pread, or -ENODATA when the file ends early; -ENOMEM. Reads the file: not on an engine's thread for large ones.
 */
int pail_http_body_walk(const struct pail_http_body *body, int (*take)(void *context, const void *data, size_t size),
                        void *context);

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

        /* The engine's own: its place in a list, guarded by the engine's lock. */
        struct pail_http_place {
                struct pail_http_request *next, *prev;
                unsigned char state;
                unsigned char thread; /* index, once one was chosen */
                bool background;      /* counts against the limit of background requests */
                atomic_bool cancelled;
        } place;
};

/* All zero but the cap of response.error_body (64 KiB). */
void pail_http_request_init(struct pail_http_request *request);
void pail_http_request_done(struct pail_http_request *request);
/* Clears response and error (the memory of error_body is kept). Submitting does the same. */
void pail_http_request_reset(struct pail_http_request *request);

#endif
