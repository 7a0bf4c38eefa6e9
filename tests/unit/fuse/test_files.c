/* SPDX-License-Identifier: Apache-2.0 */
/* Open files, from the bytes of the request to those of the reply. */
#include <fcntl.h>

#include "fake_mount.h"
#include "kernel.h"

/* In headers of the kernel since 5.16 only. */
enum { OPENED_NOFLUSH = 1 << 5 };

static struct kernel kernel;

static int setup(void **state)
{
        (void)state;
        kernel_start(&kernel);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        kernel_stop(&kernel);
        return 0;
}

static uint64_t handle_number(void)
{
        return (uintptr_t)fake_handle();
}

static uint32_t open_flags(uint32_t flags)
{
        const struct fuse_open_in in = { .flags = flags };
        assert_int_equal(kernel_ask(&kernel, FUSE_OPEN, 4, &in, sizeof(in), NULL, 0), 0);
        assert_int_equal(fake.flags, flags);
        const struct fuse_open_out *told = (const void *)kernel.reply.data;
        assert_int_equal(kernel.size, sizeof(*told));
        assert_int_equal(told->fh, handle_number());
        return told->open_flags;
}

static void test_open(void **state)
{
        (void)state;
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 11)
        const uint32_t read_only = OPENED_NOFLUSH;
#else
        const uint32_t read_only = 0;
#endif
        assert_int_equal(open_flags(O_RDONLY), read_only);
        assert_int_equal(fake.node, 4);
        assert_int_equal(fake.caller.uid, KERNEL_UID);
        assert_int_equal(open_flags(O_RDWR | O_TRUNC), 0);
        assert_int_equal(open_flags(O_WRONLY | O_APPEND), 0);
        fake.keep_cache = true;
        assert_int_equal(open_flags(O_RDWR), FOPEN_KEEP_CACHE);
        assert_int_equal(open_flags(O_RDONLY), FOPEN_KEEP_CACHE | read_only);
        assert_int_equal(fake.releases, 0);
        fake.r = -EACCES;
        const struct fuse_open_in in = { 0 };
        assert_int_equal(kernel_ask(&kernel, FUSE_OPEN, 4, &in, sizeof(in), NULL, 0), -EACCES);
}

/* The program that opened was killed: the kernel will not release what it does not know. */
static void test_open_that_nobody_hears(void **state)
{
        (void)state;
        const struct fuse_open_in in = { .flags = O_RDONLY };
        kernel_ask_and_hang_up(&kernel, FUSE_OPEN, 4, &in, sizeof(in), NULL, 0);
        assert_int_equal(fake.opens, 1);
        assert_int_equal(fake.releases, 1);
}

static void test_create(void **state)
{
        (void)state;
        const struct fuse_create_in in = { .flags = O_WRONLY | O_CREAT | O_EXCL, .mode = S_IFREG | 0664, .umask = 02 };
        fake.entry = (struct pail_fs_entry){ .node_id = 66, .entry_ttl_ms = 1000, .attributes_ttl_ms = 1000 };
        fake.entry.attributes.st_size = 5;
        assert_int_equal(kernel_ask_name(&kernel, FUSE_CREATE, 9, &in, sizeof(in), "new"), 0);
        assert_string_equal(fake.last, "create");
        assert_int_equal(fake.node, 9);
        assert_string_equal(fake.name, "new");
        assert_int_equal(fake.mode & 07777, 0664);
        assert_int_equal(fake.flags, O_WRONLY | O_CREAT | O_EXCL);
        assert_int_equal(fake.caller.umask, 02);
        const struct fuse_entry_out *entry = (const void *)kernel.reply.data;
        const struct fuse_open_out *opened = (const void *)(kernel.reply.data + sizeof(*entry));
        assert_int_equal(kernel.size, sizeof(*entry) + sizeof(*opened));
        assert_int_equal(entry->nodeid, 66);
        assert_int_equal(entry->attr.size, 5);
        assert_int_equal(entry->entry_valid, 1);
        assert_int_equal(opened->fh, handle_number());
        assert_int_equal(opened->open_flags, FOPEN_KEEP_CACHE);
        fake.r = -EEXIST;
        assert_int_equal(kernel_ask_name(&kernel, FUSE_CREATE, 9, &in, sizeof(in), "new"), -EEXIST);
}

static void test_create_that_nobody_hears(void **state)
{
        (void)state;
        const struct fuse_create_in in = { .flags = O_WRONLY };
        fake.entry.node_id = 66;
        kernel_ask_and_hang_up(&kernel, FUSE_CREATE, 9, &in, sizeof(in), "f", 2);
        assert_int_equal(fake.releases, 1);
        assert_int_equal(fake.forgets, 1);
        assert_int_equal(fake.forgotten[0].node, 66);
        assert_int_equal(fake.forgotten[0].lookups, 1);
}

static int read_file(uint64_t offset, uint32_t size)
{
        const struct fuse_read_in in = { .fh = handle_number(), .offset = offset, .size = size };
        return kernel_ask(&kernel, FUSE_READ, 4, &in, sizeof(in), NULL, 0);
}

