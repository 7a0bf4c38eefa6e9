/* SPDX-License-Identifier: Apache-2.0 */
/* How entries are packed into the kernel's buffer, and what becomes of the lookups that READDIRPLUS counts. */
#include "fake_mount.h"
#include "kernel.h"

static struct kernel kernel;

static const struct fake_name some_names[] = {
        { .name = ".", .entry = { .node_id = 1, .attributes = { .st_ino = 1, .st_mode = S_IFDIR } } },
        { .name = "..", .entry = { .node_id = 1, .attributes = { .st_ino = 1, .st_mode = S_IFDIR } } },
        { .name = "a", .entry = { .node_id = 11, .attributes = { .st_ino = 21, .st_mode = S_IFREG | 0644 } } },
        { .name = "12345678", .entry = { .node_id = 12, .attributes = { .st_ino = 22, .st_mode = S_IFLNK | 0777 } } },
        { .name = "123456789", .entry = { .node_id = 0, .attributes = { .st_ino = 23 } } },
        { .name = ".hidden", .entry = { .node_id = 14, .attributes = { .st_ino = 24, .st_mode = S_IFDIR | 0755 } } },
        { .name = NULL },
};
enum { NAMES = TEST_COUNT(some_names) - 1 };

static int setup(void **state)
{
        (void)state;
        kernel_start(&kernel);
        fake.names = some_names;
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        kernel_stop(&kernel);
        return 0;
}

static uint64_t open_directory(void)
{
        const struct fuse_open_in in = { 0 };
        assert_int_equal(kernel_ask(&kernel, FUSE_OPENDIR, 1, &in, sizeof(in), NULL, 0), 0);
        return ((const struct fuse_open_out *)(const void *)kernel.reply.data)->fh;
}

static int read_directory(bool plus, uint64_t handle, uint64_t offset, uint32_t size)
{
        const struct fuse_read_in in = { .fh = handle, .offset = offset, .size = size };
        int r = kernel_ask(&kernel, plus ? FUSE_READDIRPLUS : FUSE_READDIR, 1, &in, sizeof(in), NULL, 0);
        assert_int_equal(fake.offset, offset);
        assert_int_equal(fake.plus, plus);
        return r;
}

static size_t padded(size_t size)
{
        return (size + 7) & ~(size_t)7;
}

static size_t entry_size(bool plus, const char *name)
{
        return (plus ? sizeof(struct fuse_entry_out) : 0) + padded(offsetof(struct fuse_dirent, name) + strlen(name));
}

/* The reply holds exactly the names from first to before end. */
static void assert_packed(bool plus, size_t first, size_t end)
{
        size_t at = 0;
        for (size_t i = first; i < end; i++) {
                const struct fake_name *expected = &some_names[i];
                if (plus) {
                        const struct fuse_entry_out *entry = (const void *)(kernel.reply.data + at);
                        assert_int_equal(entry->nodeid, expected->entry.node_id);
                        assert_int_equal(entry->attr.ino, expected->entry.attributes.st_ino);
                        assert_int_equal(entry->attr.mode, expected->entry.attributes.st_mode);
                        at += sizeof(*entry);
                }
                const struct fuse_dirent *dirent = (const void *)(kernel.reply.data + at);
                size_t length = strlen(expected->name), used = offsetof(struct fuse_dirent, name) + length;
                assert_int_equal(dirent->ino, expected->entry.attributes.st_ino);
                assert_int_equal(dirent->off, i + 1);
                assert_int_equal(dirent->type, expected->entry.attributes.st_mode >> 12);
                assert_int_equal(dirent->namelen, length);
                assert_memory_equal(dirent->name, expected->name, length);
                for (size_t j = used; j < padded(used); j++)
                        assert_int_equal(kernel.reply.data[at + j], 0);
                at += padded(used);
        }
        assert_int_equal(kernel.size, at);
}

static void test_packing(void **state)
{
        (void)state;
        uint64_t handle = open_directory();
        for (int plus = 0; plus < 2; plus++) {
                assert_int_equal(read_directory(plus, handle, 0, 4096), 0);
                assert_packed(plus, 0, NAMES);
                assert_int_equal(read_directory(plus, handle, 3, 4096), 0);
                assert_packed(plus, 3, NAMES);
                assert_int_equal(read_directory(plus, handle, NAMES, 4096), 0);
                assert_int_equal(kernel.size, 0); /* the end */
        }
        assert_int_equal(fake.forgets, 0);
}

