/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/memory.h"

#include <sys/stat.h>

#include "../support/test.h"

#define MIB(n) ((uint64_t)(n) << 20)

static void write_file(const char *path, const char *text)
{
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void test_control_groups(void **state)
{
        (void)state;
        char root[] = "pail-cgroup-XXXXXX";
        assert_non_null(mkdtemp(root));
        assert_int_equal(chdir(root), 0);
        assert_int_equal(mkdir("a", 0700), 0);
        assert_int_equal(mkdir("a/b", 0700), 0);
        assert_true(pail_memory_cgroup_limit(".", "/a/b") == UINT64_MAX);
        write_file("a/b/memory.max", "max\n");
        assert_true(pail_memory_cgroup_limit(".", "/a/b") == UINT64_MAX);
        write_file("a/memory.max", "1000000\n");
        assert_true(pail_memory_cgroup_limit(".", "/a/b") == 1000000);
        write_file("a/b/memory.max", "2000000\n");
        assert_true(pail_memory_cgroup_limit(".", "/a/b") == 1000000);
        write_file("a/b/memory.max", "500000\n");
        assert_true(pail_memory_cgroup_limit(".", "/a/b") == 500000);
        assert_true(pail_memory_cgroup_limit(".", "/") == UINT64_MAX);
        unlink("a/b/memory.max");
        unlink("a/memory.max");
        rmdir("a/b");
        rmdir("a");
        assert_int_equal(chdir(".."), 0);
        rmdir(root);
}

static void test_shares(void **state)
{
        (void)state;
        assert_true(pail_memory_default_bytes() >= MIB(64) && pail_memory_default_bytes() <= MIB(1024));
        assert_true(pail_memory_pool_bytes(MIB(1024), 64) == MIB(1024 - 48));
        assert_true(pail_memory_pool_bytes(MIB(64), 64) == MIB(48)); /* never less than three quarters */
        assert_int_equal(pail_memory_threads(MIB(64)), 16);
        assert_int_equal(pail_memory_threads(MIB(1024)), 64);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_control_groups),
                cmocka_unit_test(test_shares),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
