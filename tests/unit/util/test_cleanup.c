/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/cleanup.h"

#include <fcntl.h>

#include "../support/test.h"

struct thing {
        int *freed;
};

static void thing_free(struct thing *thing)
{
        if (!thing)
                return;
        ++*thing->freed;
        free(thing);
}
PAIL_DEFINE_CLEANUP(struct thing, thing_free);

static struct thing *thing_new(int *freed)
{
        struct thing *thing = malloc(sizeof(*thing));
        assert_non_null(thing);
        thing->freed = freed;
        return thing;
}

static bool is_open(int fd)
{
        return fcntl(fd, F_GETFD) >= 0;
}

static void test_released_at_end_of_scope(void **state)
{
        (void)state;
        int freed = 0, fd;
        {
                _cleanup_(thing_free_p) struct thing *thing = thing_new(&freed);
                _cleanup_(thing_free_p) struct thing *none = NULL;
                assert_null(none);
                _cleanup_close_ int scoped = open("/dev/null", O_RDONLY | O_CLOEXEC);
                fd = scoped;
                assert_true(is_open(fd));
                assert_int_equal(*thing->freed, 0);
        }
        assert_int_equal(freed, 1);
        assert_false(is_open(fd));
}

static struct thing *make_and_hand_over(int *freed)
{
        _cleanup_(thing_free_p) struct thing *thing = thing_new(freed);
        struct thing *result = pail_steal(&thing);
        assert_null(thing);
        return result;
}

static void test_steal_hands_over(void **state)
{
        (void)state;
        int freed = 0;
        struct thing *thing = make_and_hand_over(&freed);
        assert_int_equal(freed, 0);
        thing_free(thing);
        assert_int_equal(freed, 1);
}

static int open_and_hand_over(void)
{
        _cleanup_close_ int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        int result = pail_steal_fd(&fd);
        assert_int_equal(fd, -1);
        return result;
}

static void test_steal_fd(void **state)
{
        (void)state;
        int fd = open_and_hand_over();
        assert_true(is_open(fd));
        pail_close_p(&fd);
        assert_false(is_open(fd));
}

static void test_streams(void **state)
{
        (void)state;
        int file_fd, dir_fd;
        {
                _cleanup_fclose_ FILE *file = fopen("/dev/null", "re");
                _cleanup_fclose_ FILE *no_file = NULL;
                _cleanup_closedir_ DIR *dir = opendir("/");
                _cleanup_closedir_ DIR *no_dir = NULL;
                assert_non_null(file);
                assert_non_null(dir);
                assert_true(!no_file && !no_dir);
                file_fd = fileno(file);
                dir_fd = dirfd(dir);
                assert_true(is_open(file_fd) && is_open(dir_fd));
        }
        assert_false(is_open(file_fd));
        assert_false(is_open(dir_fd));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_released_at_end_of_scope),
                cmocka_unit_test(test_steal_hands_over),
                cmocka_unit_test(test_steal_fd),
                cmocka_unit_test(test_streams),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
