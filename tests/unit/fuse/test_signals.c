/* SPDX-License-Identifier: Apache-2.0 */
#include "fuse/signals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* The verdict on one pending signal, in the thread's or the process's set. */
static enum pail_signals judge(int pending, bool is_shared, int blocked, int ignored, int caught)
{
        char text[512];
        unsigned long long bits[4] = { 0 };
        const int signals[4] = { pending, blocked, ignored, caught };
        for (int i = 0; i < 4; i++)
                if (signals[i])
                        bits[i] = 1ULL << (signals[i] - 1);
        snprintf(
                text, sizeof(text),
                "Name:\tcat\nState:\tD (disk sleep)\nSigQ:\t1/2\nSigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\n"
                "SigIgn:\t%016llx\nSigCgt:\t%016llx\nCapInh:\t0\n",
                is_shared ? 0 : bits[0], is_shared ? bits[0] : 0, bits[1], bits[2], bits[3]);
        return pail_signals_parse(text);
}

static void test_masks(void **state)
{
        (void)state;
        assert_int_equal(judge(0, false, 0, 0, SIGINT), PAIL_SIGNALS_NONE);
        assert_int_equal(judge(SIGKILL, false, 0, 0, 0), PAIL_SIGNALS_FATAL);
        assert_int_equal(judge(SIGKILL, true, 0, 0, 0), PAIL_SIGNALS_FATAL);
        assert_int_equal(judge(SIGINT, true, 0, 0, 0), PAIL_SIGNALS_FATAL);
        assert_int_equal(judge(SIGTERM, false, 0, 0, SIGINT), PAIL_SIGNALS_FATAL);
        assert_int_equal(judge(SIGINT, true, 0, 0, SIGINT), PAIL_SIGNALS_CAUGHT);
        assert_int_equal(judge(SIGALRM, true, 0, 0, SIGALRM), PAIL_SIGNALS_CAUGHT);
        assert_int_equal(judge(SIGALRM, true, 0, 0, 0), PAIL_SIGNALS_FATAL);
        assert_int_equal(judge(SIGINT, true, SIGINT, 0, 0), PAIL_SIGNALS_NONE);
        assert_int_equal(judge(SIGINT, true, 0, SIGINT, 0), PAIL_SIGNALS_NONE);
        assert_int_equal(judge(SIGTSTP, true, 0, 0, 0), PAIL_SIGNALS_NONE);
        assert_int_equal(judge(SIGCHLD, true, 0, 0, 0), PAIL_SIGNALS_NONE);
        assert_int_equal(judge(SIGWINCH, true, 0, 0, SIGWINCH), PAIL_SIGNALS_CAUGHT);
        assert_int_equal(judge(SIGRTMAX, true, 0, 0, 0), PAIL_SIGNALS_FATAL);
}

static void test_other_text(void **state)
{
        (void)state;
        assert_int_equal(pail_signals_parse(""), PAIL_SIGNALS_UNKNOWN);
        assert_int_equal(pail_signals_parse("SigPnd:\t0\n"), PAIL_SIGNALS_UNKNOWN);
        assert_int_equal(pail_signals_parse("\nSigPnd:\tx\nShdPnd:\t0\nSigBlk:\t0\nSigIgn:\t0\nSigCgt:\t0\n"),
                         PAIL_SIGNALS_UNKNOWN);
}

/* The real thing: a process that holds a signal back is not about to die, and is known. */
static void test_processes(void **state)
{
        (void)state;
        assert_int_equal(pail_signals_of_thread(0), PAIL_SIGNALS_UNKNOWN);
        assert_int_equal(pail_signals_of_thread(getpid()), PAIL_SIGNALS_NONE);
        sigset_t signals, before;
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigprocmask(SIG_BLOCK, &signals, &before);
        pid_t child = fork();
        if (child == 0) {
                for (;;)
                        pause();
        }
        assert_true(child > 0);
        kill(child, SIGTERM);
        assert_int_equal(pail_signals_of_thread(child), PAIL_SIGNALS_NONE);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_int_equal(pail_signals_of_thread(child), PAIL_SIGNALS_GONE);
        sigprocmask(SIG_SETMASK, &before, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_masks),
                cmocka_unit_test(test_other_text),
                cmocka_unit_test(test_processes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
