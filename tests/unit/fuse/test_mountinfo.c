/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/fuse/mountinfo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

static void test_lines(void **state)
{
        (void)state;
        struct pail_mountinfo info;
        assert_int_equal(pail_mountinfo_parse("36 35 0:52 / /mnt\\040a\\134b rw,nosuid shared:1 master:2 - fuse.pail "
                                              "my\\040bucket rw,user_id=1000,group_id=7\n",
                                              &info),
                         0);
        assert_int_equal(info.device_major, 0);
        assert_int_equal(info.device_minor, 52);
        assert_string_equal(info.mountpoint, "/mnt a\\b");
        assert_string_equal(info.type, "fuse.pail");
        assert_string_equal(info.source, "my bucket");
        assert_string_equal(info.options, "rw,user_id=1000,group_id=7");
        pail_mountinfo_done(&info);
        /* No optional field. */
        assert_int_equal(pail_mountinfo_parse("1 0 8:1 / / rw - ext4 /dev/sda1 rw", &info), 0);
        assert_string_equal(info.mountpoint, "/");
        assert_int_equal(info.device_major, 8);
        pail_mountinfo_done(&info);
}

static void test_other_lines(void **state)
{
        (void)state;
        struct pail_mountinfo info;
        static const char *const lines[] = { "",
                                             "\n",
                                             "36 35",
                                             "36 35 0:52 / /mnt rw - fuse.pail",
                                             "36 35 x / /mnt rw - t s o",
                                             "36 35 0:1 / /mnt rw t s o",
                                             "a - b c d" };
        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
                assert_int_equal(pail_mountinfo_parse(lines[i], &info), -EINVAL);
}

static void test_find(void **state)
{
        (void)state;
        struct pail_mountinfo info;
        assert_int_equal(pail_mountinfo_find("/no such mount", &info), -ENOENT);
        if (pail_mountinfo_find("/proc", &info) == 0) {
                assert_string_equal(info.type, "proc");
                pail_mountinfo_done(&info);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lines),
                cmocka_unit_test(test_other_lines),
                cmocka_unit_test(test_find),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
