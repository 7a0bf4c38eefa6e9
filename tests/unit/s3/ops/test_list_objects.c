/* SPDX-License-Identifier: Apache-2.0 */
/* ListObjects version 1: how it goes on, and when it takes the place of version 2. */
#include "../fixture.h"
#include "pail/s3/collection.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

#define LIST(inner) ANSWER("200 OK", XML, "<ListBucketResult>" inner "</ListBucketResult>")
#define V1(inner) LIST("<Name>b</Name><Prefix></Prefix><Marker></Marker><MaxKeys>1000</MaxKeys>" inner)
#define CONTENT(key) "<Contents><Key>" key "</Key><Size>1</Size></Contents>"
#define PREFIX(key) "<CommonPrefixes><Prefix>" key "</Prefix></CommonPrefixes>"
#define TRUNCATED "<IsTruncated>true</IsTruncated>"
#define MORE(token) TRUNCATED "<NextContinuationToken>" token "</NextContinuationToken>"

static const char *target(struct fixture *f, unsigned request)
{
        return f->requests[request].head.target;
}

static void assert_next(struct fixture *f, const char *answer, const char *token)
{
        const struct pail_s3_list_input input = { .bucket = "b" };
        struct pail_s3_page page = { 0 };
        fixture_answers(f, answer, NULL);
        assert_int_equal(pail_s3_list_objects(f->client, &input, &page, NULL), 0);
        assert_true(pail_str_equal(page.next_token, token));
        pail_s3_page_done(&page);
}

static void test_query_and_markers(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_page page = { 0 };
        struct pail_s3_list_input input = {
                .bucket = "b", .prefix = "p/", .delimiter = "/", .start_after = "p/a b", .max_keys = 7
        };
        fixture_answers(f, V1(""), NULL);
        assert_int_equal(pail_s3_list_objects(f->client, &input, &page, NULL), 0);
        assert_string_equal(target(f, 0), "/b?prefix=p%2F&delimiter=%2F&marker=p%2Fa%20b&max-keys=7");
        pail_s3_page_done(&page);
        input.continuation_token = "p/c";
        assert_int_equal(pail_s3_list_objects(f->client, &input, &page, NULL), 0);
        assert_string_equal(target(f, 1), "/b?prefix=p%2F&delimiter=%2F&marker=p%2Fc&max-keys=7");
        pail_s3_page_done(&page);

        assert_next(f, V1(CONTENT("a") CONTENT("b") "<IsTruncated>false</IsTruncated>"), NULL);
        assert_next(f, V1(CONTENT("a") CONTENT("b") TRUNCATED "<NextMarker>c%20d</NextMarker>"), "c%20d");
        /* Without a delimiter it is not told, and empty in the answers of some. */
        assert_next(f, V1(CONTENT("a") CONTENT("b%2F") TRUNCATED), "b%2F");
        assert_next(f, V1(CONTENT("a") CONTENT("b") TRUNCATED "<NextMarker></NextMarker>"), "b");
        /* Prefixes come behind the keys, in an order of their own, and stand for all that begins with them. */
        assert_next(f, V1(CONTENT("z") PREFIX("a/") PREFIX("b/") TRUNCATED), "z");
        assert_next(f, V1(CONTENT("a") PREFIX("b/") PREFIX("c/") TRUNCATED), "c/\xf4\x8f\xbf\xbf");
        fixture_answers(f, V1(TRUNCATED), NULL);
        assert_int_equal(pail_s3_list_objects(f->client, &(struct pail_s3_list_input){ .bucket = "b" }, &page, NULL),
                         -EPROTO);
}

/* Reads all keys; what is given for count is how many. */
static int read_all(struct fixture *f, const char *bucket_name, const char *token, unsigned *ret_count)
{
        struct pail_bucket *bucket = NULL;
        struct pail_cursor *cursor = NULL;
        const struct pail_s3_entry *entry;
        assert_int_equal(pail_bucket_new(f->client, bucket_name, &bucket), 0);
        const struct pail_collection all = pail_collection_start_at(pail_bucket_objects(bucket), token);
        assert_int_equal(pail_collection_pages(&all, &cursor), 0);
        *ret_count = 0;
        int r;
        while ((r = pail_cursor_next_entry(cursor, &entry, NULL)) > 0)
                ++*ret_count;
        pail_cursor_free(cursor);
        pail_bucket_unref(bucket);
        return r;
}

