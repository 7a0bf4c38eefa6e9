/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/credentials.h"

#include "../../support/alloc.h"
#include "../../support/test.h"

static void test_copy(void **state)
{
        char id[] = "ID", secret[] = "S", token[] = "T", account[] = "1";
        const struct pail_credentials source = { id, secret, token, account, 7, "env" };
        struct pail_credentials copy = { 0 };

        (void)state;
        assert_int_equal(pail_credentials_copy(&source, &copy), 0);
        assert_string_equal(copy.access_key_id, "ID");
        assert_string_equal(copy.secret_access_key, "S");
        assert_string_equal(copy.session_token, "T");
        assert_string_equal(copy.account_id, "1");
        assert_int_equal(copy.expires_at, 7);
        assert_string_equal(copy.provider, "env");
        pail_credentials_done(&copy);
        assert_null(copy.secret_access_key);
        pail_credentials_done(&copy);
        pail_credentials_done(NULL);
        for (unsigned i = 1; i <= 4; i++) {
                test_alloc_fail_at(i);
                assert_int_equal(pail_credentials_copy(&source, &copy), -ENOMEM);
                assert_null(copy.access_key_id);
        }
        test_alloc_fail_at(0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_copy),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
