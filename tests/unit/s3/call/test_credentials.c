/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls whose credentials are missing for a while, or too old for the server. The session's answers are scripted: the linker puts the
 * functions below in the place of its own.
 */
#include <stdatomic.h>

#include "../fixture.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "s3/call/call.h"

#define HEAD_OK ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 0\r\n", "")
#define HEAD_400 ANSWER("400 Bad Request", "x-amz-request-id: R\r\n", "")
#define BYTE ANSWER("206 Partial", "ETag: \"e\"\r\nContent-Range: bytes 0-0/5\r\n", "x")
#define SLOW ERROR("503 Slow", "SlowDown")

int __wrap_pail_session_get_credentials(struct pail_session *session, int64_t deadline_ms,
                                        struct pail_credentials *ret_frozen, struct pail_error *ret_error);
int __wrap_pail_session_peek_credentials(struct pail_session *session, struct pail_credentials *ret_frozen,
                                         struct pail_error *ret_error);
bool __wrap_pail_session_refuse_credentials(struct pail_session *session, const struct pail_credentials *refused,
                                            enum pail_refusal refusal);
int __wrap_pail_session_peek_others(struct pail_session *session, const struct pail_credentials *refused,
                                    struct pail_credentials *ret_frozen, struct pail_error *ret_error);

static struct {
        _Atomic int64_t deadline_ms; /* of the last get */
        atomic_int peek_result;      /* what peek says instead of handing them out */
        atomic_uint asked, peeks, refusals;
        atomic_uint refusal;    /* the kind of the last one */
        atomic_bool has_others; /* what refuse says */
        atomic_bool has_none;   /* it turns out that there are no others */
        atomic_bool lasting;    /* keys without a token */
} session;

static int hand_out(struct pail_credentials *ret_frozen)
{
        char token[32];
        snprintf(token, sizeof(token), "token%u", session.refusals);
        assert_int_equal(pail_str_dup("AKID", &ret_frozen->access_key_id), 0);
        assert_int_equal(pail_str_dup("secret", &ret_frozen->secret_access_key), 0);
        return session.lasting ? 0 : pail_str_dup(token, &ret_frozen->session_token);
}

int __wrap_pail_session_get_credentials(struct pail_session *unused, int64_t deadline_ms,
                                        struct pail_credentials *ret_frozen, struct pail_error *ret_error)
{
        (void)unused, (void)ret_error;
        session.asked++;
        session.deadline_ms = deadline_ms;
        return hand_out(ret_frozen);
}

int __wrap_pail_session_peek_credentials(struct pail_session *unused, struct pail_credentials *ret_frozen,
                                         struct pail_error *ret_error)
{
        (void)unused;
        session.peeks++;
        int r = session.peek_result;
        if (r == 0)
                return hand_out(ret_frozen);
        if (r == -EAGAIN)
                pail_error_set(ret_error, PAIL_ERROR_TIMEOUT, "the source is away");
        else
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "the source refuses");
        return r;
}

bool __wrap_pail_session_refuse_credentials(struct pail_session *unused, const struct pail_credentials *refused,
                                            enum pail_refusal refusal)
{
        (void)unused;
        assert_string_equal(refused->access_key_id, "AKID");
        session.refusals++;
        session.refusal = refusal;
        return session.has_others;
}

int __wrap_pail_session_peek_others(struct pail_session *unused, const struct pail_credentials *refused,
                                    struct pail_credentials *ret_frozen, struct pail_error *ret_error)
{
        assert_string_equal(refused->access_key_id, "AKID");
        assert_true(session.refusals > 0);
        if (session.peek_result == 0 && session.has_none)
                return 1;
        return __wrap_pail_session_peek_credentials(unused, ret_frozen, ret_error);
}

static int set_up(void **state)
{
        session.peek_result = 0;
        session.asked = session.peeks = session.refusals = 0;
        session.has_others = true;
        session.has_none = session.lasting = false;
        return fixture_set_up(state);
}

static int head(struct fixture *f, struct pail_error *error)
{
        struct pail_s3_object_metadata metadata = { 0 };
        *error = PAIL_ERROR_INIT;
        int r = pail_s3_head_object(f->client, "bucket", "key", &metadata, error);
        if (r >= 0)
                pail_s3_object_metadata_done(&metadata);
        return r;
}

static int list(struct fixture *f, struct pail_error *error)
{
        const struct pail_s3_list_input input = { .bucket = "b" };
        struct pail_s3_page page = { 0 };
        *error = PAIL_ERROR_INIT;
        int r = pail_s3_list_objects_v2(f->client, &input, &page, error);
        if (r >= 0)
                pail_s3_page_done(&page);
        return r;
}

