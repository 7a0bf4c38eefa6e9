/* SPDX-License-Identifier: Apache-2.0 */
/* Retention and legal hold: their operations, and what a copy does with them on servers that do less than they should. */
#include "../fixture.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

#define UNTIL "2040-01-02T03:04:05.000Z"
#define HEAD(headers) ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 3\r\n" headers, "")
#define VERSIONED "x-amz-version-id: v\r\n"
#define RETAINED_UNTIL(date) "x-amz-object-lock-mode: COMPLIANCE\r\nx-amz-object-lock-retain-until-date: " date "\r\n"
#define RETAINED RETAINED_UNTIL(UNTIL)
#define HELD "x-amz-object-lock-legal-hold: ON\r\n"
#define COPIED ANSWER("200 OK", XML, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>")
#define DONE ANSWER("200 OK", "", "")

static void assert_sent(struct fixture *f, unsigned request, const char *name, const char *value)
{
        const char *seen = seen_header(&f->requests[request].head, name);
        if (!pail_str_equal(seen, value))
                fail_msg("request %u: %s is %s, not %s", request, name, seen ? seen : "absent",
                         value ? value : "absent");
}

static void assert_asked_for_lock(struct fixture *f, unsigned request, const char *mode, const char *date,
                                  const char *hold)
{
        assert_sent(f, request, "x-amz-object-lock-mode", mode);
        assert_sent(f, request, "x-amz-object-lock-retain-until-date", date);
        assert_sent(f, request, "x-amz-object-lock-legal-hold", hold);
}

static void test_retention(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_retention retention;
        fixture_answers(f,
                        ANSWER("200 OK", XML,
                               "<Retention xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Mode>GOVERNANCE</Mode>"
                               "<RetainUntilDate>" UNTIL "</RetainUntilDate></Retention>"),
                        ERROR("404 No", "NoSuchObjectLockConfiguration"),
                        ANSWER("200 OK", XML, "<PutObjectRetentionInput/>"), ERROR("404 No", "NoSuchKey"), DONE, DONE,
                        NULL);
        assert_int_equal(pail_s3_get_object_retention(f->client, "b", "k", "v 1", &retention, NULL), 0);
        assert_string_equal(f->requests[0].head.target, "/b/k?retention&versionId=v%201");
        assert_string_equal(retention.mode, "GOVERNANCE");
        assert_int_equal(retention.retain_until.tv_sec, 2209086245);
        for (int i = 0; i < 2; i++) {
                retention = (struct pail_s3_retention){ .mode = "x" };
                assert_int_equal(pail_s3_get_object_retention(f->client, "b", "k", NULL, &retention, NULL), 0);
                assert_string_equal(retention.mode, "");
        }
        assert_int_equal(pail_s3_get_object_retention(f->client, "b", "k", NULL, &retention, NULL), -ENOENT);

        retention = (struct pail_s3_retention){ .mode = "COMPLIANCE", .retain_until = { 2209086245, 7000000 } };
        assert_int_equal(pail_s3_put_object_retention(f->client, "b", "k", NULL, &retention, false, NULL), 0);
        assert_string_equal(f->requests[4].head.target, "/b/k?retention");
        assert_string_equal(f->requests[4].body,
                            "<Retention xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Mode>COMPLIANCE</Mode>"
                            "<RetainUntilDate>2040-01-02T03:04:05.007Z</RetainUntilDate></Retention>");
        assert_non_null(seen_header(&f->requests[4].head, "Content-MD5"));
        assert_sent(f, 4, "x-amz-bypass-governance-retention", NULL);
        retention.mode[0] = '\0';
        assert_int_equal(pail_s3_put_object_retention(f->client, "b", "k", NULL, &retention, true, NULL), 0);
        assert_string_equal(f->requests[5].body,
                            "<Retention xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></Retention>");
        assert_sent(f, 5, "x-amz-bypass-governance-retention", "true");
}

static void test_retention_that_lies(void **state)
{
        static const char *const bad[] = {
                ANSWER("200 OK", XML, "<Retention><Mode>GOVERNANCE</Mode></Retention>"),
                ANSWER("200 OK", XML,
                       "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>soon</RetainUntilDate></Retention>"),
                ANSWER("200 OK", XML,
                       "<Retention><Mode>MUCH-TOO-LONG-A-MODE</Mode><RetainUntilDate>" UNTIL
                       "</RetainUntilDate></Retention>"),
                ANSWER("200 OK", XML, "<Other/>"),
                ERROR("200 OK", "SlowDown"),
                ANSWER("200 OK", "", ""),
        };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                struct pail_s3_retention retention = { .mode = "x" };
                fixture_answers(f, bad[i], NULL);
                assert_int_equal(pail_s3_get_object_retention(f->client, "b", "k", NULL, &retention, NULL), -EPROTO);
                assert_string_equal(retention.mode, "x");
        }
}

