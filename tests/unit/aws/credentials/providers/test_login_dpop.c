/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/credentials/providers/login_dpop.h"

#include "../../../support/test.h"
#include "dpop.h"
#include "pail/util/str.h"

static int sign(const char *key, struct pail_buf *jwt)
{
        return pail_login_dpop(jwt, key, "https://us-east-1.signin.example/v1/token", 1700000000);
}

static void test_proof(void **state)
{
        static const char *const forms[] = { DPOP_KEY_PKCS8, DPOP_KEY_SEC1 };
        char jti[2][64] = { "", "" };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(forms); i++) {
                _cleanup_buf_ struct pail_buf jwt = PAIL_BUF_INIT(16 * 1024);
                assert_int_equal(sign(forms[i], &jwt), 0);
                struct dpop dpop;
                dpop_verify(&dpop, jwt.data);
                assert_string_equal(dpop.htm, "POST");
                assert_string_equal(dpop.htu, "https://us-east-1.signin.example/v1/token");
                assert_int_equal(dpop.iat, 1700000000);
                assert_int_equal(strlen(dpop.jti), 36);
                assert_int_equal(dpop.jti[14], '4');
                assert_non_null(strchr("89ab", dpop.jti[19]));
                snprintf(jti[i], sizeof(jti[i]), "%s", dpop.jti);
        }
        assert_string_not_equal(jti[0], jti[1]);
}

/* Signatures are numbers of every length: those that begin with zeros are padded. */
static void test_padding(void **state)
{
        (void)state;
        for (int i = 0; i < 600; i++) {
                _cleanup_buf_ struct pail_buf jwt = PAIL_BUF_INIT(16 * 1024);
                assert_int_equal(sign(DPOP_KEY_PKCS8, &jwt), 0);
                struct dpop dpop;
                dpop_verify(&dpop, jwt.data);
        }
}

/* The verifier of these tests can fail. */
static void test_verifier(void **state)
{
        _cleanup_buf_ struct pail_buf jwt = PAIL_BUF_INIT(16 * 1024);
        struct dpop dpop;

        (void)state;
        assert_int_equal(sign(DPOP_KEY_PKCS8, &jwt), 0);
        assert_true(dpop_is_good(&dpop, jwt.data));
        char *dot = strchr(jwt.data, '.');
        assert_non_null(dot);
        dot[20] = dot[20] == 'A' ? 'B' : 'A';
        assert_false(dpop_is_good(&dpop, jwt.data));
}

static void test_bad_keys(void **state)
{
        static const char *const keys[] = {
                "",
                "secret",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                DPOP_KEY_P384,
                DPOP_KEY_ENCRYPTED,
                DPOP_KEY_PUBLIC,
        };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(keys); i++) {
                _cleanup_buf_ struct pail_buf jwt = PAIL_BUF_INIT(16 * 1024);
                assert_int_equal(sign(keys[i], &jwt), -EINVAL);
                assert_int_equal(jwt.length, 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_proof),
                cmocka_unit_test(test_padding),
                cmocka_unit_test(test_verifier),
                cmocka_unit_test(test_bad_keys),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
