/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/daemon/unmount_wait.h"

#include <limits.h>

#include "../support/test.h"

static void test_waiting(void **state)
{
        (void)state;
        /* Numbers that no mount has, and another run of this test has not either. */
        unsigned minor = (unsigned)getpid();
        char message[64];
        struct pail_unmount_wait unmount_wait = PAIL_UNMOUNT_WAIT_INIT, next = PAIL_UNMOUNT_WAIT_INIT;
        int first = -1, second = -1, third = -1;
        assert_true(pail_unmount_wait_connect(UINT_MAX, minor, getuid(), &first) < 0);
        assert_int_equal(pail_unmount_wait_listen(&unmount_wait, UINT_MAX, minor), 0);
        assert_int_equal(pail_unmount_wait_listen(&next, UINT_MAX, minor), -EADDRINUSE);
        assert_int_equal(pail_unmount_wait_connect(UINT_MAX, minor, getuid(), &first), 0);
        assert_int_equal(pail_unmount_wait_connect(UINT_MAX, minor, getuid(), &second), 0);
        /* The mount is gone, the name free for the next; those who wait do so until all is sent. */
        pail_unmount_wait_accept(&unmount_wait);
        assert_int_equal(pail_unmount_wait_listen(&next, UINT_MAX, minor), 0);
        assert_int_equal(pail_unmount_wait_connect(UINT_MAX, minor, getuid(), &third), 0);
        pail_unmount_wait_tell(&unmount_wait, "3 files could not be sent");
        assert_int_equal(pail_unmount_wait_read(first, message, sizeof(message)), 0);
        assert_string_equal(message, "3 files could not be sent");
        assert_int_equal(pail_unmount_wait_read(second, message, sizeof(message)), 0);
        /* A death: the daemon goes without a word. */
        pail_unmount_wait_done(&next);
        assert_int_equal(pail_unmount_wait_read(third, message, sizeof(message)), -EPIPE);
        pail_unmount_wait_done(&unmount_wait);
        close(first);
        close(second);
        close(third);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_waiting),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
