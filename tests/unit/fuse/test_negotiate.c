/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is agreed upon, from the bytes of INIT to those of its reply. The reply is libfuse's, which differs in what it adds by itself; what we ask
 * for, and what we never do, is looked at bit by bit.
 */
#include "fuse/negotiate.h"

#include "fake_mount.h"
#include "kernel.h"
#include "pail/fuse/mountinfo.h"

static struct kernel kernel;

static int teardown(void **state)
{
        (void)state;
        kernel_stop(&kernel);
        return 0;
}

static const struct fuse_init_out *negotiate(unsigned max_threads, uint32_t flags)
{
        kernel_open(&kernel, max_threads);
        kernel.context.max_read_bytes = 0;
        assert_false(kernel.context.is_negotiated);
        kernel_init(&kernel, flags);
        assert_true(kernel.context.is_negotiated);
        assert_true(kernel.size >= offsetof(struct fuse_init_out, max_pages));
        return (const void *)kernel.reply.data;
}

/* FUSE_PARALLEL_DIROPS is missing: libfuse 3.14 knows of it and does not say it to the kernel. */
static const uint32_t asked_for = FUSE_ASYNC_READ | FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO | FUSE_ATOMIC_O_TRUNC |
                                  FUSE_ASYNC_DIO | FUSE_CACHE_SYMLINKS;
static const uint32_t never = FUSE_WRITEBACK_CACHE | FUSE_SPLICE_READ | FUSE_SPLICE_WRITE | FUSE_SPLICE_MOVE |
                              FUSE_AUTO_INVAL_DATA | FUSE_HANDLE_KILLPRIV | FUSE_POSIX_ACL | FUSE_DONT_MASK |
                              FUSE_POSIX_LOCKS | FUSE_FLOCK_LOCKS | FUSE_EXPORT_SUPPORT | FUSE_NO_OPEN_SUPPORT |
                              FUSE_NO_OPENDIR_SUPPORT | FUSE_EXPLICIT_INVAL_DATA;

static void test_all_is_offered(void **state)
{
        (void)state;
        const struct fuse_init_out *told = negotiate(64, KERNEL_ALL_FLAGS);
        assert_int_equal(told->major, FUSE_KERNEL_VERSION);
        assert_int_equal(told->flags & asked_for, asked_for);
        /* FUSE_NO_OPEN_SUPPORT and its like are the kernel's to say; libfuse does not repeat them. */
        assert_int_equal(told->flags & never, 0);
        assert_int_equal(told->max_readahead, 128 * 1024);
        assert_int_equal(told->max_write, 1024 * 1024);
        assert_int_equal(told->max_background, 32);
        assert_int_equal(told->congestion_threshold, 24);
        assert_int_equal(told->time_gran, 1);
        /* A request of 1 MiB needs the pages. */
        assert_true(told->flags & FUSE_MAX_PAGES);
        assert_int_equal(told->max_pages, 1024 * 1024 / getpagesize());
}

/* What libfuse is told, whatever it makes of it: no more than is there, and of its own defaults only those that we use. */
static void test_wants(void **state)
{
        (void)state;
        const unsigned used = FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS |
                              FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_ASYNC_DIO |
                              FUSE_CAP_CACHE_SYMLINKS;
        struct fuse_conn_info connection = { .capable = UINT32_MAX, .want = UINT32_MAX, .max_write = 4096 };
        kernel_open(&kernel, 3);
        kernel.context.max_read_bytes = 65536;
        pail_fuse_negotiate(&kernel.context, &connection);
        assert_int_equal(connection.want & used, used);
        assert_int_equal(connection.want & (FUSE_CAP_WRITEBACK_CACHE | FUSE_CAP_AUTO_INVAL_DATA |
                                            FUSE_CAP_HANDLE_KILLPRIV | FUSE_CAP_SPLICE_READ),
                         0);
        assert_int_equal(connection.max_write, 4096); /* only ever made smaller */
        assert_int_equal(connection.max_read, 65536);
        connection = (struct fuse_conn_info){ .capable = UINT32_MAX };
        pail_fuse_negotiate(&kernel.context, &connection);
        assert_int_equal(connection.want, used);
        connection = (struct fuse_conn_info){ .capable = 0, .max_write = 16 << 20 };
        pail_fuse_negotiate(&kernel.context, &connection);
        assert_int_equal(connection.want, 0);
        assert_int_equal(connection.max_write, 1 << 20);
}

/* An old kernel: what it does not know is not asked for. */
static void test_nothing_is_offered(void **state)
{
        (void)state;
        const struct fuse_init_out *told = negotiate(2, 0);
        assert_int_equal(told->flags & (asked_for | never), 0);
        assert_int_equal(told->max_background, 1);
        assert_int_equal(told->congestion_threshold, 0);
        assert_int_equal(told->time_gran, 1);
}

/* One at a time: none depends on another. */
static void test_each_is_offered(void **state)
{
        (void)state;
        for (uint32_t bit = 1; bit < KERNEL_ALL_FLAGS; bit <<= 1) {
                const struct fuse_init_out *told = negotiate(64, bit);
                /* READDIRPLUS_AUTO without READDIRPLUS says nothing to anybody. */
                assert_int_equal(told->flags & (asked_for | never), bit & asked_for);
                kernel_stop(&kernel);
        }
        negotiate(64, 0); /* for teardown */
}

/* Where nothing was mounted there is nothing to set, and where it cannot be set that is no error. */
static void test_read_ahead(void **state)
{
        (void)state;
        negotiate(64, 0);
        const struct pail_mountinfo none = { 0 }, absent = { .device_major = 4095, .device_minor = 1048575 };
        errno = 0;
        pail_fuse_set_read_ahead(&none);
        assert_int_equal(errno, 0);
        pail_fuse_set_read_ahead(&absent);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_all_is_offered),  TEST(test_wants),      TEST(test_nothing_is_offered),
                TEST(test_each_is_offered), TEST(test_read_ahead),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
