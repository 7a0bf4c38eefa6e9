/* SPDX-License-Identifier: Apache-2.0 */
/* What changes a directory's names, from the bytes of the request to those of the reply. */
#include <linux/fs.h>
#include <sys/sysmacros.h>

#include "fake_mount.h"
#include "kernel.h"

enum { LONGEST_NAME = 1024 }; /* that the kernel sends */

static struct kernel kernel;

static int setup(void **state)
{
        (void)state;
        kernel_start(&kernel);
        fake.entry = (struct pail_fs_entry){ .node_id = 55, .entry_ttl_ms = 1000, .attributes_ttl_ms = 1000 };
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        kernel_stop(&kernel);
        return 0;
}

static void assert_made(const char *call, uint64_t parent, const char *name)
{
        assert_string_equal(fake.last, call);
        assert_int_equal(fake.node, parent);
        assert_string_equal(fake.name, name);
        assert_int_equal(((const struct fuse_entry_out *)(const void *)kernel.reply.data)->nodeid, 55);
        assert_int_equal(kernel.size, sizeof(struct fuse_entry_out));
}

static void assert_caller(mode_t umask)
{
        assert_int_equal(fake.caller.uid, KERNEL_UID);
        assert_int_equal(fake.caller.gid, KERNEL_GID);
        assert_int_equal(fake.caller.pid, getpid());
        assert_int_equal(fake.caller.umask, umask);
}

static void test_mknod(void **state)
{
        (void)state;
        const struct fuse_mknod_in in = { .mode = S_IFCHR | 0620, .rdev = makedev(4, 64), .umask = 027 };
        assert_int_equal(kernel_ask_name(&kernel, FUSE_MKNOD, 9, &in, sizeof(in), "ttyS0"), 0);
        assert_made("mknod", 9, "ttyS0");
        assert_int_equal(fake.mode, S_IFCHR | 0620);
        assert_int_equal(fake.device, makedev(4, 64));
        assert_caller(027);
}

static void test_mkdir(void **state)
{
        (void)state;
        const struct fuse_mkdir_in in = { .mode = 01777, .umask = 022 };
        assert_int_equal(kernel_ask_name(&kernel, FUSE_MKDIR, 9, &in, sizeof(in), "d"), 0);
        assert_made("mkdir", 9, "d");
        assert_int_equal(fake.mode & 07777, 01777);
        assert_caller(022);
        fake.r = -EEXIST;
        assert_int_equal(kernel_ask_name(&kernel, FUSE_MKDIR, 9, &in, sizeof(in), "d"), -EEXIST);
        assert_int_equal(kernel.size, 0);
}

static void test_symlink(void **state)
{
        (void)state;
        static const char both[] = "name\0../target";
        assert_int_equal(kernel_ask(&kernel, FUSE_SYMLINK, 9, NULL, 0, both, sizeof(both)), 0);
        assert_made("symlink", 9, "name");
        assert_string_equal(fake.new_name, "../target");
        assert_caller(0);
}

/* No call: there are none on S3. The value is what programs know. */
static void test_link(void **state)
{
        (void)state;
        const struct fuse_link_in in = { .oldnodeid = 7 };
        assert_int_equal(kernel_ask_name(&kernel, FUSE_LINK, 9, &in, sizeof(in), "other"), -EPERM);
        assert_int_equal(fake.calls, 0);
}

static void test_removing(void **state)
{
        (void)state;
        assert_int_equal(kernel_ask_name(&kernel, FUSE_UNLINK, 9, NULL, 0, "f"), 0);
        assert_string_equal(fake.last, "unlink");
        assert_string_equal(fake.name, "f");
        assert_int_equal(kernel_ask_name(&kernel, FUSE_RMDIR, 8, NULL, 0, "d"), 0);
        assert_string_equal(fake.last, "rmdir");
        assert_int_equal(fake.node, 8);
        fake.r = -ENOTEMPTY;
        assert_int_equal(kernel_ask_name(&kernel, FUSE_RMDIR, 8, NULL, 0, "d"), -ENOTEMPTY);
}

static void test_rename(void **state)
{
        (void)state;
        static const char both[] = "old name\0new";
        const struct fuse_rename_in plain = { .newdir = 10 };
        assert_int_equal(kernel_ask(&kernel, FUSE_RENAME, 9, &plain, sizeof(plain), both, sizeof(both)), 0);
        assert_string_equal(fake.last, "rename");
        assert_int_equal(fake.node, 9);
        assert_int_equal(fake.new_parent, 10);
        assert_string_equal(fake.name, "old name");
        assert_string_equal(fake.new_name, "new");
        assert_int_equal(fake.flags, 0);

        const struct fuse_rename2_in second = { .newdir = 11, .flags = RENAME_NOREPLACE };
        assert_int_equal(kernel_ask(&kernel, FUSE_RENAME2, 9, &second, sizeof(second), both, sizeof(both)), 0);
        assert_int_equal(fake.new_parent, 11);
        assert_int_equal(fake.flags, RENAME_NOREPLACE);
        fake.r = -EXDEV;
        assert_int_equal(kernel_ask(&kernel, FUSE_RENAME2, 9, &second, sizeof(second), both, sizeof(both)), -EXDEV);
}

/* The driver has no opinion of names: each byte arrives, and the volume's refusal comes back. */
static void test_odd_and_long_names(void **state)
{
        (void)state;
        static const char *const odd[] = { ".", "..", " ", "\xff\xfe", "a\nb", "\\", "*?" };
        for (size_t i = 0; i < TEST_COUNT(odd); i++) {
                assert_int_equal(kernel_ask_name(&kernel, FUSE_UNLINK, 9, NULL, 0, odd[i]), 0);
                assert_string_equal(fake.name, odd[i]);
        }
        char name[LONGEST_NAME + 1];
        memset(name, 'x', LONGEST_NAME);
        name[LONGEST_NAME] = '\0';
        fake.r = -ENAMETOOLONG;
        assert_int_equal(kernel_ask_name(&kernel, FUSE_UNLINK, 9, NULL, 0, name), -ENAMETOOLONG);
        assert_string_equal(fake.name, name);
        const struct fuse_mkdir_in in = { .mode = 0700 };
        assert_int_equal(kernel_ask_name(&kernel, FUSE_MKDIR, 9, &in, sizeof(in), name), -ENAMETOOLONG);
        assert_string_equal(fake.name, name);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_mknod),
                TEST(test_mkdir),
                TEST(test_symlink),
                TEST(test_link),
                TEST(test_removing),
                TEST(test_rename),
                TEST(test_odd_and_long_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
