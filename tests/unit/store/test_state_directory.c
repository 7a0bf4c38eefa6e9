/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/store/state_directory.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>

#include "../support/test.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

static const struct pail_state_directory_key key = {
        .endpoint = "aws", .bucket = "bucket", .prefix = "a b/", .access_key_id = "KEY"
};
static char base[PATH_MAX];

static int set_up(void **state)
{
        (void)state;
        const char *directory = getenv("TMPDIR");
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s/pail-state-XXXXXX", directory ? directory : "/tmp");
        return mkdtemp(path) && realpath(path, base) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
        (void)status;
        (void)type;
        (void)walk;
        return remove(path);
}

static int tear_down(void **state)
{
        (void)state;
        return nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void test_names(void **state)
{
        (void)state;
        _cleanup_free_ char *first = NULL, *again = NULL, *other = NULL, *shifted = NULL;
        assert_int_equal(pail_state_directory_name(&key, &first), 0);
        assert_int_equal(pail_state_directory_name(&key, &again), 0);
        assert_string_equal(first, again);
        assert_true(pail_str_starts_with(first, "bucket_a_b-"));
        assert_int_equal(strlen(first), strlen("bucket_a_b-") + 16);
        struct pail_state_directory_key changed = key;
        changed.access_key_id = "OTHER";
        assert_int_equal(pail_state_directory_name(&changed, &other), 0);
        assert_string_not_equal(first, other);
        /* The parts are separated: no two sources run together to one. */
        const struct pail_state_directory_key one = { "aws", "bucketa", "b/", "KEY" },
                                              two = { "aws", "bucket", "ab/", "KEY" };
        free(first);
        assert_int_equal(pail_state_directory_name(&one, &first), 0);
        assert_int_equal(pail_state_directory_name(&two, &shifted), 0);
        assert_string_not_equal(first + strlen(first) - 16, shifted + strlen(shifted) - 16);
}

static void assert_path(const struct pail_state_directory *directory, const char *name)
{
        char expected[PATH_MAX];
        snprintf(expected, sizeof(expected), "%.2000s/%s", base, name);
        assert_string_equal(directory->path, expected);
}

static void assert_mode(const char *path, mode_t mode)
{
        struct stat status;
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, mode);
}

static void test_slots(void **state)
{
        (void)state;
        struct pail_state_directory first = PAIL_STATE_DIRECTORY_INIT, second = first, third = first;
        _cleanup_free_ char *lock = NULL, *note = NULL;
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(1000);
        assert_int_equal(pail_state_directory_lock(base, "x", "/mnt", &first), 0);
        assert_int_equal(pail_state_directory_lock(base, "x", "/mnt", &second), 0);
        assert_path(&first, "x");
        assert_path(&second, "x-2");
        assert_mode(first.path, 0700);
        assert_int_equal(pail_str_printf(&lock, "%s/lock", first.path), 0);
        assert_int_equal(pail_str_printf(&note, "%ld /mnt\n", (long)getpid()), 0);
        assert_mode(lock, 0600);
        assert_int_equal(pail_file_read(lock, &text), 0);
        assert_string_equal(text.data, note);
        pail_state_directory_done(&first);
        assert_int_equal(pail_state_directory_lock(base, "x", "/mnt", &third), 0);
        assert_path(&third, "x");
        pail_state_directory_done(&second);
        pail_state_directory_done(&third);
}

static void test_all_slots_taken(void **state)
{
        (void)state;
        static struct pail_state_directory all[PAIL_STATE_DIRECTORY_SLOTS];
        struct pail_state_directory one_more = PAIL_STATE_DIRECTORY_INIT;
        for (size_t i = 0; i < TEST_COUNT(all); i++) {
                all[i] = one_more;
                assert_int_equal(pail_state_directory_lock(base, "x", "-", &all[i]), 0);
        }
        assert_int_equal(pail_state_directory_lock(base, "x", "-", &one_more), -EWOULDBLOCK);
        assert_null(one_more.path);
        assert_int_equal(one_more.lock_fd, -1);
        pail_state_directory_discard(&all[41]);
        assert_int_equal(pail_state_directory_lock(base, "x", "-", &one_more), 0);
        assert_path(&one_more, "x-42");
        pail_state_directory_done(&one_more);
        for (size_t i = 0; i < TEST_COUNT(all); i++)
                pail_state_directory_done(&all[i]);
}

