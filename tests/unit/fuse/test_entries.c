/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups, forgets and attributes, from the bytes of the request to those of the reply. */
#include "fake_mount.h"
#include "kernel.h"

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

static const struct stat some_attributes = {
        .st_ino = 77,
        .st_mode = S_IFREG | 04751,
        .st_nlink = 3,
        .st_uid = 4,
        .st_gid = 5,
        .st_size = (off_t)6 << 32,
        .st_blocks = 7,
        .st_blksize = 1 << 20,
        .st_atim = { .tv_sec = 8, .tv_nsec = 9 },
        .st_mtim = { .tv_sec = -10, .tv_nsec = 11 },
        .st_ctim = { .tv_sec = 12, .tv_nsec = 999999999 },
};

static void assert_some_attributes(const struct fuse_attr *told)
{
        assert_int_equal(told->ino, 77);
        assert_int_equal(told->mode, S_IFREG | 04751);
        assert_int_equal(told->nlink, 3);
        assert_int_equal(told->uid, 4);
        assert_int_equal(told->gid, 5);
        assert_int_equal(told->size, (uint64_t)6 << 32);
        assert_int_equal(told->blocks, 7);
        assert_int_equal(told->blksize, 1 << 20);
        assert_int_equal(told->atime, 8);
        assert_int_equal(told->atimensec, 9);
        assert_int_equal((int64_t)told->mtime, -10);
        assert_int_equal(told->mtimensec, 11);
        assert_int_equal(told->ctime, 12);
        assert_int_equal(told->ctimensec, 999999999);
}

static void test_lookup(void **state)
{
        (void)state;
        fake.entry = (struct pail_fs_entry){ .node_id = UINT64_C(1) << 45,
                                             .attributes = some_attributes,
                                             .entry_ttl_ms = 1500,
                                             .attributes_ttl_ms = 2250 };
        assert_int_equal(kernel_ask_name(&kernel, FUSE_LOOKUP, 42, NULL, 0, "a name"), 0);
        assert_string_equal(fake.last, "lookup");
        assert_int_equal(fake.node, 42);
        assert_string_equal(fake.name, "a name");
        const struct fuse_entry_out *told = (const void *)kernel.reply.data;
        assert_int_equal(kernel.size, sizeof(*told));
        assert_int_equal(told->nodeid, UINT64_C(1) << 45);
        assert_int_equal(told->entry_valid, 1);
        assert_int_equal(told->entry_valid_nsec, 500000000);
        assert_int_equal(told->attr_valid, 2);
        assert_int_equal(told->attr_valid_nsec, 250000000);
        assert_some_attributes(&told->attr);
        assert_int_equal(fake.forgets, 0);

        fake.r = -EACCES;
        assert_int_equal(kernel_ask_name(&kernel, FUSE_LOOKUP, 42, NULL, 0, "a name"), -EACCES);
}

static void test_forget(void **state)
{
        (void)state;
        const struct fuse_forget_in one = { .nlookup = 9 };
        assert_int_equal(kernel_ask(&kernel, FUSE_FORGET, 5, &one, sizeof(one), NULL, 0), KERNEL_NO_REPLY);
        assert_int_equal(fake.forgets, 1);
        assert_int_equal(fake.forgotten[0].node, 5);
        assert_int_equal(fake.forgotten[0].lookups, 9);

        const struct fuse_batch_forget_in many = { .count = 3 };
        const struct fuse_forget_one each[] = { { .nodeid = 6, .nlookup = 1 },
                                                { .nodeid = 7, .nlookup = UINT64_C(1) << 40 },
                                                { .nodeid = 6, .nlookup = 2 } };
        assert_int_equal(kernel_ask(&kernel, FUSE_BATCH_FORGET, 0, &many, sizeof(many), each, sizeof(each)),
                         KERNEL_NO_REPLY);
        assert_int_equal(fake.forgets, 4);
        for (size_t i = 0; i < TEST_COUNT(each); i++) {
                assert_int_equal(fake.forgotten[1 + i].node, each[i].nodeid);
                assert_int_equal(fake.forgotten[1 + i].lookups, each[i].nlookup);
        }
}

static void test_getattr(void **state)
{
        (void)state;
        struct fuse_getattr_in in = { .fh = (uintptr_t)fake_handle() };
        fake.attributes = some_attributes;
        fake.ttl_ms = 1001;
        fake.handle = fake_handle();
        assert_int_equal(kernel_ask(&kernel, FUSE_GETATTR, 3, &in, sizeof(in), NULL, 0), 0);
        assert_int_equal(fake.node, 3);
        assert_null(fake.handle); /* the number is there, but not said to be one */
        const struct fuse_attr_out *told = (const void *)kernel.reply.data;
        assert_int_equal(kernel.size, sizeof(*told));
        assert_int_equal(told->attr_valid, 1);
        assert_in_range(told->attr_valid_nsec, 999999, 1000001);
        assert_some_attributes(&told->attr);

        in.getattr_flags = FUSE_GETATTR_FH;
        assert_int_equal(kernel_ask(&kernel, FUSE_GETATTR, 3, &in, sizeof(in), NULL, 0), 0);
        assert_ptr_equal(fake.handle, fake_handle());

        fake.r = -ESTALE;
        assert_int_equal(kernel_ask(&kernel, FUSE_GETATTR, 3, &in, sizeof(in), NULL, 0), -ESTALE);
}

