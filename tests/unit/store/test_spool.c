/* SPDX-License-Identifier: Apache-2.0 */
/* Space: what is written, cut, punched, counted and refused. */
#include "pail/store/spool.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "pail/util/file.h"

#include "../support/alloc.h"
#include "../support/test.h"
#include "fixture.h"

static void test_directories_and_modes(void **state)
{
        (void)state;
        static const char *const paths[] = { "state", SPOOL_DIRECTORY, LOST_DIRECTORY };
        struct stat status;
        assert_int_equal(open_spool(0), 0);
        for (size_t i = 0; i < TEST_COUNT(paths); i++) {
                assert_int_equal(stat(paths[i], &status), 0);
                assert_int_equal(status.st_mode & 07777, 0700);
        }
        struct pail_spool_file *file = new_file("k");
        assert_int_equal(fstat(pail_spool_file_fd(file), &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        assert_int_equal(fcntl(pail_spool_file_fd(file), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        assert_int_equal(count_spooled(), 1);
        pail_spool_file_free(file);
        pail_spool_file_free(NULL);
        assert_int_equal(count_spooled(), 0);
        close_spool();
        pail_spool_free(NULL);

        unsigned recovered = 99;
        assert_int_equal(pail_file_replace("plain", "", 0), 0);
        assert_int_equal(pail_spool_new("plain", LOST_DIRECTORY, NULL, &spool, &recovered), -ENOTDIR);
        assert_int_equal(pail_spool_new(SPOOL_DIRECTORY, "plain/x", NULL, &spool, &recovered), -ENOTDIR);
        assert_null(spool);
        assert_int_equal(recovered, 99);
}

static void test_write(void **state)
{
        (void)state;
        open_spool(0);
        struct pail_spool_file *file = new_file("k");
        int fd = pail_spool_file_fd(file);
        assert_present(file, "");
        assert_int_equal(fill(file, 'a', 0, 5), 0);
        assert_present(file, "");
        assert_int_equal(fill(file, 'a', 10, 100), 0);
        assert_int_equal(fill(file, 'b', 10, 0), 0);
        assert_present(file, "0-10 100-110");
        assert_int_equal(pail_spool_budget_used_bytes(budget), 20);
        assert_int_equal(fill(file, 'c', 100, 5), 0); /* over both, and what lies between */
        assert_present(file, "0-110");
        assert_int_equal(pail_spool_budget_used_bytes(budget), 110);
        assert_bytes(fd, 'b', 5, 0);
        assert_bytes(fd, 'c', 100, 5);
        assert_bytes(fd, 'a', 5, 105);
        assert_int_equal(fill(file, 'd', 110, 0), 0);
        assert_int_equal(pail_spool_budget_used_bytes(budget), 110);
        assert_bytes(fd, 'd', 110, 0);
        pail_spool_file_free(file);
        close_spool();
}

static void test_beyond_the_largest_offset(void **state)
{
        (void)state;
        static const uint64_t offsets[] = { INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX };
        open_spool(0);
        struct pail_spool_file *file = new_file("k");
        assert_int_equal(fill(file, 'a', 4, 0), 0);
        for (size_t i = 0; i < TEST_COUNT(offsets); i++) {
                assert_int_equal(fill(file, 'b', 2, offsets[i]), -EFBIG);
                assert_int_equal(pail_spool_file_punch(file, offsets[i], 2), -EINVAL);
        }
        assert_int_equal(pail_spool_file_truncate(file, UINT64_MAX), -EFBIG);
        assert_int_equal(pail_spool_file_truncate(file, (uint64_t)INT64_MAX + 1), -EFBIG);
        assert_present(file, "0-4");
        assert_bytes(pail_spool_file_fd(file), 'a', 4, 0);
        assert_int_equal(pail_spool_budget_used_bytes(budget), 4);
        pail_spool_file_free(file);
        close_spool();
}

static void test_limit(void **state)
{
        (void)state;
        open_spool(100);
        struct pail_spool_file *a = new_file("a"), *b = new_file("b");
        assert_int_equal(fill(a, 'a', 60, 0), 0);
        assert_int_equal(fill(b, 'b', 41, 0), -ENOSPC);
        assert_int_equal(fill(b, 'b', 40, 7), 0); /* to the last byte */
        assert_int_equal(pail_spool_budget_used_bytes(budget), 100);
        assert_int_equal(fill(b, 'x', 1, 0), -ENOSPC);
        assert_int_equal(fill(a, 'x', 61, 0), -ENOSPC); /* of which 60 are there already */
        assert_int_equal(fill(a, 'x', 1000, 59), -ENOSPC);
        assert_present(a, "0-60");
        assert_present(b, "7-47");
        assert_bytes(pail_spool_file_fd(a), 'a', 60, 0);
        assert_bytes(pail_spool_file_fd(b), 'b', 40, 7);
        assert_int_equal(fill(a, 'c', 60, 0), 0); /* needs no room */

        assert_int_equal(pail_spool_file_punch(b, 7, 10), 0);
        assert_int_equal(fill(a, 'd', 10, 60), 0);
        assert_int_equal(pail_spool_file_truncate(a, 20), 0);
        assert_int_equal(pail_spool_budget_used_bytes(budget), 50);
        pail_spool_file_free(b);
        assert_int_equal(fill(a, 'e', 80, 20), 0);
        assert_int_equal(pail_spool_budget_used_bytes(budget), 100);
        pail_spool_file_free(a);
        close_spool();
}

static uint64_t blocks_of(const struct pail_spool_file *file)
{
        struct stat status;
        assert_int_equal(fstat(pail_spool_file_fd(file), &status), 0);
        return (uint64_t)status.st_blocks;
}

static void test_punch(void **state)
{
        (void)state;
        open_spool(0);
        struct pail_spool_file *file = new_file("k");
        int fd = pail_spool_file_fd(file);
        assert_int_equal(fill(file, 'a', 1024 * KIB, 0), 0);
        uint64_t blocks = blocks_of(file);
        assert_int_equal(pail_spool_file_punch(file, 256 * KIB, 512 * KIB), 0);
        assert_true(blocks_of(file) <= blocks - 512 * KIB / 512);
        assert_present(file, "0-262144 786432-1048576");
        assert_int_equal(pail_spool_budget_used_bytes(budget), 512 * KIB);
        assert_bytes(fd, 'a', 256 * KIB, 0);
        assert_bytes(fd, 0, 512 * KIB, 256 * KIB);
        assert_bytes(fd, 'a', 256 * KIB, 768 * KIB);

        assert_int_equal(pail_spool_file_punch(file, 0, 0), 0);
        assert_int_equal(pail_spool_file_punch(file, 300 * KIB, 100 * KIB), 0); /* nothing is there */
        assert_int_equal(pail_spool_file_punch(file, 2048 * KIB, 5), 0);
        assert_int_equal(pail_spool_budget_used_bytes(budget), 512 * KIB);
        assert_int_equal(pail_spool_file_punch(file, 1, 1), 0); /* less than a block */
        assert_present(file, "0-1 2-262144 786432-1048576");
        assert_bytes(fd, 'a', 1, 0);
        assert_bytes(fd, 0, 1, 1);
        assert_bytes(fd, 'a', 100, 2);
        assert_int_equal(fill(file, 'b', 1, 1), 0);
        assert_present(file, "0-262144 786432-1048576");
        pail_spool_file_free(file);
        close_spool();
}

int __real_fallocate(int fd, int mode, off_t offset, off_t size);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t size);

static bool no_holes;

int __wrap_fallocate(int fd, int mode, off_t offset, off_t size)
{
        errno = EOPNOTSUPP;
        return no_holes ? -1 : __real_fallocate(fd, mode, offset, size);
}

static void test_disk_without_holes(void **state)
{
        (void)state;
        open_spool(0);
        struct pail_spool_file *file = new_file("k");
        assert_int_equal(fill(file, 'a', 100, 0), 0);
        no_holes = true;
        int r = pail_spool_file_punch(file, 10, 10);
        no_holes = false;
        assert_int_equal(r, -EOPNOTSUPP);
        assert_present(file, "0-100");
        assert_int_equal(pail_spool_budget_used_bytes(budget), 100);
        assert_bytes(pail_spool_file_fd(file), 'a', 100, 0);
        pail_spool_file_free(file);
        close_spool();
}

/* What comes and goes is seen; what was refused, or found no room on the disk, is no step. */
static void test_steps(void **state)
{
        (void)state;
        open_spool(100);
        struct pail_spool_file *file = new_file("k");
        uint64_t steps = pail_spool_budget_steps(budget);
        assert_int_equal(fill(file, 'a', 60, 0), 0);
        assert_int_equal(pail_spool_budget_steps(budget), steps + 1);
        assert_int_equal(fill(file, 'b', 60, 0), 0); /* over what is there */
        assert_int_equal(fill(file, 'c', 60, 60), -ENOSPC);
        assert_int_equal(pail_spool_budget_steps(budget), steps + 1);
        assert_int_equal(pail_spool_file_punch(file, 0, 30), 0);
        assert_int_equal(pail_spool_budget_steps(budget), steps + 2);
        pail_spool_file_free(file);
        assert_int_equal(pail_spool_budget_steps(budget), steps + 3);
        close_spool();
}

static void test_truncate(void **state)
{
        (void)state;
        open_spool(0);
        struct pail_spool_file *file = new_file("k");
        int fd = pail_spool_file_fd(file);
        assert_int_equal(pail_spool_file_truncate(file, 50), 0); /* up, from nothing */
        assert_present(file, "");
        assert_bytes(fd, 0, 50, 0);
        assert_int_equal(fill(file, 'a', 10000, 0), 0);
        assert_int_equal(fill(file, 'b', 100, 20000), 0);
        assert_int_equal(pail_spool_file_truncate(file, 5000), 0);
        assert_present(file, "0-5000");
        assert_int_equal(pail_spool_budget_used_bytes(budget), 5000);
        assert_int_equal(pail_spool_file_truncate(file, 30000), 0);
        assert_present(file, "0-5000");
        assert_bytes(fd, 'a', 5000, 0);
        assert_bytes(fd, 0, 25000, 5000); /* nothing of what was there comes back */
        assert_int_equal(fill(file, 'c', 10, 6000), 0);
        assert_bytes(fd, 0, 1000, 5000);
        assert_int_equal(pail_spool_file_truncate(file, 5000), 0);
        assert_int_equal(pail_spool_file_truncate(file, 5000), 0);
        assert_present(file, "0-5000");
        assert_int_equal(pail_spool_file_truncate(file, 0), 0);
        assert_present(file, "");
        assert_int_equal(pail_spool_budget_used_bytes(budget), 0);
        pail_spool_file_free(file);
        close_spool();
}

/* A write that ends in the middle: over what was there, and beyond. */
static void test_half_written_changes_nothing(void **state)
{
        (void)state;
        open_spool(0);
        struct pail_spool_file *file = new_file("k");
        assert_int_equal(fill(file, 'a', 32 * KIB, 0), 0);
        assert_int_equal(fill(file, 'b', 8 * KIB, 56 * KIB), 0);
        uint64_t blocks = blocks_of(file);
        limit_file_size(64 * KIB);
        int over = fill(file, 'x', 128 * KIB, 0);
        int beyond = fill(file, 'x', 64 * KIB, 40 * KIB);
        int truncated = pail_spool_file_truncate(file, 1000 * KIB);
        limit_file_size(0);
        assert_int_equal(over, -EFBIG);
        assert_int_equal(beyond, -EFBIG);
        assert_int_equal(truncated, -EFBIG);
        assert_present(file, "0-32768 57344-65536");
        assert_int_equal(pail_spool_budget_used_bytes(budget), 40 * KIB);
        assert_bytes(pail_spool_file_fd(file), 'a', 32 * KIB, 0);
        assert_bytes(pail_spool_file_fd(file), 0, 24 * KIB, 32 * KIB); /* erased: it will be read as zeros */
        assert_bytes(pail_spool_file_fd(file), 'b', 8 * KIB, 56 * KIB);
        assert_true(blocks_of(file) <= blocks);
        pail_spool_file_free(file);
        close_spool();
}

/* A disk of one MiB, in a mount name space of its own. */
static bool mount_tiny_disk(void)
{
        return mkdir("state", 0700) == 0 && unshare(CLONE_NEWNS) == 0 &&
               mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
               mount("pail-test", "state", "tmpfs", 0, "size=1m,mode=0700") == 0;
}

static void test_full_disk(void **state)
{
        (void)state;
        if (!mount_tiny_disk()) {
                print_message("a tmpfs cannot be mounted here: %s; test_half_written_changes_nothing stands in\n",
                              strerror(errno));
                skip();
        }
        open_spool(0);
        struct pail_spool_file *a = new_file("a"), *b = new_file("b");
        assert_int_equal(fill(a, 'a', 512 * KIB, 0), 0);
        assert_int_equal(fill(b, 'b', 128 * KIB, 0), 0);
        assert_int_equal(fill(a, 'x', 1024 * KIB, 0), -ENOSPC);
        assert_int_equal(fill(b, 'x', 1024 * KIB, 64 * KIB), -ENOSPC);
        assert_present(a, "0-524288");
        assert_present(b, "0-131072");
        assert_bytes(pail_spool_file_fd(a), 'a', 512 * KIB, 0);
        assert_bytes(pail_spool_file_fd(b), 'b', 128 * KIB, 0);
        assert_int_equal(pail_spool_budget_used_bytes(budget), 640 * KIB);
        assert_int_equal(fill(b, 'c', 320 * KIB, 64 * KIB), 0); /* what the failed ones had taken is free again */

        while (fill(b, 'd', 4 * KIB, 4096 * KIB + pail_spool_budget_used_bytes(budget)) == 0)
                ;
        assert_int_equal(pail_spool_file_keep(a, "a note that finds no room\n"), 0);
        char path[TEXT_SIZE];
        assert_int_equal(count_lost(path), 1);
        assert_int_equal(count_spooled(), 1);
        pail_spool_file_free(b);
        close_spool();
        assert_int_equal(umount("state"), 0);
}

/* The limit is that of both. */
static void test_shared_limit(void **state)
{
        (void)state;
        open_spool(100);
        struct pail_spool *other;
        unsigned recovered;
        assert_int_equal(pail_spool_new("other/spool", "other/lost", budget, &other, &recovered), 0);
        struct pail_spool_file *file = new_file("k"), *its_file = NULL;
        assert_int_equal(pail_spool_file_new(other, "k", &its_file), 0);
        assert_int_equal(fill(file, 'a', 60, 0), 0);
        assert_int_equal(fill(its_file, 'b', 50, 0), -ENOSPC);
        assert_int_equal(fill(its_file, 'b', 40, 0), 0);
        assert_int_equal(pail_spool_budget_used_bytes(budget), 100);
        pail_spool_file_free(file);
        assert_int_equal(fill(its_file, 'b', 100, 0), 0);
        pail_spool_file_free(its_file);
        pail_spool_free(other);
        close_spool();
}

static int use_all(void *context)
{
        (void)context;
        struct pail_spool *its = NULL;
        struct pail_spool_file *file = NULL;
        struct pail_spool_budget *its_budget = NULL;
        unsigned recovered;
        int r = pail_spool_budget_new(0, &its_budget);
        if (r == 0)
                r = pail_spool_new("memory/spool", "memory/lost", its_budget, &its, &recovered);
        if (r == 0)
                r = pail_spool_file_new(its, "k", &file);
        for (uint64_t i = 0; i < 5 && r == 0; i++)
                r = pail_spool_file_write(file, "0123456789", 10, i * 20);
        for (uint64_t i = 0; i < 5 && r == 0; i++)
                r = pail_spool_file_punch(file, i * 20 + 5, 1);
        if (r == 0)
                r = pail_spool_file_truncate(file, 22);
        if (file)
                assert_int_equal(pail_extents_total(pail_spool_file_present(file)),
                                 pail_spool_budget_used_bytes(its_budget));
        pail_spool_file_free(file);
        pail_spool_free(its);
        pail_spool_budget_free(its_budget);
        return r;
}

static void test_out_of_memory(void **state)
{
        (void)state;
        assert_true(test_alloc_each(use_all, NULL) >= 10);
}

/* With no room in memory for one range more, neither bytes nor what is known of them change. */
static void test_out_of_memory_changes_nothing(void **state)
{
        (void)state;
        open_spool(0);
        struct pail_spool_file *file = new_file("k");
        for (uint64_t i = 0; i < 4; i++)
                assert_int_equal(fill(file, 'a', 10, i * 20), 0);
        test_alloc_fail_at(1);
        assert_int_equal(pail_spool_file_punch(file, 4, 2), -ENOMEM);
        test_alloc_fail_at(1);
        assert_int_equal(pail_spool_file_write(file, "xx", 2, 100), -ENOMEM);
        test_alloc_fail_at(0);
        assert_present(file, "0-10 20-30 40-50 60-70");
        assert_bytes(pail_spool_file_fd(file), 'a', 10, 0);
        assert_int_equal(pail_spool_budget_used_bytes(budget), 40);
        pail_spool_file_free(file);
        close_spool();
}

/* Writers of files of their own, under one limit that only some of them fit in. */
static void *write_much(void *argument)
{
        struct pail_spool_file **file = argument;
        char data[512];
        memset(data, 'a', sizeof(data));
        for (uint64_t i = 0; i < 400; i++) {
                uint64_t offset = i * sizeof(data) % (16 * KIB);
                int r = pail_spool_file_write(*file, data, sizeof(data), offset);
                if ((r < 0 && r != -ENOSPC) || pail_spool_budget_used_bytes(budget) > 32 * KIB)
                        return NULL;
                if (i % 7 == 0 && pail_spool_file_punch(*file, offset, sizeof(data)) < 0)
                        return NULL;
        }
        return argument;
}

static void test_threads_share_the_limit(void **state)
{
        (void)state;
        pthread_t threads[4];
        struct pail_spool_file *files[TEST_COUNT(threads)];
        uint64_t total = 0;
        open_spool(32 * KIB);
        for (size_t i = 0; i < TEST_COUNT(threads); i++)
                files[i] = new_file("k");
        for (size_t i = 0; i < TEST_COUNT(threads); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, write_much, &files[i]), 0);
        for (size_t i = 0; i < TEST_COUNT(threads); i++) {
                void *result;
                pthread_join(threads[i], &result);
                assert_ptr_equal(result, &files[i]);
                total += pail_extents_total(pail_spool_file_present(files[i]));
        }
        assert_int_equal(pail_spool_budget_used_bytes(budget), total);
        for (size_t i = 0; i < TEST_COUNT(threads); i++)
                pail_spool_file_free(files[i]);
        close_spool();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                IN_DIRECTORY(test_directories_and_modes),
                IN_DIRECTORY(test_write),
                IN_DIRECTORY(test_beyond_the_largest_offset),
                IN_DIRECTORY(test_limit),
                IN_DIRECTORY(test_punch),
                IN_DIRECTORY(test_disk_without_holes),
                IN_DIRECTORY(test_steps),
                IN_DIRECTORY(test_truncate),
                IN_DIRECTORY(test_half_written_changes_nothing),
                IN_DIRECTORY(test_full_disk),
                IN_DIRECTORY(test_shared_limit),
                IN_DIRECTORY(test_out_of_memory),
                IN_DIRECTORY(test_out_of_memory_changes_nothing),
                IN_DIRECTORY(test_threads_share_the_limit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
