/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/credentials/service.h"

#include "../../http/blackhole.h"
#include "../../support/alloc.h"
#include "../../support/test.h"
#include "pail/util/clock.h"
#include "script.h"

struct fixture {
        struct script *script;
        struct pail_service *service;
        struct pail_service_answer answer;
        struct pail_error error;
        char url[128];
};

static void set_up(struct fixture *fixture)
{
        *fixture = (struct fixture){ .script = script_new(), .error = PAIL_ERROR_INIT };
        snprintf(fixture->url, sizeof(fixture->url), "%s/path?a=b", script_url(fixture->script));
        assert_int_equal(pail_service_new(&(struct pail_service_options){ 0 }, &fixture->service), 0);
}

static void tear_down(struct fixture *fixture)
{
        pail_service_answer_done(&fixture->answer);
        pail_service_free(fixture->service);
        script_free(fixture->script);
}

static int ask(struct fixture *fixture, struct pail_service_request request)
{
        pail_service_answer_done(&fixture->answer);
        fixture->error = PAIL_ERROR_INIT;
        request.name = "the service";
        request.method = request.body ? "POST" : "GET";
        request.url = fixture->url;
        return pail_service_call(fixture->service, &request, &fixture->answer, &fixture->error);
}

static void test_exchange(void **state)
{
        struct fixture fixture;
        struct pail_http_headers headers = { 0 };

        (void)state;
        set_up(&fixture);
        assert_int_equal(pail_http_headers_add(&headers, "x-token", "secret"), 0);
        script_answer(fixture.script, "200 OK", "{}");
        script_answer(fixture.script, "403 No", "denied");
        script_answer(fixture.script, "204 Nothing", "");
        assert_int_equal(ask(&fixture, (struct pail_service_request){ .headers = &headers, .no_proxy = true }), 0);
        assert_int_equal(fixture.answer.status, 200);
        assert_string_equal(fixture.answer.body.data, "{}");
        const struct asked *asked = script_asked(fixture.script, 0);
        assert_string_equal(asked->seen.method, "GET");
        assert_string_equal(asked->seen.target, "/path?a=b");
        assert_string_equal(seen_header(&asked->seen, "X-Token"), "secret");
        assert_null(seen_header(&asked->seen, "Authorization"));
        assert_null(seen_header(&asked->seen, "Content-Type"));

        const struct pail_service_request post = { .body = "a=b&c", .body_length = 5, .content_type = "text/x" };
        assert_int_equal(ask(&fixture, post), 0);
        assert_int_equal(fixture.answer.status, 403);
        assert_string_equal(fixture.answer.body.data, "denied");
        asked = script_asked(fixture.script, 1);
        assert_string_equal(asked->seen.method, "POST");
        assert_string_equal(asked->body, "a=b&c");
        assert_string_equal(seen_header(&asked->seen, "Content-Type"), "text/x");

        assert_int_equal(ask(&fixture, (struct pail_service_request){ 0 }), 0);
        assert_string_equal(fixture.answer.body.data, "");
        pail_http_headers_done(&headers);
        tear_down(&fixture);
        pail_service_free(NULL);
}

static void test_signature(void **state)
{
        struct fixture fixture;
        char id[] = "AKID", secret[] = "s", token[] = "tok";
        const struct pail_credentials keys = { .access_key_id = id,
                                               .secret_access_key = secret,
                                               .session_token = token };
        const struct pail_service_request request = {
                .body = "x",
                .body_length = 1,
                .sign_as = &keys,
                .sign_region = "r-1",
                .sign_service = "sts",
                .attempts = 2,
        };

        (void)state;
        set_up(&fixture);
        script_answer(fixture.script, "500 Sorry", "");
        script_answer(fixture.script, "200 OK", "");
        assert_int_equal(ask(&fixture, request), 0);
        for (unsigned i = 0; i < 2; i++) {
                const struct asked *asked = script_asked(fixture.script, i);
                const char *authorization = seen_header(&asked->seen, "Authorization");
                assert_non_null(authorization);
                assert_non_null(strstr(authorization, "Credential=AKID/"));
                assert_non_null(strstr(authorization, "/r-1/sts/aws4_request"));
                assert_string_equal(seen_header(&asked->seen, "X-Amz-Security-Token"), "tok");
        }
        tear_down(&fixture);
}

static bool is_busy(int status, const char *body)
{
        return status == 400 && strcmp(body, "busy") == 0;
}

