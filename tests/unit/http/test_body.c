/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/mman.h>

#include "../support/test.h"
#include "http/body.h"
#include "pail/util/cleanup.h"

static int read_at(const struct pail_http_body *body, uint64_t position, size_t size, char *ret_text)
{
        size_t n = 0;
        int r = pail_http_body_read(body, position, ret_text, size, &n);
        ret_text[r < 0 ? 0 : n] = '\0';
        return r;
}

static void test_vector(void **state)
{
        (void)state;
        char text[64];
        struct iovec pieces[] = {
                { (char[]){ 'a', 'b', 'c' }, 3 }, { NULL, 0 }, { (char[]){ 'd' }, 1 }, { (char[]){ 'e', 'f' }, 2 }
        };
        struct pail_http_body body = { .vector = pieces, .vector_count = 4, .fd = -1, .size_bytes = 6 };
        assert_int_equal(read_at(&body, 0, 60, text), 0);
        assert_string_equal(text, "abcdef");
        assert_int_equal(read_at(&body, 2, 3, text), 0);
        assert_string_equal(text, "cde");
        assert_int_equal(read_at(&body, 5, 3, text), 0);
        assert_string_equal(text, "f");
        assert_int_equal(read_at(&body, 6, 3, text), 0);
        assert_string_equal(text, "");
        body.size_bytes = 4;
        assert_int_equal(read_at(&body, 1, 60, text), 0);
        assert_string_equal(text, "bcd");
        body.size_bytes = 7;
        assert_int_equal(read_at(&body, 6, 60, text), -ENODATA);
}

static void test_file(void **state)
{
        (void)state;
        char text[64];
        _cleanup_close_ int fd = memfd_create("body", MFD_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, "0123456789", 10, 4096), 10);
        struct pail_http_body body = { .fd = fd, .offset = 4094, .size_bytes = 8 };
        assert_int_equal(read_at(&body, 0, 60, text), 0);
        assert_memory_equal(text,
                            "\0\0"
                            "012345",
                            8);
        assert_int_equal(read_at(&body, 4, 3, text), 0);
        assert_string_equal(text, "234");
        body.size_bytes = 100;
        assert_int_equal(read_at(&body, 12, 60, text), -ENODATA);
        body.fd = -1;
        assert_int_equal(read_at(&body, 0, 60, text), -EBADF);
}

static void test_nothing(void **state)
{
        (void)state;
        char text[64];
        struct pail_http_body body = { .fd = -1 };
        assert_int_equal(read_at(&body, 0, 60, text), 0);
        assert_string_equal(text, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_vector),
                cmocka_unit_test(test_file),
                cmocka_unit_test(test_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