static void test_legal_hold(void **state)
{
        struct fixture *f = *state;
        bool is_held = false;
        fixture_answers(f, ANSWER("200 OK", XML, "<LegalHold><Status>ON</Status></LegalHold>"),
                        ANSWER("200 OK", XML, "<LegalHold><Status>OFF</Status></LegalHold>"),
                        ERROR("404 No", "ObjectLockConfigurationNotFoundError"), DONE, DONE, NULL);
        assert_int_equal(pail_s3_get_object_legal_hold(f->client, "b", "k", "v", &is_held, NULL), 0);
        assert_string_equal(f->requests[0].head.target, "/b/k?legal-hold&versionId=v");
        assert_true(is_held);
        for (int i = 0; i < 2; i++) {
                is_held = true;
                assert_int_equal(pail_s3_get_object_legal_hold(f->client, "b", "k", NULL, &is_held, NULL), 0);
                assert_false(is_held);
        }
        assert_int_equal(pail_s3_put_object_legal_hold(f->client, "b", "k", "v", true, NULL), 0);
        assert_string_equal(f->requests[3].head.target, "/b/k?legal-hold&versionId=v");
        assert_non_null(strstr(f->requests[3].body, "<Status>ON</Status>"));
        assert_int_equal(pail_s3_put_object_legal_hold(f->client, "b", "k", NULL, false, NULL), 0);
        assert_non_null(strstr(f->requests[4].body, "<Status>OFF</Status>"));
}

/* Copies k of b to copy of target, known from before if has_info. */
static int copy_object(struct fixture *f, const char *target, bool has_info, struct pail_error *error)
{
        struct pail_bucket *bucket = NULL, *other = NULL;
        struct pail_object *source = NULL, *destination = NULL;
        const struct pail_object_copy_options options = { .acl_is_default = true };
        const struct pail_s3_object_metadata metadata = { .etag = "e", .size_bytes = 3 };
        char etag[PAIL_S3_ETAG_SIZE];
        *error = PAIL_ERROR_INIT;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_bucket_new(f->client, target, &other), 0);
        assert_int_equal(pail_object_new(bucket, "k", &source), 0);
        assert_int_equal(pail_object_new(other, "copy", &destination), 0);
        if (has_info)
                assert_int_equal(pail_object_assume(source, &metadata), 0);
        int r = pail_object_copy(source, destination, &options, etag, error);
        pail_object_free(source);
        pail_object_free(destination);
        pail_bucket_unref(bucket);
        pail_bucket_unref(other);
        return r;
}

static void test_copy(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, HEAD(VERSIONED RETAINED HELD), COPIED, HEAD(VERSIONED RETAINED HELD), NULL);
        assert_int_equal(copy_object(f, "b", false, &error), 0);
        assert_int_equal(fixture_requests(f), 3);
        assert_asked_for_lock(f, 1, "COMPLIANCE", UNTIL, "ON");
        /* "OFF" is what an object that had one has. */
        fixture_answers(f, HEAD(VERSIONED "x-amz-object-lock-legal-hold: OFF\r\n"), COPIED, NULL);
        assert_int_equal(copy_object(f, "b", false, &error), 0);
        assert_int_equal(fixture_requests(f), 2);
        assert_asked_for_lock(f, 1, NULL, NULL, NULL);
}

static void test_copy_to_another_bucket(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, HEAD(VERSIONED RETAINED HELD), COPIED, NULL);
        assert_int_equal(copy_object(f, "other", false, &error), 0);
        assert_asked_for_lock(f, 1, NULL, NULL, NULL);
        assert_sent(f, 1, "x-amz-metadata-directive", "REPLACE");
}

/* The server takes the headers of the copy and forgets them. */
static void test_what_is_missing_is_put(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, HEAD(VERSIONED RETAINED HELD), COPIED, HEAD("x-amz-version-id: new\r\n"), DONE, DONE, NULL);
        assert_int_equal(copy_object(f, "b", false, &error), 0);
        assert_string_equal(f->requests[3].head.target, "/b/copy?retention&versionId=new");
        assert_non_null(strstr(f->requests[3].body, UNTIL));
        assert_string_equal(f->requests[4].head.target, "/b/copy?legal-hold&versionId=new");
        /* A default retention of the bucket took its place. */
        fixture_answers(f, HEAD(VERSIONED RETAINED), COPIED, HEAD(VERSIONED RETAINED_UNTIL("2030-01-01T00:00:00Z")),
                        DONE, NULL);
        assert_int_equal(copy_object(f, "b", false, &error), 0);
        assert_int_equal(fixture_requests(f), 4);
        /* The same, told in another way. */
        fixture_answers(f, HEAD(VERSIONED RETAINED), COPIED,
                        HEAD(VERSIONED RETAINED_UNTIL("2040-01-02T03:04:05.000000000Z")), NULL);
        assert_int_equal(copy_object(f, "b", false, &error), 0);
        assert_int_equal(fixture_requests(f), 3);
        /* It cannot be put: not a success. */
        fixture_answers(f, HEAD(VERSIONED HELD), COPIED, HEAD(VERSIONED), ERROR("403 No", "AccessDenied"), NULL);
        assert_int_equal(copy_object(f, "b", false, &error), -EACCES);
        assert_non_null(strstr(error.message, "could not be kept"));
        /* Nor may it be asked for. */
        fixture_answers(f, HEAD(VERSIONED HELD), ERROR("403 No", "AccessDenied"), NULL);
        assert_int_equal(copy_object(f, "b", false, &error), -EACCES);
}

