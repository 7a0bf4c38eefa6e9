/* SPDX-License-Identifier: Apache-2.0 */
/* Collections, waiters and resources over a server that says what the script says. */
#include "../fixture.h"
#include "pail/s3/buckets.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"
#include "s3/resource/multipart.h"

#define LIST(inner) ANSWER("200 OK", XML, "<ListBucketResult>" inner "</ListBucketResult>")
#define CONTENT(key) "<Contents><Key>" key "</Key><Size>1</Size></Contents>"
#define MORE(token) "<IsTruncated>true</IsTruncated><NextContinuationToken>" token "</NextContinuationToken>"
#define ONE_VERSION(key, id) "<Version><Key>" key "</Key><VersionId>" id "</VersionId></Version>"
#define EMPTY(status) ANSWER(status, "", "")
#define HEAD_OK ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 5\r\n", "")

static struct pail_bucket *new_bucket(struct fixture *f)
{
        struct pail_bucket *bucket = NULL;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        return bucket;
}

static struct pail_cursor *open_pages(struct pail_collection collection)
{
        struct pail_cursor *cursor = NULL;
        assert_int_equal(pail_collection_pages(&collection, &cursor), 0);
        return cursor;
}

static void next_page(struct pail_cursor *cursor, size_t count)
{
        struct pail_s3_page page = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        if (pail_cursor_next(cursor, &page, &error) != 1)
                fail_msg("no page: %s", error.message);
        assert_int_equal(page.count, count);
        pail_s3_page_done(&page);
}

/* Collections */

static void test_next_page_is_asked_for_early(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        fixture_answers(f, LIST(CONTENT("a") MORE("1")), LIST(CONTENT("b") MORE("2")), LIST(CONTENT("c")), NULL);
        struct pail_cursor *cursor = open_pages(pail_bucket_objects(bucket));
        assert_int_equal(fixture_requests(f), 0);
        next_page(cursor, 1);
        gate_wait(&f->arrived, 2); /* nobody has asked for it yet */
        sleep_ms(50);
        assert_int_equal(fixture_requests(f), 2); /* one page ahead, not two */
        next_page(cursor, 1);
        gate_wait(&f->arrived, 3);
        next_page(cursor, 1);
        struct pail_s3_page page;
        assert_int_equal(pail_cursor_next(cursor, &page, NULL), 0);
        assert_int_equal(fixture_requests(f), 3);
        pail_cursor_free(cursor);
        pail_bucket_unref(bucket);
}

static void test_closing_gives_up_the_lookahead(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        fixture_answers(f, LIST(CONTENT("a") MORE("1")), ANSWER_SILENCE, NULL);
        struct pail_cursor *cursor = open_pages(pail_bucket_objects(bucket));
        next_page(cursor, 1);
        gate_wait(&f->arrived, 2);
        int64_t begin_ms = pail_clock_monotonic_ms();
        pail_cursor_free(cursor);
        pail_bucket_unref(bucket);
        pail_s3_client_drain(f->client);
        assert_true(pail_clock_monotonic_ms() - begin_ms < 5000);
}

static void test_limit_within_a_page_asks_once(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        fixture_answers(f, LIST(CONTENT("a") CONTENT("b") MORE("1")), ERROR("500 no", "InternalError"), NULL);
        struct pail_cursor *cursor = open_pages(pail_collection_limit(pail_bucket_objects(bucket), 2));
        next_page(cursor, 2);
        sleep_ms(50);
        assert_int_equal(fixture_requests(f), 1);
        assert_non_null(strstr(f->requests[0].head.target, "max-keys=2"));
        struct pail_s3_page page;
        assert_int_equal(pail_cursor_next(cursor, &page, NULL), 0);
        pail_cursor_free(cursor);
        pail_bucket_unref(bucket);
}

static bool is_set(void *context)
{
        return *(const bool *)context;
}

static void test_interrupted_page_is_asked_for_again(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        fixture_answers(f, LIST(CONTENT("a") MORE("1")), ANSWER_SILENCE, LIST(CONTENT("b")), NULL);
        struct pail_cursor *cursor = open_pages(pail_bucket_objects(bucket));
        next_page(cursor, 1);
        gate_wait(&f->arrived, 2);
        bool interrupted = true;
        const struct pail_interrupt interrupt = { is_set, &interrupted };
        struct pail_s3_page page;
        struct pail_error error = PAIL_ERROR_INIT;
        pail_interrupt_install(&interrupt);
        assert_int_equal(pail_cursor_next(cursor, &page, &error), -EINTR);
        pail_interrupt_install(NULL);
        assert_int_equal(error.class, PAIL_ERROR_CANCELLED);
        next_page(cursor, 1);
        assert_non_null(strstr(f->requests[2].head.target, "continuation-token=1"));
        pail_cursor_free(cursor);
        pail_bucket_unref(bucket);
}

