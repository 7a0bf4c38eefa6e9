/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ask.h"

#include <fcntl.h>

#include "../support/test.h"

/* Standard streams of the test's own: stdout stays what it is when it is no terminal. */
struct fixture {
        int master;
        int saved[3];
};

static void replace(struct fixture *fixture, const char *stdin_path)
{
        for (int fd = 0; fd < 3; fd++) {
                fixture->saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
                int with = open(fd == 0 ? stdin_path : "/dev/null", O_RDWR | O_NOCTTY | O_CLOEXEC);
                assert_true(with >= 0);
                assert_int_equal(dup2(with, fd), fd);
                close(with);
        }
}

static void restore(struct fixture *fixture)
{
        fflush(NULL);
        for (int fd = 0; fd < 3; fd++) {
                dup2(fixture->saved[fd], fd);
                close(fixture->saved[fd]);
        }
}

/* The answer to a question at a terminal where somebody has typed that already. */
static int ask(const char *typed, char *code, size_t size, char prompt[static 256])
{
        struct fixture fixture = { .master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) };
        char name[64];

        assert_true(fixture.master >= 0);
        assert_int_equal(grantpt(fixture.master), 0);
        assert_int_equal(unlockpt(fixture.master), 0);
        assert_int_equal(ptsname_r(fixture.master, name, sizeof(name)), 0);
        replace(&fixture, name);
        assert_int_equal(write(fixture.master, typed, strlen(typed)), strlen(typed));
        int r = pail_ask_mfa(NULL, "arn:device", code, size);
        restore(&fixture);
        /* To the end, which comes as EIO: what was typed is echoed in front of the prompt, and both come in pieces. */
        size_t length = 0;
        for (ssize_t n; (n = read(fixture.master, prompt + length, 255 - length)) > 0; length += (size_t)n)
                continue;
        prompt[length] = '\0';
        close(fixture.master);
        return r;
}

static void test_answer(void **state)
{
        char code[32] = "", prompt[256];

        (void)state;
        assert_int_equal(ask(" 123456 \n", code, sizeof(code), prompt), 0);
        assert_string_equal(code, "123456");
        assert_non_null(strstr(prompt, "Enter the MFA code for arn:device: "));
        assert_int_equal(ask("\n", code, sizeof(code), prompt), 0);
        assert_string_equal(code, "");
}

static void test_bad_answer(void **state)
{
        char code[8] = "", prompt[256];

        (void)state;
        assert_int_equal(ask("123456789\n", code, sizeof(code), prompt), -EMSGSIZE);
        assert_int_equal(ask("\004", code, sizeof(code), prompt), -EIO);
        assert_string_equal(code, "");
}

static void test_nobody(void **state)
{
        struct fixture fixture = { 0 };
        char code[32];

        (void)state;
        replace(&fixture, "/dev/null");
        int r = pail_ask_mfa(NULL, "arn:device", code, sizeof(code));
        restore(&fixture);
        assert_int_equal(r, -ENXIO);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_answer),
                cmocka_unit_test(test_bad_answer),
                cmocka_unit_test(test_nobody),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
