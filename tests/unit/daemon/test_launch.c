/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/daemon/launch.h"

#include "../support/test.h"

/* Runs the daemon's side in a child; the status that the parent would exit with. */
static int run_daemon(const char *message, bool dies)
{
        struct pail_launch launch;
        int status = -1, forked = pail_launch_fork(&launch, &status);
        if (forked == 0) {
                if (!dies)
                        pail_launch_report(&launch, message);
                _exit(7);
        }
        assert_int_equal(forked, 1);
        return status;
}

static void test_report(void **state)
{
        (void)state;
        assert_int_equal(run_daemon(NULL, false), EXIT_SUCCESS);
        assert_int_equal(run_daemon("expected: a reason", false), EXIT_FAILURE);
        assert_int_equal(run_daemon(NULL, true), EXIT_FAILURE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_report),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