static void test_resume_token(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        char *token = NULL;
        fixture_answers(f, LIST(CONTENT("a") CONTENT("b") CONTENT("c") MORE("1&amp;2")), NULL);
        struct pail_cursor *cursor = open_pages(pail_collection_limit(pail_bucket_objects(bucket), 2));
        next_page(cursor, 2);
        assert_int_equal(pail_cursor_resume_token(cursor, &token), 0);
        pail_cursor_free(cursor);

        const struct pail_s3_entry *entry = NULL;
        cursor = open_pages(pail_collection_start_at(pail_collection_limit(pail_bucket_objects(bucket), 1), token));
        assert_int_equal(pail_cursor_next_entry(cursor, &entry, NULL), 1);
        assert_string_equal(entry->key, "c");
        assert_int_equal(pail_cursor_next_entry(cursor, &entry, NULL), 0);
        free(token);
        assert_int_equal(pail_cursor_resume_token(cursor, &token), 0);
        pail_cursor_free(cursor);

        fixture_answers(f, LIST(CONTENT("d")), NULL);
        cursor = open_pages(pail_collection_start_at(pail_bucket_objects(bucket), token));
        next_page(cursor, 1);
        assert_non_null(strstr(f->requests[0].head.target, "continuation-token=1%262"));
        free(token);
        assert_int_equal(pail_cursor_resume_token(cursor, &token), 0);
        assert_null(token);
        pail_cursor_free(cursor);

        struct pail_collection other = pail_collection_start_at(pail_bucket_object_versions(bucket), "o0:1");
        assert_int_equal(pail_collection_pages(&other, &cursor), -EINVAL);
        pail_bucket_unref(bucket);
}

static void test_versions_are_deleted(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        const struct pail_collection all = pail_bucket_object_versions(bucket);
        fixture_answers(
                f,
                ANSWER("200 OK", XML,
                       "<ListVersionsResult>" ONE_VERSION("a", "1&amp;") ONE_VERSION(
                               "a",
                               "null") "<DeleteMarker>"
                                       "<Key>b&#x7;</Key><VersionId>3</VersionId></DeleteMarker><CommonPrefixes><Prefix>p/"
                                       "</Prefix></CommonPrefixes></ListVersionsResult>"),
                /* One fails for a passing reason, and is tried alone; one is gone already. */
                ANSWER("200 OK", XML,
                       "<DeleteResult><Error><Key>a</Key><VersionId>null</VersionId><Code>SlowDown</Code></Error>"
                       "<Error><Key>a</Key><VersionId>1&amp;</VersionId><Code>NoSuchVersion</Code></Error>"
                       "</DeleteResult>"),
                EMPTY("204 No Content"), NULL);
        assert_int_equal(pail_collection_delete(&all, NULL), 0);
        assert_int_equal(fixture_requests(f), 4);
        assert_non_null(strstr(f->requests[1].body,
                               "<Object><Key>a</Key><VersionId>1&amp;</VersionId></Object>"
                               "<Object><Key>a</Key><VersionId>null</VersionId></Object></Delete>"));
        bool alone = false, odd = false;
        for (unsigned i = 2; i < 4; i++) {
                alone = alone || strcmp(f->requests[i].head.target, "/b/a?versionId=null") == 0;
                odd = odd || strcmp(f->requests[i].head.target, "/b/b%07?versionId=3") == 0;
        }
        assert_true(alone && odd);
        const struct pail_collection uploads = pail_bucket_multipart_uploads(bucket);
        assert_int_equal(pail_collection_delete(&uploads, NULL), -EOPNOTSUPP);
        pail_bucket_unref(bucket);
}

/* Waiters */

