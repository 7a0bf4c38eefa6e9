/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the compiler itself: a file that names these functions must not compile, and one that does not must. */
#include "pail/util/poison.h"

#include "../support/test.h"

static const char *const poisoned[] = { "strcpy", "strcat", "sprintf", "vsprintf", "strncpy", "strncat", "strtok",
                                        "gets",   "atoi",   "atol",    "atoll",    "atof",    "asctime", "localtime",
                                        "gmtime", "tmpnam", "tempnam", "mktemp",   "rand",    "srand" };

static char path[4096];

static int setup(void **state)
{
        (void)state;
        const char *base = getenv("TMPDIR");
        snprintf(path, sizeof(path), "%s/pail-test-poison.XXXXXX.c", base && *base ? base : "/tmp");
        int fd = mkstemps(path, 2);
        return fd >= 0 ? close(fd) : -1;
}

static int teardown(void **state)
{
        (void)state;
        return unlink(path);
}

/* How often the compiler names poison. */
static unsigned compile(const char *compiler, const char *flags, const char *name, int *ret_status)
{
        FILE *source = fopen(path, "we");
        assert_non_null(source);
        fprintf(source, "int main(void)\n{\n        return sizeof(&%s) == 0;\n}\n", name);
        assert_int_equal(fclose(source), 0);

        char command[16384], line[4096];
        int length = snprintf(command, sizeof(command), "%s %s -fsyntax-only '%s' 2>&1", compiler, flags, path);
        assert_in_range(length, 1, sizeof(command) - 1);
        FILE *output = popen(command, "re");
        assert_non_null(output);
        unsigned complaints = 0;
        while (fgets(line, sizeof(line), output))
                complaints += strstr(line, "poisoned") != NULL;
        *ret_status = pclose(output);
        return complaints;
}

static void test_compiler_refuses(void **state)
{
        (void)state;
        const char *compiler = getenv("PAIL_TEST_CC"), *flags = getenv("PAIL_TEST_CPPFLAGS");
        if (!compiler || !flags) {
                print_message("PAIL_TEST_CC and PAIL_TEST_CPPFLAGS are set by \"make check\" only\n");
                skip();
        }
        int status = -1;
        assert_int_equal(compile(compiler, flags, "strlen", &status), 0);
        assert_int_equal(status, 0);
        for (size_t i = 0; i < TEST_COUNT(poisoned); i++) {
                assert_true(compile(compiler, flags, poisoned[i], &status) > 0);
                assert_int_not_equal(status, 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_compiler_refuses) };
        return cmocka_run_group_tests(tests, setup, teardown);
}
