/* SPDX-License-Identifier: Apache-2.0 */
/* The line that shows how far a transfer is, at all sizes of it and of the terminal. */
#include "cli/pailctl/progress.h"

#include <string.h>

#include "../../support/test.h"
#include "pail/util/str.h"

static void assert_line(struct pail_ctl_progress_state state, size_t columns, const char *expected)
{
        char line[512];
        pail_ctl_progress_format(&state, columns, line, sizeof(line));
        assert_string_equal(line, expected);
}

static void test_lines(void **state)
{
        (void)state;
        assert_line((struct pail_ctl_progress_state){ "file", 0, 1000, 0, -1, false }, 60,
                    "file [>                              ]   0%  0 B of 1.0 KiB");
        assert_line((struct pail_ctl_progress_state){ "file", 512 << 10, 1 << 20, 8 << 20, 3, false }, 80,
                    "file [============>            ]  50%  512 KiB of 1.0 MiB  8.0 MiB/s  0:03 left");
        assert_line((struct pail_ctl_progress_state){ "file", 1 << 20, 1 << 20, 1, 3600 * 25 + 61, false }, 80,
                    "file [=========================] 100%  1.0 MiB of 1.0 MiB  1 B/s  25:01:01 left");
        assert_line((struct pail_ctl_progress_state){ "file", 20 << 20, 20 << 20, 5 << 20, -1, true }, 80,
                    "file  20.0 MiB  5.0 MiB/s");
        assert_line((struct pail_ctl_progress_state){ "file", 12345, 0, 0, -1, false }, 80, "file  12.1 KiB");
        /* What counts again when it is sent again. */
        assert_line((struct pail_ctl_progress_state){ "file", 1500, 1000, 0, -1, false }, 50,
                    "file [=================] 100%  1.5 KiB of 1.0 KiB");
}

static void test_narrow_terminals(void **state)
{
        const struct pail_ctl_progress_state wide = {
                "a-rather-long-name-of-a-file.tar.gz", 5 << 20, 10 << 20, 1 << 20, 5, false
        };
        char line[512];
        (void)state;
        for (size_t columns = 0; columns < 300; columns++) {
                pail_ctl_progress_format(&wide, columns, line, sizeof(line));
                assert_non_null(strstr(line, "50%  5.0 MiB of 10.0 MiB  1.0 MiB/s  0:05 left"));
                if (columns > 60 && strlen(line) >= columns)
                        fail_msg("%zu columns for %zu: %s", strlen(line), columns, line);
        }
}

static void test_strange_names(void **state)
{
        char line[512], name[2000];
        (void)state;
        assert_line((struct pail_ctl_progress_state){ "a\033[2J\n", 1, 0, 0, -1, false }, 80, "a?[2J?  1 B");
        memset(name, '\xc3', sizeof(name) - 1);
        for (size_t i = 1; i < sizeof(name) - 1; i += 2)
                name[i] = '\xa4';
        name[sizeof(name) - 1] = '\0';
        for (size_t columns = 40; columns < 200; columns++) {
                pail_ctl_progress_format(&(struct pail_ctl_progress_state){ name, 1, 2, 3, 4, false }, columns, line,
                                         sizeof(line));
                assert_true(pail_str_is_utf8(line));
        }
}

static void test_largest_numbers(void **state)
{
        char line[512];
        (void)state;
        pail_ctl_progress_format(
                &(struct pail_ctl_progress_state){ "x", UINT64_MAX, UINT64_MAX, 1e30, INT64_MAX, false }, 80, line,
                sizeof(line));
        assert_non_null(strstr(line, "100%"));
}

static void test_counting(void **state)
{
        struct pail_ctl_progress progress;
        (void)state;
        pail_ctl_progress_init(&progress, "x", false);
        pail_ctl_progress_set_total(&progress, 10);
        pail_ctl_progress_add(&progress, 7);
        pail_ctl_progress_add(&progress, -3);
        assert_int_equal(atomic_load(&progress.moved), 4);
        pail_ctl_progress_draw(&progress); /* of no effect */
        pail_ctl_progress_end(&progress, true);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lines),         cmocka_unit_test(test_narrow_terminals),
                cmocka_unit_test(test_strange_names), cmocka_unit_test(test_largest_numbers),
                cmocka_unit_test(test_counting),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