static void test_fallback(void **state)
{
        static const char *const refusals[] = {
                ERROR("501 No", "NotImplemented"),
                ERROR("405 No", "MethodNotAllowed"),
                ANSWER("405 No", "", ""),
                ERROR("400 Bad", "NotImplemented"),
                /* It takes no notice of what it does not know. */
                V1(CONTENT("a") CONTENT("b") TRUNCATED),
        };
        for (size_t i = 0; i < TEST_COUNT(refusals); i++) {
                struct fixture *f = *state;
                unsigned count;
                fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000 });
                fixture_answers(f, refusals[i], V1(CONTENT("a") CONTENT("b") TRUNCATED), V1(CONTENT("c")), V1(""),
                                NULL);
                assert_int_equal(read_all(f, "b", NULL, &count), 0);
                assert_int_equal(count, 3);
                assert_string_equal(target(f, 0), "/b?list-type=2&encoding-type=url&max-keys=1000");
                assert_string_equal(target(f, 1), "/b?max-keys=1000");
                assert_string_equal(target(f, 2), "/b?marker=b&max-keys=1000");
                /* It is remembered, of this bucket. */
                assert_int_equal(read_all(f, "b", NULL, &count), 0);
                assert_int_equal(fixture_requests(f), 4);
                assert_string_equal(target(f, 3), "/b?max-keys=1000");
                assert_int_equal(read_all(f, "c", NULL, &count), 0);
                assert_string_equal(target(f, 4), "/c?list-type=2&encoding-type=url&max-keys=1000");
        }
}

/* A token is the key to go on behind, also in a process that does not know yet what the server is like. */
static void test_fallback_goes_on(void **state)
{
        struct fixture *f = *state;
        unsigned count;
        fixture_answers(f, ERROR("501 No", "NotImplemented"), V1(CONTENT("c")), NULL);
        assert_int_equal(read_all(f, "b", "o0:b%20b", &count), 0);
        assert_string_equal(target(f, 1), "/b?marker=b%20b&max-keys=1000");
}

static void test_no_fallback(void **state)
{
        struct fixture *f = *state;
        unsigned count;
        /* A server that has shown that it knows version 2. */
        fixture_answers(f, LIST(CONTENT("a") MORE("t")), ERROR("405 No", "MethodNotAllowed"), NULL);
        assert_int_equal(read_all(f, "b", NULL, &count), -EPERM);
        assert_int_equal(fixture_requests(f), 2);
        /* What has nothing to do with it. */
        fixture_answers(f, ERROR("403 No", "AccessDenied"), NULL);
        assert_int_equal(read_all(f, "c", NULL, &count), -EACCES);
        assert_int_equal(fixture_requests(f), 1);
        fixture_answers(f, ERROR("400 Bad", "InvalidArgument"), NULL);
        assert_int_equal(read_all(f, "c", NULL, &count), -EINVAL);
        assert_int_equal(fixture_requests(f), 1);
        /* Version 1 does no better: nothing is learned. */
        fixture_answers(f, ERROR("405 No", "MethodNotAllowed"), ERROR("405 No", "MethodNotAllowed"), NULL);
        assert_int_equal(read_all(f, "c", NULL, &count), -EPERM);
        assert_int_equal(fixture_requests(f), 2);
        fixture_answers(f, LIST("<KeyCount>1</KeyCount><Marker></Marker>" CONTENT("a")), NULL);
        assert_int_equal(read_all(f, "c", NULL, &count), 0);
        assert_int_equal(fixture_requests(f), 1);
        assert_non_null(strstr(target(f, 0), "list-type=2"));
}

/* The first pages of several readers are under way at the same time. */
static void *read_in_thread(void *argument)
{
        unsigned count;
        return (void *)(intptr_t)read_all(argument, "b", NULL, &count);
}

static void test_concurrent(void **state)
{
        struct fixture *f = *state;
        pthread_t threads[8];
        for (unsigned first = 0; first < 3; first++) { /* an answer of either kind for everybody */
                static const char *const answers[] = { V1(CONTENT("a")), LIST(CONTENT("a")),
                                                       ERROR("501 No", "NotImplemented") };
                fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000 });
                fixture_answers(f, answers[first], NULL);
                for (size_t i = 0; i < TEST_COUNT(threads); i++)
                        assert_int_equal(pthread_create(&threads[i], NULL, read_in_thread, f), 0);
                for (size_t i = 0; i < TEST_COUNT(threads); i++) {
                        void *result = NULL;
                        assert_int_equal(pthread_join(threads[i], &result), 0);
                        assert_int_equal((intptr_t)result, first == 2 ? -EOPNOTSUPP : 0);
                }
        }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_query_and_markers), TEST(test_fallback),   TEST(test_fallback_goes_on),
                TEST(test_no_fallback),       TEST(test_concurrent),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
