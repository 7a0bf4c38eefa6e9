/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pail/util/cleanup.h"

enum { MAX_CONNECTIONS = 1024, GATE_LIMIT_S = 60 };

struct server {
        serve_function serve;
        void *context;
        const struct transport *transport;
        int listener;
        unsigned port;
        pthread_t acceptor;
        pthread_mutex_t mutex; /* guards what follows */
        unsigned count;
        struct connection connections[MAX_CONNECTIONS];
        pthread_t threads[MAX_CONNECTIONS];
};

static void require(bool condition, const char *what)
{
        if (condition)
                return;
        perror(what);
        abort();
}

static ssize_t plain_read(struct connection *connection, void *data, size_t size)
{
        return recv(connection->fd, data, size, 0);
}

static ssize_t plain_write(struct connection *connection, const void *data, size_t size)
{
        return send(connection->fd, data, size, MSG_NOSIGNAL);
}

static const struct transport plain = { .read = plain_read, .write = plain_write };

static void close_connection(struct connection *connection)
{
        pthread_mutex_lock(&connection->server->mutex);
        if (connection->fd >= 0)
                close(connection->fd);
        connection->fd = -1;
        pthread_mutex_unlock(&connection->server->mutex);
}

static void *serve_connection(void *argument)
{
        struct connection *connection = argument;
        struct server *server = connection->server;
        const struct transport *transport = server->transport;
        if (!transport->open || transport->open(connection, transport->context))
                server->serve(connection, server->context);
        if (transport->close)
                transport->close(connection);
        close_connection(connection);
        return NULL;
}

static void *accept_connections(void *argument)
{
        struct server *server = argument;
        for (;;) {
                int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
                if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
                        continue;
                if (fd < 0)
                        return NULL;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
                pthread_mutex_lock(&server->mutex);
                require(server->count < MAX_CONNECTIONS, "too many connections");
                unsigned index = server->count++;
                struct connection *connection = &server->connections[index];
                *connection = (struct connection){ .server = server, .number = index + 1, .fd = fd };
                int r = pthread_create(&server->threads[index], NULL, serve_connection, connection);
                pthread_mutex_unlock(&server->mutex);
                require(r == 0, "pthread_create");
        }
}

