/* SPDX-License-Identifier: Apache-2.0 */
/* lost+found: what is kept there, and what a process leaves that ended without a word. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

#include "../support/alloc.h"
#include "../support/test.h"
#include "fixture.h"

/* Opens what is in lost, if it is just one; its note, if there is one, into ret_note. */
static int open_lost(struct pail_buf *ret_note)
{
        char path[TEXT_SIZE], note[TEXT_SIZE];
        struct stat status;
        assert_int_equal(count_lost(path), 1);
        if (count_notes(note) == 1) {
                assert_int_equal(pail_file_read(note, ret_note), 0);
                note[strlen(note) - strlen(".txt")] = 0;
                assert_string_equal(note, path);
        }
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(fstat(fd, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        return fd;
}

static void assert_lost(unsigned count, unsigned notes)
{
        char path[TEXT_SIZE];
        assert_int_equal(count_lost(path), count);
        assert_int_equal(count_notes(path), notes);
}

static void test_keep(void **state)
{
        (void)state;
        open_spool(0);
        struct pail_spool_file *file = new_file("k");
        assert_int_equal(fill(file, 'a', 1000, 500), 0);
        assert_int_equal(pail_spool_file_keep(file, "Key: k\nThe server said no.\n"), 0);
        assert_int_equal(count_spooled(), 0);
        assert_int_equal(pail_spool_budget_used_bytes(budget), 0);

        _cleanup_buf_ struct pail_buf note = PAIL_BUF_INIT(TEXT_SIZE);
        _cleanup_close_ int fd = open_lost(&note);
        assert_string_equal(note.data, "Key: k\nThe server said no.\n");
        assert_bytes(fd, 0, 500, 0);
        assert_bytes(fd, 'a', 1000, 500);
}

/* Every spool of this process counts from zero, and all of this happens within a second or two. */
static void test_kept_files_do_not_replace_each_other(void **state)
{
        (void)state;
        for (unsigned round = 0; round < 5; round++) {
                assert_int_equal(open_spool(0), 0);
                for (unsigned i = 0; i < 4; i++) {
                        struct pail_spool_file *file = new_file("k");
                        assert_int_equal(fill(file, 'a', 10, 0), 0);
                        assert_int_equal(pail_spool_file_keep(file, "n"), 0);
                }
                close_spool();
                assert_lost((round + 1) * 4, (round + 1) * 4);
        }
}

static void test_keep_fails(void **state)
{
        (void)state;
        open_spool(0);
        struct pail_spool_file *file = new_file("k");
        assert_int_equal(fill(file, 'a', 10, 0), 0);
        assert_int_equal(rename(LOST_DIRECTORY, "state/away"), 0);
        assert_int_equal(pail_spool_file_keep(file, "n"), -ENOENT);
        assert_int_equal(rename("state/away", LOST_DIRECTORY), 0);
        assert_int_equal(fill(file, 'b', 10, 10), 0); /* it is as it was */
        assert_present(file, "0-20");
        assert_int_equal(count_spooled(), 1);
        assert_lost(0, 0);

        limit_file_size(1);
        int r = pail_spool_file_keep(file, "a note of which only one byte can be written");
        limit_file_size(0);
        assert_int_equal(r, 0);
        assert_lost(1, 0);
        close_spool();
}

/* What a process leaves that ends without a word. */
static void die_with_a_file(const char *key, size_t size, uint64_t offset, uint64_t truncated_bytes)
{
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                static char data[64 * KIB];
                struct pail_spool *its;
                struct pail_spool_file *file;
                unsigned recovered;
                memset(data, 'a', sizeof(data));
                _exit(pail_spool_new(SPOOL_DIRECTORY, LOST_DIRECTORY, NULL, &its, &recovered) < 0 ||
                      pail_spool_file_new(its, key, &file) < 0 || pail_spool_file_write(file, data, size, offset) < 0 ||
                      (truncated_bytes && pail_spool_file_truncate(file, truncated_bytes) < 0));
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(count_spooled(), 1);
}

static bool has_attributes(void)
{
        assert_int_equal(pail_file_replace("probe", "", 0), 0);
        return setxattr("probe", "user.pail.probe", "1", 1, 0) == 0;
}

static void test_recovery(void **state)
{
        (void)state;
        static const struct {
                size_t size;
                uint64_t offset, truncated_bytes;
        } cases[] = { { 1, 0, 0 }, { 1, 0, 100 }, { 5000, 0, 0 }, { 10, 1 << 20, 0 } };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                die_with_a_file("dir/name \xc3\xbc", cases[i].size, cases[i].offset, cases[i].truncated_bytes);
                assert_int_equal(open_spool(0), 1);
                assert_int_equal(count_spooled(), 0);
                _cleanup_buf_ struct pail_buf note = PAIL_BUF_INIT(TEXT_SIZE);
                _cleanup_close_ int fd = open_lost(&note);
                assert_bytes(fd, 'a', cases[i].size, (off_t)cases[i].offset);
                const char *expected = has_attributes() ? "Key: dir/name \xc3\xbc\n" : "Key: (unknown)\n";
                assert_true(pail_str_starts_with(note.data, expected));
                close_spool();
                assert_int_equal(open_spool(0), 0); /* once */
                close_spool();
                assert_int_equal(system("rm " LOST_DIRECTORY "/*"), 0);
        }
}

/* Files without a byte are not worth a note, however much room their attributes take. */
static void test_recovery_of_nothing(void **state)
{
        (void)state;
        char key[1025];
        memset(key, 'k', sizeof(key) - 1);
        key[sizeof(key) - 1] = 0;
        for (unsigned i = 0; i < 3; i++) {
                die_with_a_file(i == 0 ? "short" : key, 0, 0, i == 2 ? 1 << 20 : 0);
                assert_int_equal(open_spool(0), 0);
                assert_int_equal(count_spooled(), 0);
                assert_lost(0, 0);
                close_spool();
        }
}

static void test_recovery_of_a_long_key(void **state)
{
        (void)state;
        char key[1025];
        memset(key, 'k', sizeof(key) - 1);
        key[sizeof(key) - 1] = 0;
        die_with_a_file(key, 1, 0, 0);
        assert_int_equal(open_spool(0), 1);
        _cleanup_buf_ struct pail_buf note = PAIL_BUF_INIT(TEXT_SIZE);
        _cleanup_close_ int fd = open_lost(&note);
        assert_bytes(fd, 'a', 1, 0);
        if (has_attributes())
                assert_non_null(strstr(note.data, key));
        close_spool();
}

static void test_recovery_of_foreign_things(void **state)
{
        (void)state;
        assert_int_equal(pail_file_mkdirs(SPOOL_DIRECTORY "/directory", 0700), 0);
        assert_int_equal(symlink("/etc/passwd", SPOOL_DIRECTORY "/link"), 0);
        assert_int_equal(mkfifo(SPOOL_DIRECTORY "/fifo", 0600), 0);
        assert_int_equal(pail_file_replace(SPOOL_DIRECTORY "/.hidden", "x", 1), 0);
        assert_int_equal(pail_file_replace(SPOOL_DIRECTORY "/plain", "no key is known", 15), 0);
        assert_int_equal(open_spool(0), 1);
        assert_int_equal(count_spooled(), 3);
        assert_int_equal(access(SPOOL_DIRECTORY "/.hidden", F_OK), 0);
        _cleanup_buf_ struct pail_buf note = PAIL_BUF_INIT(TEXT_SIZE);
        _cleanup_close_ int fd = open_lost(&note);
        assert_true(pail_str_starts_with(note.data, "Key: (unknown)\n"));
        close_spool();
}

/* Whatever fails: the bytes are in one of the two places, and the next one finds them. */
static void test_out_of_memory_in_recovery(void **state)
{
        (void)state;
        die_with_a_file("k", 10, 0, 0);
        char path[TEXT_SIZE];
        bool failed = true;
        for (unsigned number = 1; failed; number++) {
                unsigned recovered = 0;
                struct pail_spool *its = NULL;
                test_alloc_fail_at(number);
                int r = pail_spool_new(SPOOL_DIRECTORY, LOST_DIRECTORY, NULL, &its, &recovered);
                failed = test_alloc_has_failed();
                test_alloc_fail_at(0);
                if (!failed || r != -ENOMEM)
                        assert_int_equal(r, 0);
                assert_int_equal(count_spooled() + count_lost(path), 1);
                pail_spool_free(its);
        }
        assert_int_equal(count_lost(path), 1);
}

static void test_out_of_memory_in_keep(void **state)
{
        (void)state;
        open_spool(0);
        struct pail_spool_file *file = new_file("k");
        assert_int_equal(fill(file, 'a', 10, 0), 0);
        char path[TEXT_SIZE];
        int r = -ENOMEM;
        for (unsigned number = 1; r < 0; number++) {
                assert_int_equal(count_spooled(), 1);
                assert_present(file, "0-10");
                test_alloc_fail_at(number);
                r = pail_spool_file_keep(file, "n");
                test_alloc_fail_at(0);
                assert_true(r == 0 || r == -ENOMEM);
        }
        assert_int_equal(count_spooled(), 0);
        assert_int_equal(count_lost(path), 1);
        close_spool();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                IN_DIRECTORY(test_keep),
                IN_DIRECTORY(test_kept_files_do_not_replace_each_other),
                IN_DIRECTORY(test_keep_fails),
                IN_DIRECTORY(test_recovery),
                IN_DIRECTORY(test_recovery_of_nothing),
                IN_DIRECTORY(test_recovery_of_a_long_key),
                IN_DIRECTORY(test_recovery_of_foreign_things),
                IN_DIRECTORY(test_out_of_memory_in_recovery),
                IN_DIRECTORY(test_out_of_memory_in_keep),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