static const char *token_sent(struct fixture *f, unsigned request)
{
        return seen_header(&f->requests[request].head, "X-Amz-Security-Token");
}

struct ended {
        struct gate gate;
        struct pail_error error;
        struct fixture *fixture;
        struct pail_s3_call *next; /* started from within done */
};

static void on_done(void *context, const struct pail_error *error)
{
        struct ended *ended = context;
        ended->error = error ? *error : PAIL_ERROR_INIT;
        gate_open(&ended->gate);
}

static int drop(void *context, const void *data, size_t size)
{
        (void)context, (void)data, (void)size;
        return 0;
}

static struct pail_s3_call *start_get(struct fixture *f, pail_s3_done *done, struct ended *ended)
{
        static const struct pail_s3_get_sink sink = { .on_body = drop };
        const struct pail_s3_get_input input = { .bucket = "b", .key = "k", .priority = PAIL_HTTP_PRIORITY_WAITED };
        struct pail_s3_call *call = NULL;
        assert_int_equal(pail_s3_get_object_start(f->client, &input, &sink, NULL, done, ended, &call, NULL), 0);
        return call;
}

static void wait_peeks(unsigned count)
{
        for (unsigned i = 0; i < 6000 && session.peeks < count; i++)
                usleep(10 * 1000);
        assert_true(session.peeks >= count);
}

static void test_deadline_is_told(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, HEAD_OK, NULL);
        int64_t now_ms = pail_clock_monotonic_ms();
        assert_int_equal(head(f, &error), 0);
        assert_in_range(session.deadline_ms, now_ms + 20000, now_ms + 25000);
        assert_int_equal(session.asked, 1);
        assert_int_equal(session.peeks, 0);
}

/* A retry without credentials is not sent, is looked at again, and goes on when there are some. */
static void test_waiting(void **state)
{
        struct fixture *f = *state;
        struct ended ended = { .gate = GATE_INIT };
        fixture_answers(f, SLOW, ANSWER("200 OK", "ETag: \"e\"\r\n", "body"), NULL);
        session.peek_result = -EAGAIN;
        struct pail_s3_call *call = start_get(f, on_done, &ended);
        wait_peeks(4);
        assert_int_equal(fixture_requests(f), 1);
        assert_int_equal(gate_count(&ended.gate), 0);
        session.peek_result = 0;
        gate_wait(&ended.gate, 1);
        assert_int_equal(ended.error.class, PAIL_ERROR_NONE);
        assert_int_equal(fixture_requests(f), 2);
        assert_string_equal(seen_header(&f->requests[1].head, "amz-sdk-request"), "attempt=2");
        pail_s3_call_unref(call);
}

static void test_waiting_is_cancelled(void **state)
{
        struct fixture *f = *state;
        struct ended ended = { .gate = GATE_INIT };
        fixture_answers(f, SLOW, NULL);
        session.peek_result = -EAGAIN;
        struct pail_s3_call *call = start_get(f, on_done, &ended);
        wait_peeks(2);
        pail_s3_call_raise(call);
        pail_s3_call_cancel(call);
        assert_int_equal(pail_s3_call_wait(call, NULL), -EINTR);
        assert_int_equal(gate_count(&ended.gate), 1);
        assert_int_equal(ended.error.class, PAIL_ERROR_CANCELLED);
        assert_int_equal(fixture_requests(f), 1);
        pail_s3_call_unref(call);
}

static void test_waiting_until_the_deadline(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 3000 });
        fixture_answers(f, SLOW, NULL);
        session.peek_result = -EAGAIN;
        int64_t before_ms = pail_clock_monotonic_ms();
        assert_int_equal(list(f, &error), -ETIMEDOUT);
        assert_in_range(pail_clock_monotonic_ms() - before_ms, 2900, 8000);
        assert_int_equal(fixture_requests(f), 1);
        assert_string_equal(error.message, "the source is away");
}

static void test_waiting_for_nothing(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, SLOW, NULL);
        session.peek_result = -EPERM;
        assert_int_equal(list(f, &error), -EACCES);
        assert_string_equal(error.message, "the source refuses");
        assert_int_equal(fixture_requests(f), 1);
}