static void test_what_waiters_take_for_an_answer(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        struct pail_object *object = NULL;
        assert_int_equal(pail_object_new(bucket, "k", &object), 0);
        /* By status: bucket exists, bucket not exists, object exists, object not exists. 1: done, 0: again, < 0: failed. */
        static const struct {
                const char *answer;
                int verdicts[4];
        } cases[] = {
                { HEAD_OK, { 1, 0, 1, 0 } },
                { EMPTY("404 Not Found"), { 0, 1, 0, 1 } },
                { EMPTY("403 Forbidden"), { 1, -EACCES, -EACCES, -EACCES } },
                { EMPTY("301 Moved"), { 1, -EPROTO, -EPROTO, -EPROTO } },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                for (int which = 0; which < 4; which++) {
                        const struct pail_wait_options options = { .delay_ms = 1, .max_attempts = 2 };
                        struct pail_error error = PAIL_ERROR_INIT;
                        fixture_answers(f, cases[i].answer, NULL);
                        int r = which == 0   ? pail_bucket_wait_until_exists(bucket, &options, &error)
                                : which == 1 ? pail_bucket_wait_until_not_exists(bucket, &options, &error)
                                : which == 2 ? pail_object_wait_until_exists(object, &options, &error)
                                             : pail_object_wait_until_not_exists(object, &options, &error);
                        int outcome = cases[i].verdicts[which];
                        assert_int_equal(r, outcome == 1 ? 0 : outcome == 0 ? -ETIMEDOUT : outcome);
                        /* The reason of a refusal is asked for once. */
                        bool asks_why = which == 2 && outcome == -EACCES;
                        assert_int_equal(fixture_requests(f), outcome == 0 || asks_why ? 2 : 1);
                        if (outcome == 0)
                                assert_non_null(strstr(error.message, "after 2 attempts"));
                }
        }
        pail_object_free(object);
        pail_bucket_unref(bucket);
}

static void test_waiters_wait(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        struct pail_object *object = NULL;
        assert_int_equal(pail_object_new(bucket, "k", &object), 0);
        struct pail_wait_options options = { .delay_ms = 60, .max_attempts = 5 };
        fixture_answers(f, EMPTY("404 Not Found"), EMPTY("404 Not Found"), HEAD_OK, NULL);
        int64_t begin_ms = pail_clock_monotonic_ms();
        assert_int_equal(pail_object_wait_until_exists(object, &options, NULL), 0);
        assert_true(pail_clock_monotonic_ms() - begin_ms >= 120);
        assert_int_equal(pail_object_metadata(object)->size_bytes, 5); /* it is loaded now */

        /* A deadline ends the waiting, and a question that nobody answers. */
        options = (struct pail_wait_options){ .deadline_ms = pail_clock_monotonic_ms() + 200 };
        fixture_answers(f, EMPTY("404 Not Found"), NULL);
        assert_int_equal(pail_object_wait_until_exists(object, &options, NULL), -ETIMEDOUT);
        assert_int_equal(fixture_requests(f), 1);
        assert_null(pail_object_metadata(object));
        options.deadline_ms = pail_clock_monotonic_ms() + 200;
        fixture_answers(f, ANSWER_SILENCE, NULL);
        begin_ms = pail_clock_monotonic_ms();
        assert_int_equal(pail_object_wait_until_exists(object, &options, NULL), -ETIMEDOUT);
        assert_true(pail_clock_monotonic_ms() - begin_ms < 5000);

        /* And so does an interrupt. */
        bool interrupted = true;
        const struct pail_interrupt interrupt = { is_set, &interrupted };
        fixture_answers(f, EMPTY("404 Not Found"), NULL);
        pail_interrupt_install(&interrupt);
        assert_int_equal(pail_bucket_wait_until_exists(bucket, NULL, NULL), -EINTR);
        pail_interrupt_install(NULL);
        pail_object_free(object);
        pail_bucket_unref(bucket);
}

static void test_existence(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        struct pail_object *object = NULL;
        assert_int_equal(pail_object_new(bucket, "k", &object), 0);
        bool exists = false;
        fixture_answers(f, EMPTY("403 Forbidden"), EMPTY("404 Not Found"), HEAD_OK, EMPTY("404 Not Found"),
                        EMPTY("403 Forbidden"), NULL);
        assert_int_equal(pail_bucket_exists(bucket, &exists, NULL), 0);
        assert_true(exists);
        assert_int_equal(pail_bucket_exists(bucket, &exists, NULL), 0);
        assert_false(exists);
        assert_int_equal(pail_object_exists(object, &exists, NULL), 0);
        assert_true(exists);
        assert_int_equal(pail_object_exists(object, &exists, NULL), 0);
        assert_false(exists);
        assert_int_equal(pail_object_exists(object, &exists, NULL), -EACCES);
        pail_object_free(object);
        pail_bucket_unref(bucket);
}

/* Resources */

