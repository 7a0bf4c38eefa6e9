/* SPDX-License-Identifier: Apache-2.0 */
/* Replies, and what ends a wait: signals of a true process that asks, the kernel's INTERRUPT, the end of the session. */
#include "fuse/call.h"

#include <signal.h>
#include <sys/wait.h>

#include "fake_mount.h"
#include "kernel.h"
#include "pail/util/clock.h"
#include "pail/util/mutex.h"

static struct kernel kernel;
static struct pail_mutex mutex;
static struct pail_cond never;
static pid_t asker; /* 0: none */
static int64_t limit_ms, waited_ms;

static int setup(void **state)
{
        (void)state;
        kernel_start(&kernel);
        pail_mutex_init(&mutex);
        pail_cond_init(&never);
        return 0;
}

static void end_asker(void)
{
        if (asker == 0)
                return;
        kill(asker, SIGKILL);
        waitpid(asker, NULL, 0);
        asker = 0;
}

static int teardown(void **state)
{
        (void)state;
        end_asker();
        kernel_stop(&kernel);
        pail_cond_done(&never);
        pail_mutex_done(&mutex);
        return 0;
}

static int get_attributes(void)
{
        const struct fuse_getattr_in in = { 0 };
        return kernel_ask(&kernel, FUSE_GETATTR, 3, &in, sizeof(in), NULL, 0);
}

static void test_errors(void **state)
{
        (void)state;
        static const int errors[] = { EIO, ENOENT, EINTR, ESTALE, ENOSPC, EPERM, EOPNOTSUPP };
        for (size_t i = 0; i < TEST_COUNT(errors); i++) {
                fake.r = -errors[i];
                assert_int_equal(get_attributes(), -errors[i]);
                assert_int_equal(kernel.size, 0);
        }
        fake.r = -ENOSYS; /* would stop the kernel from ever asking again */
        assert_int_equal(get_attributes(), -EOPNOTSUPP);
}

static void test_entries_that_are_absent(void **state)
{
        (void)state;
        fake.entry = (struct pail_fs_entry){ .entry_ttl_ms = 1500 };
        assert_int_equal(kernel_ask_name(&kernel, FUSE_LOOKUP, 1, NULL, 0, "absent"), 0);
        const struct fuse_entry_out *told = (const void *)kernel.reply.data;
        assert_int_equal(told->nodeid, 0);
        assert_int_equal(told->entry_valid, 1);
        assert_int_equal(told->entry_valid_nsec, 500000000);
        fake.entry.entry_ttl_ms = 0; /* not to be remembered */
        assert_int_equal(kernel_ask_name(&kernel, FUSE_LOOKUP, 1, NULL, 0, "absent"), -ENOENT);
}

static void test_times(void **state)
{
        (void)state;
        struct fuse_entry_param param;
        const struct pail_fs_entry entry = { .node_id = 5, .entry_ttl_ms = -1, .attributes_ttl_ms = 250 };
        pail_call_fill_entry(&entry, &param);
        assert_int_equal(param.ino, 5);
        assert_true(param.entry_timeout == 0.0);
        assert_true(param.attr_timeout == 0.25);
}

static void test_entry_that_nobody_hears(void **state)
{
        (void)state;
        fake.entry = (struct pail_fs_entry){ .node_id = 8, .entry_ttl_ms = 1000 };
        kernel_ask_and_hang_up(&kernel, FUSE_LOOKUP, 1, NULL, 0, "f", 2);
        assert_int_equal(fake.forgets, 1);
        assert_int_equal(fake.forgotten[0].node, 8);
        assert_int_equal(fake.forgotten[0].lookups, 1);
}

static void test_absent_entry_that_nobody_hears(void **state)
{
        (void)state;
        fake.entry.entry_ttl_ms = 1000;
        kernel_ask_and_hang_up(&kernel, FUSE_LOOKUP, 1, NULL, 0, "f", 2);
        assert_int_equal(fake.forgets, 0);
}

/* ---- waits ---- */

/* A call that the network never answers. 0: it was not interrupted within the limit. */
static int wait_in_call(void)
{
        int64_t began_ms = pail_clock_monotonic_ms();
        int r;
        PAIL_LOCK(&mutex);
        do
                r = pail_interrupt_wait(&never, &mutex, began_ms + limit_ms);
        while (r == 0);
        waited_ms = pail_clock_monotonic_ms() - began_ms;
        return r == -EINTR ? -EINTR : 0;
}

static void handle_signal(int signal)
{
        (void)signal;
}