/* The engine goes while calls are parked: they end. */
static void test_waiting_at_the_end(void **state)
{
        struct fixture *f = *state;
        struct ended ended = { .gate = GATE_INIT };
        fixture_answers(f, SLOW, NULL);
        session.peek_result = -EAGAIN;
        struct pail_s3_call *call = start_get(f, on_done, &ended);
        wait_peeks(1);
        pail_http_engine_free(f->engine);
        f->engine = NULL;
        assert_int_equal(gate_count(&ended.gate), 1);
        assert_int_equal(ended.error.class, PAIL_ERROR_CANCELLED);
        pail_s3_call_unref(call);
}

static void start_another(void *context, const struct pail_error *error)
{
        struct ended *ended = context;
        assert_null(error);
        session.peek_result = -EAGAIN;
        ended->next = start_get(ended->fixture, on_done, ended);
        gate_open(&ended->gate);
}

/* A call that is started on an engine's thread must not wait there. */
static void test_started_by_the_engine(void **state)
{
        struct fixture *f = *state;
        struct ended ended = { .gate = GATE_INIT, .fixture = f };
        fixture_answers(f, ANSWER("200 OK", "ETag: \"e\"\r\n", "body"), NULL);
        struct pail_s3_call *call = start_get(f, start_another, &ended);
        gate_wait(&ended.gate, 1);
        wait_peeks(2);
        assert_int_equal(session.asked, 1);
        assert_int_equal(fixture_requests(f), 1);
        session.peek_result = 0;
        gate_wait(&ended.gate, 2);
        assert_int_equal(ended.error.class, PAIL_ERROR_NONE);
        assert_string_equal(seen_header(&f->requests[1].head, "amz-sdk-request"), "attempt=1");
        assert_int_equal(pail_s3_call_wait(call, NULL), 0);
        assert_int_equal(pail_s3_call_wait(ended.next, NULL), 0);
        pail_s3_call_unref(call);
        pail_s3_call_unref(ended.next);
}

static void test_expired_once(void **state)
{
        static const char *const answers[] = {
                ERROR("400 Bad Request", "ExpiredToken"),
                ERROR("403 Forbidden", "ExpiredTokenException"),
                ERROR("400 Bad Request", "TokenRefreshRequired"),
        };
        struct fixture *f = *state;
        struct pail_error error;
        for (unsigned i = 0; i < TEST_COUNT(answers); i++) {
                session.refusals = 0;
                fixture_answers(f, answers[i], ANSWER("200 OK", XML, "<ListBucketResult/>"), NULL);
                assert_int_equal(list(f, &error), 0);
                assert_int_equal(fixture_requests(f), 2);
                assert_int_equal(session.refusals, 1);
                assert_int_equal(session.refusal, PAIL_REFUSAL_EXPIRED);
                assert_string_equal(token_sent(f, 0), "token0");
                assert_string_equal(token_sent(f, 1), "token1");
        }
        /* HEAD tells its reason to nobody: of a bucket it is hardly ever another, of an object it is asked for with GET. */
        session.refusals = 0;
        fixture_answers(f, HEAD_400, HEAD_OK, ERROR("400 Bad Request", "ExpiredToken"), BYTE, NULL);
        assert_int_equal(head(f, &error), 0);
        assert_int_equal(session.refusals, 1);
        assert_int_equal(session.refusal, PAIL_REFUSAL_EXPIRED);
        /* An object whose key is missing says the same, and is no reason to doubt the credentials. */
        session.refusals = 0;
        fixture_answers(f, HEAD_400, ERROR("400 Bad Request", "InvalidRequest"), NULL);
        assert_int_equal(head(f, &error), -EACCES);
        assert_int_equal(session.refusals, 0);
}

