/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix_spawn() rather than fork(): no code of ours runs in the child, where in a program with threads hardly any function may be called,
 * and the page tables of a daemon with gigabytes of cache are not copied.
 *
 * The end of the program is told by a pidfd, not by the end of its pipes: it may have left a process behind that holds them, and that one
 * is none of our business. What the program itself wrote is in the pipes when it has ended, and is taken from there without waiting.
 */
#include "process_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/config/environment.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "redact.h"

enum {
        RUN_CHUNK_BYTES = 4096,
        RUN_RESERVED_BYTES = 16 * 1024, /* more than credentials have: a buffer that grew would leave a copy behind */
        RUN_TAIL_BYTES = 4096,          /* kept of what is written to standard error */
        RUN_WORDS_BYTES = 240,          /* shown of it */
        RUN_PIPE_READS = 64,            /* more than a full pipe has, in pieces of the tail */
        RUN_REAP_MS = 2000,             /* a killed process that hangs in the kernel is given up after this */
};

struct run {
        const char *name;
        pid_t pid;
        int end;            /* pidfd */
        int output, errors; /* read ends; -1: at their end */
        struct pail_buf *text;
        char tail[RUN_TAIL_BYTES];
        size_t tail_length;
        bool is_tail_cut; /* its first line is not whole */
        int64_t deadline_ms;
        struct pail_error *ret_error;
};

