/* SPDX-License-Identifier: Apache-2.0 */
/* Options, the event loop, the listener and timers. See wire.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

static const char usage[] =
        "usage: wire --server ADDRESS:PORT [--listen PORT] [--control SOCKET] [--log FILE] [--script FILE] [--seed N]\n"
        "            [--raw] [--die-with-parent]\n"
        "Listens on 127.0.0.1 (port 0 or none: a free one), says \"listening PORT\" on stdout, and passes on what it gets.\n"
        "SIGHUP reads the script again. --raw: the bytes are not HTTP (TLS, for one).\n";

int wire_watch(struct wire *wire, int fd, uint32_t events, struct source *source)
{
        struct epoll_event event = { .events = events, .data.ptr = source };
        return epoll_ctl(wire->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static void handle_listener(struct wire *wire, struct source *source, uint32_t events)
{
        (void)source;
        (void)events;
        connection_accept(wire);
}

int wire_listen(struct wire *wire)
{
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(wire->port) };
        void *generic = &address;
        socklen_t size = sizeof address;
        int on = 1;

        if (wire->listener >= 0)
                return 0;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        wire->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (wire->listener < 0)
                return -errno;
        (void)setsockopt(wire->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        wire->listener_source.handle = handle_listener;
        if (bind(wire->listener, generic, size) < 0 || listen(wire->listener, SOMAXCONN) < 0 ||
            getsockname(wire->listener, generic, &size) < 0 ||
            wire_watch(wire, wire->listener, EPOLLIN, &wire->listener_source) < 0) {
                int r = -errno;
                close(wire->listener);
                wire->listener = -1;
                return r;
        }
        wire->port = ntohs(address.sin_port);
        wire->refusing = false;
        wire->listening = true;
        return 0;
}

void wire_refuse(struct wire *wire)
{
        if (wire->listener >= 0)
                close(wire->listener);
        wire->listener = -1;
        wire->refusing = true;
        connection_close_all(wire);
}

static void handle_signal(struct wire *wire, struct source *source, uint32_t events)
{
        struct signalfd_siginfo info;
        (void)source;
        (void)events;

        if (read(wire->signals, &info, sizeof info) != sizeof info)
                return;
        if (info.ssi_signo != SIGHUP)
                wire->quit = true;
        else if (wire->script_path && script_load(wire, wire->script_path) < 0)
                fprintf(stderr, "wire: %s was read with errors\n", wire->script_path);
}

static int watch_signals(struct wire *wire)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGHUP);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        sigprocmask(SIG_BLOCK, &set, NULL);
        signal(SIGPIPE, SIG_IGN);
        wire->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
        if (wire->signals < 0)
                return -errno;
        wire->signal_source.handle = handle_signal;
        return wire_watch(wire, wire->signals, EPOLLIN, &wire->signal_source);
}

/* When the first timer is due: NULL for never. */
static struct timespec *next_timer(const struct wire *wire, struct timespec *timeout)
{
        int64_t first_us = INT64_MAX;

        if (wire->again) {
                *timeout = (struct timespec){ 0 };
                return timeout;
        }
        for (const struct connection *c = wire->connections; c && !wire->paused; c = c->next)
                if (c->wake_us > 0 && c->wake_us < first_us)
                        first_us = c->wake_us;
        if (first_us == INT64_MAX)
                return NULL;
        int64_t left_us = first_us - clock_us();
        if (left_us < 0)
                left_us = 0;
        *timeout = (struct timespec){ .tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000 };
        return timeout;
}

static void run_due(struct wire *wire)
{
        int64_t now_us = clock_us();

        wire->again = false;
        for (struct connection *c = wire->connections, *next; c; c = next) {
                next = c->next;
                if (c->queued || (c->wake_us > 0 && c->wake_us <= now_us))
                        connection_run(wire, c);
        }
}

/* What is beyond the limit of connections makes the listener ready all the time: it is looked at only when there is room. */
static void mind_listener(struct wire *wire)
{
        bool wanted = !wire->paused && wire->connection_count < WIRE_MAX_CONNECTIONS;
        struct epoll_event event = { .events = wanted ? EPOLLIN : 0, .data.ptr = &wire->listener_source };

        if (wire->listener >= 0 && wanted != wire->listening) {
                (void)epoll_ctl(wire->epoll, EPOLL_CTL_MOD, wire->listener, &event);
                wire->listening = wanted;
        }
}

