/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/mman.h>

#include "../../support/test.h"
#include "pail/aws/sigv4.h"
#include "pail/aws/sigv4_body.h"

static void test_none(void **state)
{
        const struct pail_http_body body = { .fd = -1 };
        char hex[65];

        (void)state;
        assert_int_equal(pail_sigv4_body_hash(&body, hex), 0);
        assert_string_equal(hex, PAIL_SIGV4_EMPTY_SHA256);
}

static void test_memory(void **state)
{
        char first[] = "Welcome to ", second[] = "Amazon S3.";
        const struct iovec vector[] = { { first, strlen(first) }, { NULL, 0 }, { second, strlen(second) } };
        const struct pail_http_body body = { .vector = vector, .vector_count = 3, .fd = -1, .size_bytes = 21 };
        char hex[65];

        (void)state;
        assert_int_equal(pail_sigv4_body_hash(&body, hex), 0);
        assert_string_equal(hex, "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
}

static void test_file_range(void **state)
{
        int fd = memfd_create("body", MFD_CLOEXEC);
        struct pail_http_body body = { .fd = fd, .offset = 1000001, .size_bytes = 21 };
        char hex[65], whole[65];

        (void)state;
        assert_int_equal(pwrite(fd, "Welcome to Amazon S3.", 21, 1000001), 21);
        assert_int_equal(pail_sigv4_body_hash(&body, hex), 0);
        assert_string_equal(hex, "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
        assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);

        /* A million zeros, in more than one chunk, which are a hole in the file. */
        body = (struct pail_http_body){ .fd = fd, .size_bytes = 1000000 };
        assert_int_equal(pail_sigv4_body_hash(&body, hex), 0);
        assert_string_equal(hex, "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025");
        char *zeros = calloc(1, 1000000);
        const struct iovec vector = { zeros, 1000000 };
        body = (struct pail_http_body){ .vector = &vector, .vector_count = 1, .fd = -1, .size_bytes = 1000000 };
        assert_int_equal(pail_sigv4_body_hash(&body, whole), 0);
        assert_string_equal(whole, hex);
        free(zeros);

        /* The file ends before the range does. */
        body = (struct pail_http_body){ .fd = fd, .offset = 1000001, .size_bytes = 22 };
        assert_int_equal(pail_sigv4_body_hash(&body, hex), -ENODATA);
        close(fd);
        body.fd = -1;
        assert_int_equal(pail_sigv4_body_hash(&body, hex), -EBADF);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_none),
                cmocka_unit_test(test_memory),
                cmocka_unit_test(test_file_range),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
