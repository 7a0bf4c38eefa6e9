/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client whose server answers from a script, for what no real server can be made to say. The n-th request, over all
 * connections, gets the n-th answer; the last answer is repeated.
 */
#ifndef TESTS_S3_FIXTURE_H
#define TESTS_S3_FIXTURE_H

#include "../http/server.h"
#include "../support/test.h"
#include "pail/s3/bucket.h"
#include "pail/s3/object.h"
#include "pail/s3/operations.h"
#include "pail/s3/transfer.h"

enum { ANSWERS_MAX = 64, TRACES_MAX = 64 };

/* In place of an answer. */
#define ANSWER_CLOSE "close"     /* the connection is closed */
#define ANSWER_SILENCE "silence" /* nothing, until the client goes */
#define ANSWER_ENDLESS "endless" /* 200 and white space for ever */

/*
 * An answer with this body, and its length unless headers tell another or a Transfer-Encoding, which is then the body's own;
 * "Connection: close" there is kept to. status:
 * "200 OK". headers: lines that each end with CRLF, or "".
 */
#define ANSWER(status, headers, body) status "\f" headers "\f" body
#define XML "Content-Type: application/xml\r\n"
#define ERROR(status, code) ANSWER(status, XML, "<Error><Code>" code "</Code><Message></Message></Error>")

struct request_seen {
        struct seen head;
        char *body;
};

struct trace_seen {
        char operation[40], path[200], request_id[64];
        int status;
        unsigned attempt;
        bool failed;
};

struct fixture {
        struct server *server;
        struct pail_session *session;
        struct pail_http_engine *engine;
        struct pail_s3_client *client;
        pthread_mutex_t mutex; /* guards what follows */
        const char *answers[ANSWERS_MAX];
        unsigned answer_count;
        struct request_seen requests[ANSWERS_MAX];
        unsigned request_count;
        struct trace_seen traces[TRACES_MAX];
        unsigned trace_count;
        struct gate arrived; /* opened once for each request */
};

int fixture_set_up(void **state);
int fixture_tear_down(void **state);
/* A client with other options, in place of the fixture's. */
void fixture_client(struct fixture *f, const struct pail_s3_client_options *options);
/* Begins a new script, NULL-terminated. */
void fixture_answers(struct fixture *f, const char *first, ...);
unsigned fixture_requests(struct fixture *f);

#endif