struct server *server_new_with(serve_function serve, void *context, const struct transport *transport)
{
        struct server *server = calloc(1, sizeof(*server));
        require(server != NULL, "calloc");
        server->serve = serve;
        server->context = context;
        server->transport = transport;
        pthread_mutex_init(&server->mutex, NULL);
        server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        union {
                struct sockaddr any;
                struct sockaddr_in ip;
        } address = { .ip = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
        socklen_t length = sizeof(address);
        require(bind(server->listener, &address.any, sizeof(address.ip)) == 0, "bind");
        require(listen(server->listener, MAX_CONNECTIONS) == 0, "listen");
        require(getsockname(server->listener, &address.any, &length) == 0, "getsockname");
        server->port = ntohs(address.ip.sin_port);
        require(pthread_create(&server->acceptor, NULL, accept_connections, server) == 0, "pthread_create");
        return server;
}

struct server *server_new(serve_function serve, void *context)
{
        return server_new_with(serve, context, &plain);
}

void server_free(struct server *server)
{
        if (!server)
                return;
        shutdown(server->listener, SHUT_RDWR);
        pthread_join(server->acceptor, NULL);
        close(server->listener);
        pthread_mutex_lock(&server->mutex);
        for (unsigned i = 0; i < server->count; i++)
                if (server->connections[i].fd >= 0)
                        shutdown(server->connections[i].fd, SHUT_RDWR);
        pthread_mutex_unlock(&server->mutex);
        for (unsigned i = 0; i < server->count; i++)
                pthread_join(server->threads[i], NULL);
        pthread_mutex_destroy(&server->mutex);
        free(server);
}

unsigned server_port(const struct server *server)
{
        return server->port;
}

unsigned server_connections(struct server *server)
{
        pthread_mutex_lock(&server->mutex);
        unsigned count = server->count;
        pthread_mutex_unlock(&server->mutex);
        return count;
}

bool server_read_body(struct connection *connection, void *data, size_t size)
{
        char waste[65536];
        char *to = data;
        while (size > 0) {
                size_t piece = to || size < sizeof(waste) ? size : sizeof(waste);
                ssize_t n = connection->server->transport->read(connection, to ? to : waste, piece);
                if (n <= 0)
                        return false;
                size -= (size_t)n;
                if (to)
                        to += n;
        }
        return true;
}

const char *seen_header(const struct seen *seen, const char *name)
{
        static _Thread_local char value[4096];
        size_t length = strlen(name);
        for (const char *line = strstr(seen->head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
                const char *text = line + 2;
                if (strncasecmp(text, name, length) != 0 || text[length] != ':')
                        continue;
                text += length + 1;
                text += strspn(text, " ");
                snprintf(value, sizeof(value), "%.*s", (int)strcspn(text, "\r"), text);
                return value;
        }
        return NULL;
}

bool server_read_head(struct connection *connection, struct seen *ret_seen)
{
        *ret_seen = (struct seen){ 0 };
        size_t length = 0;
        /* Byte by byte: what follows the head is left for others. */
        while (length < 4 || memcmp(ret_seen->head + length - 4, "\r\n\r\n", 4) != 0) {
                require(length < sizeof(ret_seen->head) - 1, "a head that fits");
                if (!server_read_body(connection, ret_seen->head + length, 1))
                        return false;
                length++;
        }
        require(sscanf(ret_seen->head, "%15s %4095s", ret_seen->method, ret_seen->target) == 2, "a request line");
        const char *announced = seen_header(ret_seen, "Content-Length");
        ret_seen->announced = announced ? strtoul(announced, NULL, 10) : 0;
        return true;
}

bool server_read_request(struct connection *connection, struct seen *ret_seen)
{
        return server_read_head(connection, ret_seen) && server_read_body(connection, NULL, ret_seen->announced);
}

bool server_send(struct connection *connection, const void *data, size_t size)
{
        const char *from = data;
        while (size > 0) {
                ssize_t n = connection->server->transport->write(connection, from, size);
                if (n <= 0)
                        return false;
                from += n;
                size -= (size_t)n;
        }
        return true;
}

bool server_sendf(struct connection *connection, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list arguments;
        va_start(arguments, format);
        int length = vasprintf(&text, format, arguments);
        va_end(arguments);
        require(length >= 0, "vasprintf");
        return server_send(connection, text, (size_t)length);
}

bool server_answer(struct connection *connection, const char *status, const char *body)
{
        return server_sendf(connection, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body);
}

void server_reset(struct connection *connection)
{
        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1, .l_linger = 0 },
                   sizeof(struct linger));
        close_connection(connection);
}

void server_wait_gone(struct connection *connection)
{
        while (server_read_body(connection, NULL, 1))
                ;
}

void gate_open(struct gate *gate)
{
        pthread_mutex_lock(&gate->mutex);
        gate->count++;
        pthread_cond_broadcast(&gate->cond);
        pthread_mutex_unlock(&gate->mutex);
}

void gate_wait(struct gate *gate, unsigned count)
{
        struct timespec limit;
        clock_gettime(CLOCK_REALTIME, &limit);
        limit.tv_sec += GATE_LIMIT_S;
        int r = 0;
        pthread_mutex_lock(&gate->mutex);
        while (gate->count < count && r == 0)
                r = pthread_cond_timedwait(&gate->cond, &gate->mutex, &limit);
        pthread_mutex_unlock(&gate->mutex);
        require(r == 0, "a gate that opens");
}

unsigned gate_count(struct gate *gate)
{
        pthread_mutex_lock(&gate->mutex);
        unsigned count = gate->count;
        pthread_mutex_unlock(&gate->mutex);
        return count;
}

void sleep_ms(long ms)
{
        struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
        while (nanosleep(&left, &left) < 0 && errno == EINTR)
                ;
}
