/* SPDX-License-Identifier: Apache-2.0 */
/* From curl's codes to classes and words; what real servers make curl say is in test_faults.c and test_tls.c. */
#include "http/failure.h"

#include "../support/test.h"

static struct pail_http_request request;
static struct pail_http_failure failure;

static int set_up(void **state)
{
        (void)state;
        pail_http_request_init(&request);
        request.url = strdup("http://h.example:8080/b/k");
        failure = (struct pail_http_failure){ .easy = curl_easy_init(), .detail = "", .connect_ms = 10000 };
        return request.url && failure.easy ? 0 : -1;
}

static int tear_down(void **state)
{
        (void)state;
        curl_easy_cleanup(failure.easy);
        pail_http_request_done(&request);
        return 0;
}

static void check(CURLcode code, enum pail_error_class class, const char *words)
{
        failure.code = code;
        pail_http_failure_set(&request, &failure);
        assert_int_equal(request.error.class, class);
        assert_non_null(strstr(request.error.message, words));
        assert_non_null(strstr(request.error.message, "h.example:8080"));
}

static void test_classes(void **state)
{
        (void)state;
        check(CURLE_COULDNT_RESOLVE_HOST, PAIL_ERROR_RESOLVE, "was not resolved");
        check(CURLE_OPERATION_TIMEDOUT, PAIL_ERROR_TIMEOUT, "within 10000 ms");
        check(CURLE_OUT_OF_MEMORY, PAIL_ERROR_PROTOCOL, "does not answer as HTTP asks");
        check(CURLE_RECV_ERROR, PAIL_ERROR_TRANSFER, "broke");
        failure.is_connecting = true;
        check(CURLE_OUT_OF_MEMORY, PAIL_ERROR_SYSTEM, "the request to");
        check(CURLE_RECV_ERROR, PAIL_ERROR_CONNECT, "cannot connect to");
        check(CURLE_UNSUPPORTED_PROTOCOL, PAIL_ERROR_CONFIG, "cannot be made");
}

static void test_curls_words_are_added_and_name_the_reason(void **state)
{
        (void)state;
        failure.detail = "SSL certificate problem: certificate has expired";
        check(CURLE_PEER_FAILED_VERIFICATION, PAIL_ERROR_TLS, "certificate has expired");
        assert_int_equal(request.error.reason, PAIL_REASON_EXPIRED);
}

static void test_a_handshake_that_is_cut_is_a_matter_of_the_network(void **state)
{
        (void)state;
        failure.detail = "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection";
        check(CURLE_SSL_CONNECT_ERROR, PAIL_ERROR_CONNECT, "cannot connect to");
}

static void test_a_request_that_may_not_be_sent_again(void **state)
{
        (void)state;
        failure.is_resend_refused = true;
        check(CURLE_ABORTED_BY_CALLBACK, PAIL_ERROR_TRANSFER, "a kept connection ended before the answer");
}

static void test_cancelled_comes_first(void **state)
{
        (void)state;
        atomic_store(&request.link.is_cancelled, true);
        failure.code = CURLE_COULDNT_RESOLVE_HOST;
        pail_http_failure_set(&request, &failure);
        assert_int_equal(request.error.class, PAIL_ERROR_CANCELLED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_classes),
                TEST(test_curls_words_are_added_and_name_the_reason),
                TEST(test_a_handshake_that_is_cut_is_a_matter_of_the_network),
                TEST(test_a_request_that_may_not_be_sent_again),
                TEST(test_cancelled_comes_first),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
