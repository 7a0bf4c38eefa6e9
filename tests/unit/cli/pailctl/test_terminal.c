/* SPDX-License-Identifier: Apache-2.0 */
/* On a pseudo terminal, of which the test is the person. */
#include "cli/pailctl/terminal.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

#include "../../support/test.h"
#include "pail/util/str.h"

struct terminal {
        int person, program;
        const char *typed;
        bool was_echo_on;
        char shown[256];
};

static struct terminal open_terminal(void)
{
        struct terminal terminal = { .person = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) };
        char name[100];
        assert_true(terminal.person >= 0 && grantpt(terminal.person) == 0 && unlockpt(terminal.person) == 0);
        assert_int_equal(ptsname_r(terminal.person, name, sizeof(name)), 0);
        terminal.program = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(terminal.program >= 0);
        return terminal;
}

static void close_terminal(struct terminal *terminal)
{
        close(terminal->person);
        close(terminal->program);
}

static bool is_echo_on(int fd)
{
        struct termios now;
        return tcgetattr(fd, &now) == 0 && (now.c_lflag & ECHO);
}

/* Waits for the prompt, types, and keeps what the terminal showed. */
static void *be_the_person(void *argument)
{
        struct terminal *terminal = argument;
        size_t used = 0;
        while (used < sizeof(terminal->shown) - 1 && !strstr(terminal->shown, "? ")) {
                ssize_t n = read(terminal->person, terminal->shown + used, sizeof(terminal->shown) - 1 - used);
                if (n <= 0)
                        return NULL;
                used += (size_t)n;
        }
        terminal->was_echo_on = is_echo_on(terminal->program);
        if (write(terminal->person, terminal->typed, strlen(terminal->typed)) < 0)
                return NULL;
        return argument;
}

static int ask_person(struct terminal *terminal, const char *typed, bool is_secret, struct pail_buf *answer)
{
        pthread_t person;
        void *has_typed;
        terminal->typed = typed;
        memset(terminal->shown, 0, sizeof(terminal->shown));
        assert_int_equal(pthread_create(&person, NULL, be_the_person, terminal), 0);
        int r = pail_terminal_ask(terminal->program, "Well? ", is_secret, answer);
        pthread_join(person, &has_typed);
        assert_non_null(has_typed);
        assert_string_equal(terminal->shown, "Well? ");
        return r;
}

static void test_answer(void **state)
{
        (void)state;
        struct terminal terminal = open_terminal();
        _cleanup_buf_ struct pail_buf answer = PAIL_BUF_INIT(100);
        assert_int_equal(ask_person(&terminal, "yes, I do\n", false, &answer), 0);
        assert_string_equal(answer.data, "yes, I do");
        assert_true(terminal.was_echo_on);
        close_terminal(&terminal);
}

static void test_secret(void **state)
{
        (void)state;
        struct terminal terminal = open_terminal();
        _cleanup_buf_ struct pail_buf answer = PAIL_BUF_INIT(100);
        assert_int_equal(ask_person(&terminal, "hush\n", true, &answer), 0);
        assert_string_equal(answer.data, "hush");
        assert_false(terminal.was_echo_on);
        assert_true(is_echo_on(terminal.program)); /* as it was before */
        close_terminal(&terminal);
}

/* The second answer takes the place of the first. */
static void test_two_questions(void **state)
{
        (void)state;
        struct terminal terminal = open_terminal();
        _cleanup_buf_ struct pail_buf answer = PAIL_BUF_INIT(100);
        assert_int_equal(ask_person(&terminal, "one\n", false, &answer), 0);
        char rest[64];
        assert_true(read(terminal.person, rest, sizeof(rest)) > 0); /* the echo */
        assert_int_equal(ask_person(&terminal, "two\n", true, &answer), 0);
        assert_string_equal(answer.data, "two");
        close_terminal(&terminal);
}

static void test_end_and_too_long(void **state)
{
        (void)state;
        struct terminal terminal = open_terminal();
        _cleanup_buf_ struct pail_buf answer = PAIL_BUF_INIT(8);
        assert_int_equal(ask_person(&terminal, "\004", false, &answer), -ENODATA); /* ^D */
        assert_int_equal(ask_person(&terminal, "much too long\n", true, &answer), -EMSGSIZE);
        assert_true(is_echo_on(terminal.program));
        close_terminal(&terminal);
}

/* ^C while a secret is typed ends the program, and the terminal shows again what is typed. */
static void test_signal(void **state)
{
        (void)state;
        struct terminal terminal = open_terminal();
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                struct pail_buf answer = PAIL_BUF_INIT(100);
                pail_terminal_ask(terminal.program, "Well? ", true, &answer);
                _exit(7);
        }
        char shown[64] = "";
        assert_true(read(terminal.person, shown, sizeof(shown) - 1) > 0);
        while (is_echo_on(terminal.program))
                usleep(1000);
        assert_int_equal(kill(child, SIGTERM), 0);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGTERM);
        assert_true(is_echo_on(terminal.program));
        close_terminal(&terminal);
}

static void test_no_terminal(void **state)
{
        (void)state;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                setsid();
                _exit(pail_terminal_open() == -ENXIO ? 0 : 1);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        /* A file is none. */
        _cleanup_buf_ struct pail_buf answer = PAIL_BUF_INIT(8);
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        assert_int_equal(pail_terminal_ask(fd, "Well? ", true, &answer), -ENOTTY);
        assert_int_equal(pail_terminal_ask(fd, "Well? ", false, &answer), -ENODATA);
        close(fd);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_answer),        cmocka_unit_test(test_secret),
                cmocka_unit_test(test_two_questions), cmocka_unit_test(test_end_and_too_long),
                cmocka_unit_test(test_signal),        cmocka_unit_test(test_no_terminal),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
