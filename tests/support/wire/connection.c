/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection: the client's socket, the server's, and a channel each way. Sockets are watched edge-triggered, and
 * what an event says is kept in the channels' flags until a call finds the contrary. One that has much to move gives
 * way to the others after a few steps. Closed ones are freed after the events at hand, which may still name them.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

#define STEPS_A_TURN 8

static void note_events(struct channel *in, struct channel *out, uint32_t events)
{
        if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
                in->readable = true;
        if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
                out->writable = true;
}

static void handle_client(struct wire *wire, struct source *source, uint32_t events)
{
        struct connection *c = (struct connection *)((char *)source - offsetof(struct connection, client_source));

        note_events(&c->up, &c->down, events);
        if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
                c->client_gone = true;
        connection_run(wire, c);
}

static void handle_server(struct wire *wire, struct source *source, uint32_t events)
{
        struct connection *c = (struct connection *)((char *)source - offsetof(struct connection, server_source));

        note_events(&c->down, &c->up, events);
        connection_run(wire, c);
}

void connection_wake_at(struct connection *connection, int64_t time_us)
{
        if (connection->wake_us == 0 || time_us < connection->wake_us)
                connection->wake_us = time_us;
}

static void set_no_delay(int fd)
{
        int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int connect_server(const struct wire *wire)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        set_no_delay(fd);
        const void *address = &wire->server_address;
        if (connect(fd, address, sizeof wire->server_address) < 0 && errno != EINPROGRESS) {
                int r = -errno;
                close(fd);
                return r;
        }
        return fd;
}

/* A connection whose bytes mean nothing to us is one exchange without heads. */
static int begin_raw(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;

        *exchange = (struct exchange){
                .request_phase = REQUEST_WAIT,
                .response_phase = RESPONSE_BODY,
                .request = { .kind = "Raw", .method = "-", .framing = { .type = FRAMING_UNTIL_CLOSE } },
                .response = { .framing = { .type = FRAMING_UNTIL_CLOSE } },
                .started_us = clock_us(),
        };
        exchange->request_at_us = exchange->started_us + wire->shaping.connect_us + shaping_jitter_us(wire);
        exchange->request.path = strdup("");
        exchange->request.query = strdup("");
        return exchange->request.path && exchange->request.query ? 0 : -ENOMEM;
}

static void free_connection(struct connection *connection)
{
        if (connection->client >= 0)
                close(connection->client);
        if (connection->server >= 0)
                close(connection->server);
        channel_done(&connection->up);
        channel_done(&connection->down);
        http_request_done(&connection->exchange.request);
        free(connection);
}

static int begin(struct wire *wire, struct connection *c)
{
        const uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

        c->server = connect_server(wire);
        if (c->server < 0)
                return c->server;
        if (channel_init(&c->up) < 0 || channel_init(&c->down) < 0)
                return -ENOMEM;
        c->up.from = c->down.to = c->client;
        c->up.to = c->down.from = c->server;
        c->up.bucket.filled_us = c->down.bucket.filled_us = clock_us();
        c->client_source.handle = handle_client;
        c->server_source.handle = handle_server;
        if (wire->raw && begin_raw(wire, c) < 0)
                return -ENOMEM;
        int r = wire_watch(wire, c->client, events, &c->client_source);
        return r < 0 ? r : wire_watch(wire, c->server, events, &c->server_source);
}

static void add(struct wire *wire, int client)
{
        struct connection *c = calloc(1, sizeof *c);

        if (!c) {
                close(client);
                return;
        }
        *c = (struct connection){ .id = ++wire->next_connection,
                                  .client = client,
                                  .server = -1,
                                  .fresh = true,
                                  .up.pipe = { -1, -1 },
                                  .down.pipe = { -1, -1 } };
        set_no_delay(client);
        if (begin(wire, c) < 0) {
                free_connection(c);
                return;
        }
        c->next = wire->connections;
        if (c->next)
                c->next->previous = c;
        wire->connections = c;
        wire->connection_count++;
}

/* The listener is level-triggered: those beyond the limit, or during a pause, wait in the kernel's queue. */
void connection_accept(struct wire *wire)
{
        while (!wire->paused && !wire->refusing && wire->connection_count < WIRE_MAX_CONNECTIONS) {
                int client = accept4(wire->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (client < 0)
                        return;
                add(wire, client);
        }
}

void connection_close(struct wire *wire, struct connection *c, bool reset, const char *note)
{
        if (c->dead)
                return;
        if (c->exchange.request.kind)
                log_request(wire, c, note);
        if (reset) {
                struct linger linger = { .l_onoff = 1 };
                (void)setsockopt(c->client, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
        }
        close(c->client);
        close(c->server);
        c->client = c->server = -1;
        c->dead = true;
        if (c->previous)
                c->previous->next = c->next;
        else
                wire->connections = c->next;
        if (c->next)
                c->next->previous = c->previous;
        c->next_dead = wire->dead;
        wire->dead = c;
        wire->connection_count--;
}

void connection_close_all(struct wire *wire)
{
        while (wire->connections)
                connection_close(wire, wire->connections, true, "cut");
}

void connection_reap(struct wire *wire)
{
        while (wire->dead) {
                struct connection *c = wire->dead;
                wire->dead = c->next_dead;
                free_connection(c);
        }
}

void connection_run(struct wire *wire, struct connection *c)
{
        if (wire->paused || c->dead)
                return;
        c->queued = false;
        c->wake_us = 0;
        for (int i = 0; i < STEPS_A_TURN; i++) {
                enum verdict verdict = exchange_step(wire, c);
                if (verdict == VERDICT_IDLE)
                        return;
                if (verdict >= VERDICT_CLOSE) {
                        const char *note = c->exchange.note ? c->exchange.note : "closed";
                        connection_close(wire, c, verdict == VERDICT_RESET, note);
                        return;
                }
        }
        c->queued = true;
        wire->again = true;
}

void connection_run_all(struct wire *wire)
{
        for (struct connection *c = wire->connections, *next; c; c = next) {
                next = c->next;
                connection_run(wire, c);
        }
}