/* Signed anew with what somebody has written into a file meanwhile. */
static void test_unknown_once(void **state)
{
        static const char *const answers[] = {
                ERROR("403 Forbidden", "InvalidAccessKeyId"),    ERROR("400 Bad Request", "InvalidToken"),
                ERROR("403 Forbidden", "SignatureDoesNotMatch"), ERROR("403 Forbidden", "InvalidTokenId"),
                ERROR("404 Not Found", "XAdminUserNotFound"),
        };
        struct fixture *f = *state;
        struct pail_error error;
        for (unsigned i = 0; i < TEST_COUNT(answers); i++) {
                session.refusals = 0;
                fixture_answers(f, answers[i], ANSWER("200 OK", XML, "<ListBucketResult/>"), NULL);
                assert_int_equal(list(f, &error), 0);
                assert_int_equal(fixture_requests(f), 2);
                assert_int_equal(session.refusals, 1);
                assert_int_equal(session.refusal, PAIL_REFUSAL_UNKNOWN);
                assert_string_equal(token_sent(f, 1), "token1");

                fixture_answers(f, answers[i], NULL);
                assert_int_equal(list(f, &error), -EACCES);
                assert_int_equal(fixture_requests(f), 2);
                assert_int_equal(session.refusals, 2);
        }
        session.refusals = 0;
        fixture_answers(f, ANSWER("403 Forbidden", "x-amz-request-id: R\r\n", ""), HEAD_OK, NULL);
        assert_int_equal(head(f, &error), 0);
        assert_int_equal(session.refusals, 1);
        assert_int_equal(session.refusal, PAIL_REFUSAL_UNKNOWN);
        /* So some call whatever is wrong with credentials. */
        fixture_answers(f, ERROR("403 Forbidden", "AccessDenied"), ANSWER("200 OK", XML, "<ListBucketResult/>"), NULL);
        assert_int_equal(list(f, &error), 0);
        assert_int_equal(session.refusals, 2);
        session.has_none = true;
        fixture_answers(f, ERROR("403 Forbidden", "AccessDenied"), NULL);
        assert_int_equal(list(f, &error), -EACCES);
        assert_int_equal(fixture_requests(f), 1);
        fixture_answers(f, ERROR("403 Forbidden", "QuotaExceeded"), NULL);
        assert_int_equal(list(f, &error), -EDQUOT);
        assert_int_equal(session.refusals, 3);
}

/* Nobody has written anything: the same request is not sent again, and fails with what S3 said. */
static void test_no_others(void **state)
{
        static const char *const codes[] = { "InvalidAccessKeyId", "ExpiredToken" };
        static const char *const answers[] = { ERROR("403 Forbidden", "InvalidAccessKeyId"),
                                               ERROR("400 Bad Request", "ExpiredToken") };
        struct fixture *f = *state;
        struct pail_error error;
        session.has_none = true;
        for (unsigned i = 0; i < TEST_COUNT(answers); i++) {
                fixture_answers(f, answers[i], NULL);
                assert_int_equal(list(f, &error), -EACCES);
                assert_int_equal(fixture_requests(f), 1);
                assert_string_equal(error.code, codes[i]);
        }
        /* HEAD's other reasons are looked for after that: the region, and what a GET says. */
        fixture_answers(f, HEAD_400, NULL);
        assert_int_equal(head(f, &error), -EIO);
        assert_int_equal(fixture_requests(f), 3);
}

/* It takes a while to find out. */
static void test_others_later(void **state)
{
        struct fixture *f = *state;
        struct ended ended = { .gate = GATE_INIT };
        fixture_answers(f, ERROR("403 Forbidden", "InvalidAccessKeyId"), ANSWER("200 OK", "ETag: \"e\"\r\n", "body"),
                        NULL);
        session.peek_result = -EAGAIN;
        struct pail_s3_call *call = start_get(f, on_done, &ended);
        wait_peeks(4);
        assert_int_equal(fixture_requests(f), 1);
        session.peek_result = 0;
        gate_wait(&ended.gate, 1);
        assert_int_equal(ended.error.class, PAIL_ERROR_NONE);
        assert_int_equal(fixture_requests(f), 2);
        assert_string_equal(token_sent(f, 1), "token1");
        pail_s3_call_unref(call);
}

static void test_expired_for_good(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, ERROR("400 Bad Request", "ExpiredToken"), NULL);
        assert_int_equal(list(f, &error), -EACCES);
        assert_int_equal(fixture_requests(f), 2);
        assert_int_equal(session.refusals, 1);
        assert_string_equal(error.code, "ExpiredToken");

        session.has_others = false;
        fixture_answers(f, ERROR("400 Bad Request", "ExpiredToken"), NULL);
        assert_int_equal(list(f, &error), -EACCES);
        assert_int_equal(fixture_requests(f), 1);
}

static void test_not_expired(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        session.lasting = true;
        fixture_answers(f, HEAD_400, NULL);
        assert_int_equal(head(f, &error), -EIO);
        assert_int_equal(fixture_requests(f),
                         3); /* HeadBucket: it could have been the region; and GET, for the reason */
        assert_int_equal(session.refusals, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_deadline_is_told),
                TEST(test_waiting),
                TEST(test_waiting_is_cancelled),
                TEST(test_waiting_until_the_deadline),
                TEST(test_waiting_for_nothing),
                TEST(test_waiting_at_the_end),
                TEST(test_started_by_the_engine),
                TEST(test_expired_once),
                TEST(test_expired_for_good),
                TEST(test_unknown_once),
                TEST(test_no_others),
                TEST(test_others_later),
                TEST(test_not_expired),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
