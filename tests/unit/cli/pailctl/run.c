/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <fcntl.h>

#include "pail/util/cleanup.h"

struct capture capture_begin(void)
{
        static const int fds[] = { STDOUT_FILENO, STDERR_FILENO };
        struct capture capture;
        fflush(NULL);
        for (int i = 0; i < 2; i++) {
                char name[] = "/tmp/pail-capture-XXXXXX";
                capture.saved[i] = dup(fds[i]);
                capture.files[i] = mkostemp(name, O_CLOEXEC);
                assert_true(capture.saved[i] >= 0 && capture.files[i] >= 0);
                unlink(name);
        }
        for (int i = 0; i < 2; i++)
                dup2(capture.files[i], fds[i]);
        return capture;
}

static char *read_back(int fd)
{
        off_t size = lseek(fd, 0, SEEK_END);
        char *text = calloc(1, (size_t)size + 1);
        assert_non_null(text);
        assert_int_equal(pread(fd, text, (size_t)size, 0), size);
        close(fd);
        return text;
}

struct run capture_end(struct capture *capture, int status)
{
        fflush(NULL);
        dup2(capture->saved[0], STDOUT_FILENO);
        dup2(capture->saved[1], STDERR_FILENO);
        close(capture->saved[0]);
        close(capture->saved[1]);
        return (struct run){ .status = status,
                             .out = read_back(capture->files[0]),
                             .err = read_back(capture->files[1]) };
}

void run_done(struct run *run)
{
        free(run->out);
        free(run->err);
}

struct run run_command(int (*command)(int argc, char **argv), const char *words)
{
        _cleanup_free_ char *copy = strdup(words);
        char name[] = "command", *argv[32] = { name };
        int argc = 1;
        assert_non_null(copy);
        for (char *at = copy, *word; *words && (word = strsep(&at, " ")); argc++)
                argv[argc] = word;
        struct capture capture = capture_begin();
        return capture_end(&capture, command(argc, argv));
}

struct run run_at(const struct fixture *f, int (*command)(int argc, char **argv), const char *words, const char *more)
{
        char all[4096];
        assert_int_equal(setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1), 0);
        assert_int_equal(setenv("AWS_SECRET_ACCESS_KEY", "secret", 1), 0);
        snprintf(all, sizeof(all),
                 "%s -o endpoint_url=http://127.0.0.1:%u,addressing_style=path,region=us-east-1,max_attempts=1,"
                 "config_file=/dev/null,credentials_file=/dev/null%s",
                 words, server_port(f->server), more);
        return run_command(command, all);
}

void assert_text(const char *text, const char *expected)
{
        assert_string_equal(text, expected);
}

void assert_has(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" lacks \"%s\"", text, part);
}