/* What the caller knows saves a request, but not where a lock may have come since. */
static void test_what_is_known_is_asked_again(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, COPIED, NULL);
        assert_int_equal(copy_object(f, "b", true, &error), 0);
        assert_int_equal(fixture_requests(f), 1);
        fixture_answers(f, ANSWER("200 OK", VERSIONED "ETag: \"x\"\r\n", ""), HEAD(VERSIONED HELD), COPIED,
                        HEAD(VERSIONED HELD), NULL);
        char etag[PAIL_S3_ETAG_SIZE];
        const struct pail_s3_put_input put = { .bucket = "b", .key = "another", .body = { .fd = -1 } };
        assert_int_equal(pail_s3_put_object(f->client, &put, etag, NULL), 0);
        assert_int_equal(copy_object(f, "b", true, &error), 0);
        assert_int_equal(fixture_requests(f), 4);
        assert_asked_for_lock(f, 2, NULL, NULL, "ON");
        /* Somebody else's bytes are not what the caller meant. */
        fixture_answers(f, ANSWER("200 OK", "ETag: \"f\"\r\nContent-Length: 3\r\n", ""), NULL);
        assert_int_equal(copy_object(f, "b", true, &error), -ESTALE);
        assert_int_equal(fixture_requests(f), 1);
}

static void test_retention_that_is_over(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, HEAD(VERSIONED RETAINED_UNTIL("2020-01-01T00:00:00Z") HELD), COPIED, HEAD(VERSIONED HELD),
                        NULL);
        assert_int_equal(copy_object(f, "b", false, &error), 0);
        assert_asked_for_lock(f, 1, NULL, NULL, "ON");
}

/* How often the date is still to come, when it is looked at; -1: as it is. */
static int looks_before_the_end = -1;
bool __real_pail_s3_is_retained(const struct pail_s3_client *client, const struct pail_s3_headers *headers);
bool __wrap_pail_s3_is_retained(const struct pail_s3_client *client, const struct pail_s3_headers *headers);

bool __wrap_pail_s3_is_retained(const struct pail_s3_client *client, const struct pail_s3_headers *headers)
{
        if (looks_before_the_end < 0)
                return __real_pail_s3_is_retained(client, headers);
        return looks_before_the_end > 0 && looks_before_the_end-- > 0;
}

/* While the request was on its way: S3 says that the date must be in the future. */
static void test_retention_that_ends_meanwhile(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, HEAD(VERSIONED RETAINED), ERROR("400 No", "InvalidArgument"), COPIED,
                        HEAD(VERSIONED RETAINED), NULL);
        looks_before_the_end = 2; /* before the copy, and for its headers */
        int r = copy_object(f, "b", false, &error);
        looks_before_the_end = -1;
        assert_int_equal(r, 0);
        assert_asked_for_lock(f, 1, "COMPLIANCE", UNTIL, NULL);
        assert_asked_for_lock(f, 2, NULL, NULL, NULL);
        /* Refused for anything else, it is not tried again. */
        fixture_answers(f, HEAD(VERSIONED RETAINED), ERROR("400 No", "InvalidArgument"), NULL);
        assert_int_equal(copy_object(f, "b", false, &error), -EINVAL);
}

static void test_new_content_has_none(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_headers headers = { .object_lock_mode = strdup("COMPLIANCE"),
                                           .object_lock_retain_until_date = strdup(UNTIL),
                                           .object_lock_legal_hold = strdup("ON"),
                                           .storage_class = strdup("COLD") };
        struct pail_bucket *bucket = NULL;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_bucket_content_headers(bucket, &headers), 0);
        assert_null(headers.object_lock_mode);
        assert_null(headers.object_lock_retain_until_date);
        assert_null(headers.object_lock_legal_hold);
        assert_string_equal(headers.storage_class, "COLD");
        pail_s3_headers_done(&headers);
        pail_bucket_unref(bucket);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_retention),
                TEST(test_retention_that_lies),
                TEST(test_legal_hold),
                TEST(test_copy),
                TEST(test_copy_to_another_bucket),
                TEST(test_what_is_missing_is_put),
                TEST(test_what_is_known_is_asked_again),
                TEST(test_retention_that_is_over),
                TEST(test_retention_that_ends_meanwhile),
                TEST(test_new_content_has_none),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
