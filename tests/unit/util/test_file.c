/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

#include "../support/alloc.h"
#include "../support/test.h"

static char start_directory[4096], directory[4096];

static int setup(void **state)
{
        (void)state;
        const char *base = getenv("TMPDIR");
        snprintf(directory, sizeof(directory), "%s/pail-test-file.XXXXXX", base && *base ? base : "/tmp");
        umask(022);
        return getcwd(start_directory, sizeof(start_directory)) && mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        char command[5000];
        if (chdir(start_directory) < 0)
                return -1;
        snprintf(command, sizeof(command), "rm -rf '%s'", directory);
        return system(command) == 0 ? 0 : -1;
}

static void write_file(const char *path, const void *data, size_t size)
{
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        assert_true(fd >= 0);
        assert_int_equal(pail_file_pwrite_all(fd, data, size, 0), 0);
}

static unsigned count_entries(void)
{
        _cleanup_closedir_ DIR *dir = opendir(".");
        assert_non_null(dir);
        unsigned count = 0;
        for (const struct dirent *entry; (entry = readdir(dir));)
                count += !pail_str_equal(entry->d_name, ".") && !pail_str_equal(entry->d_name, "..");
        return count;
}

static void test_read(void **state)
{
        (void)state;
        static char data[50000];
        for (size_t i = 0; i < sizeof(data); i++)
                data[i] = (char)(i * 7);
        write_file("f", data, sizeof(data));
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(sizeof(data));
        assert_int_equal(pail_file_read("f", &buf), 0);
        assert_int_equal(buf.length, sizeof(data));
        assert_memory_equal(buf.data, data, sizeof(data));

        write_file("empty", "", 0);
        pail_buf_reset(&buf);
        assert_int_equal(pail_file_read("empty", &buf), 0);
        assert_int_equal(buf.length, 0);
}

static void test_read_errors(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(10);
        assert_int_equal(pail_file_read("missing", &buf), -ENOENT);
        assert_int_equal(pail_file_read("", &buf), -ENOENT);
        assert_int_equal(pail_file_read(".", &buf), -EISDIR);
        write_file("eleven", "12345678901", 11);
        assert_int_equal(pail_file_read("eleven", &buf), -EMSGSIZE);
        pail_buf_reset(&buf);
        assert_int_equal(pail_file_read("/dev/zero", &buf), -EMSGSIZE); /* without an end */
        pail_buf_reset(&buf);
        write_file("ten", "1234567890", 10);
        assert_int_equal(pail_file_read("ten", &buf), 0);
        assert_string_equal(buf.data, "1234567890");
}

static void test_mkdirs(void **state)
{
        (void)state;
        struct stat status;
        assert_int_equal(pail_file_mkdirs("a/b//c/", 0700), 0);
        assert_int_equal(stat("a/b/c", &status), 0);
        assert_true(S_ISDIR(status.st_mode));
        assert_int_equal(status.st_mode & 07777, 0700);
        assert_int_equal(stat("a", &status), 0);
        assert_int_equal(status.st_mode & 07777, 0700);
        assert_int_equal(pail_file_mkdirs("a/b/c", 0755), 0);
        assert_int_equal(stat("a/b/c", &status), 0);
        assert_int_equal(status.st_mode & 07777, 0700); /* an existing one is left as it is */
        assert_int_equal(pail_file_mkdirs("/", 0755), 0);
        assert_int_equal(pail_file_mkdirs("//", 0755), 0);
        assert_int_equal(pail_file_mkdirs(".", 0755), 0);
        assert_int_equal(symlink("a", "link"), 0);
        assert_int_equal(pail_file_mkdirs("link/d", 0755), 0);
        assert_int_equal(stat("a/d", &status), 0);
}

static void test_mkdirs_errors(void **state)
{
        (void)state;
        char name[300];
        memset(name, 'x', 299);
        name[299] = 0;
        write_file("plain", "", 0);
        assert_int_equal(symlink("nowhere", "dangling"), 0);
        assert_int_equal(pail_file_mkdirs("", 0755), -ENOENT);
        assert_int_equal(pail_file_mkdirs("plain", 0755), -ENOTDIR);
        assert_int_equal(pail_file_mkdirs("plain/below", 0755), -ENOTDIR);
        assert_int_equal(pail_file_mkdirs("dangling", 0755), -ENOTDIR);
        assert_int_equal(pail_file_mkdirs(name, 0755), -ENAMETOOLONG);
        int r = pail_file_mkdirs("/proc/pail/x", 0755);
        assert_true(r == -ENOENT || r == -EACCES);
}