/* Whatever the size: as many as fit, none cut, and the last offset leads to the next. */
static void test_each_size(void **state)
{
        (void)state;
        uint64_t handle = open_directory();
        for (int plus = 0; plus < 2; plus++) {
                size_t need = 0, fits = 0;
                for (uint32_t size = 1; size <= 1200; size++) {
                        while (fits < NAMES && need + entry_size(plus, some_names[fits].name) <= size)
                                need += entry_size(plus, some_names[fits++].name);
                        assert_int_equal(read_directory(plus, handle, 0, size), 0);
                        assert_packed(plus, 0, fits);
                }
                assert_int_equal(fits, NAMES);
        }
}

/* Each name that was packed was counted as a lookup, but for "." and ".." and those without attributes; a name that did not fit was not. */
static void test_reply_that_nobody_hears(void **state)
{
        (void)state;
        uint64_t handle = open_directory();
        const struct fuse_read_in in = { .fh = handle, .size = 4096 };
        kernel_ask_and_hang_up(&kernel, FUSE_READDIRPLUS, 1, &in, sizeof(in), NULL, 0);
        assert_int_equal(fake.forgets, 3);
        assert_int_equal(fake.forgotten[0].node, 11);
        assert_int_equal(fake.forgotten[1].node, 12);
        assert_int_equal(fake.forgotten[2].node, 14);
        for (size_t i = 0; i < fake.forgets; i++)
                assert_int_equal(fake.forgotten[i].lookups, 1);
}

static void test_full_reply_that_nobody_hears(void **state)
{
        (void)state;
        size_t size = 0;
        for (size_t i = 0; i < 3; i++)
                size += entry_size(true, some_names[i].name);
        const struct fuse_read_in in = { .fh = open_directory(), .size = (uint32_t)size + 7 };
        kernel_ask_and_hang_up(&kernel, FUSE_READDIRPLUS, 1, &in, sizeof(in), NULL, 0);
        assert_int_equal(fake.forgets, 1);
        assert_int_equal(fake.forgotten[0].node, 11);
}

static void test_plain_reply_that_nobody_hears(void **state)
{
        (void)state;
        const struct fuse_read_in in = { .fh = open_directory(), .size = 4096 };
        kernel_ask_and_hang_up(&kernel, FUSE_READDIR, 1, &in, sizeof(in), NULL, 0);
        assert_int_equal(fake.forgets, 0); /* nothing was counted */
}

static void test_errors(void **state)
{
        (void)state;
        uint64_t handle = open_directory();
        fake.end_of_names = -EIO;
        assert_int_equal(read_directory(false, handle, 2, 4096), 0); /* the names before it come first */
        assert_packed(false, 2, NAMES);
        assert_int_equal(read_directory(false, handle, NAMES, 4096), -EIO);
        fake.r = -ETIMEDOUT;
        assert_int_equal(read_directory(true, handle, 0, 4096), -ETIMEDOUT);
        const struct fuse_open_in in = { 0 };
        assert_int_equal(kernel_ask(&kernel, FUSE_OPENDIR, 1, &in, sizeof(in), NULL, 0), -ETIMEDOUT);
}

static void test_handles(void **state)
{
        (void)state;
        const struct fuse_release_in in = { .fh = open_directory() };
        assert_int_equal(fake.node, 1);
        assert_int_equal(kernel_ask(&kernel, FUSE_RELEASEDIR, 1, &in, sizeof(in), NULL, 0), 0);
        assert_int_equal(fake.dir_releases, 1);
        const struct fuse_open_in open_in = { 0 };
        kernel_ask_and_hang_up(&kernel, FUSE_OPENDIR, 1, &open_in, sizeof(open_in), NULL, 0);
        assert_int_equal(fake.dir_opens, 2);
        assert_int_equal(fake.dir_releases, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_packing),
                TEST(test_each_size),
                TEST(test_reply_that_nobody_hears),
                TEST(test_full_reply_that_nobody_hears),
                TEST(test_plain_reply_that_nobody_hears),
                TEST(test_errors),
                TEST(test_handles),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