/* The lock is not followed out of the directory, and the path that cannot be had is told. */
static void test_link_for_a_lock(void **state)
{
        (void)state;
        struct pail_state_directory directory = PAIL_STATE_DIRECTORY_INIT;
        char path[PATH_MAX], lock[PATH_MAX];
        snprintf(path, sizeof(path), "%.2000s/x", base);
        snprintf(lock, sizeof(lock), "%.2000s/x/lock", base);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(symlink("/dev/null", lock), 0);
        assert_int_equal(pail_state_directory_lock(base, "x", "-", &directory), -ELOOP);
        assert_string_equal(directory.path, path);
        pail_state_directory_done(&directory);
        assert_null(directory.path);
}

static void test_discard(void **state)
{
        (void)state;
        struct pail_state_directory directory = PAIL_STATE_DIRECTORY_INIT;
        _cleanup_free_ char *path = NULL, *spool = NULL;
        assert_int_equal(pail_state_directory_lock(base, "x", "-", &directory), 0);
        assert_int_equal(pail_str_dup(directory.path, &path), 0);
        pail_state_directory_discard(&directory);
        assert_int_equal(access(path, F_OK), -1);
        pail_state_directory_discard(&directory); /* again: nothing */

        assert_int_equal(pail_state_directory_lock(base, "x", "-", &directory), 0);
        assert_int_equal(pail_state_directory_spool(directory.path, &spool), 0);
        assert_int_equal(mkdir(spool, 0700), 0);
        pail_state_directory_discard(&directory);
        assert_int_equal(access(spool, F_OK), 0);
}

static void test_parts(void **state)
{
        (void)state;
        _cleanup_free_ char *spool = NULL, *lost = NULL;
        assert_int_equal(pail_state_directory_spool("/s/x", &spool), 0);
        assert_int_equal(pail_state_directory_lost("/s/x", &lost), 0);
        assert_string_equal(spool, "/s/x/spool");
        assert_string_equal(lost, "/s/x/lost+found");
}

static void test_bases(void **state)
{
        (void)state;
        _cleanup_free_ char *given = NULL, *made = NULL, *found = NULL, *cache = NULL;
        struct stat status;
        assert_int_equal(chdir(base), 0);
        assert_int_equal(pail_state_directory_find_base("a/b", &given), 0);
        assert_int_equal(pail_str_printf(&made, "%s/a/b", base), 0);
        assert_string_equal(given, made);
        assert_int_equal(stat(given, &status), -1);
        assert_int_equal(pail_state_directory_make_base(given), 0);
        assert_mode(given, 0700);
        assert_int_equal(pail_state_directory_make_base(given), 0);
        assert_int_equal(chdir("/"), 0);

        assert_int_equal(setenv("XDG_STATE_HOME", base, 1), 0);
        assert_int_equal(pail_state_directory_find_base(NULL, &found), 0);
        assert_int_equal(pail_state_directory_find_cache(NULL, &cache), 0);
        if (geteuid() == 0) {
                assert_string_equal(found, "/var/lib/pail");
                assert_string_equal(cache, "/var/cache/pail");
        } else {
                assert_true(pail_str_starts_with(found, base) && pail_str_ends_with(found, "/pail"));
                assert_true(pail_str_ends_with(cache, "/pail"));
        }
        unsetenv("XDG_STATE_HOME");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names),
                cmocka_unit_test_setup_teardown(test_slots, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_all_slots_taken, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_link_for_a_lock, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_discard, set_up, tear_down),
                cmocka_unit_test(test_parts),
                cmocka_unit_test_setup_teardown(test_bases, set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
