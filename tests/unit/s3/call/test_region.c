/* SPDX-License-Identifier: Apache-2.0 */
/* Which requests are sent again to another region, and where the region is found. */
#include "../fixture.h"

#include <errno.h>

#define REGION(name) "x-amz-bucket-region: " name "\r\n"
#define ID "x-amz-request-id: 1\r\n"
#define REDIRECT(status, code) ANSWER(status, XML REGION("eu-west-1"), "<Error><Code>" code "</Code></Error>")
#define DONE ANSWER("204 No", "", "")
#define HEAD_OK ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 0\r\n", "")

static const char *authorization(struct fixture *f, unsigned index)
{
        return seen_header(&f->requests[index].head, "Authorization");
}

static void assert_signed_for(struct fixture *f, unsigned index, const char *region)
{
        char part[80];
        snprintf(part, sizeof(part), "/%s/s3/aws4_request", region);
        if (!strstr(authorization(f, index), part))
                fail_msg("request %u: %s", index, authorization(f, index));
}

/* A bucket of its own for each question, since what is learned of one is kept. */
static int ask(struct fixture *f, struct pail_error *error)
{
        static unsigned number;
        char bucket[32];
        snprintf(bucket, sizeof(bucket), "bucket-%u", number++);
        *error = PAIL_ERROR_INIT;
        return pail_s3_delete_object(f->client, bucket, "key", error);
}

static void test_followed(void **state)
{
        static const char *const redirections[] = {
                REDIRECT("301 Moved", "PermanentRedirect"),
                REDIRECT("307 Moved", "TemporaryRedirect"),
                REDIRECT("302 Found", "Found"),
                REDIRECT("400 Bad", "IllegalLocationConstraintException"),
                REDIRECT("400 Bad", "AuthorizationHeaderMalformed"),
                ANSWER("307 Moved", ID REGION("eu-west-1"), ""),
                ANSWER("301 Moved", XML, "<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region></Error>"),
                ANSWER("400 Bad", XML,
                       "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>"),
                /* the header before the body */
                ANSWER("301 Moved", XML REGION("eu-west-1"),
                       "<Error><Code>PermanentRedirect</Code><Region>us-west-1</Region></Error>"),
        };
        struct fixture *f = *state;
        struct pail_error error;
        for (size_t i = 0; i < TEST_COUNT(redirections); i++) {
                fixture_answers(f, redirections[i], DONE, NULL);
                if (ask(f, &error) != 0)
                        fail_msg("%zu: %s", i, error.message);
                assert_int_equal(fixture_requests(f), 2);
                assert_signed_for(f, 0, "us-east-1");
                assert_signed_for(f, 1, "eu-west-1");
        }
}

static void test_not_followed(void **state)
{
        static const char *const answers[] = {
                /* where it was asked already */
                ANSWER("301 Moved", XML REGION("us-east-1"), "<Error><Code>PermanentRedirect</Code></Error>"),
                /* what is no region */
                ANSWER("301 Moved", XML REGION("evil/us-east-1"), "<Error><Code>PermanentRedirect</Code></Error>"),
                ANSWER("400 Bad", XML, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>a b</Region></Error>"),
                /* of another kind */
                ANSWER("400 Bad", XML REGION("eu-west-1"), "<Error><Code>InvalidRequest</Code></Error>"),
        };
        struct fixture *f = *state;
        struct pail_error error;
        for (size_t i = 0; i < TEST_COUNT(answers); i++) {
                fixture_answers(f, answers[i], DONE, NULL);
                assert_true(ask(f, &error) < 0);
                assert_int_equal(error.class, PAIL_ERROR_SERVICE);
                assert_int_equal(fixture_requests(f), 1);
        }
}

static int head(struct fixture *f, const char *bucket, struct pail_error *error)
{
        struct pail_s3_object_metadata metadata = { 0 };
        *error = PAIL_ERROR_INIT;
        int r = pail_s3_head_object(f->client, bucket, "key", &metadata, error);
        pail_s3_object_metadata_done(&metadata);
        return r;
}

/* No header, no body: HeadBucket knows, whether it succeeds or is redirected itself. */
static void test_asked(void **state)
{
        static const struct {
                const char *first, *answer;
        } cases[] = {
                { ANSWER("301 Moved", ID, ""), ANSWER("200 OK", ID REGION("eu-west-2"), "") },
                { ANSWER("400 Bad", ID, ""), ANSWER("301 Moved", ID REGION("eu-west-2"), "") },
                { ANSWER("307 Moved", ID, ""), ANSWER("403 No", ID REGION("eu-west-2"), "") },
        };
        struct fixture *f = *state;
        struct pail_error error;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char bucket[32];
                snprintf(bucket, sizeof(bucket), "asked-%zu", i);
                fixture_answers(f, cases[i].first, cases[i].answer, HEAD_OK, NULL);
                if (head(f, bucket, &error) != 0)
                        fail_msg("%zu: %s", i, error.message);
                assert_int_equal(fixture_requests(f), 3);
                assert_string_equal(f->requests[1].head.method, "HEAD");
                assert_null(strstr(f->requests[1].head.target, "key"));
                assert_signed_for(f, 2, "eu-west-2");
                /* and it is kept */
                fixture_answers(f, HEAD_OK, NULL);
                assert_int_equal(head(f, bucket, &error), 0);
                assert_signed_for(f, 0, "eu-west-2");
        }
}

/* Nobody knows: the first error stands, and HeadBucket is not asked again. */
static void test_asked_in_vain(void **state)
{
        static const char *const answers[] = {
                ANSWER("200 OK", ID, ""),
                ANSWER("404 No", ID, ""),
                ANSWER("301 Moved", ID REGION("us-east-1"), ""),
                ANSWER("301 Moved", ID REGION("evil/"), ""),
        };
        struct fixture *f = *state;
        struct pail_error error;
        for (size_t i = 0; i < TEST_COUNT(answers); i++) {
                char bucket[32];
                snprintf(bucket, sizeof(bucket), "vain-%zu", i);
                fixture_answers(f, ANSWER("301 Moved", ID, ""), answers[i], NULL);
                assert_true(head(f, bucket, &error) < 0);
                assert_string_equal(error.code, "PermanentRedirect");
                assert_int_equal(fixture_requests(f), 2);
                fixture_answers(f, ANSWER("301 Moved", ID, ""), NULL);
                assert_true(head(f, bucket, &error) < 0);
                assert_int_equal(fixture_requests(f), 1);
        }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(test_followed), TEST(test_not_followed), TEST(test_asked),
                                            TEST(test_asked_in_vain) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
