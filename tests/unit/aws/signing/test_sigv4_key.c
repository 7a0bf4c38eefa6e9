/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/signing/sigv4_key.h"

#include "../../support/test.h"
#include "pail/util/buf.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

/* The example of "Create a signed AWS API request", IAM User Guide. */
static void test_published_key(void **state)
{
        static const char string[] = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
                                     "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        const struct pail_sigv4_scope scope = { 1440938160, "us-east-1", "iam" };
        char signature[65];

        (void)state;
        assert_int_equal(pail_sigv4_key_sign(NULL, SECRET, &scope, string, strlen(string), signature), 0);
        assert_string_equal(signature, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

/* With more keys than it holds, a cache gives what derivation gives, whichever part of the scope differs. */
static void test_cache(void **state)
{
        static const char *const secrets[] = { "one", "two", "" };
        static const char *const regions[] = { "us-east-1", "eu-west-1", "us-east-1s3" };
        static const char *const services[] = { "s3", "sts" };
        struct pail_sigv4_key_cache *cache = NULL;

        (void)state;
        assert_int_equal(pail_sigv4_key_cache_new(&cache), 0);
        for (unsigned i = 0; i < 200; i++) {
                const char *secret = secrets[i * 7 % 3];
                const struct pail_sigv4_scope scope = { 1440938160 + (time_t)(i * 5 % 4) * 86400, regions[i % 3],
                                                        services[i / 3 % 2] };
                char derived[65], first[65], second[65];

                assert_int_equal(pail_sigv4_key_sign(NULL, secret, &scope, "text", 4, derived), 0);
                assert_int_equal(pail_sigv4_key_sign(cache, secret, &scope, "text", 4, first), 0);
                assert_int_equal(pail_sigv4_key_sign(cache, secret, &scope, "text", 4, second), 0);
                assert_string_equal(first, derived);
                assert_string_equal(second, derived);
        }
        pail_sigv4_key_cache_free(cache);
        pail_sigv4_key_cache_free(NULL);
}

static void test_scope(void **state)
{
        const struct pail_sigv4_scope scope = { 1440938160, "us-east-1", "iam" };
        struct pail_buf text;

        (void)state;
        pail_buf_init(&text, 100);
        assert_int_equal(pail_sigv4_scope_append(&text, &scope), 0);
        assert_string_equal(text.data, "20150830/us-east-1/iam/aws4_request");
        pail_buf_done(&text);
}

static void test_long_secret(void **state)
{
        const struct pail_sigv4_scope scope = { 1440938160, "us-east-1", "iam" };
        char secret[5001], signature[65] = "untouched";

        (void)state;
        memset(secret, 'x', 5000);
        secret[5000] = '\0';
        assert_int_equal(pail_sigv4_key_sign(NULL, secret, &scope, "", 0, signature), -EMSGSIZE);
        assert_string_equal(signature, "untouched");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_published_key),
                cmocka_unit_test(test_cache),
                cmocka_unit_test(test_scope),
                cmocka_unit_test(test_long_secret),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
