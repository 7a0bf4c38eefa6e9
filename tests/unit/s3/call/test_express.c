/* SPDX-License-Identifier: Apache-2.0 */
/* Directory buckets: which requests are signed for a session, how many sessions there are, and how long one lasts. */
#include "../fixture.h"

#include <errno.h>

#include "pail/util/clock.h"
#include "s3/ops/ops.h"

#define BUCKET "b--usw2-az1--x-s3"
#define SESSION_WITH(headers, id, expiration)                                                                          \
        ANSWER("200 OK", XML headers,                                                                                  \
               "<CreateSessionResult><Credentials><SessionToken>token-" id                                             \
               "</SessionToken><SecretAccessKey>secret-" id "</SecretAccessKey><AccessKeyId>" id                       \
               "</AccessKeyId>" expiration "</Credentials></CreateSessionResult>")
#define SESSION(id) SESSION_WITH("", id, "")
#define DONE ANSWER("204 No", "", "")

static const char *sent(struct fixture *f, unsigned index, const char *name)
{
        const char *value = seen_header(&f->requests[index].head, name);
        return value ? value : "";
}

static void assert_sent(struct fixture *f, unsigned index, const char *id, const char *token)
{
        char part[80];
        snprintf(part, sizeof(part), "Credential=%s/", id);
        assert_non_null(strstr(sent(f, index, "Authorization"), part));
        assert_non_null(strstr(sent(f, index, "Authorization"), "/us-east-1/s3express/aws4_request"));
        assert_string_equal(sent(f, index, "x-amz-s3session-token"), token);
        assert_string_equal(sent(f, index, "x-amz-security-token"), "");
        if (*token)
                assert_non_null(strstr(sent(f, index, "Authorization"), "x-amz-s3session-token"));
}

static void test_session(void **state)
{
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        fixture_answers(f, SESSION("ONE"), DONE, DONE, NULL);
        assert_int_equal(pail_s3_delete_object(f->client, BUCKET, "k", &error), 0);
        assert_int_equal(pail_s3_delete_object(f->client, BUCKET, "k", &error), 0);
        assert_int_equal(fixture_requests(f), 3);
        assert_string_equal(f->requests[0].head.target, "/" BUCKET "?session");
        assert_sent(f, 0, "AKID", "");
        assert_sent(f, 1, "ONE", "token-ONE");
        assert_sent(f, 2, "ONE", "token-ONE");

        /* another bucket, another session; an ordinary bucket has none */
        fixture_answers(f, SESSION("TWO"), DONE, DONE, NULL);
        assert_int_equal(pail_s3_delete_object(f->client, "c--usw2-az1--x-s3", "k", &error), 0);
        assert_int_equal(pail_s3_delete_object(f->client, "ordinary", "k", &error), 0);
        assert_sent(f, 1, "TWO", "token-TWO");
        assert_non_null(strstr(sent(f, 2, "Authorization"), "Credential=AKID/"));
        assert_string_equal(sent(f, 2, "x-amz-s3session-token"), "");
}

static void test_plain_operations(void **state)
{
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        char etag[PAIL_S3_ETAG_SIZE];
        const struct pail_s3_copy_input copy = {
                .bucket = BUCKET, .key = "new", .source_bucket = BUCKET, .source_key = "old"
        };
        const struct pail_s3_part_input part = { .bucket = BUCKET,
                                                 .key = "new",
                                                 .upload_id = "u",
                                                 .part_number = 1,
                                                 .source_bucket = BUCKET,
                                                 .source_key = "old" };
        struct pail_s3_part copied = { .part_number = 1 };
        fixture_answers(f, ANSWER("200 OK", "", ""),
                        ANSWER("200 OK", XML, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>"),
                        ANSWER("200 OK", XML, "<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>"), NULL);
        assert_int_equal(pail_s3_head_bucket(f->client, BUCKET, &error), 0);
        assert_int_equal(pail_s3_copy_object(f->client, &copy, etag, &error), 0);
        assert_int_equal(pail_s3_upload_part_copy(f->client, &part, &copied, &error), 0);
        assert_int_equal(fixture_requests(f), 3);
        for (unsigned i = 0; i < 3; i++)
                assert_sent(f, i, "AKID", "");
}

static void *delete_one(void *argument)
{
        struct fixture *f = argument;
        struct pail_error error = PAIL_ERROR_INIT;
        return (void *)(intptr_t)pail_s3_delete_object(f->client, BUCKET, "k", &error);
}

static void test_single_flight(void **state)
{
        struct fixture *f = *state;
        pthread_t threads[12];
        fixture_answers(f, SESSION("ONE"), DONE, NULL);
        for (size_t i = 0; i < TEST_COUNT(threads); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, delete_one, f), 0);
        for (size_t i = 0; i < TEST_COUNT(threads); i++) {
                void *result = NULL;
                assert_int_equal(pthread_join(threads[i], &result), 0);
                assert_null(result);
        }
        assert_int_equal(fixture_requests(f), 1 + TEST_COUNT(threads));
        for (unsigned i = 1; i <= TEST_COUNT(threads); i++)
                assert_sent(f, i, "ONE", "token-ONE");
}

