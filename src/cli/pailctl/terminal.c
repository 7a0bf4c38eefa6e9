/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While echo is off, the signals that would end or stop the program are held back and read from a descriptor beside the terminal: so there is no
 * handler and no global state, and the terminal is always restored first. A stopped program that goes on asks again.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>

#include "pail/util/cleanup.h"

int pail_terminal_open(void)
{
        int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
        return fd < 0 ? -errno : fd;
}

static int write_text(int fd, const char *text)
{
        size_t length = strlen(text);
        while (length > 0) {
                ssize_t n = write(fd, text, length);
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0) {
                        text += n;
                        length -= (size_t)n;
                }
        }
        return 0;
}

/* 1: a line is complete; 0: not yet. */
static int read_some(int fd, struct pail_buf *line)
{
        char chunk[512];
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0)
                return errno == EINTR ? 0 : -errno;
        if (n == 0)
                return -ENODATA;
        bool is_complete = chunk[n - 1] == '\n';
        int r = pail_buf_append(line, chunk, (size_t)n - is_complete);
        explicit_bzero(chunk, sizeof(chunk));
        return r < 0 ? r : is_complete;
}

/* *ret_signal: one that came instead of the rest of the line; 0: none. */
static int read_line(int fd, int signal_fd, struct pail_buf *line, int *ret_signal)
{
        struct pollfd polled[] = { { .fd = fd, .events = POLLIN }, { .fd = signal_fd, .events = POLLIN } };
        struct signalfd_siginfo info;
        int r = 0;
        *ret_signal = 0;
        while (r == 0) {
                if (poll(polled, 2, -1) < 0) {
                        if (errno != EINTR)
                                return -errno;
                        continue;
                }
                if (polled[1].revents && read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
                        *ret_signal = (int)info.ssi_signo;
                        return 0;
                }
                if (polled[0].revents)
                        r = read_some(fd, line);
        }
        return r < 0 ? r : 0;
}

/* With signals held back. */
static int ask_hidden(int fd, int signal_fd, const char *prompt, struct pail_buf *answer, int *ret_signal)
{
        struct termios before, hidden;
        if (tcgetattr(fd, &before) < 0)
                return -errno;
        hidden = before;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        hidden.c_lflag |= ECHONL;
        if (tcsetattr(fd, TCSADRAIN, &hidden) < 0)
                return -errno;
        int r = write_text(fd, prompt);
        if (r == 0)
                r = read_line(fd, signal_fd, answer, ret_signal);
        tcsetattr(fd, TCSADRAIN, &before);
        return r;
}

static int ask_secret(int fd, const char *prompt, struct pail_buf *answer)
{
        static const int held_back[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
        sigset_t held, before;
        int r, signal_number;
        sigemptyset(&held);
        for (size_t i = 0; i < sizeof(held_back) / sizeof(held_back[0]); i++)
                sigaddset(&held, held_back[i]);
        _cleanup_close_ int signal_fd = signalfd(-1, &held, SFD_CLOEXEC);
        if (signal_fd < 0)
                return -errno;
        do {
                pail_buf_reset(answer);
                signal_number = 0;
                sigprocmask(SIG_BLOCK, &held, &before);
                r = ask_hidden(fd, signal_fd, prompt, answer, &signal_number);
                sigprocmask(SIG_SETMASK, &before, NULL);
                if (signal_number)
                        raise(signal_number); /* ends or stops us, unless it is ignored */
        } while (r == 0 && signal_number);
        return r;
}

int pail_terminal_ask(int fd, const char *prompt, bool is_secret, struct pail_buf *answer)
{
        if (is_secret)
                return ask_secret(fd, prompt, answer);
        pail_buf_reset(answer);
        int r = write_text(fd, prompt);
        while (r == 0)
                r = read_some(fd, answer);
        return r < 0 ? r : 0;
}