static void test_bucket_attributes_are_lazy(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        struct timespec date = { 0 };
        char *region = NULL;
        fixture_answers(
                f, ANSWER("200 OK", "x-amz-bucket-region: eu-north-9\r\n", ""),
                ANSWER("200 OK", XML,
                       "<ListAllMyBucketsResult><Buckets><Bucket><Name>bb</Name><CreationDate>2010-01-01T00:00:00Z"
                       "</CreationDate></Bucket><Bucket><Name>b</Name><CreationDate>2009-10-12T17:50:30Z"
                       "</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>"),
                NULL);
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(pail_bucket_region(bucket, &region, NULL), 0);
                assert_string_equal(region, "eu-north-9");
                free(region);
                assert_int_equal(pail_bucket_creation_date(bucket, &date, NULL), 0);
                assert_int_equal(date.tv_sec, 1255369830);
        }
        assert_int_equal(fixture_requests(f), 2);
        const struct pail_resource_meta meta = pail_bucket_meta(bucket);
        assert_string_equal(meta.type, "Bucket");
        assert_string_equal(meta.identifiers[0].value, "b");
        pail_bucket_unref(bucket);

        assert_int_equal(pail_bucket_new(f->client, "nobodys", &bucket), 0);
        assert_int_equal(pail_bucket_creation_date(bucket, &date, NULL), -ENOENT);
        fixture_answers(f, EMPTY("404 Not Found"), NULL);
        assert_int_equal(pail_bucket_load(bucket, NULL), -ENOENT);
        pail_bucket_unref(bucket);
}

static void test_summary_needs_no_request(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        struct pail_object *object = NULL;
        struct pail_object_summary summary;
        static char key[] = "k", class[] = "COLD";
        const struct pail_s3_entry entry = {
                .key = key, .storage_class = class, .size_bytes = 9, .etag = "listed", .last_modified.tv_sec = 3
        };
        fixture_answers(f, HEAD_OK, EMPTY("204 No Content"), HEAD_OK, NULL);
        assert_int_equal(pail_object_new_from_entry(bucket, &entry, &object), 0);
        assert_string_equal(pail_object_meta(object).type, "ObjectSummary");
        assert_int_equal(pail_object_summarize(object, &summary, NULL), 0);
        assert_int_equal(summary.size_bytes, 9);
        assert_string_equal(summary.etag, "listed");
        assert_string_equal(summary.storage_class, "COLD");
        assert_null(pail_object_metadata(object));
        assert_int_equal(fixture_requests(f), 0);
        assert_int_equal(pail_object_load(object, NULL), 0);
        assert_int_equal(pail_object_summarize(object, &summary, NULL), 0);
        assert_string_equal(summary.etag, "e");
        assert_non_null(pail_object_meta(object).data);
        /* An action drops it, and the next one who asks loads it. */
        assert_int_equal(pail_object_delete(object, NULL), 0);
        assert_null(pail_object_metadata(object));
        assert_int_equal(pail_object_summarize(object, &summary, NULL), 0);
        assert_int_equal(fixture_requests(f), 3);
        pail_object_free(object);
        const struct pail_s3_entry prefix = { .key = key, .is_prefix = true };
        assert_int_equal(pail_object_new_from_entry(bucket, &prefix, &object), -EINVAL);
        pail_bucket_unref(bucket);
}

static void test_versions(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        struct pail_object *version = NULL, *object = NULL;
        struct pail_buf body;
        char etag[PAIL_S3_ETAG_SIZE];
        pail_buf_init(&body, 100);
        assert_int_equal(pail_object_new_version(bucket, "k", "v&1", &version), 0);
        fixture_answers(f, HEAD_OK, ANSWER("200 OK", "ETag: \"e\"\r\n", "12345"), EMPTY("204 No Content"), NULL);
        assert_int_equal(pail_object_load(version, NULL), 0);
        assert_int_equal(pail_object_get(version, &body, NULL), 0);
        assert_string_equal(body.data, "12345");
        assert_int_equal(pail_object_delete(version, NULL), 0);
        for (unsigned i = 0; i < 3; i++)
                assert_string_equal(f->requests[i].head.target, "/b/k?versionId=v%261");
        const struct pail_resource_meta meta = pail_object_meta(version);
        assert_string_equal(meta.type, "ObjectVersion");
        assert_int_equal(meta.identifier_count, 3);
        assert_string_equal(meta.identifiers[2].value, "v&1");

        /* What is not of versions does not touch the current one instead. */
        const struct pail_http_body nothing = { .fd = -1 };
        assert_int_equal(pail_object_new(bucket, "k", &object), 0);
        assert_int_equal(pail_object_put(version, NULL, &nothing, NULL, etag, NULL), -EINVAL);
        assert_int_equal(pail_object_copy(object, version, NULL, etag, NULL), -EINVAL);
        assert_int_equal(fixture_requests(f), 3);
        pail_buf_done(&body);
        pail_object_free(object);
        pail_object_free(version);
        pail_bucket_unref(bucket);
}

