/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a call: what is sent, what is tried again, and how it ends. */
#include "../fixture.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "s3/call/call.h"

#define HEAD_OK ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 0\r\n", "")

static int head(struct fixture *f, struct pail_error *error)
{
        struct pail_s3_object_metadata metadata = { 0 };
        *error = PAIL_ERROR_INIT;
        int r = pail_s3_head_object(f->client, "bucket", "a key/\xc3\xbc+%", &metadata, error);
        if (r >= 0)
                pail_s3_object_metadata_done(&metadata);
        return r;
}

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

static void test_what_is_sent(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, HEAD_OK, NULL);
        assert_int_equal(head(f, &error), 0);
        assert_string_equal(f->requests[0].head.method, "HEAD");
        assert_string_equal(f->requests[0].head.target, "/bucket/a%20key/%C3%BC%2B%25");
        assert_string_equal(sent(f, 0, "amz-sdk-request"), "attempt=1");
        assert_int_equal(strlen(sent(f, 0, "amz-sdk-invocation-id")), 36);
        assert_non_null(strstr(sent(f, 0, "Authorization"), "Credential=AKID/"));
        assert_null(strstr(f->requests[0].head.head, "secret"));
        assert_int_equal(f->trace_count, 1);
        assert_string_equal(f->traces[0].operation, "HeadObject");
        assert_string_equal(f->traces[0].path, "/bucket/a%20key/%C3%BC%2B%25");
        assert_int_equal(f->traces[0].status, 200);
        assert_false(f->traces[0].failed);
}

static void test_attempts_share_an_id(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .max_attempts = 5 });
        fixture_answers(f, ANSWER_CLOSE, ERROR("503 Slow", "SlowDown"), ANSWER("500 Oops", "", ""), HEAD_OK, NULL);
        assert_int_equal(head(f, &error), 0);
        assert_int_equal(fixture_requests(f), 4);
        char id[64];
        snprintf(id, sizeof(id), "%s", sent(f, 0, "amz-sdk-invocation-id"));
        for (unsigned i = 0; i < 4; i++) {
                char expected[32];
                snprintf(expected, sizeof(expected), "attempt=%u; max=5", i + 1);
                assert_string_equal(sent(f, i, "amz-sdk-request"), expected);
                assert_string_equal(sent(f, i, "amz-sdk-invocation-id"), id);
        }
        assert_int_equal(f->trace_count, 4);
        assert_int_equal(f->traces[0].status, 0);
        assert_int_equal(f->traces[1].status, 503);
        assert_int_equal(f->traces[3].attempt, 4);
        assert_true(f->traces[2].failed);
}

static void test_attempts_end(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .max_attempts = 3 });
        fixture_answers(f, ANSWER("500 Oops", "x-amz-request-id: R7\r\n", ""), NULL);
        assert_int_equal(head(f, &error), -ETIMEDOUT);
        assert_int_equal(fixture_requests(f), 3);
        assert_string_equal(error.request_id, "R7");
        assert_string_equal(error.code, "InternalError");
        assert_string_equal(f->traces[0].request_id, "R7");
}

static void test_patience_ends(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 600 });
        fixture_answers(f, ANSWER_SILENCE, NULL);
        int64_t before = pail_clock_monotonic_ms();
        assert_int_equal(head(f, &error), -ETIMEDOUT);
        assert_in_range(pail_clock_monotonic_ms() - before, 400, 5000);
        fixture_answers(f, ANSWER("500 Oops", "", ""), NULL);
        before = pail_clock_monotonic_ms();
        assert_int_equal(head(f, &error), -ETIMEDOUT);
        assert_in_range(pail_clock_monotonic_ms() - before, 0, 3000);
        assert_true(fixture_requests(f) > 1);
}

static void test_refusals_are_final(void **state)
{
        struct fixture *f = *state;
        static const struct {
                const char *answer;
                int expected;
                const char *code;
                unsigned requests;
        } cases[] = {
                { ANSWER("404 Not Found", XML, ""), -ENOENT, "NoSuchKey", 1 },
                { ANSWER("403 Forbidden", XML, ""), -EACCES, "AccessDenied", 2 }, /* a GET for the reason */
                { ANSWER("412 Precondition Failed", XML, ""), -ESTALE, "PreconditionFailed", 1 },
                { ANSWER("405 Method Not Allowed", XML, ""), -EPERM, "MethodNotAllowed", 1 },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_error error;
                fixture_answers(f, cases[i].answer, NULL);
                assert_int_equal(head(f, &error), cases[i].expected);
                assert_int_equal(fixture_requests(f), cases[i].requests);
                assert_int_equal(error.class, PAIL_ERROR_SERVICE);
                assert_string_equal(error.code, cases[i].code);
        }
}

