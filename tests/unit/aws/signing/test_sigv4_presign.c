/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed URLs: the published example ("Authenticating Requests: Using Query Parameters", Amazon S3 API reference), the kinds of
 * credentials, and Version 4A, whose signature is verified with the public key. Many more: test_sigv4_botocore.py.
 */
#include <errno.h>

#include <openssl/evp.h>

#include "../../support/alloc.h"
#include "../../support/test.h"
#include "aws/signing/sigv4_canonical.h"
#include "aws/signing/sigv4_key.h"
#include "aws/signing/sigv4_signature.h"
#include "aws/signing/sigv4a_key.h"
#include "pail/aws/sigv4.h"
#include "pail/aws/sigv4_presign.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

#define URL "https://examplebucket.s3.amazonaws.com/test.txt"

static char example_id[] = "AKIAIOSFODNN7EXAMPLE", example_secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            example_token[] = "to/ken+==";
static const struct pail_credentials example = { .access_key_id = example_id, .secret_access_key = example_secret };
static const struct pail_sigv4_scope example_scope = { 1369353600, "us-east-1", "s3", PAIL_SIGNING_V4 };

/* Not inlined: GCC 12 would take the result for a pointer to the local variable. */
__attribute__((noinline)) static char *presign(const char *url, const struct pail_credentials *credentials,
                                               const struct pail_sigv4_scope *scope)
{
        char *presigned = NULL;
        assert_int_equal(pail_sigv4_presign("GET", url, credentials, scope, 86400, NULL, &presigned, NULL), 0);
        return presigned;
}

static void test_published_example(void **state)
{
        (void)state;
        _cleanup_secret_ char *url = presign(URL, &example, &example_scope);
        assert_string_equal(url,
                            URL "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"
                                "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
                                "X-Amz-SignedHeaders=host&X-Amz-Signature="
                                "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

static void test_query_and_token(void **state)
{
        struct pail_credentials of_session = example;
        struct pail_sigv4_scope express = example_scope;
        (void)state;
        of_session.session_token = example_token;
        express.signing = PAIL_SIGNING_EXPRESS;
        express.service = "s3express";
        _cleanup_secret_ char *url = presign(URL "?versionId=v%2B", &of_session, &example_scope);
        assert_true(pail_str_starts_with(url, URL "?versionId=v%2B&X-Amz-Algorithm=AWS4-HMAC-SHA256&"));
        assert_non_null(strstr(url, "&X-Amz-Security-Token=to%2Fken%2B%3D%3D&X-Amz-Signature="));
        _cleanup_secret_ char *of_directory = presign(URL "?", &of_session, &express);
        assert_true(pail_str_starts_with(of_directory, URL "?X-Amz-Algorithm="));
        assert_non_null(strstr(of_directory, "%2Fs3express%2Faws4_request&"));
        assert_non_null(strstr(of_directory, "&X-Amz-S3session-Token=to%2Fken%2B%3D%3D&X-Amz-Signature="));
}

static void assert_verifies(const char *text, const char *signature_hex)
{
        unsigned char signature[PAIL_SIGV4A_SIGNATURE_MAX / 2];
        size_t size = strlen(signature_hex) / 2;
        EVP_PKEY *key = NULL;
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        assert_int_equal(pail_sigv4a_key(NULL, example_id, example_secret, &key), 0);
        for (size_t i = 0; i < size; i++) {
                const char byte[3] = { signature_hex[2 * i], signature_hex[2 * i + 1], '\0' };
                signature[i] = (unsigned char)strtoul(byte, NULL, 16);
        }
        assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
        assert_int_equal(EVP_DigestVerify(context, signature, size, (const unsigned char *)text, strlen(text)), 1);
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
}

/* The same request, written out by hand: parameters sorted, and no region in the scope. */
static void test_many_regions(void **state)
{
        static const struct pail_sigv4_scope scope = { 1369353600, "*", "s3", PAIL_SIGNING_V4A };
        struct pail_http_headers headers = { 0 };
        struct pail_buf canonical, names, string;
        (void)state;
        _cleanup_secret_ char *url = presign(URL, &example, &scope);
        const char *query = strchr(url, '?') + 1, *signature = strstr(url, "&X-Amz-Signature=");
        assert_true(pail_str_starts_with(query, "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential="
                                                "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fs3%2Faws4_request&"));
        assert_non_null(strstr(query, "&X-Amz-Region-Set=%2A&"));
        pail_buf_init(&canonical, 4096);
        pail_buf_init(&names, 4096);
        pail_buf_init(&string, 4096);
        _cleanup_free_ char *signed_query = strndup(query, (size_t)(signature - query));
        assert_int_equal(pail_http_headers_add(&headers, "Host", "examplebucket.s3.amazonaws.com"), 0);
        assert_int_equal(pail_sigv4_canonical_request("GET", "/test.txt", signed_query, &headers, "UNSIGNED-PAYLOAD",
                                                      &canonical, &names),
                         0);
        assert_int_equal(pail_sigv4_canonical_string_to_sign(&scope, canonical.data, canonical.length, &string), 0);
        assert_verifies(string.data, signature + strlen("&X-Amz-Signature="));
        pail_http_headers_done(&headers);
        pail_buf_done(&canonical);
        pail_buf_done(&names);
        pail_buf_done(&string);
}

static void test_refused(void **state)
{
        static const struct pail_credentials anonymous = { 0 };
        static const int64_t bad[] = { 0, -1, PAIL_SIGV4_EXPIRES_MAX_S + 1, INT64_MAX };
        struct pail_error error = PAIL_ERROR_INIT;
        char *url = NULL;
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                assert_int_equal(pail_sigv4_presign("GET", URL, &example, &example_scope, bad[i], NULL, &url, &error),
                                 -EINVAL);
                assert_int_equal(error.class, PAIL_ERROR_CONFIG);
                assert_non_null(strstr(error.message, "7 days"));
        }
        assert_int_equal(pail_sigv4_presign("GET", URL, &anonymous, &example_scope, 1, NULL, &url, &error), -ENOENT);
        assert_int_equal(error.class, PAIL_ERROR_CREDENTIALS);
        assert_int_equal(pail_sigv4_presign("GET", "ftp://x/", &example, &example_scope, 1, NULL, &url, &error),
                         -EINVAL);
        assert_null(url);
}

static int presign_once(void *argument)
{
        char *url = NULL;
        int r = pail_sigv4_presign("PUT", URL "?a=b", argument, &example_scope, 1, NULL, &url, NULL);
        pail_secret_free(url);
        return r;
}

static void test_out_of_memory(void **state)
{
        struct pail_credentials credentials = example;
        (void)state;
        credentials.session_token = example_token;
        assert_true(test_alloc_each(presign_once, &credentials) > 8);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_published_example), cmocka_unit_test(test_query_and_token),
                cmocka_unit_test(test_many_regions),      cmocka_unit_test(test_refused),
                cmocka_unit_test(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