static void test_upload_is_completed_from_its_parts(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        struct pail_multipart_upload *upload = NULL;
        char etag[PAIL_S3_ETAG_SIZE];
#define PARTS(inner) ANSWER("200 OK", XML, "<ListPartsResult>" inner "</ListPartsResult>")
#define PART(number) "<Part><PartNumber>" number "</PartNumber><ETag>e" number "</ETag><Size>5</Size></Part>"
        fixture_answers(
                f, PARTS("<IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>" PART("1")),
                PARTS(PART("7")),
                ANSWER("200 OK", XML,
                       "<CompleteMultipartUploadResult><ETag>\"whole\"</ETag></CompleteMultipartUploadResult>"),
                NULL);
        assert_int_equal(pail_multipart_upload_new(bucket, "k", "u", &upload), 0);
        assert_int_equal(pail_multipart_upload_complete(upload, NULL, 0, NULL, etag, NULL), 0);
        assert_string_equal(etag, "whole");
        assert_string_equal(f->requests[1].head.target, "/b/k?uploadId=u&part-number-marker=1&max-parts=1000");
        assert_non_null(strstr(f->requests[2].body, "<PartNumber>1</PartNumber>"));
        assert_non_null(strstr(f->requests[2].body, "<PartNumber>7</PartNumber>"));
        const struct pail_multipart_part part = pail_multipart_upload_part(upload, 7);
        const struct pail_resource_meta meta = pail_multipart_part_meta(&part);
        assert_string_equal(meta.identifiers[3].value, "7");
        pail_multipart_upload_free(upload);
        pail_bucket_unref(bucket);
}

/* Progress */

struct moved {
        _Atomic int64_t sum, lowest_delta;
};

static void on_moved(void *context, int64_t delta_bytes)
{
        struct moved *moved = context;
        moved->sum += delta_bytes;
        if (delta_bytes < moved->lowest_delta)
                moved->lowest_delta = delta_bytes;
}

static void test_progress_of_a_body(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = new_bucket(f);
        struct pail_object *object = NULL;
        struct moved moved = { 0 };
        static char data[100000];
        struct iovec vector = { data, sizeof(data) };
        const struct pail_http_body body = { .vector = &vector,
                                             .vector_count = 1,
                                             .fd = -1,
                                             .size_bytes = sizeof(data),
                                             .progress = on_moved,
                                             .progress_context = &moved };
        char etag[PAIL_S3_ETAG_SIZE];
        assert_int_equal(pail_object_new(bucket, "k", &object), 0);
        /* What the first attempt sent in vain is taken back. */
        fixture_answers(f, ERROR("503 Slow", "SlowDown"), ANSWER("200 OK", "ETag: \"e\"\r\n", ""), NULL);
        assert_int_equal(pail_object_put(object, NULL, &body, NULL, etag, NULL), 0);
        assert_int_equal(moved.sum, sizeof(data));
        assert_int_equal(moved.lowest_delta, -(int64_t)sizeof(data));
        /* And nothing stays of one that failed for good. */
        moved.sum = 0;
        fixture_answers(f, ERROR("403 Forbidden", "AccessDenied"), NULL);
        assert_int_equal(pail_object_put(object, NULL, &body, NULL, etag, NULL), -EACCES);
        assert_int_equal(moved.sum, 0);
        pail_object_free(object);
        pail_bucket_unref(bucket);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_next_page_is_asked_for_early),
                TEST(test_closing_gives_up_the_lookahead),
                TEST(test_limit_within_a_page_asks_once),
                TEST(test_interrupted_page_is_asked_for_again),
                TEST(test_resume_token),
                TEST(test_versions_are_deleted),
                TEST(test_what_waiters_take_for_an_answer),
                TEST(test_waiters_wait),
                TEST(test_existence),
                TEST(test_bucket_attributes_are_lazy),
                TEST(test_summary_needs_no_request),
                TEST(test_versions),
                TEST(test_upload_is_completed_from_its_parts),
                TEST(test_progress_of_a_body),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