static void test_attempts(void **state)
{
        struct fixture fixture;
        const struct pail_service_request request = { .attempts = 3, .is_retryable = is_busy };

        (void)state;
        set_up(&fixture);
        script_answer(fixture.script, "429 Slow", "");
        script_answer(fixture.script, "400 Bad", "busy");
        script_answer(fixture.script, "200 OK", "1");
        assert_int_equal(ask(&fixture, request), 0);
        assert_string_equal(fixture.answer.body.data, "1");

        script_answer(fixture.script, "400 Bad", "other");
        assert_int_equal(ask(&fixture, request), 0);
        assert_int_equal(fixture.answer.status, 400);
        assert_int_equal(script_count(fixture.script), 4);

        script_answer(fixture.script, "", NULL);
        script_answer(fixture.script, "503 Sorry", "");
        script_answer(fixture.script, "500 Sorry", "last");
        assert_int_equal(ask(&fixture, request), 0);
        assert_int_equal(fixture.answer.status, 500);
        assert_string_equal(fixture.answer.body.data, "last");

        script_answer(fixture.script, "500 Sorry", "only");
        assert_int_equal(ask(&fixture, (struct pail_service_request){ 0 }), 0);
        assert_int_equal(fixture.answer.status, 500);
        assert_int_equal(script_count(fixture.script), 8);
        tear_down(&fixture);
}

static void test_no_answer(void **state)
{
        struct fixture fixture;

        (void)state;
        set_up(&fixture);
        for (unsigned i = 0; i < 2; i++)
                script_answer(fixture.script, "", NULL);
        assert_true(ask(&fixture, (struct pail_service_request){ .attempts = 2 }) < 0);
        assert_int_equal(fixture.error.class, PAIL_ERROR_TRANSFER);
        assert_non_null(strstr(fixture.error.message, "the service: "));
        assert_non_null(strstr(fixture.error.message, "127.0.0.1"));
        assert_int_equal(script_count(fixture.script), 2);

        snprintf(fixture.url, sizeof(fixture.url), "http://127.0.0.1:1/");
        assert_true(ask(&fixture, (struct pail_service_request){ 0 }) < 0);
        assert_int_equal(fixture.error.class, PAIL_ERROR_CONNECT);
        tear_down(&fixture);
}

static void test_timeout(void **state)
{
        struct fixture fixture;
        struct blackhole hole;

        (void)state;
        set_up(&fixture);
        blackhole_open(&hole);
        snprintf(fixture.url, sizeof(fixture.url), "http://127.0.0.1:%u/", hole.port);
        int64_t start_ms = pail_clock_monotonic_ms();
        assert_true(ask(&fixture, (struct pail_service_request){ .timeout_ms = 200, .attempts = 2 }) < 0);
        int64_t lasted_ms = pail_clock_monotonic_ms() - start_ms;
        assert_int_equal(fixture.error.class, PAIL_ERROR_TIMEOUT);
        assert_in_range(lasted_ms, 400, 5000);
        blackhole_close(&hole);
        tear_down(&fixture);
}

static void test_huge(void **state)
{
        struct fixture fixture;
        size_t size = PAIL_SERVICE_ANSWER_CAP;
        char *body = calloc(1, size + 2);

        (void)state;
        assert_non_null(body);
        set_up(&fixture);
        memset(body, 'x', size);
        script_answer(fixture.script, "200 OK", body);
        assert_int_equal(ask(&fixture, (struct pail_service_request){ 0 }), 0);
        assert_int_equal(fixture.answer.body.length, size);
        body[size] = 'x';
        script_answer(fixture.script, "200 OK", body);
        assert_true(ask(&fixture, (struct pail_service_request){ 0 }) < 0);
        assert_int_equal(fixture.error.class, PAIL_ERROR_PROTOCOL);
        script_answer(fixture.script, "400 Bad", body);
        assert_int_equal(ask(&fixture, (struct pail_service_request){ 0 }), 0);
        assert_int_equal(fixture.answer.status, 400);
        free(body);
        tear_down(&fixture);
}

static void test_ca_bundle(void **state)
{
        const struct pail_service_options options = { .ca_bundle = "/nonexistent/ca.pem" };
        struct fixture fixture;

        (void)state;
        set_up(&fixture);
        pail_service_free(fixture.service);
        assert_int_equal(pail_service_new(&options, &fixture.service), 0);
        assert_int_equal(ask(&fixture, (struct pail_service_request){ 0 }), -EIO);
        assert_int_equal(fixture.error.class, PAIL_ERROR_CONFIG);
        assert_int_equal(script_count(fixture.script), 0);
        tear_down(&fixture);
}

static int make(void *context)
{
        struct pail_service *service = NULL;
        int r = pail_service_new(context, &service);

        pail_service_free(service);
        return r;
}

static void test_memory(void **state)
{
        struct pail_service_options options = { .ca_bundle = "x" };

        (void)state;
        assert_true(test_alloc_each(make, &options) >= 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_exchange),  cmocka_unit_test(test_signature), cmocka_unit_test(test_attempts),
                cmocka_unit_test(test_no_answer), cmocka_unit_test(test_timeout),   cmocka_unit_test(test_huge),
                cmocka_unit_test(test_ca_bundle), cmocka_unit_test(test_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