/* What is lent in pieces arrives in one, and is given back, whatever comes of the reply. */
static void test_read(void **state)
{
        (void)state;
        fake.part[0] = "first ";
        fake.part[1] = "second";
        assert_int_equal(read_file(UINT64_C(5) << 32, 131072), 0);
        assert_ptr_equal(fake.handle, fake_handle());
        assert_int_equal(fake.offset, UINT64_C(5) << 32);
        assert_int_equal(fake.size, 131072);
        assert_int_equal(kernel.size, 12);
        assert_memory_equal(kernel.reply.data, "first second", 12);
        fake.part[0] = NULL;
        assert_int_equal(read_file(100, 10), 0); /* the end of the file */
        assert_int_equal(kernel.size, 0);
        fake.r = -ESTALE;
        assert_int_equal(read_file(0, 10), -ESTALE);
        fake.r = 0;
        fake.part[0] = "x";
        const struct fuse_read_in in = { .fh = handle_number(), .size = 1 };
        kernel_ask_and_hang_up(&kernel, FUSE_READ, 4, &in, sizeof(in), NULL, 0);
        assert_int_equal(fake.lent, 3);
        assert_int_equal(fake.taken_back, 3);
}

static void test_write(void **state)
{
        (void)state;
        const struct fuse_write_in in = { .fh = handle_number(), .offset = UINT64_C(1) << 41, .size = 5 };
        assert_int_equal(kernel_ask(&kernel, FUSE_WRITE, 4, &in, sizeof(in), "bytes", 5), 0);
        assert_ptr_equal(fake.handle, fake_handle());
        assert_int_equal(fake.offset, UINT64_C(1) << 41);
        assert_int_equal(fake.size, 5);
        assert_memory_equal(fake.data, "bytes", 5);
        assert_int_equal(((const struct fuse_write_out *)(const void *)kernel.reply.data)->size, 5);
        fake.r = -ENOSPC;
        assert_int_equal(kernel_ask(&kernel, FUSE_WRITE, 4, &in, sizeof(in), "bytes", 5), -ENOSPC);
}

static void test_flush_and_fsync(void **state)
{
        (void)state;
        const struct fuse_flush_in flush = { .fh = handle_number() };
        const struct fuse_fsync_in fsync = { .fh = handle_number() };
        assert_int_equal(kernel_ask(&kernel, FUSE_FLUSH, 4, &flush, sizeof(flush), NULL, 0), 0);
        assert_string_equal(fake.last, "flush");
        assert_ptr_equal(fake.handle, fake_handle());
        assert_int_equal(fake.caller.pid, getpid());
        fake.handle = NULL;
        assert_int_equal(kernel_ask(&kernel, FUSE_FSYNC, 4, &fsync, sizeof(fsync), NULL, 0), 0);
        assert_string_equal(fake.last, "fsync");
        assert_ptr_equal(fake.handle, fake_handle());
        fake.r = -EIO;
        assert_int_equal(kernel_ask(&kernel, FUSE_FLUSH, 4, &flush, sizeof(flush), NULL, 0), -EIO);
        assert_int_equal(kernel_ask(&kernel, FUSE_FSYNC, 4, &fsync, sizeof(fsync), NULL, 0), -EIO);
}

/* The answer comes first: what the release then waits for is nobody's wait. */
static void test_release(void **state)
{
        (void)state;
        const struct fuse_release_in in = { .fh = handle_number() };
        fake.answer_fd = kernel.fd;
        fake.r = -EIO;
        assert_int_equal(kernel_ask(&kernel, FUSE_RELEASE, 4, &in, sizeof(in), NULL, 0), 0);
        assert_int_equal(fake.releases, 1);
        assert_true(fake.was_answered_before_release);
}

/* So that the kernel stops asking: it does for these, and only for these. */
static void test_what_is_not_there(void **state)
{
        (void)state;
        const struct fuse_lseek_in lseek = { .fh = handle_number() };
        const struct fuse_fallocate_in fallocate = { .fh = handle_number() };
        const struct fuse_getxattr_in getxattr = { .size = 10 };
        const struct fuse_lk_in lock = { .fh = handle_number() };
        assert_int_equal(kernel_ask(&kernel, FUSE_LSEEK, 4, &lseek, sizeof(lseek), NULL, 0), -ENOSYS);
        assert_int_equal(kernel_ask(&kernel, FUSE_FALLOCATE, 4, &fallocate, sizeof(fallocate), NULL, 0), -ENOSYS);
        assert_int_equal(kernel_ask(&kernel, FUSE_GETXATTR, 4, &getxattr, sizeof(getxattr), "user.x", 7), -ENOSYS);
        assert_int_equal(kernel_ask(&kernel, FUSE_GETLK, 4, &lock, sizeof(lock), NULL, 0), -ENOSYS);
        assert_int_equal(fake.calls, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_open),
                TEST(test_open_that_nobody_hears),
                TEST(test_create),
                TEST(test_create_that_nobody_hears),
                TEST(test_read),
                TEST(test_write),
                TEST(test_flush_and_fsync),
                TEST(test_release),
                TEST(test_what_is_not_there),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