static int list(struct fixture *f, struct pail_error *error)
{
        struct pail_s3_page page = { 0 };
        *error = PAIL_ERROR_INIT;
        int r = pail_s3_list_objects_v2(f->client, &(struct pail_s3_list_input){ .bucket = "bucket" }, &page, error);
        if (r >= 0)
                pail_s3_page_done(&page);
        return r;
}

#define LIST(inner) ANSWER("200 OK", XML, "<ListBucketResult>" inner "</ListBucketResult>")

static void test_words(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, ERROR("403 Forbidden", "AccessDenied"), NULL);
        assert_int_equal(list(f, &error), -EACCES);
        assert_string_equal(error.message, "access denied [AccessDenied] (ListObjectsV2 of s3://bucket)");
        fixture_answers(f, ANSWER("400 Bad", XML, "<Error><Code>Odd</Code><Message>Very odd</Message></Error>"), NULL);
        assert_int_equal(list(f, &error), -EINVAL);
        assert_string_equal(error.message, "Very odd [Odd] (ListObjectsV2 of s3://bucket)");
        fixture_answers(f, ANSWER("403 Bad", XML, "<Error><Code>AccessDenied</Code><Message>By KMS</Message></Error>"),
                        NULL);
        assert_int_equal(list(f, &error), -EACCES);
        assert_string_equal(error.message,
                            "access denied: the server says: By KMS [AccessDenied] (ListObjectsV2 of s3://bucket)");
        fixture_answers(f, ANSWER("418 Teapot", XML "x-amz-request-id: R\r\n", ""), NULL);
        assert_int_equal(list(f, &error), -EIO);
        assert_string_equal(error.message, "the server answered with status 418 (ListObjectsV2 of s3://bucket)");
}

static void test_no_s3(void **state)
{
        struct fixture *f = *state;
        static const struct {
                const char *answer, *words;
        } cases[] = {
                { ANSWER("200 OK", "Content-Type: text/html\r\n", "<!DOCTYPE html><html>It works</html>"),
                  "it answered 200 with text/html" },
                { ANSWER("404 Not Found", "Content-Type: text/html\r\n", "<html>No</html>"),
                  "it answered 404 with text/html" },
                { ANSWER("403 Forbidden", "Content-Type: text/plain\r\n", "No"), "it answered 403 with text/plain" },
                { ANSWER("200 OK", "Content-Type: application/json\r\n", "{}"),
                  "it answered 200 with application/json" },
                { ANSWER("200 OK", XML, "<rss></rss>"), "it answered 200 with application/xml" },
                { ANSWER("302 Found", "Location: https://elsewhere/\r\n", ""), "a redirection to https://elsewhere/" },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_error error;
                fixture_answers(f, cases[i].answer, NULL);
                assert_int_equal(list(f, &error), -EPROTO);
                assert_int_equal(fixture_requests(f), 1);
                assert_int_equal(error.class, PAIL_ERROR_PROTOCOL);
                assert_non_null(strstr(error.message, "does not speak S3"));
                assert_non_null(strstr(error.message, cases[i].words));
        }
        struct pail_error error = PAIL_ERROR_INIT;
        fixture_answers(f, ANSWER("200 OK", "Content-Type: text/html\r\n", "<html></html>"), NULL);
        assert_int_equal(pail_s3_head_bucket(f->client, "bucket", &error), -EPROTO);
        assert_int_equal(pail_s3_delete_object(f->client, "bucket", "k", &error), -EPROTO);
}

static void test_unreadable_answers(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        static const char *const unreadable[] = {
                ANSWER("200 OK", XML, "<ListBucketResult><Contents>"),
                ANSWER("200 OK", XML, ""),
                ANSWER("200 OK", XML, " \r\n  "),
                LIST("<Contents><Key>a</Key><Size>-1</Size></Contents>"),
                ANSWER("200 OK", XML, "<!DOCTYPE x><ListBucketResult></ListBucketResult>"),
        };
        for (size_t i = 0; i < TEST_COUNT(unreadable); i++) {
                fixture_answers(f, unreadable[i], LIST("<IsTruncated>false</IsTruncated>"), NULL);
                int r = list(f, &error);
                assert_int_equal(r, i == 4 ? -EPROTO : 0); /* a DOCTYPE is what web pages begin with */
                fixture_answers(f, unreadable[i], NULL);
                assert_int_equal(list(f, &error), -EPROTO);
                assert_int_equal(fixture_requests(f), i == 4 ? 1 : 3);
        }
}

