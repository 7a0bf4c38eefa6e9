/* SPDX-License-Identifier: Apache-2.0 */
/* One session, one retry state and one key cache under many threads: what ThreadSanitizer watches. */
#include <pthread.h>

#include "../support/test.h"
#include "pail/aws/retry.h"
#include "pail/aws/session.h"
#include "pail/aws/sigv4.h"
#include "pail/util/str.h"

enum { THREADS = 8, ROUNDS = 500 };

struct shared {
        struct pail_session *session;
        struct pail_retry *retry;
        struct pail_sigv4_key_cache *cache;
};

static int sign_one(const struct shared *shared, const struct pail_credentials *credentials, unsigned round)
{
        const struct pail_sigv4_scope scope = { .time = 1369353600 + (time_t)(round % 20) * 86400,
                                                .region = "us-east-1",
                                                .service = "s3" };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_http_request request;

        pail_http_request_init(&request);
        int r = pail_str_dup("GET", &request.method);
        if (r == 0)
                r = pail_str_dup("https://h/key?a=b", &request.url);
        if (r == 0)
                r = pail_sigv4_sign(&request, credentials, &scope, PAIL_SIGV4_EMPTY_SHA256, shared->cache, &error);
        if (r == 0 && !pail_http_headers_get(&request.headers, "Authorization"))
                r = -EINVAL;
        pail_http_request_done(&request);
        return r;
}

static void *work(void *argument)
{
        const struct pail_error throttled = {
                .class = PAIL_ERROR_SERVICE, .http_status = 503, .code = "SlowDown", .retry_after_ms = -1
        };
        const struct shared *shared = argument;
        struct pail_error error = PAIL_ERROR_INIT;
        intptr_t failures = 0;

        for (unsigned round = 0; round < ROUNDS; round++) {
                struct pail_credentials frozen = { 0 };
                int64_t delay_ms = -1;

                if (pail_session_peek_credentials(shared->session, &frozen, &error) == -EAGAIN)
                        failures += pail_session_get_credentials(shared->session, INT64_MAX, &frozen, &error) != 0;
                failures += !pail_str_equal(frozen.access_key_id, "ID");
                failures += sign_one(shared, &frozen, round) != 0;
                pail_credentials_done(&frozen);
                pail_session_set_clock_offset_s(shared->session, round);
                failures += pail_session_clock_offset_s(shared->session) >= ROUNDS;
                if (pail_retry_decide(shared->retry, &throttled, 1, true, INT64_MAX, &delay_ms) != PAIL_RETRY_LATER)
                        failures++;
                failures += delay_ms < 0 || delay_ms > 5000;
                pail_retry_succeeded(shared->retry, &throttled);
        }
        return (void *)failures;
}

static void test_threads(void **state)
{
        const struct pail_session_options options = { .config_file = "/dev/null",
                                                      .credentials_file = "/dev/null",
                                                      .access_key_id = "ID",
                                                      .secret_access_key = "secret" };
        const struct pail_retry_options retry_options = { .seed = 1 };
        struct pail_error error = PAIL_ERROR_INIT;
        struct shared shared = { 0 };
        pthread_t threads[THREADS];

        (void)state;
        assert_int_equal(pail_session_new(&options, &shared.session, &error), 0);
        assert_int_equal(pail_retry_new(&retry_options, &shared.retry), 0);
        assert_int_equal(pail_sigv4_key_cache_new(&shared.cache), 0);
        for (unsigned i = 0; i < THREADS; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, work, &shared), 0);
        for (unsigned i = 0; i < THREADS; i++) {
                void *failures = NULL;
                pthread_join(threads[i], &failures);
                assert_null(failures);
        }
        pail_sigv4_key_cache_free(shared.cache);
        pail_retry_free(shared.retry);
        pail_session_free(shared.session);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_threads) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
