/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Version 4A against the published example "get-vanilla" of AWS's signing test suite (public key, string to sign, one signature of
 * theirs), and our own signatures against the public key. ECDSA signatures are random: each is verified, none is compared.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "../../support/test.h"
#include "aws/signing/sigv4_canonical.h"
#include "aws/signing/sigv4_key.h"
#include "aws/signing/sigv4_signature.h"
#include "aws/signing/sigv4a_key.h"
#include "pail/aws/sigv4.h"
#include "pail/util/str.h"

#define EXAMPLE_ID "AKIDEXAMPLE"
#define EXAMPLE_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define EXAMPLE_X "b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1"
#define EXAMPLE_Y "865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518"
#define EXAMPLE_STRING                                                                                                 \
        "AWS4-ECDSA-P256-SHA256\n20150830T123600Z\n20150830/service/aws4_request\n"                                    \
        "cf59db423e841c8b7e3444158185aa261b724a5c27cbe762676f3eed19f4dc02"
#define EXAMPLE_SIGNATURE                                                                                                \
        "3045022018b4e277d0281864beb51d3600e23f88510ea5031d68ddfbb68614b82a5eb7d2022100effb9c5f22ed9ef3ae0ab243d21f06bc" \
        "e82365bbb79529a07b6888c343ae5f8c"

static char example_id[] = EXAMPLE_ID, example_secret[] = EXAMPLE_SECRET, example_token[] = "TOKEN/+=";
static const struct pail_credentials example = { .access_key_id = example_id,
                                                 .secret_access_key = example_secret,
                                                 .session_token = example_token };

static EVP_PKEY *key_of(struct pail_sigv4a_slot *slot, const char *id, const char *secret)
{
        EVP_PKEY *key = NULL;

        assert_int_equal(pail_sigv4a_key(slot, id, secret, &key), 0);
        assert_non_null(key);
        return key;
}

static void assert_verifies(EVP_PKEY *key, const char *text, const char *signature_hex, bool expected)
{
        unsigned char signature[PAIL_SIGV4A_SIGNATURE_MAX / 2];
        size_t size = strlen(signature_hex) / 2;
        EVP_MD_CTX *context = EVP_MD_CTX_new();

        assert_true(size <= sizeof(signature));
        for (size_t i = 0; i < size; i++) {
                char byte[3] = { signature_hex[2 * i], signature_hex[2 * i + 1], '\0' };
                signature[i] = (unsigned char)strtoul(byte, NULL, 16);
        }
        assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
        assert_int_equal(EVP_DigestVerify(context, signature, size, (const unsigned char *)text, strlen(text)) == 1,
                         expected);
        EVP_MD_CTX_free(context);
}

static void test_published_key(void **state)
{
        EVP_PKEY *key = key_of(NULL, EXAMPLE_ID, EXAMPLE_SECRET);
        unsigned char point[65];
        char hex[131];
        size_t size = 0;

        (void)state;
        assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &size), 1);
        assert_int_equal(size, sizeof(point));
        pail_sigv4_digest_hex(point, size, hex);
        assert_string_equal(hex, "04" EXAMPLE_X EXAMPLE_Y);
        assert_verifies(key, EXAMPLE_STRING, EXAMPLE_SIGNATURE, true);
        assert_verifies(key, EXAMPLE_STRING "x", EXAMPLE_SIGNATURE, false);
        EVP_PKEY_free(key);
}

static void test_published_string(void **state)
{
        const struct pail_sigv4_scope scope = {
                .time = 1440938160, .region = "us-east-1", .service = "service", .signing = PAIL_SIGNING_V4A
        };
        struct pail_http_headers headers = { 0 };
        struct pail_buf canonical, names, string;

        (void)state;
        pail_buf_init(&canonical, 4096);
        pail_buf_init(&names, 4096);
        pail_buf_init(&string, 4096);
        assert_int_equal(pail_http_headers_add(&headers, "Host", "example.amazonaws.com"), 0);
        assert_int_equal(pail_http_headers_add(&headers, "X-Amz-Date", "20150830T123600Z"), 0);
        assert_int_equal(pail_http_headers_add(&headers, "X-Amz-Region-Set", "us-east-1"), 0);
        assert_int_equal(
                pail_sigv4_canonical_request("GET", "/", "", &headers, PAIL_SIGV4_EMPTY_SHA256, &canonical, &names), 0);
        assert_int_equal(pail_sigv4_canonical_string_to_sign(&scope, canonical.data, canonical.length, &string), 0);
        assert_string_equal(string.data, EXAMPLE_STRING);
        pail_http_headers_done(&headers);
        pail_buf_done(&canonical);
        pail_buf_done(&names);
        pail_buf_done(&string);
}