static unsigned set_by(uint32_t valid)
{
        const struct fuse_setattr_in in = { .valid = valid, .fh = (uintptr_t)fake_handle() };
        assert_int_equal(kernel_ask(&kernel, FUSE_SETATTR, 3, &in, sizeof(in), NULL, 0), 0);
        assert_string_equal(fake.last, "setattr");
        return fake.set;
}

/* Each bit by itself, and all together. */
static void test_setattr_mask(void **state)
{
        (void)state;
        static const struct {
                uint32_t theirs;
                unsigned ours;
        } bits[] = {
                { FATTR_MODE, PAIL_FS_SET_MODE },
                { FATTR_UID, PAIL_FS_SET_UID },
                { FATTR_GID, PAIL_FS_SET_GID },
                { FATTR_SIZE, PAIL_FS_SET_SIZE },
                { FATTR_ATIME, PAIL_FS_SET_ATIME },
                { FATTR_MTIME, PAIL_FS_SET_MTIME },
                { FATTR_ATIME_NOW, PAIL_FS_SET_ATIME_NOW },
                { FATTR_MTIME_NOW, PAIL_FS_SET_MTIME_NOW },
                { FATTR_CTIME, PAIL_FS_SET_CTIME },
        };
        uint32_t theirs = 0;
        unsigned ours = 0;
        for (size_t i = 0; i < TEST_COUNT(bits); i++) {
                assert_int_equal(set_by(bits[i].theirs), bits[i].ours);
                theirs |= bits[i].theirs;
                ours |= bits[i].ours;
        }
        assert_int_equal(set_by(theirs), ours);
        assert_int_equal(set_by(0), 0);
        assert_int_equal(set_by(FATTR_LOCKOWNER), 0);
        assert_null(fake.handle);
        assert_int_equal(set_by(FATTR_FH | FATTR_SIZE), PAIL_FS_SET_SIZE);
        assert_ptr_equal(fake.handle, fake_handle());
}

static void test_setattr_values(void **state)
{
        (void)state;
        const struct fuse_setattr_in in = { .valid = FATTR_MODE | FATTR_SIZE | FATTR_MTIME,
                                            .mode = 0640,
                                            .uid = 1,
                                            .gid = 2,
                                            .size = UINT64_C(1) << 40,
                                            .atime = 3,
                                            .atimensec = 4,
                                            .mtime = 5,
                                            .mtimensec = 6,
                                            .ctime = 7,
                                            .ctimensec = 8 };
        fake.attributes = some_attributes;
        assert_int_equal(kernel_ask(&kernel, FUSE_SETATTR, 3, &in, sizeof(in), NULL, 0), 0);
        assert_int_equal(fake.given.st_mode & 07777, 0640);
        assert_int_equal(fake.given.st_uid, 1);
        assert_int_equal(fake.given.st_gid, 2);
        assert_int_equal(fake.given.st_size, (off_t)1 << 40);
        assert_int_equal(fake.given.st_atim.tv_sec, 3);
        assert_int_equal(fake.given.st_atim.tv_nsec, 4);
        assert_int_equal(fake.given.st_mtim.tv_sec, 5);
        assert_int_equal(fake.given.st_mtim.tv_nsec, 6);
        assert_some_attributes(&((const struct fuse_attr_out *)(const void *)kernel.reply.data)->attr);
        fake.r = -EROFS;
        assert_int_equal(kernel_ask(&kernel, FUSE_SETATTR, 3, &in, sizeof(in), NULL, 0), -EROFS);
}

static void test_readlink(void **state)
{
        (void)state;
        fake.target = "../where it points";
        assert_int_equal(kernel_ask(&kernel, FUSE_READLINK, 3, NULL, 0, NULL, 0), 0);
        assert_int_equal(kernel.size, strlen(fake.target)); /* without the NUL */
        assert_memory_equal(kernel.reply.data, fake.target, kernel.size);
        fake.r = -EINVAL;
        assert_int_equal(kernel_ask(&kernel, FUSE_READLINK, 3, NULL, 0, NULL, 0), -EINVAL);
}

static void test_statfs(void **state)
{
        (void)state;
        fake.statistics = (struct statvfs){ .f_bsize = 1,
                                            .f_frsize = 2,
                                            .f_blocks = 3,
                                            .f_bfree = 4,
                                            .f_bavail = 5,
                                            .f_files = 6,
                                            .f_ffree = 7,
                                            .f_namemax = 255 };
        assert_int_equal(kernel_ask(&kernel, FUSE_STATFS, 1, NULL, 0, NULL, 0), 0);
        const struct fuse_statfs_out *told = (const void *)kernel.reply.data;
        assert_int_equal(told->st.bsize, 1);
        assert_int_equal(told->st.frsize, 2);
        assert_int_equal(told->st.blocks, 3);
        assert_int_equal(told->st.bfree, 4);
        assert_int_equal(told->st.bavail, 5);
        assert_int_equal(told->st.files, 6);
        assert_int_equal(told->st.ffree, 7);
        assert_int_equal(told->st.namelen, 255);
        fake.r = -EIO;
        assert_int_equal(kernel_ask(&kernel, FUSE_STATFS, 1, NULL, 0, NULL, 0), -EIO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_lookup),         TEST(test_forget),   TEST(test_getattr), TEST(test_setattr_mask),
                TEST(test_setattr_values), TEST(test_readlink), TEST(test_statfs),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
