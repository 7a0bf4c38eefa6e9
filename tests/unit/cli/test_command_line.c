/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "cli/option_table.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

static struct pail_command_line line;
static struct pail_error error;
static char text_of_arguments[512];

/* getopt reorders the arguments, so they are copies; words are separated by '|'. */
static int parse(const char *words, bool is_helper)
{
        static char *arguments[32];
        int count = 0;
        char *save = NULL;
        pail_str_copy(text_of_arguments, sizeof(text_of_arguments), words);
        for (char *word = strtok_r(text_of_arguments, "|", &save); word; word = strtok_r(NULL, "|", &save))
                arguments[count++] = word;
        arguments[count] = NULL;
        error = PAIL_ERROR_INIT;
        return pail_command_line_parse(count, arguments, is_helper, &line, &error);
}

static void assert_parses(const char *words, bool is_helper)
{
        if (parse(words, is_helper) < 0)
                fail_msg("%s: %s", words, error.message);
        if (!line.is_help_wanted && !line.is_version_wanted) {
                assert_string_equal(line.source, "bucket:/p");
                assert_string_equal(line.mountpoint, "/mnt");
        }
}

static void assert_refused(const char *words, const char *expected)
{
        assert_int_equal(parse(words, false), -EINVAL);
        if (!strstr(error.message, expected))
                fail_msg("%s: \"%s\" lacks \"%s\"", words, error.message, expected);
        pail_command_line_done(&line);
}

static void test_plain(void **state)
{
        (void)state;
        assert_parses("pail|bucket:/p|/mnt", false);
        assert_false(line.options.foreground);
        pail_command_line_done(&line);
        assert_parses("pail|-f|-o|ttl=5,ro|bucket:/p|-oregion=r|/mnt|--options|region=s", false);
        assert_true(line.options.foreground);
        assert_int_equal(line.options.ttl_ms, 5000);
        assert_true(line.options.read_only);
        assert_string_equal(line.options.region, "s");
        pail_command_line_done(&line);
        assert_parses("pail|-d|bucket:/p|/mnt", false);
        assert_true(line.options.foreground && line.options.debug);
        pail_command_line_done(&line);
        assert_parses("pail|--|bucket:/p|/mnt", false);
        pail_command_line_done(&line);
}

/* As mount(8) calls it. */
static void test_helper(void **state)
{
        (void)state;
        assert_parses("mount.pail|bucket:/p|/mnt|-o|rw,noexec,_netdev", true);
        assert_false(line.options.fake);
        pail_command_line_done(&line);
        assert_parses("mount.pail|bucket:/p|/mnt|-sfnv|-t|fuse.pail|-o|colour=red,ro", true);
        assert_true(line.options.fake);
        assert_false(line.options.foreground);
        assert_true(line.options.sloppy);
        assert_true(line.options.read_only);
        pail_command_line_done(&line);
        assert_parses("mount.pail|bucket:/p|/mnt|-r", true);
        assert_true(line.options.read_only);
        pail_command_line_done(&line);
}

static void test_sloppy_stands_anywhere(void **state)
{
        (void)state;
        assert_parses("mount.pail|bucket:/p|/mnt|-o|colour=red|-s", true);
        pail_command_line_done(&line);
}

static void test_refused(void **state)
{
        (void)state;
        assert_refused("pail", "source is missing");
        assert_refused("pail|bucket", "mount point is missing");
        assert_refused("pail|bucket|/mnt|surplus", "surplus is one argument too many");
        assert_refused("pail|bucket|/mnt|-o", "-o needs an argument");
        assert_refused("pail|bucket|/mnt|-x", "-x is not known");
        assert_refused("pail|bucket|/mnt|--nonsense", "--nonsense");
        assert_refused("pail|bucket|/mnt|-o|profil=x", "profile");
}

static void test_help_and_version(void **state)
{
        (void)state;
        assert_parses("pail|-h", false);
        assert_true(line.is_help_wanted);
        pail_command_line_done(&line);
        assert_parses("pail|--version", false);
        assert_true(line.is_version_wanted);
        pail_command_line_done(&line);
}

static void test_help_has_every_option(void **state)
{
        (void)state;
        _cleanup_free_ char *help = NULL;
        size_t size;
        FILE *file = open_memstream(&help, &size);
        assert_non_null(file);
        pail_help_print(file);
        fclose(file);
        for (const struct pail_option *option = pail_option_table; option->name; option++) {
                char expected[64];
                snprintf(expected, sizeof(expected), "\n  %s%s", option->name, option->argument ? "=" : " ");
                if (!strstr(help, expected))
                        fail_msg("%s is not in the help", option->name);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_plain),
                cmocka_unit_test(test_helper),
                cmocka_unit_test(test_sloppy_stands_anywhere),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_help_and_version),
                cmocka_unit_test(test_help_has_every_option),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