static void test_signature(void **state)
{
        EVP_PKEY *key = key_of(NULL, EXAMPLE_ID, EXAMPLE_SECRET), *other = key_of(NULL, EXAMPLE_ID, "other");
        struct pail_sigv4_key_cache *cache = NULL;
        char signature[PAIL_SIGV4A_SIGNATURE_MAX + 1], second[PAIL_SIGV4A_SIGNATURE_MAX + 1];

        (void)state;
        assert_int_equal(pail_sigv4_key_cache_new(&cache), 0);
        for (int i = 0; i < 50; i++) {
                struct pail_sigv4_key_cache *used = i % 2 ? cache : NULL;
                assert_int_equal(
                        pail_sigv4a_signature(used, &example, EXAMPLE_STRING, strlen(EXAMPLE_STRING), signature), 0);
                assert_verifies(key, EXAMPLE_STRING, signature, true);
                assert_verifies(other, EXAMPLE_STRING, signature, false);
        }
        assert_int_equal(pail_sigv4a_signature(cache, &example, EXAMPLE_STRING, strlen(EXAMPLE_STRING), second), 0);
        assert_string_not_equal(signature, second);
        pail_sigv4_key_cache_free(cache);
        EVP_PKEY_free(key);
        EVP_PKEY_free(other);
}

static void test_slot(void **state)
{
        struct pail_sigv4a_slot slot;

        (void)state;
        pail_sigv4a_slot_init(&slot);
        EVP_PKEY *first = key_of(&slot, "a", "bc"), *again = key_of(&slot, "a", "bc"),
                 *other = key_of(&slot, "ab", "c");
        assert_ptr_equal(first, again);
        assert_ptr_not_equal(first, other);
        assert_int_equal(EVP_PKEY_eq(first, other), 0);
        pail_sigv4a_slot_done(&slot);
        EVP_PKEY_free(first);
        EVP_PKEY_free(again);
        EVP_PKEY_free(other); /* a key outlives its slot */
}

/* The string to sign once more, from the request as it was signed. */
static void rebuild_string(const struct pail_http_request *request, const struct pail_sigv4_scope *scope,
                           struct pail_buf *string)
{
        struct pail_http_headers chosen = { 0 };
        struct pail_buf canonical, names;

        pail_buf_init(&canonical, 8192);
        pail_buf_init(&names, 4096);
        for (size_t i = 0; i < request->headers.count; i++)
                if (strcasecmp(request->headers.items[i].name, "Authorization") != 0)
                        assert_int_equal(pail_http_headers_add(&chosen, request->headers.items[i].name,
                                                               request->headers.items[i].value),
                                         0);
        assert_int_equal(pail_sigv4_canonical_request("GET", "/key", "a=b", &chosen, PAIL_SIGV4_UNSIGNED_PAYLOAD,
                                                      &canonical, &names),
                         0);
        assert_string_equal(names.data, "host;x-amz-content-sha256;x-amz-date;x-amz-region-set;x-amz-security-token");
        assert_int_equal(pail_sigv4_canonical_string_to_sign(scope, canonical.data, canonical.length, string), 0);
        pail_http_headers_done(&chosen);
        pail_buf_done(&canonical);
        pail_buf_done(&names);
}

static void test_whole_request(void **state)
{
        const struct pail_sigv4_scope scope = {
                .time = 1440938160, .region = "*", .service = "s3", .signing = PAIL_SIGNING_V4A
        };
        static const char expected[] = "AWS4-ECDSA-P256-SHA256 Credential=" EXAMPLE_ID "/20150830/s3/aws4_request, "
                                       "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-region-set;"
                                       "x-amz-security-token, Signature=";
        EVP_PKEY *key = key_of(NULL, EXAMPLE_ID, EXAMPLE_SECRET);
        struct pail_http_request request;
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_buf string;

        (void)state;
        pail_http_request_init(&request);
        pail_buf_init(&string, 4096);
        assert_int_equal(pail_str_dup("GET", &request.method), 0);
        assert_int_equal(pail_str_dup("https://alias.mrap.accesspoint.s3-global.amazonaws.com/key?a=b", &request.url),
                         0);
        for (int i = 0; i < 2; i++) { /* a retry is signed again */
                assert_int_equal(pail_sigv4_sign(&request, &example, &scope, PAIL_SIGV4_UNSIGNED_PAYLOAD, NULL, &error),
                                 0);
                const char *authorization = pail_http_headers_get(&request.headers, "Authorization");
                assert_string_equal(pail_http_headers_get(&request.headers, "X-Amz-Region-Set"), "*");
                assert_int_equal(strncmp(authorization, expected, strlen(expected)), 0);
                pail_buf_reset(&string);
                rebuild_string(&request, &scope, &string);
                assert_verifies(key, string.data, authorization + strlen(expected), true);
        }
        pail_buf_done(&string);
        pail_http_request_done(&request);
        EVP_PKEY_free(key);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_published_key), cmocka_unit_test(test_published_string),
                cmocka_unit_test(test_signature),     cmocka_unit_test(test_slot),
                cmocka_unit_test(test_whole_request),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