static void test_errors_with_status_200(void **state)
{
        struct fixture *f = *state;
        char etag[PAIL_S3_ETAG_SIZE];
        const struct pail_s3_copy_input input = { .bucket = "b", .key = "k", .source_bucket = "b", .source_key = "s" };
        struct pail_error error = PAIL_ERROR_INIT;
        fixture_answers(f, ERROR("200 OK", "InternalError"), ERROR("200 OK", "SlowDown"), ERROR("200 OK", "Unheard"),
                        ANSWER("200 OK", XML, "  \n <?xml version=\"1.0\"?><CopyObjectResult></CopyObjectResult>"),
                        ANSWER("200 OK", XML, "<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>"), NULL);
        assert_int_equal(pail_s3_copy_object(f->client, &input, etag, &error), 0);
        assert_string_equal(etag, "e");
        assert_int_equal(fixture_requests(f), 5);
        fixture_answers(f, ERROR("200 OK", "AccessDenied"), NULL);
        assert_int_equal(pail_s3_copy_object(f->client, &input, etag, &error), -EACCES);
        assert_int_equal(fixture_requests(f), 1);
}

static void test_endless_body(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, ANSWER_ENDLESS, NULL);
        assert_int_equal(list(f, &error), -EPROTO);
        assert_non_null(strstr(error.message, "without end"));
        assert_int_equal(fixture_requests(f), 1);
}

static void test_region_is_followed_once(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, ANSWER("301 Moved", XML "x-amz-bucket-region: eu-west-1\r\n", ""), HEAD_OK, NULL);
        assert_int_equal(head(f, &error), 0);
        assert_non_null(strstr(sent(f, 0, "Authorization"), "/us-east-1/s3/"));
        assert_non_null(strstr(sent(f, 1, "Authorization"), "/eu-west-1/s3/"));

        /* It is remembered for this bucket, and for no other. */
        fixture_answers(f, HEAD_OK, NULL);
        assert_int_equal(head(f, &error), 0);
        assert_non_null(strstr(sent(f, 0, "Authorization"), "/eu-west-1/s3/"));
        fixture_answers(f, ANSWER("204 No", "", ""), NULL);
        assert_int_equal(pail_s3_delete_object(f->client, "other", "k", &error), 0);
        assert_non_null(strstr(sent(f, 0, "Authorization"), "/us-east-1/s3/"));

        fixture_answers(f, ANSWER("400 Bad", XML "x-amz-bucket-region: eu-west-2\r\n", ""), NULL);
        assert_int_equal(head(f, &error), -EIO);
        assert_int_equal(fixture_requests(f), 3); /* the third a GET, for the reason */
        fixture_answers(f,
                        ANSWER("400 Bad", XML,
                               "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-3</Region></Error>"),
                        LIST(""), NULL);
        assert_int_equal(list(f, &error), 0);
        assert_non_null(strstr(sent(f, 1, "Authorization"), "/eu-west-3/s3/"));
}

static void test_clock_is_corrected(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, ANSWER("403 Forbidden", XML "Date: Sun, 06 Nov 2044 08:49:37 GMT\r\n", ""), HEAD_OK, NULL);
        assert_int_equal(head(f, &error), 0);
        assert_memory_equal(sent(f, 1, "X-Amz-Date"), "20441106T0849", 13);
        assert_true(pail_session_clock_offset_s(f->session) > 1000000);

        /* A refusal that has nothing to do with it stays one, at once. */
        fixture_answers(f, ANSWER("403 Forbidden", XML "Date: Sun, 06 Nov 2044 08:49:37 GMT\r\n", ""), NULL);
        assert_int_equal(head(f, &error), -EACCES);
        assert_int_equal(fixture_requests(f), 2); /* the second a GET, for the reason */
        fixture_answers(f,
                        ANSWER("403 Forbidden", XML "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
                               "<Error><Code>RequestTimeTooSkewed</Code></Error>"),
                        NULL);
        assert_int_equal(list(f, &error), -EACCES);
        assert_int_equal(fixture_requests(f), 2);
        assert_non_null(strstr(error.message, "the clock of this machine"));
}

struct ended {
        struct gate gate;
        struct pail_error error;
};

static void on_done(void *context, const struct pail_error *error)
{
        struct ended *ended = context;
        ended->error = error ? *error : PAIL_ERROR_INIT;
        gate_open(&ended->gate);
}

static int drop(void *context, const void *data, size_t size)
{
        (void)context;
        (void)data;
        (void)size;
        return 0;
}

