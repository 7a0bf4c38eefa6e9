/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket: a unix stream socket, one command a line, each answered by data lines and a last line that
 * begins with "ok" or "error". A client that waits for a rule gets no other answer meanwhile. Answers are short (a
 * cap of WIRE_MAX_RULES rules), so they are written in one go; a client that does not read them is dropped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

struct control {
        struct source source;
        int fd;
        unsigned slot;
        char line[WIRE_LINE_BYTES];
        size_t length;
        unsigned waits_for; /* a rule's id; 0: none */
        uint64_t times;
};

static void drop(struct wire *wire, struct control *control)
{
        wire->controls[control->slot] = NULL;
        close(control->fd);
        free(control);
}

static bool send_reply(struct control *control, const char *text, size_t size)
{
        while (size > 0) {
                ssize_t n = send(control->fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return false;
                text += n;
                size -= (size_t)n;
        }
        return true;
}

static bool run_line(struct wire *wire, struct control *control, char *line)
{
        char *text = NULL;
        size_t size = 0;
        FILE *reply = open_memstream(&text, &size);

        if (!reply)
                return false;
        script_run(wire, line, reply, control);
        fclose(reply);
        bool sent = send_reply(control, text, size);
        free(text);
        return sent;
}

/* Runs the complete lines; stops while the client waits. */
static bool run_lines(struct wire *wire, struct control *control)
{
        char *end;

        while (control->waits_for == 0 && (end = memchr(control->line, '\n', control->length))) {
                char line[WIRE_LINE_BYTES];
                size_t size = (size_t)(end - control->line);
                memcpy(line, control->line, size);
                line[size] = '\0';
                control->length -= size + 1;
                memmove(control->line, end + 1, control->length);
                if (!run_line(wire, control, line))
                        return false;
        }
        return control->length < sizeof control->line;
}

static void handle_control(struct wire *wire, struct source *source, uint32_t events)
{
        struct control *control = (struct control *)source;
        (void)events;

        ssize_t n = recv(control->fd, control->line + control->length, sizeof control->line - control->length,
                         MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n > 0)
                control->length += (size_t)n;
        if (n <= 0 || !run_lines(wire, control)) {
                drop(wire, control);
                return;
        }
        control_check_waits(wire);
}

void control_wait(struct control *control, unsigned rule, uint64_t times)
{
        control->waits_for = rule;
        control->times = times;
}

/* NULL: not yet. */
static const char *answer_to_wait(const struct wire *wire, const struct control *control)
{
        for (unsigned i = 0; i < wire->rule_count; i++)
                if (wire->rules[i].fault.rule == control->waits_for)
                        return wire->rules[i].fired >= control->times ? "ok\n" : NULL;
        return "error no such rule\n";
}

void control_check_waits(struct wire *wire)
{
        for (unsigned i = 0; i < WIRE_MAX_CONTROLS; i++) {
                struct control *control = wire->controls[i];
                if (!control || control->waits_for == 0)
                        continue;
                const char *text = answer_to_wait(wire, control);
                if (!text)
                        continue;
                control->waits_for = 0;
                if (!send_reply(control, text, strlen(text)))
                        shutdown(control->fd, SHUT_RDWR); /* its own event drops it */
        }
}

static int add_control(struct wire *wire, int fd)
{
        for (unsigned i = 0; i < WIRE_MAX_CONTROLS; i++) {
                if (wire->controls[i])
                        continue;
                struct control *control = calloc(1, sizeof *control);
                if (!control)
                        return -ENOMEM;
                control->source.handle = handle_control;
                control->fd = fd;
                control->slot = i;
                int r = wire_watch(wire, fd, EPOLLIN, &control->source);
                if (r < 0) {
                        free(control);
                        return r;
                }
                wire->controls[i] = control;
                return 0;
        }
        return -EMFILE;
}

static void handle_listener(struct wire *wire, struct source *source, uint32_t events)
{
        (void)source;
        (void)events;
        int fd = accept4(wire->control_listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0 && add_control(wire, fd) < 0)
                close(fd);
}

int control_listen(struct wire *wire, const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const void *generic = &address;

        if (strlen(path) >= sizeof address.sun_path)
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path) + 1);
        wire->control_path = strdup(path);
        wire->control_listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (!wire->control_path || wire->control_listener < 0)
                return -ENOMEM;
        unlink(path);
        if (bind(wire->control_listener, generic, sizeof address) < 0 || listen(wire->control_listener, 8) < 0)
                return -errno;
        wire->control_source.handle = handle_listener;
        return wire_watch(wire, wire->control_listener, EPOLLIN, &wire->control_source);
}

void control_done(struct wire *wire)
{
        for (unsigned i = 0; i < WIRE_MAX_CONTROLS; i++)
                if (wire->controls[i])
                        drop(wire, wire->controls[i]);
        if (wire->control_listener >= 0)
                close(wire->control_listener);
        if (wire->control_path)
                unlink(wire->control_path);
        free(wire->control_path);
}