/* The server does not take the session any more: the same request goes again with a new one. */
static void test_expired(void **state)
{
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        fixture_answers(f, SESSION("ONE"), DONE, ERROR("400 Bad", "ExpiredToken"), SESSION("TWO"), DONE, NULL);
        assert_int_equal(pail_s3_delete_object(f->client, BUCKET, "k", &error), 0);
        usleep(3100 * 1000); /* sooner it would be taken for something that a new session does not help with */
        if (pail_s3_delete_object(f->client, BUCKET, "k", &error) != 0)
                fail_msg("%s", error.message);
        assert_int_equal(fixture_requests(f), 5);
        assert_sent(f, 2, "ONE", "token-ONE");
        assert_sent(f, 3, "AKID", "");
        assert_sent(f, 4, "TWO", "token-TWO");
}

static void test_refused(void **state)
{
        static const char *const broken[] = {
                ANSWER("200 OK", XML, "<CreateSessionResult/>"),
                ANSWER("200 OK", XML,
                       "<CreateSessionResult><Credentials><AccessKeyId>A</AccessKeyId></Credentials></CreateSessionResult>"),
                ANSWER("200 OK", "Content-Type: text/html\r\n", "<html>"),
        };
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        fixture_answers(f, ERROR("404 Not Found", "NoSuchBucket"), NULL);
        assert_int_equal(pail_s3_delete_object(f->client, "gone--usw2-az1--x-s3", "k", &error), -ENOENT);
        assert_string_equal(error.code, "NoSuchBucket");
        assert_int_equal(error.http_status, 404);
        fixture_answers(f, ERROR("403 Forbidden", "AccessDenied"), NULL);
        assert_int_equal(pail_s3_delete_object(f->client, BUCKET, "k", &error), -EACCES);
        assert_non_null(strstr(error.message, "CreateSession of s3://" BUCKET));
        assert_int_equal(fixture_requests(f), 1);
        for (size_t i = 0; i < TEST_COUNT(broken); i++) {
                struct pail_credentials credentials = { 0 };
                pail_s3_client_drain(f->client);
                fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 1000 });
                fixture_answers(f, broken[i], NULL);
                assert_true(pail_s3_create_session(f->client, BUCKET, &credentials, &error) < 0);
                assert_int_equal(error.class, PAIL_ERROR_PROTOCOL);
                assert_null(credentials.access_key_id);
                assert_null(strstr(error.message, "token-"));
        }
}

/* By our own clock, whatever the server's is; and what makes no sense is five minutes. */
static void test_lifetime(void **state)
{
        static const struct {
                const char *answer;
                int lifetime_s;
        } cases[] = {
                { SESSION_WITH("Date: Wed, 01 Jan 2020 00:00:00 GMT\r\n", "A",
                               "<Expiration>2020-01-01T00:02:00Z</Expiration>"),
                  120 },
                { SESSION_WITH("Date: Wed, 01 Jan 2020 00:00:00 GMT\r\n", "A",
                               "<Expiration>2019-01-01T00:02:00Z</Expiration>"),
                  300 },
                { SESSION_WITH("Date: Wed, 01 Jan 2020 00:00:00 GMT\r\n", "A",
                               "<Expiration>2030-01-01T00:02:00Z</Expiration>"),
                  300 },
                { SESSION_WITH("Date: Wed, 01 Jan 2020 00:00:00 GMT\r\n", "A", "<Expiration>soon</Expiration>"), 300 },
                { SESSION("A"), 300 },
        };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_credentials credentials = { 0 };
                struct pail_error error = PAIL_ERROR_INIT;
                fixture_answers(f, cases[i].answer, NULL);
                if (pail_s3_create_session(f->client, BUCKET, &credentials, &error) < 0)
                        fail_msg("%s", error.message);
                int64_t left_s = credentials.expires_at - pail_clock_now().tv_sec;
                assert_in_range(left_s, (unsigned)cases[i].lifetime_s - 2, (unsigned)cases[i].lifetime_s);
                assert_string_equal(credentials.secret_access_key, "secret-A");
                pail_credentials_done(&credentials);
        }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(test_session), TEST(test_plain_operations), TEST(test_single_flight),
                                            TEST(test_expired), TEST(test_refused),          TEST(test_lifetime) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
