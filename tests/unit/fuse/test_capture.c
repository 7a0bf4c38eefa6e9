/* SPDX-License-Identifier: Apache-2.0 */
#include "fuse/capture.h"

#include <sys/mman.h>

#include "../support/test.h"

static char *captured(void (*print)(void))
{
        struct pail_capture capture;
        pail_capture_begin(&capture);
        print();
        return pail_capture_end(&capture);
}

static void assert_captured(void (*print)(void), const char *expected)
{
        char *text = captured(print);
        assert_non_null(text);
        assert_string_equal(text, expected);
        free(text);
}

static void print_nothing(void)
{
}

static void print_blanks(void)
{
        fputs("\n  \n\n", stderr);
}

static void print_one(void)
{
        fputs("fuse: device not found, try 'modprobe fuse' first\n", stderr);
}

static void print_several(void)
{
        fputs("fuse: one\n\n  two  \nfuse: three", stderr);
}

/* What fusermount3 does: another process, which knows of no FILE of ours. */
static void print_in_process(void)
{
        assert_int_equal(system("echo 'fusermount3: mount failed: Operation not permitted' >&2"), 0);
}

static void print_much(void)
{
        for (int i = 0; i < 10000; i++)
                fputs("0123456789", stderr);
}

static void test_texts(void **state)
{
        (void)state;
        assert_null(captured(print_nothing));
        assert_null(captured(print_blanks));
        assert_captured(print_one, "device not found, try 'modprobe fuse' first");
        assert_captured(print_several, "one; two; three");
        assert_captured(print_in_process, "fusermount3: mount failed: Operation not permitted");
}

/* More than is shown does not block, and is cut. */
static void test_much(void **state)
{
        (void)state;
        char *text = captured(print_much);
        assert_non_null(text);
        assert_in_range(strlen(text), 1000, 4096);
        assert_memory_equal(text, "01234567890123456789", 20);
        free(text);
}

/* Before and after, stderr is what it was. */
static void test_stderr_is_put_back(void **state)
{
        (void)state;
        char text[32] = "";
        int saved = dup(STDERR_FILENO), own = memfd_create("test", 0);
        assert_true(saved >= 0 && own >= 0);
        fflush(stderr);
        dup2(own, STDERR_FILENO);
        fputs("before ", stderr);
        free(captured(print_one));
        fputs("after", stderr);
        fflush(stderr);
        dup2(saved, STDERR_FILENO);
        assert_int_equal(pread(own, text, sizeof(text) - 1, 0), strlen("before after"));
        assert_string_equal(text, "before after");
        close(own);
        close(saved);
}

static void test_no_descriptor_is_lost(void **state)
{
        (void)state;
        int before = dup(STDERR_FILENO);
        close(before);
        for (int i = 0; i < 10; i++)
                free(captured(print_one));
        int after = dup(STDERR_FILENO);
        close(after);
        assert_int_equal(before, after);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_texts),
                cmocka_unit_test(test_much),
                cmocka_unit_test(test_stderr_is_put_back),
                cmocka_unit_test(test_no_descriptor_is_lost),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
