/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/daemon/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

static char base[PATH_MAX], cache[PATH_MAX], states[PATH_MAX];
static const struct pail_state_directory_key key = {
        .endpoint = "aws", .bucket = "bucket", .prefix = "a b/", .access_key_id = "KEY"
};

static int set_up(void **state)
{
        (void)state;
        const char *directory = getenv("TMPDIR");
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s/pail-state-XXXXXX", directory ? directory : "/tmp");
        if (!mkdtemp(path) || !realpath(path, base))
                return -1;
        snprintf(cache, sizeof(cache), "%.2000s/cache", base);
        snprintf(states, sizeof(states), "%.2000s/state", base);
        return 0;
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

static void test_slots(void **state)
{
        (void)state;
        struct pail_options options = { .cache_dir = cache, .state_dir = states };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_state first, second, third;
        assert_int_equal(pail_state_open(&options, &key, "/mnt", &first, &error), 0);
        assert_int_equal(pail_state_open(&options, &key, "/mnt", &second, &error), 0);
        assert_string_not_equal(first.directory.path, second.directory.path);
        assert_true(pail_str_ends_with(second.directory.path, "-2"));
        struct stat status;
        assert_int_equal(stat(first.directory.path, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0700);
        assert_int_equal(stat(cache, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0700);
        pail_state_close(&first);
        assert_int_equal(pail_state_open(&options, &key, "/mnt", &third, &error), 0);
        assert_false(pail_str_ends_with(third.directory.path, "-2"));
        pail_state_close(&second);
        pail_state_close(&third);
}

/* What nothing was put into goes again; what holds something stays. */
static void test_discard(void **state)
{
        (void)state;
        struct pail_options options = { .cache_dir = cache, .state_dir = states };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_state first, again;
        char directory[PATH_MAX], file[PATH_MAX];
        assert_int_equal(pail_state_open(&options, &key, NULL, &first, &error), 0);
        snprintf(directory, sizeof(directory), "%.2000s", first.directory.path);
        pail_state_discard(&first);
        assert_int_equal(access(directory, F_OK), -1);
        assert_int_equal(access(states, F_OK), 0);
        pail_state_discard(&first); /* closed already */

        assert_int_equal(pail_state_open(&options, &key, "/mnt", &first, &error), 0);
        assert_string_equal(first.directory.path, directory);
        snprintf(file, sizeof(file), "%.2000s/spool", directory);
        assert_int_equal(mkdir(file, 0700), 0);
        pail_state_discard(&first);
        assert_int_equal(access(file, F_OK), 0);
        assert_int_equal(pail_state_open(&options, &key, "/mnt", &again, &error), 0);
        assert_string_equal(again.directory.path, directory);
        pail_state_close(&again);
}

/* Whoever opened the lock of a directory that is discarded finds out, and makes one that others see. */
static void *open_and_discard(void *argument)
{
        atomic_int *failures = argument;
        const struct pail_options options = { .cache_dir = cache, .state_dir = states };
        for (int i = 0; i < 200; i++) {
                struct pail_error error = PAIL_ERROR_INIT;
                struct pail_state state;
                if (pail_state_open(&options, &key, "/mnt", &state, &error) < 0) {
                        fprintf(stderr, "%s\n", error.message);
                        atomic_fetch_add(failures, 1);
                        continue;
                }
                struct stat held, there;
                char lock[PATH_MAX];
                snprintf(lock, sizeof(lock), "%.2000s/lock", state.directory.path);
                if (fstat(state.directory.lock_fd, &held) < 0 || stat(lock, &there) < 0 || held.st_ino != there.st_ino)
                        atomic_fetch_add(failures, 1);
                pail_state_discard(&state);
        }
        return NULL;
}

static void test_discard_beside_open(void **state)
{
        (void)state;
        atomic_int failures = 0;
        pthread_t threads[4];
        for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, open_and_discard, &failures), 0);
        for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
                pthread_join(threads[i], NULL);
        assert_int_equal(failures, 0);
}

static void assert_refused(const struct pail_options *options, const char *mountpoint, const char *first,
                           const char *second)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_state state;
        assert_true(pail_state_open(options, &key, mountpoint, &state, &error) < 0);
        if (!strstr(error.message, first) || !strstr(error.message, second))
                fail_msg("\"%s\" lacks \"%s\" or \"%s\"", error.message, first, second);
}

static void test_refused(void **state)
{
        (void)state;
        struct pail_options options = { .cache_dir = cache, .state_dir = states };
        assert_refused(&options, base, "cache_dir", "inside the mount point");
        assert_refused(&options, states, "state_dir", "inside the mount point");
        char file[PATH_MAX];
        snprintf(file, sizeof(file), "%.2000s/file", base);
        assert_int_equal(close(open(file, O_WRONLY | O_CREAT | O_EXCL, 0600)), 0);
        options.cache_dir = file;
        assert_refused(&options, "/mnt", "cache_dir", "file");
        options.cache_dir = cache;
        options.state_dir = file;
        assert_refused(&options, "/mnt", "state_dir", "file");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_slots, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_discard, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_discard_beside_open, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