/* A process that stands still, so that what is sent to it stays pending. */
static void start_asker(void)
{
        int status;
        asker = fork();
        if (asker == 0) {
                signal(SIGUSR1, handle_signal);
                signal(SIGUSR2, SIG_IGN);
                raise(SIGSTOP);
                for (;;)
                        pause();
        }
        assert_true(asker > 0);
        assert_int_equal(waitpid(asker, &status, WUNTRACED), asker);
        assert_true(WIFSTOPPED(status));
        kernel.pid = asker;
}

static int wait_as_asker(int64_t wait_limit_ms)
{
        fake.meanwhile = wait_in_call;
        limit_ms = wait_limit_ms;
        return get_attributes();
}

static void test_fatal_signal(void **state)
{
        (void)state;
        start_asker();
        kill(asker, SIGTERM);
        assert_int_equal(wait_as_asker(20000), -EINTR);
        assert_in_range(waited_ms, 400, 10000); /* nobody has told of it: it is looked for now and then */
}

static void test_signal_that_is_no_reason(void **state)
{
        (void)state;
        start_asker();
        kill(asker, SIGUSR2);
        kill(asker, SIGCHLD);
        assert_int_equal(wait_as_asker(1300), 0);
}

/* A program that handles the signal: only once it was pending for a while. */
static void test_caught_signal(void **state)
{
        (void)state;
        start_asker();
        kill(asker, SIGUSR1);
        assert_int_equal(wait_as_asker(20000), -EINTR);
        assert_in_range(waited_ms, 1900, 15000);
}

static int interrupt_and_wait(void)
{
        const struct fuse_interrupt_in in = { .unique = kernel.unique };
        fake.meanwhile = wait_in_call;
        kernel_send(&kernel, FUSE_INTERRUPT, 0, &in, sizeof(in), NULL, 0);
        kernel.unique -= 2; /* the call's again */
        struct fuse_buf request = { 0 };
        assert_true(fuse_session_receive_buf(kernel.context.session, &request) > 0);
        fuse_session_process_buf(kernel.context.session, &request);
        free(request.mem);
        return wait_in_call();
}

/* The kernel says INTERRUPT: looked at once; but it does not say which signal, and one that is none to us ends nothing. */
static void test_interrupt(void **state)
{
        (void)state;
        start_asker();
        kill(asker, SIGTERM);
        fake.meanwhile = interrupt_and_wait;
        limit_ms = 20000;
        assert_int_equal(get_attributes(), -EINTR);
        assert_in_range(waited_ms, 0, 400);

        end_asker();
        start_asker();
        fake.meanwhile = interrupt_and_wait;
        limit_ms = 700;
        assert_int_equal(get_attributes(), 0);
}

/* A read is sent on behalf of nobody, and its reader may be gone; of others the kernel would have said so. */
static void test_asker_that_is_gone(void **state)
{
        (void)state;
        start_asker();
        end_asker(); /* kernel.pid is nobody's now */
        assert_int_equal(wait_as_asker(1300), 0);
        const struct fuse_read_in in = { .fh = (uintptr_t)fake_handle(), .size = 1 };
        limit_ms = 20000;
        assert_int_equal(kernel_ask(&kernel, FUSE_READ, 4, &in, sizeof(in), NULL, 0), -EINTR);
}

static int end_session_and_wait(void)
{
        fuse_session_exit(kernel.context.session);
        return wait_in_call();
}

static void test_end_of_session(void **state)
{
        (void)state;
        fake.meanwhile = end_session_and_wait;
        limit_ms = 20000;
        assert_int_equal(get_attributes(), -EINTR);
        assert_in_range(waited_ms, 1900, 15000);
}

static int check_token(void)
{
        return pail_interrupt_is_set() ? -EINTR : 0;
}

/* The token lives as long as the call: the thread's next one is not interrupted by this one's reasons. */
static void test_token_ends_with_call(void **state)
{
        (void)state;
        fake.meanwhile = check_token;
        assert_int_equal(get_attributes(), 0);
        assert_null(pail_interrupt_install(NULL));
        fake.r = -EIO;
        assert_int_equal(get_attributes(), -EIO);
        assert_null(pail_interrupt_install(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_errors),
                TEST(test_entries_that_are_absent),
                TEST(test_times),
                TEST(test_entry_that_nobody_hears),
                TEST(test_absent_entry_that_nobody_hears),
                TEST(test_fatal_signal),
                TEST(test_signal_that_is_no_reason),
                TEST(test_caught_signal),
                TEST(test_interrupt),
                TEST(test_asker_that_is_gone),
                TEST(test_end_of_session),
                TEST(test_token_ends_with_call),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
