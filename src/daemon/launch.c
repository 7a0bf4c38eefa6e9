/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent keeps the terminal and its descriptor of a pipe; the child does everything and writes one
 * message into the pipe: "+" for success, or "-" and the reason. An end of file without any means that the child died. While the
 * parent waits, its death ends the child (PR_SET_PDEATHSIG): Ctrl-C at the prompt leaves nothing behind.
 */
#include "pail/daemon/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pail/util/cleanup.h"

enum { MESSAGE_MAX = 2048, FIRST_FD = STDERR_FILENO + 1 };

static size_t read_message(int fd, char message[static MESSAGE_MAX])
{
        size_t length = 0;
        while (length < MESSAGE_MAX - 1) {
                ssize_t count = read(fd, message + length, MESSAGE_MAX - 1 - length);
                if (count < 0 && errno == EINTR)
                        continue;
                if (count <= 0)
                        break;
                length += (size_t)count;
                if (message[0] == '+')
                        break; /* nothing follows, but the pipe may be held open by others */
        }
        message[length] = '\0';
        return length;
}

static int wait_for_report(int fd, pid_t child)
{
        char message[MESSAGE_MAX];
        size_t length = read_message(fd, message);
        if (length > 0 && message[0] == '+')
                return EXIT_SUCCESS;
        if (length > 0)
                fprintf(stderr, "pail: %s\n", message + 1);
        /* Whoever sees us fail finds nothing of it running. */
        int status = 0;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                continue;
        if (length > 0)
                return EXIT_FAILURE;
        if (WIFSIGNALED(status))
                fprintf(stderr, "pail: the daemon died of signal %d (%s) before it had mounted\n", WTERMSIG(status),
                        strsignal(WTERMSIG(status)));
        else
                fprintf(stderr, "pail: the daemon ended with status %d before it had mounted\n", WEXITSTATUS(status));
        return EXIT_FAILURE;
}

int pail_launch_fork(struct pail_launch *ret_launch, int *ret_status)
{
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        fflush(NULL);
        pid_t parent = getpid(), child = fork();
        if (child < 0) {
                int error = errno;
                close(ends[0]);
                close(ends[1]);
                return -error;
        }
        if (child > 0) {
                close(ends[1]);
                *ret_status = wait_for_report(ends[0], child);
                close(ends[0]);
                return 1;
        }
        close(ends[0]);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) /* it was dead before that */
                _exit(EXIT_FAILURE);
        setsid();
        /* Whoever started us may wait for the end of a pipe that we have inherited without knowing. */
        if (ends[1] != FIRST_FD) {
                dup3(ends[1], FIRST_FD, O_CLOEXEC);
                ends[1] = FIRST_FD;
        }
        close_range(FIRST_FD + 1, ~0U, 0);
        *ret_launch = (struct pail_launch){ .fd = FIRST_FD };
        return 0;
}

bool pail_launch_report(struct pail_launch *launch, const char *message)
{
        if (launch->fd < 0) {
                if (message)
                        fprintf(stderr, "pail: %s\n", message);
                return true;
        }
        prctl(PR_SET_PDEATHSIG, 0); /* the parent may go now */
        ssize_t written = message ? dprintf(launch->fd, "-%s", message) : write(launch->fd, "+", 1);
        close(launch->fd);
        launch->fd = -1;
        return written > 0;
}

void pail_launch_detach_stdio(void)
{
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd < 0)
                return;
        dup2(fd, STDIN_FILENO);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        if (fd > STDERR_FILENO)
                close(fd);
}