static int run(struct wire *wire)
{
        struct epoll_event events[64];
        struct timespec timeout;

        while (!wire->quit) {
                mind_listener(wire);
                int n = epoll_pwait2(wire->epoll, events, 64, next_timer(wire, &timeout), NULL);
                if (n < 0 && errno != EINTR)
                        return -errno;
                for (int i = 0; i < n; i++) {
                        struct source *source = events[i].data.ptr;
                        source->handle(wire, source, events[i].events);
                }
                run_due(wire);
                connection_reap(wire);
        }
        return 0;
}

static int parse_server(struct wire *wire, char *text)
{
        char *colon = strrchr(text, ':');
        if (!colon)
                return -EINVAL;
        *colon = '\0';
        unsigned long port = strtoul(colon + 1, NULL, 10);
        wire->server_address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        if (port == 0 || port > 65535 || inet_pton(AF_INET, text, &wire->server_address.sin_addr) != 1)
                return -EINVAL;
        return 0;
}

/* Every connection has two sockets and, at worst, two pipes. */
static void raise_file_limit(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
                limit.rlim_cur = limit.rlim_max;
                (void)setrlimit(RLIMIT_NOFILE, &limit);
        }
}

static int set_option(struct wire *wire, int option, char *value)
{
        switch (option) {
        case 's':
                return parse_server(wire, value);
        case 'l':
                wire->port = (uint16_t)strtoul(value, NULL, 10);
                return 0;
        case 'c':
                return control_listen(wire, value);
        case 'L':
                wire->log = open(value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
                return wire->log < 0 ? -errno : 0;
        case 'S':
                wire->script_path = value;
                return 0;
        case 'r':
                wire->random = strtoull(value, NULL, 10);
                return 0;
        case 'w':
                wire->raw = true;
                return 0;
        case 'd':
                return prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 ? -errno : 0;
        default:
                return -EINVAL;
        }
}

static int parse_options(struct wire *wire, int argc, char **argv)
{
        static const struct option options[] = {
                { "server", required_argument, NULL, 's' },
                { "listen", required_argument, NULL, 'l' },
                { "control", required_argument, NULL, 'c' },
                { "log", required_argument, NULL, 'L' },
                { "script", required_argument, NULL, 'S' },
                { "seed", required_argument, NULL, 'r' },
                { "raw", no_argument, NULL, 'w' },
                { "die-with-parent", no_argument, NULL, 'd' },
                { NULL, 0, NULL, 0 },
        };

        for (int c; (c = getopt_long(argc, argv, "", options, NULL)) >= 0;) {
                int r = set_option(wire, c, optarg);
                if (r < 0)
                        return r;
        }
        return optind == argc && wire->server_address.sin_port ? 0 : -EINVAL;
}

static int begin(struct wire *wire, int argc, char **argv)
{
        wire->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (wire->epoll < 0)
                return -errno;
        int r = parse_options(wire, argc, argv);
        if (r == -EINVAL)
                fputs(usage, stderr);
        if (r >= 0)
                r = watch_signals(wire);
        if (r >= 0 && wire->script_path)
                r = script_load(wire, wire->script_path);
        if (r >= 0)
                r = wire_listen(wire);
        if (r < 0)
                return r;
        printf("listening %u\n", wire->port);
        fflush(stdout);
        return 0;
}

static void end(struct wire *wire)
{
        connection_close_all(wire);
        connection_reap(wire);
        control_done(wire);
        if (wire->listener >= 0)
                close(wire->listener);
        if (wire->signals >= 0)
                close(wire->signals);
        if (wire->log >= 0)
                close(wire->log);
        if (wire->epoll >= 0)
                close(wire->epoll);
        free(wire);
}

int main(int argc, char **argv)
{
        struct wire *wire = calloc(1, sizeof *wire);
        if (!wire)
                return EXIT_FAILURE;
        wire->epoll = wire->listener = wire->control_listener = wire->signals = wire->log = -1;
        wire->listening = true;
        raise_file_limit();
        int r = begin(wire, argc, argv);
        if (r >= 0)
                r = run(wire);
        if (r < 0)
                fprintf(stderr, "wire: %s\n", strerror(-r));
        end(wire);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
