/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The examples of "Signature Calculations for the Authorization Header" in the Amazon S3 API reference, each stage of them, and
 * what signing does to a request.
 */
#include "pail/aws/sigv4.h"

#include "../../support/alloc.h"
#include "../../support/test.h"
#include "aws/signing/sigv4_canonical.h"
#include "aws/signing/sigv4_key.h"
#include "pail/util/str.h"

#define EXAMPLE_ID "AKIAIOSFODNN7EXAMPLE"
#define EXAMPLE_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define EXAMPLE_HOST "examplebucket.s3.amazonaws.com"
#define EXAMPLE_DATE "20130524T000000Z"
#define WELCOME_SHA256 "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"

static const struct pail_sigv4_scope example_scope = { 1369353600, "us-east-1", "s3" };

static const struct {
        const char *method, *path, *query, *payload_hash;
        const char *headers[12]; /* besides host, x-amz-date and x-amz-content-sha256 */
        const char *canonical_sha256, *signature;
} examples[] = {
        { "GET",
          "/test.txt",
          "",
          PAIL_SIGV4_EMPTY_SHA256,
          { "Range", "bytes=0-9" },
          "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
          "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
        { "PUT",
          "/test%24file.text",
          "",
          WELCOME_SHA256,
          { "Date", "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class", "REDUCED_REDUNDANCY" },
          "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d",
          "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd" },
        { "GET",
          "/",
          "lifecycle",
          PAIL_SIGV4_EMPTY_SHA256,
          { NULL },
          "9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca",
          "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
        { "GET",
          "/",
          "max-keys=2&prefix=J",
          PAIL_SIGV4_EMPTY_SHA256,
          { NULL },
          "df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7",
          "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
};

static void test_published_examples(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(examples); i++) {
                struct pail_http_headers headers = { 0 };
                struct pail_buf canonical, names, string;
                char expected[256], signature[65];

                for (const char *const *pair = examples[i].headers; *pair; pair += 2)
                        assert_int_equal(pail_http_headers_add(&headers, pair[0], pair[1]), 0);
                assert_int_equal(pail_http_headers_add(&headers, "Host", EXAMPLE_HOST), 0);
                assert_int_equal(pail_http_headers_add(&headers, "x-amz-date", EXAMPLE_DATE), 0);
                assert_int_equal(pail_http_headers_add(&headers, "x-amz-content-sha256", examples[i].payload_hash), 0);
                pail_buf_init(&canonical, 4096);
                pail_buf_init(&names, 4096);
                pail_buf_init(&string, 4096);
                assert_int_equal(pail_sigv4_canonical_request(examples[i].method, examples[i].path, examples[i].query,
                                                              &headers, examples[i].payload_hash, &canonical, &names),
                                 0);
                assert_int_equal(
                        pail_sigv4_canonical_string_to_sign(&example_scope, canonical.data, canonical.length, &string),
                        0);
                snprintf(expected, sizeof(expected),
                         "AWS4-HMAC-SHA256\n" EXAMPLE_DATE "\n20130524/us-east-1/s3/aws4_request\n%s",
                         examples[i].canonical_sha256);
                assert_string_equal(string.data, expected);
                assert_int_equal(pail_sigv4_key_sign(NULL, EXAMPLE_SECRET, &example_scope, string.data, string.length,
                                                     signature),
                                 0);
                assert_string_equal(signature, examples[i].signature);
                pail_buf_done(&canonical);
                pail_buf_done(&names);
                pail_buf_done(&string);
                pail_http_headers_done(&headers);
        }
}

static char example_id[] = EXAMPLE_ID, example_secret[] = EXAMPLE_SECRET, example_token[] = "TOKEN/+=";
static const struct pail_credentials example = { .access_key_id = example_id, .secret_access_key = example_secret };
static const struct pail_credentials example_session = { .access_key_id = example_id,
                                                         .secret_access_key = example_secret,
                                                         .session_token = example_token };

static void make_request(struct pail_http_request *request, const char *method, const char *url)
{
        pail_http_request_init(request);
        assert_int_equal(pail_str_dup(method, &request->method), 0);
        assert_int_equal(pail_str_dup(url, &request->url), 0);
}

static const char *get(const struct pail_http_request *request, const char *name)
{
        return pail_http_headers_get(&request->headers, name);
}

static void test_whole_request(void **state)
{
        struct pail_http_request request;
        struct pail_error error = PAIL_ERROR_INIT;

        (void)state;
        make_request(&request, "GET", "https://" EXAMPLE_HOST "/?prefix=J&max-keys=2");
        assert_int_equal(pail_http_headers_add(&request.headers, "Range", "bytes=0-9"), 0); /* not signed */
        assert_int_equal(pail_sigv4_sign(&request, &example, &example_scope, PAIL_SIGV4_EMPTY_SHA256, NULL, &error), 0);
        assert_string_equal(get(&request, "Authorization"),
                            "AWS4-HMAC-SHA256 Credential=" EXAMPLE_ID "/20130524/us-east-1/s3/aws4_request, "
                            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
                            "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
        assert_string_equal(get(&request, "Host"), EXAMPLE_HOST);
        assert_string_equal(get(&request, "X-Amz-Date"), EXAMPLE_DATE);
        assert_string_equal(get(&request, "X-Amz-Content-Sha256"), PAIL_SIGV4_EMPTY_SHA256);
        assert_null(get(&request, "X-Amz-Security-Token"));
        assert_int_equal(request.headers.count, 5);
        pail_http_request_done(&request);
}

static void test_signed_headers(void **state)
{
        struct pail_http_request request;
        struct pail_error error = PAIL_ERROR_INIT;

        (void)state;
        make_request(&request, "PUT", "http://h:8000/k");
        pail_http_headers_add(&request.headers, "x-amz-meta-z", "1");
        pail_http_headers_add(&request.headers, "CONTENT-TYPE", "text/plain");
        pail_http_headers_add(&request.headers, "Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==");
        pail_http_headers_add(&request.headers, "If-Match", "\"e\"");
        pail_http_headers_add(&request.headers, "Expect", "100-continue");
        pail_http_headers_add(&request.headers, "User-Agent", "u");
        assert_int_equal(
                pail_sigv4_sign(&request, &example_session, &example_scope, PAIL_SIGV4_UNSIGNED_PAYLOAD, NULL, &error),
                0);
        assert_non_null(strstr(get(&request, "Authorization"),
                               ", SignedHeaders=content-md5;content-type;host;x-amz-content-sha256;x-amz-date;"
                               "x-amz-meta-z;x-amz-security-token, "));
        assert_string_equal(get(&request, "X-Amz-Security-Token"), "TOKEN/+=");
        assert_string_equal(get(&request, "Host"), "h:8000");
        pail_http_request_done(&request);
}

static void test_signed_again(void **state)
{
        const struct pail_sigv4_scope later = { example_scope.time + 3600, "eu-west-1", "s3" };
        struct pail_http_request request;
        struct pail_error error = PAIL_ERROR_INIT;
        char first[512];

        (void)state;
        make_request(&request, "GET", "https://" EXAMPLE_HOST "/?lifecycle");
        assert_int_equal(pail_sigv4_sign(&request, &example_session, &later, PAIL_SIGV4_UNSIGNED_PAYLOAD, NULL, &error),
                         0);
        snprintf(first, sizeof(first), "%s", get(&request, "Authorization"));
        /* Other credentials, time, region and payload: what is left is as if it were the first time. */
        assert_int_equal(pail_sigv4_sign(&request, &example, &example_scope, PAIL_SIGV4_EMPTY_SHA256, NULL, &error), 0);
        assert_non_null(strstr(get(&request, "Authorization"),
                               "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
        assert_int_equal(request.headers.count, 4);
        assert_int_equal(pail_sigv4_sign(&request, &example_session, &later, PAIL_SIGV4_UNSIGNED_PAYLOAD, NULL, &error),
                         0);
        assert_string_equal(get(&request, "Authorization"), first);
        pail_http_request_done(&request);
}

static void test_anonymous(void **state)
{
        const struct pail_credentials nobody = { 0 };
        struct pail_http_request request;
        struct pail_error error = PAIL_ERROR_INIT;

        (void)state;
        make_request(&request, "GET", "https://" EXAMPLE_HOST "/k");
        assert_int_equal(
                pail_sigv4_sign(&request, &example_session, &example_scope, PAIL_SIGV4_EMPTY_SHA256, NULL, &error), 0);
        assert_int_equal(pail_sigv4_sign(&request, &nobody, &example_scope, PAIL_SIGV4_EMPTY_SHA256, NULL, &error), 0);
        assert_int_equal(request.headers.count, 1);
        assert_string_equal(get(&request, "Host"), EXAMPLE_HOST);
        pail_http_request_done(&request);
}

static void test_refused(void **state)
{
        char broken_token[] = "secret\r\nX: y";
        const struct pail_credentials broken = { .access_key_id = example_id,
                                                 .secret_access_key = example_secret,
                                                 .session_token = broken_token,
                                                 .provider = "env" };
        static const char *const urls[] = { "ftp://h/k",
                                            "https://h/a b",
                                            "https://h/k?a b",
                                            "https://u:secret@h/k",
                                            "https://h/\xc3\xbc",
                                            "https://h/k#f",
                                            "/k" };
        struct pail_http_request request;
        struct pail_error error = PAIL_ERROR_INIT;

        (void)state;
        make_request(&request, "GET", "https://h/k");
        assert_int_equal(pail_sigv4_sign(&request, &broken, &example_scope, PAIL_SIGV4_EMPTY_SHA256, NULL, &error),
                         -EINVAL);
        assert_int_equal(error.class, PAIL_ERROR_CREDENTIALS);
        assert_string_equal(error.message,
                            "the credentials from env cannot be sent: there is a line break in one of them");
        pail_http_request_done(&request);

        for (size_t i = 0; i < TEST_COUNT(urls); i++) {
                make_request(&request, "GET", urls[i]);
                assert_int_equal(
                        pail_sigv4_sign(&request, &example, &example_scope, PAIL_SIGV4_EMPTY_SHA256, NULL, &error),
                        -EINVAL);
                assert_int_equal(error.class, PAIL_ERROR_CONFIG);
                assert_null(strstr(error.message, "secret"));
                assert_null(get(&request, "Authorization"));
                pail_http_request_done(&request);
        }
}

static int sign_once(void *context)
{
        struct pail_http_request *request = context;
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_sigv4_key_cache *cache = NULL;
        int r = pail_sigv4_key_cache_new(&cache);

        if (r == 0)
                r = pail_sigv4_sign(request, &example_session, &example_scope, PAIL_SIGV4_EMPTY_SHA256, cache, &error);
        pail_sigv4_key_cache_free(cache);
        return r;
}

static void test_out_of_memory(void **state)
{
        struct pail_http_request request;

        (void)state;
        make_request(&request, "GET", "https://h/k?a=b");
        assert_true(test_alloc_each(sign_once, &request) > 15);
        pail_http_request_done(&request);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_published_examples), cmocka_unit_test(test_whole_request),
                cmocka_unit_test(test_signed_headers),     cmocka_unit_test(test_signed_again),
                cmocka_unit_test(test_anonymous),          cmocka_unit_test(test_refused),
                cmocka_unit_test(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