static void close_fd(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

static void run_done(struct run *run)
{
        close_fd(&run->end);
        close_fd(&run->output);
        close_fd(&run->errors);
        explicit_bzero(run->tail, sizeof(run->tail));
}

/* The last line with anything in it. */
static void copy_last_words(struct run *run, char ret_words[static RUN_WORDS_BYTES])
{
        char *line = run->tail, *newline;

        run->tail[run->tail_length] = '\0';
        line = pail_str_strip(line);
        newline = strrchr(line, '\n');
        /* The beginning of a line that is not whole may be the end of a secret. */
        if (!newline && run->is_tail_cut)
                line += strlen(line);
        else if (newline)
                line = pail_str_strip(newline + 1);
        pail_redact(line);
        pail_str_copy(ret_words, RUN_WORDS_BYTES, line);
        pail_str_trim_utf8(ret_words);
}

/* what: "ended with status 1". */
static int refuse_with_last_words(struct run *run, int r, const char *what)
{
        char words[RUN_WORDS_BYTES];

        copy_last_words(run, words);
        pail_error_set(run->ret_error, PAIL_ERROR_CREDENTIALS, "the program \"%s\" %s%s%s", run->name, what,
                       *words ? ": " : "", words);
        return r;
}

static bool is_program(const char *path, bool *ret_exists)
{
        struct stat status;

        if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
                return false;
        *ret_exists = true;
        return access(path, X_OK) == 0;
}

/* As execvp(3) does, but in the environment that the program gets. */
static int find_program(struct run *run, char *const *environment, char **ret_path)
{
        const char *at = pail_environment_get(environment, "PATH");
        bool exists = false;

        if (strchr(run->name, '/')) {
                if (is_program(run->name, &exists))
                        return pail_str_dup(run->name, ret_path);
                return refuse_with_last_words(run, exists ? -EACCES : -ESRCH,
                                              exists ? "may not be executed" : "does not exist");
        }
        for (at = at ? at : "/bin:/usr/bin"; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
                _cleanup_free_ char *path = NULL;
                int length = (int)strcspn(at, ":");
                int r = pail_str_printf(&path, "%.*s%s%s", length, at, length > 0 ? "/" : "./", run->name);
                if (r < 0)
                        return pail_error_set_errno(run->ret_error, -r, "cannot run \"%s\"", run->name);
                if (is_program(path, &exists)) {
                        *ret_path = pail_steal(&path);
                        return 0;
                }
        }
        return refuse_with_last_words(run, exists ? -EACCES : -ESRCH,
                                      exists ? "may not be executed" : "is in no folder of PATH");
}

/* The numbers of the standard descriptors may be free here, but must not become those of a pipe: the child's dup2() would hit it. */
static int move_above_standard(int *fd)
{
        int other;

        if (*fd > STDERR_FILENO)
                return 0;
        other = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (other < 0)
                return -errno;
        close(*fd);
        *fd = other;
        return 0;
}

static int make_pipe(int *ret_read, int *ret_write)
{
        _cleanup_close_ int read_end = -1, write_end = -1;
        int ends[2], r;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        read_end = ends[0];
        write_end = ends[1];
        r = move_above_standard(&read_end);
        if (r == 0)
                r = move_above_standard(&write_end);
        if (r < 0)
                return r;
        if (fcntl(read_end, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        *ret_read = pail_steal_fd(&read_end);
        *ret_write = pail_steal_fd(&write_end);
        return 0;
}

static int describe_child(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int output, int errors)
{
        sigset_t none, all;
        int r = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

        sigemptyset(&none);
        sigfillset(&all);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(actions, errors, STDERR_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
        if (r == 0)
                r = posix_spawnattr_setsigmask(attributes, &none);
        if (r == 0)
                r = posix_spawnattr_setsigdefault(attributes, &all);
        if (r == 0)
                r = posix_spawnattr_setflags(attributes,
                                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        return r;
}

static int spawn_program(struct run *run, const char *path, char *const *arguments, char *const *environment,
                         int output, int errors)
{
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        int r = posix_spawn_file_actions_init(&actions);

        if (r > 0)
                return -r;
        r = posix_spawnattr_init(&attributes);
        if (r == 0) {
                r = describe_child(&actions, &attributes, output, errors);
                if (r == 0)
                        r = posix_spawn(&run->pid, path, &actions, &attributes, arguments, environment);
                posix_spawnattr_destroy(&attributes);
        }
        posix_spawn_file_actions_destroy(&actions);
        return -r;
}

static void kill_program(struct run *run)
{
        struct pollfd end = { .fd = run->end, .events = POLLIN };

        kill(-run->pid, SIGKILL);
        if (run->end < 0 || poll(&end, 1, RUN_REAP_MS) > 0)
                waitpid(run->pid, NULL, 0);
}

static int start_program(struct run *run, const char *path, char *const *arguments, char *const *environment)
{
        _cleanup_close_ int output = -1, errors = -1;
        int r = make_pipe(&run->output, &output);

        if (r == 0)
                r = make_pipe(&run->errors, &errors);
        if (r == 0)
                r = spawn_program(run, path, arguments, environment, output, errors);
        if (r < 0)
                return r;
        run->end = (int)syscall(SYS_pidfd_open, run->pid, 0);
        if (run->end < 0) {
                r = -errno;
                kill_program(run);
        }
        return r;
}

/* -1: nothing there yet. 0: the end. */
static ssize_t read_some(int *fd, void *data, size_t size)
{
        ssize_t n;

        do
                n = read(*fd, data, size);
        while (n < 0 && errno == EINTR);
        if (n < 0 && errno == EAGAIN)
                return -1;
        if (n <= 0)
                close_fd(fd);
        return n <= 0 ? 0 : n;
}

static int read_output(struct run *run)
{
        char chunk[RUN_CHUNK_BYTES];
        int r = 0;

        for (ssize_t n = 1; r == 0 && run->output >= 0 && n > 0;) {
                n = read_some(&run->output, chunk, sizeof(chunk));
                if (n > 0)
                        r = pail_buf_append(run->text, chunk, (size_t)n);
        }
        explicit_bzero(chunk, sizeof(chunk));
        return r;
}

/* When the tail is full its first half goes. */
static void read_errors(struct run *run)
{
        ssize_t n = 1;

        for (int i = 0; i < RUN_PIPE_READS && run->errors >= 0 && n > 0; i++) {
                size_t room = sizeof(run->tail) - 1 - run->tail_length;
                if (room == 0) {
                        room = sizeof(run->tail) / 2;
                        run->tail_length -= room;
                        memmove(run->tail, run->tail + room, run->tail_length);
                        run->is_tail_cut = true;
                }
                n = read_some(&run->errors, run->tail + run->tail_length, room);
                for (ssize_t byte = 0; byte < n; byte++, run->tail_length++)
                        if (!run->tail[run->tail_length])
                                run->tail[run->tail_length] = '?';
        }
}

/* Until the program has ended, or a limit is hit. */
static int watch_program(struct run *run)
{
        for (;;) {
                struct pollfd fds[] = {
                        { .fd = run->end, .events = POLLIN },
                        { .fd = run->output, .events = POLLIN },
                        { .fd = run->errors, .events = POLLIN },
                };
                int64_t left_ms = run->deadline_ms - pail_clock_monotonic_ms();
                int r = left_ms > 0 ? poll(fds, sizeof(fds) / sizeof(fds[0]), (int)left_ms) : 0;

                if (r == 0)
                        return -ETIMEDOUT;
                if (r < 0 && errno != EINTR)
                        return -errno;
                bool has_ended = r > 0 && fds[0].revents;
                read_errors(run);
                r = read_output(run);
                if (r < 0 || has_ended)
                        return r;
        }
}

static const char *signal_name(int number)
{
        const char *name = sigabbrev_np(number);

        return name ? name : "?";
}

static int check_status(struct run *run, int status)
{
        char what[64];

        if (WIFSIGNALED(status))
                snprintf(what, sizeof(what), "was ended by the signal SIG%s", signal_name(WTERMSIG(status)));
        else if (WEXITSTATUS(status) != 0)
                snprintf(what, sizeof(what), "ended with status %d", WEXITSTATUS(status));
        else
                return 0;
        return refuse_with_last_words(run, -ECHILD, what);
}

static int wait_for_program(struct run *run, int64_t time_ms)
{
        char what[64];
        int status, r = watch_program(run);

        if (r < 0)
                kill_program(run);
        if (r == -ETIMEDOUT)
                snprintf(what, sizeof(what), "did not end within %.3g s", (double)time_ms / 1000);
        else if (r == -EMSGSIZE)
                snprintf(what, sizeof(what), "wrote more than %zu KiB", run->text->cap / 1024);
        else if (r < 0)
                return pail_error_set_errno(run->ret_error, -r, "cannot wait for the program \"%s\"", run->name);
        if (r < 0)
                return refuse_with_last_words(run, r, what);
        do
                r = waitpid(run->pid, &status, 0);
        while (r < 0 && errno == EINTR);
        if (r < 0)
                return pail_error_set_errno(run->ret_error, errno, "cannot wait for the program \"%s\"", run->name);
        return check_status(run, status);
}

int pail_process_run(char *const *arguments, char *const *environment, int64_t time_ms, struct pail_buf *output,
                     struct pail_error *ret_error)
{
        _cleanup_(run_done) struct run run = {
                .name = arguments[0],
                .end = -1,
                .output = -1,
                .errors = -1,
                .text = output,
                .deadline_ms = pail_clock_monotonic_ms() + time_ms,
                .ret_error = ret_error,
        };
        _cleanup_free_ char *path = NULL;
        int r = find_program(&run, environment, &path);

        if (r < 0)
                return r;
        r = pail_buf_reserve(output, output->cap < RUN_RESERVED_BYTES ? output->cap : RUN_RESERVED_BYTES);
        if (r == 0)
                r = start_program(&run, path, arguments, environment);
        if (r < 0) {
                pail_error_set_errno(ret_error, -r, "cannot run the program \"%s\"", run.name);
                return r == -ENOENT ? -ESRCH : r;
        }
        return wait_for_program(&run, time_ms);
}
