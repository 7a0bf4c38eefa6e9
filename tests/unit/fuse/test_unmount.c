/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount point goes when our mount lies on it, and only then. In a mount namespace of its own, with a tmpfs in the part of the mount: only the device
 * number counts. Cutting a true connection needs one of the kernel's, and is seen in the integration tests.
 */
#include "fuse/unmount.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../support/test.h"
#include "pail/fuse/mountinfo.h"

enum { SKIPPED = 77 };

static char directory[64];

static int enter_namespace(void)
{
        if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
                return -errno;
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("none", directory, "tmpfs", 0, NULL) < 0)
                return -errno;
        return 0;
}

static bool is_mounted(void)
{
        struct pail_mountinfo info = { 0 };
        bool is = pail_mountinfo_find(directory, &info) == 0;
        pail_mountinfo_done(&info);
        return is;
}

/* body: 0, or the number of the check that failed. Each leaves its mounts to the end of the namespace. */
static void in_namespace(int (*body)(struct pail_mountinfo *mounted))
{
        int status;
        snprintf(directory, sizeof(directory), "/tmp/pail-test-XXXXXX");
        assert_non_null(mkdtemp(directory));
        pid_t child = fork();
        if (child == 0) {
                struct pail_mountinfo mounted = { 0 };
                if (enter_namespace() < 0)
                        _exit(SKIPPED);
                if (pail_mountinfo_find(directory, &mounted) < 0)
                        _exit(99);
                int r = body(&mounted);
                pail_mountinfo_done(&mounted);
                _exit(r);
        }
        assert_true(child > 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        rmdir(directory);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == SKIPPED)
                skip();
        assert_int_equal(WEXITSTATUS(status), 0);
}

static int detach_own(struct pail_mountinfo *mounted)
{
        pail_fuse_detach_mountpoint(mounted);
        if (is_mounted())
                return 1;
        pail_fuse_detach_mountpoint(mounted); /* it is gone: nothing */
        return 0;
}

/* A file is open in it: it goes all the same, and the file stays usable. */
static int detach_in_use(struct pail_mountinfo *mounted)
{
        char path[96];
        snprintf(path, sizeof(path), "%s/file", directory);
        int fd = open(path, O_RDWR | O_CREAT, 0600);
        if (fd < 0)
                return 1;
        pail_fuse_detach_mountpoint(mounted);
        if (is_mounted())
                return 2;
        return write(fd, "x", 1) == 1 ? 0 : 3;
}

/* After an unmount by others the next mount may have any number. */
static int detach_of_another_device(struct pail_mountinfo *mounted)
{
        mounted->device_minor++;
        pail_fuse_detach_mountpoint(mounted);
        if (!is_mounted())
                return 1;
        mounted->device_minor--;
        mounted->device_major++;
        pail_fuse_detach_mountpoint(mounted);
        return is_mounted() ? 0 : 2;
}

/* Somebody mounted over ours: theirs is not taken away. */
static int detach_below_another(struct pail_mountinfo *mounted)
{
        if (mount("none", directory, "tmpfs", 0, NULL) < 0)
                return 1;
        pail_fuse_detach_mountpoint(mounted);
        if (!is_mounted() || umount(directory) < 0)
                return 2;
        return is_mounted() ? 0 : 3; /* ours is still there too */
}

/* What was never found is left alone, and so is what no connection belongs to. */
static int do_nothing(struct pail_mountinfo *mounted)
{
        const struct pail_mountinfo none = { 0 };
        pail_fuse_abort_connection(&none);
        pail_fuse_detach_mountpoint(&none);
        pail_fuse_abort_connection(mounted);
        return is_mounted() ? 0 : 1;
}

static void test_own(void **state)
{
        (void)state;
        in_namespace(detach_own);
}

static void test_in_use(void **state)
{
        (void)state;
        in_namespace(detach_in_use);
}

static void test_of_another_device(void **state)
{
        (void)state;
        in_namespace(detach_of_another_device);
}

static void test_below_another(void **state)
{
        (void)state;
        in_namespace(detach_below_another);
}

static void test_nothing(void **state)
{
        (void)state;
        in_namespace(do_nothing);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_own),
                cmocka_unit_test(test_in_use),
                cmocka_unit_test(test_of_another_device),
                cmocka_unit_test(test_below_another),
                cmocka_unit_test(test_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