static struct pail_s3_call *start_get(struct fixture *f, struct ended *ended)
{
        static const struct pail_s3_get_sink sink = { .on_body = drop };
        const struct pail_s3_get_input input = { .bucket = "b", .key = "k", .priority = PAIL_HTTP_PRIORITY_BACKGROUND };
        struct pail_s3_call *call = NULL;
        *ended = (struct ended){ .gate = GATE_INIT };
        assert_int_equal(pail_s3_get_object_start(f->client, &input, &sink, NULL, on_done, ended, &call, NULL), 0);
        return call;
}

static void test_cancel_while_it_waits(void **state)
{
        struct fixture *f = *state;
        struct ended ended;
        fixture_answers(f, ANSWER_SILENCE, NULL);
        unsigned before = gate_count(&f->arrived);
        struct pail_s3_call *call = start_get(f, &ended);
        gate_wait(&f->arrived, before + 1);
        pail_s3_call_raise(call);
        pail_s3_call_cancel(call);
        pail_s3_call_cancel(call);
        gate_wait(&ended.gate, 1);
        assert_int_equal(ended.error.class, PAIL_ERROR_CANCELLED);
        assert_int_equal(pail_s3_call_wait(call, NULL), -EINTR);
        pail_s3_call_cancel(call);
        pail_s3_call_unref(call);
        assert_int_equal(gate_count(&ended.gate), 1);
}

/* Between two attempts, while it sleeps. */
static void test_cancel_between_attempts(void **state)
{
        struct fixture *f = *state;
        struct ended ended;
        fixture_answers(f, ANSWER("503 Slow", "x-amz-retry-after: 60000\r\n", ""), NULL);
        struct pail_s3_call *call = start_get(f, &ended);
        while (fixture_requests(f) == 0)
                sleep_ms(1);
        sleep_ms(50);
        pail_s3_call_cancel(call);
        gate_wait(&ended.gate, 1);
        assert_int_equal(ended.error.class, PAIL_ERROR_CANCELLED);
        pail_s3_call_unref(call);
        pail_s3_client_drain(f->client);
}

/* The caller's reference may go first. */
static void test_unref_at_once(void **state)
{
        struct fixture *f = *state;
        struct ended ended;
        fixture_answers(f, ANSWER("200 OK", "ETag: \"e\"\r\n", "x"), NULL);
        pail_s3_call_unref(start_get(f, &ended));
        pail_s3_client_drain(f->client);
        assert_int_equal(gate_count(&ended.gate), 1);
        assert_int_equal(ended.error.class, PAIL_ERROR_NONE);
}

/* Many calls, cancelled at any moment: each ends once. */
static void test_cancel_at_any_moment(void **state)
{
        struct fixture *f = *state;
        enum { CALLS = 30 };
        static struct ended ended[CALLS];
        fixture_answers(f, ANSWER("500 Oops", "", ""), NULL);
        struct pail_s3_call *calls[CALLS];
        for (int round = 0; round < CALLS; round++) {
                fixture_answers(f, ANSWER("500 Oops", "", ""), NULL);
                calls[round] = start_get(f, &ended[round]);
                sleep_ms(round % 7);
                pail_s3_call_cancel(calls[round]);
                gate_wait(&ended[round].gate, 1);
                assert_int_equal(ended[round].error.class, PAIL_ERROR_CANCELLED);
                pail_s3_call_unref(calls[round]);
        }
}

static bool is_set(void *context)
{
        struct fixture *f = context;
        return fixture_requests(f) > 0;
}

static void test_interrupted_read(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        const struct pail_interrupt interrupt = { .is_set = is_set, .context = f };
        fixture_answers(f, ANSWER_SILENCE, NULL);
        pail_interrupt_install(&interrupt);
        assert_int_equal(head(f, &error), -EINTR);
        assert_int_equal(error.class, PAIL_ERROR_CANCELLED);

        /* A change is not half done: it goes on to its end. */
        fixture_answers(f, ERROR("503 Slow", "SlowDown"), ANSWER("204 No", "", ""), NULL);
        assert_int_equal(pail_s3_delete_object(f->client, "b", "k", &error), 0);
        pail_interrupt_install(NULL);
        assert_int_equal(fixture_requests(f), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_what_is_sent),
                TEST(test_attempts_share_an_id),
                TEST(test_attempts_end),
                TEST(test_patience_ends),
                TEST(test_refusals_are_final),
                TEST(test_words),
                TEST(test_no_s3),
                TEST(test_unreadable_answers),
                TEST(test_errors_with_status_200),
                TEST(test_endless_body),
                TEST(test_region_is_followed_once),
                TEST(test_clock_is_corrected),
                TEST(test_cancel_while_it_waits),
                TEST(test_cancel_between_attempts),
                TEST(test_unref_at_once),
                TEST(test_cancel_at_any_moment),
                TEST(test_interrupted_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
