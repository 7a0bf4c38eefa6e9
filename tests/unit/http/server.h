/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP server on a free port of 127.0.0.1 whose every connection is served by a function of the test, on a thread of
 * its own: what the server does, well or badly, is written as straight-line code. A failure of the server itself
 * aborts the test.
 */
#ifndef TESTS_HTTP_SERVER_H
#define TESTS_HTTP_SERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct server;

struct connection {
        struct server *server;
        unsigned number; /* in order of arrival, from 1 */
        int fd;
        void *tls; /* the transport's own */
};

/* How bytes move: plain, or TLS (server_tls.h). Failures look like the end of the connection. */
struct transport {
        bool (*open)(struct connection *connection, void *context);
        ssize_t (*read)(struct connection *connection, void *data, size_t size);
        ssize_t (*write)(struct connection *connection, const void *data, size_t size);
        void (*close)(struct connection *connection);
        void *context;
};

/* Serves one connection; it is closed when this returns. */
typedef void (*serve_function)(struct connection *connection, void *context);

struct server *server_new(serve_function serve, void *context);
struct server *server_new_with(serve_function serve, void *context, const struct transport *transport);
/* Ends all connections and waits for their threads. */
void server_free(struct server *server);
unsigned server_port(const struct server *server);
/* Accepted so far. */
unsigned server_connections(struct server *server);

struct seen {
        char method[16];
        char target[4096];
        char head[32768]; /* whole, with the line ends */
        size_t announced; /* Content-Length, or 0 */
};
/* Reads the head of the next request. false: the client has gone. */
bool server_read_head(struct connection *connection, struct seen *ret_seen);
/* Reads as many bytes of a body; data may be NULL. false: the client has gone. */
bool server_read_body(struct connection *connection, void *data, size_t size);
/* Head and body; the body is thrown away. */
bool server_read_request(struct connection *connection, struct seen *ret_seen);
/* The value of a header of the request, or NULL; the result lives in a buffer of the calling thread. */
const char *seen_header(const struct seen *seen, const char *name);

bool server_send(struct connection *connection, const void *data, size_t size);
bool server_sendf(struct connection *connection, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "HTTP/1.1 <status>" with a Content-Length and that body. */
bool server_answer(struct connection *connection, const char *status, const char *body);
/* Closes with a reset instead of an end. */
void server_reset(struct connection *connection);
/* Waits until the client has closed. */
void server_wait_gone(struct connection *connection);

/* Something that one thread waits for and another makes happen, once. */
struct gate {
        pthread_mutex_t mutex;
        pthread_cond_t cond;
        unsigned count;
};
#define GATE_INIT ((struct gate){ PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 })
void gate_open(struct gate *gate);
/* Waits until the gate was opened that many times; aborts the test after a minute. */
void gate_wait(struct gate *gate, unsigned count);
unsigned gate_count(struct gate *gate);

void sleep_ms(long ms);

#endif
