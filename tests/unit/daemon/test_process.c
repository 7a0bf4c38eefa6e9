/* SPDX-License-Identifier: Apache-2.0 */
/* Memory limits, the verdict of a daemon, the socket by which umount waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/memory.h"
#include "pail/daemon/launch.h"
#include "pail/daemon/unmount_wait.h"

#define MIB(n) ((uint64_t)(n) << 20)

static void write_file(const char *path, const char *text)
{
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void test_control_groups(void **state)
{
        (void)state;
        char root[] = "pail-cgroup-XXXXXX";
        assert_non_null(mkdtemp(root));
        assert_int_equal(chdir(root), 0);
        assert_int_equal(mkdir("a", 0700), 0);
        assert_int_equal(mkdir("a/b", 0700), 0);
        assert_true(pail_memory_cgroup_limit(".", "/a/b") == UINT64_MAX);
        write_file("a/b/memory.max", "max\n");
        assert_true(pail_memory_cgroup_limit(".", "/a/b") == UINT64_MAX);
        write_file("a/memory.max", "1000000\n");
        assert_true(pail_memory_cgroup_limit(".", "/a/b") == 1000000);
        write_file("a/b/memory.max", "2000000\n");
        assert_true(pail_memory_cgroup_limit(".", "/a/b") == 1000000);
        write_file("a/b/memory.max", "500000\n");
        assert_true(pail_memory_cgroup_limit(".", "/a/b") == 500000);
        assert_true(pail_memory_cgroup_limit(".", "/") == UINT64_MAX);
        unlink("a/b/memory.max");
        unlink("a/memory.max");
        rmdir("a/b");
        rmdir("a");
        assert_int_equal(chdir(".."), 0);
        rmdir(root);
}

static void test_shares(void **state)
{
        (void)state;
        assert_true(pail_memory_default_bytes() >= MIB(64) && pail_memory_default_bytes() <= MIB(1024));
        assert_true(pail_memory_pool_bytes(MIB(1024), 64) == MIB(1024 - 48));
        assert_true(pail_memory_pool_bytes(MIB(64), 64) == MIB(48)); /* never less than three quarters */
        assert_int_equal(pail_memory_threads(MIB(64)), 16);
        assert_int_equal(pail_memory_threads(MIB(1024)), 64);
}

/* Runs the daemon's side in a child; the status that the parent would exit with. */
static int run_daemon(const char *message, bool dies)
{
        struct pail_launch launch;
        int status = -1, forked = pail_launch_fork(&launch, &status);
        if (forked == 0) {
                if (!dies)
                        pail_launch_report(&launch, message);
                _exit(7);
        }
        assert_int_equal(forked, 1);
        return status;
}

static void test_verdict(void **state)
{
        (void)state;
        assert_int_equal(run_daemon(NULL, false), EXIT_SUCCESS);
        assert_int_equal(run_daemon("expected: a reason", false), EXIT_FAILURE);
        assert_int_equal(run_daemon(NULL, true), EXIT_FAILURE);
}

static void test_parting(void **state)
{
        (void)state;
        /* Numbers that no mount has, and another run of this test has not either. */
        unsigned minor = (unsigned)getpid();
        char message[64];
        struct pail_unmount_wait unmount_wait = PAIL_UNMOUNT_WAIT_INIT, next = PAIL_UNMOUNT_WAIT_INIT;
        int first = -1, second = -1, third = -1;
        assert_true(pail_unmount_wait_connect(UINT_MAX, minor, getuid(), &first) < 0);
        assert_int_equal(pail_unmount_wait_listen(&unmount_wait, UINT_MAX, minor), 0);
        assert_int_equal(pail_unmount_wait_listen(&next, UINT_MAX, minor), -EADDRINUSE);
        assert_int_equal(pail_unmount_wait_connect(UINT_MAX, minor, getuid(), &first), 0);
        assert_int_equal(pail_unmount_wait_connect(UINT_MAX, minor, getuid(), &second), 0);
        /* The mount is gone, the name free for the next; those who wait do so until all is sent. */
        pail_unmount_wait_accept(&unmount_wait);
        assert_int_equal(pail_unmount_wait_listen(&next, UINT_MAX, minor), 0);
        assert_int_equal(pail_unmount_wait_connect(UINT_MAX, minor, getuid(), &third), 0);
        pail_unmount_wait_tell(&unmount_wait, "3 files could not be sent");
        assert_int_equal(pail_unmount_wait_read(first, message, sizeof(message)), 0);
        assert_string_equal(message, "3 files could not be sent");
        assert_int_equal(pail_unmount_wait_read(second, message, sizeof(message)), 0);
        /* A death: the daemon goes without a word. */
        pail_unmount_wait_done(&next);
        assert_int_equal(pail_unmount_wait_read(third, message, sizeof(message)), -EPIPE);
        pail_unmount_wait_done(&unmount_wait);
        close(first);
        close(second);
        close(third);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_control_groups),
                cmocka_unit_test(test_shares),
                cmocka_unit_test(test_verdict),
                cmocka_unit_test(test_parting),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
