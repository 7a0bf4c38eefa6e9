/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon's child has left the terminal's session before it asks (daemon.c), so that there is no /dev/tty for it. But until it
 * detaches it still holds the streams that it was started with, and the terminal behind one of them can be opened by its name; as
 * it is not the controlling terminal any more, job control does not stop the child when it reads.
 */
#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { ANSWER_MS = 60 * 1000 }; /* the end of the mount waits for a question that is open */

/* Of the terminal, of which there is one: sessions of several profiles may have questions at the same time. */
static pthread_mutex_t terminal_mutex = PTHREAD_MUTEX_INITIALIZER;

static int open_terminal(void)
{
        char name[64];

        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
                if (ttyname_r(fd, name, sizeof(name)) != 0)
                        continue;
                int terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
                if (terminal >= 0)
                        return terminal;
        }
        return -ENXIO;
}

/* A terminal gives a line at a time. */
static int read_line(int fd, char *line, size_t size)
{
        struct pollfd answer = { .fd = fd, .events = POLLIN };
        ssize_t length;
        int ready;

        do
                ready = poll(&answer, 1, ANSWER_MS);
        while (ready < 0 && errno == EINTR);
        if (ready <= 0)
                return ready < 0 ? -errno : -EIO;

        do
                length = read(fd, line, size - 1);
        while (length < 0 && errno == EINTR);
        if (length < 0)
                return -errno;
        if (length == 0)
                return -EIO;
        line[length] = '\0';
        return strchr(line, '\n') ? 0 : -EMSGSIZE;
}

static int ask_at_terminal(const char *serial, char *ret_code, size_t size)
{
        _cleanup_close_ int terminal = open_terminal();
        char line[128];
        int r;

        if (terminal < 0)
                return terminal;
        if (dprintf(terminal, "Enter the MFA code for %s: ", serial) < 0)
                return -errno;
        r = read_line(terminal, line, sizeof(line));
        if (r == 0) {
                const char *code = pail_str_strip(line);
                if (strlen(code) < size)
                        pail_str_copy(ret_code, size, code);
                else
                        r = -EMSGSIZE;
        }
        explicit_bzero(line, sizeof(line));
        return r;
}

int pail_ask_mfa(void *context, const char *serial, char *ret_code, size_t size)
{
        int r;

        (void)context;
        pthread_mutex_lock(&terminal_mutex);
        r = ask_at_terminal(serial, ret_code, size);
        pthread_mutex_unlock(&terminal_mutex);
        return r;
}