static void test_pread_pwrite(void **state)
{
        (void)state;
        _cleanup_close_ int fd = open("p", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        char data[8] = "";
        assert_int_equal(pail_file_pwrite_all(fd, "hello", 5, 3), 0);
        assert_int_equal(pail_file_pread_all(fd, data, 8, 0), 0);
        assert_memory_equal(data, "\0\0\0hello", 8);
        assert_int_equal(pail_file_pread_all(fd, data, 8, 1), -ENODATA);
        assert_int_equal(pail_file_pread_all(fd, data, 0, 100), 0);
        assert_int_equal(pail_file_pread_all(fd, data, 1, 8), -ENODATA);
        assert_int_equal(pail_file_pread_all(fd, data, 1, -1), -EINVAL);
        assert_int_equal(pail_file_pread_all(-1, data, 1, 0), -EBADF);
        assert_int_equal(pail_file_pwrite_all(-1, data, 1, 0), -EBADF);
        _cleanup_close_ int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
        assert_int_equal(pail_file_pwrite_all(full, "x", 1, 0), -ENOSPC);
        assert_int_equal(pail_file_write_all(full, "x", 1), -ENOSPC);
        assert_int_equal(pail_file_write_all(-1, data, 1), -EBADF);
}

/* The linker redirects these two. Halting: at most three bytes move, and every other call is interrupted. */
ssize_t __real_pread(int fd, void *data, size_t size, off_t offset);
ssize_t __real_pwrite(int fd, const void *data, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *data, size_t size, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t offset);

static bool halting, interrupted_last, disk_full;

static bool interrupt_now(void)
{
        interrupted_last = halting && !interrupted_last;
        errno = EINTR;
        return interrupted_last;
}

static size_t at_most_three(size_t size)
{
        return halting && size > 3 ? 3 : size;
}

ssize_t __wrap_pread(int fd, void *data, size_t size, off_t offset)
{
        return interrupt_now() ? -1 : __real_pread(fd, data, at_most_three(size), offset);
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t offset)
{
        if (disk_full) {
                errno = ENOSPC;
                return -1;
        }
        return interrupt_now() ? -1 : __real_pwrite(fd, data, at_most_three(size), offset);
}

static void test_short_and_interrupted_transfers(void **state)
{
        (void)state;
        _cleanup_close_ int fd = open("short", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        char data[26] = "";
        halting = true;
        int written = pail_file_pwrite_all(fd, "abcdefghijklmnopqrstuvwxyz", 26, 0);
        int read_back = pail_file_pread_all(fd, data, 26, 0);
        int beyond = pail_file_pread_all(fd, data, 26, 20);
        halting = false;
        assert_int_equal(written, 0);
        assert_int_equal(read_back, 0);
        assert_int_equal(beyond, -ENODATA);
        assert_memory_equal(data + 6, "ghijklmnopqrstuvwxyz", 20);
}

static void test_replace(void **state)
{
        (void)state;
        struct stat status;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        assert_int_equal(mkdir("sub", 0755), 0);
        unsigned entries = count_entries();
        static const char *const paths[] = { "new", "sub/new", "./sub/../new" };
        for (size_t i = 0; i < TEST_COUNT(paths); i++) {
                assert_int_equal(pail_file_replace(paths[i], "first", 5), 0);
                assert_int_equal(pail_file_replace(paths[i], "second, longer", 14), 0);
                assert_int_equal(pail_file_replace(paths[i], "third", 5), 0);
                pail_buf_reset(&buf);
                assert_int_equal(pail_file_read(paths[i], &buf), 0);
                assert_string_equal(buf.data, "third");
                assert_int_equal(stat(paths[i], &status), 0);
                assert_int_equal(status.st_mode & 07777, 0600);
        }
        char absolute[4200];
        snprintf(absolute, sizeof(absolute), "%s/new", directory);
        assert_int_equal(pail_file_replace(absolute, "", 0), 0);
        assert_int_equal(stat("new", &status), 0);
        assert_int_equal(status.st_size, 0);

        char name[256];
        memset(name, 'n', 255);
        name[255] = 0;
        assert_int_equal(pail_file_replace(name, "x", 1), 0); /* the longest name there can be */
        assert_int_equal(count_entries(), entries + 2);
}

static mode_t mode_of(const char *path)
{
        struct stat status;
        assert_int_equal(lstat(path, &status), 0);
        return S_ISLNK(status.st_mode) ? S_IFLNK : status.st_mode & 07777;
}

static void assert_file(const char *path, const char *text)
{
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        assert_int_equal(pail_file_read(path, &buf), 0);
        assert_string_equal(buf.data, text);
}

static void test_update(void **state)
{
        (void)state;
        assert_int_equal(mkdir("kept", 0700), 0);
        assert_int_equal(pail_file_update("kept/new", "one", 3, 0), 0);
        assert_int_equal(mode_of("kept/new"), 0600);
        assert_int_equal(chmod("kept/new", 0644), 0);
        assert_int_equal(pail_file_update("kept/new", "two", 3, 0), 0);
        assert_int_equal(mode_of("kept/new"), 0644);
        assert_int_equal(pail_file_update("kept/new", "three", 5, 0007), 0);
        assert_int_equal(mode_of("kept/new"), 0640);
        assert_file("kept/new", "three");

        assert_int_equal(symlink("new", "kept/link"), 0);
        assert_int_equal(pail_file_update("kept/link", "four", 4, 0), 0);
        assert_int_equal(mode_of("kept/link"), S_IFLNK);
        assert_file("kept/new", "four");
        assert_int_equal(symlink("absent", "kept/dangling"), 0);
        assert_int_equal(pail_file_update("kept/dangling", "x", 1, 0), -ENOLINK);
        assert_int_equal(pail_file_update("kept", "x", 1, 0), -EINVAL);
        assert_int_equal(pail_file_update("absent/f", "x", 1, 0), -ENOENT);
        if (geteuid() == 0) { /* an owner that is not ours is kept, too */
                assert_int_equal(chown("kept/new", 12345, 54321), 0);
                assert_int_equal(pail_file_update("kept/new", "five", 4, 0), 0);
                struct stat status;
                assert_int_equal(stat("kept/new", &status), 0);
                assert_int_equal(status.st_uid, 12345);
                assert_int_equal(status.st_gid, 54321);
        }
}

static void test_replace_errors_leave_nothing(void **state)
{
        (void)state;
        unsigned entries = count_entries();
        assert_int_equal(pail_file_replace("absent/f", "x", 1), -ENOENT);
        assert_int_equal(mkdir("target", 0755), 0);
        assert_int_equal(pail_file_replace("target", "x", 1), -EISDIR); /* found at the rename */
        assert_int_equal(count_entries(), entries + 1);
        assert_int_equal(pail_file_replace("", "x", 1), -ENOENT);
        assert_int_equal(count_entries(), entries + 1);
}

static void test_replace_on_a_full_disk(void **state)
{
        (void)state;
        assert_int_equal(pail_file_replace("precious", "old", 3), 0);
        unsigned entries = count_entries();
        disk_full = true;
        int r = pail_file_replace("precious", "new", 3);
        disk_full = false;
        assert_int_equal(r, -ENOSPC);
        assert_int_equal(count_entries(), entries);
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(10);
        assert_int_equal(pail_file_read("precious", &buf), 0);
        assert_string_equal(buf.data, "old");
}

static int use_all(void *context)
{
        (void)context;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        int r = pail_file_mkdirs("m/n", 0755);
        if (r == 0)
                r = pail_file_replace("m/n/f", "data", 4);
        if (r == 0)
                r = pail_file_replace("f", "data", 4);
        if (r == 0)
                r = pail_file_read("m/n/f", &buf);
        return r;
}

static void test_out_of_memory(void **state)
{
        (void)state;
        assert_true(test_alloc_each(use_all, NULL) >= 6);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_read),
                cmocka_unit_test(test_read_errors),
                cmocka_unit_test(test_mkdirs),
                cmocka_unit_test(test_mkdirs_errors),
                cmocka_unit_test(test_pread_pwrite),
                cmocka_unit_test(test_short_and_interrupted_transfers),
                cmocka_unit_test(test_replace),
                cmocka_unit_test(test_update),
                cmocka_unit_test(test_replace_errors_leave_nothing),
                cmocka_unit_test(test_replace_on_a_full_disk),
                cmocka_unit_test(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
