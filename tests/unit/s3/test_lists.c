/* SPDX-License-Identifier: Apache-2.0 */
/* Listings that are not what they should be. */
#include "fixture.h"
#include "pail/util/cleanup.h"

#define LIST(inner) ANSWER("200 OK", XML, "<ListBucketResult>" inner "</ListBucketResult>")
#define CONTENT(key) "<Contents><Key>" key "</Key><Size>1</Size></Contents>"
#define MORE(token) "<IsTruncated>true</IsTruncated><NextContinuationToken>" token "</NextContinuationToken>"

static int list(struct fixture *f, const char *prefix, struct pail_s3_page *page)
{
        const struct pail_s3_list_input input = { .bucket = "b",
                                                  .prefix = prefix,
                                                  .delimiter = "/",
                                                  .start_after = "s",
                                                  .continuation_token = "t",
                                                  .max_keys = 7 };
        *page = (struct pail_s3_page){ 0 };
        return pail_s3_list_objects_v2(f->client, &input, page, NULL);
}

static void test_query(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_page page;
        fixture_answers(f, LIST(""), NULL);
        assert_int_equal(list(f, "a b/\xc3\xbc", &page), 0);
        assert_string_equal(f->requests[0].head.target,
                            "/b?list-type=2&encoding-type=url&prefix=a%20b%2F%C3%BC&delimiter=%2F&start-after=s"
                            "&continuation-token=t&max-keys=7");
        pail_s3_page_done(&page);
}

static void test_entries(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_page page;
        fixture_answers(f,
                        LIST("<Contents><Key>a%2Bb+c%2F</Key><LastModified>2009-10-12T17:50:30.123Z</LastModified>"
                             "<ETag>&quot;0123&quot;</ETag><Size>5368709120</Size><StorageClass>GLACIER</StorageClass>"
                             "<Owner><ID>x</ID></Owner></Contents>" CONTENT(
                                     "z") "<CommonPrefixes><Prefix>p%25/</Prefix></CommonPrefixes>"
                                          "<EncodingType>url</EncodingType>" MORE("to&amp;ken")),
                        NULL);
        assert_int_equal(list(f, NULL, &page), 0);
        assert_int_equal(page.count, 3);
        assert_string_equal(page.entries[0].key, "a+b c/");
        assert_int_equal(page.entries[0].size_bytes, UINT64_C(5368709120));
        assert_string_equal(page.entries[0].etag, "0123");
        assert_string_equal(page.entries[0].storage_class, "GLACIER");
        assert_int_equal(page.entries[0].last_modified.tv_nsec, 123000000);
        assert_false(page.entries[1].is_prefix);
        assert_string_equal(page.entries[1].etag, "");
        assert_true(page.entries[2].is_prefix);
        assert_string_equal(page.entries[2].key, "p%/");
        assert_true(page.is_truncated);
        assert_string_equal(page.next_token, "to&ken");
        pail_s3_page_done(&page);

        /* Nothing is decoded where the server does not say that it has encoded. */
        fixture_answers(f, LIST(CONTENT("a%2B+b")), NULL);
        assert_int_equal(list(f, NULL, &page), 0);
        assert_string_equal(page.entries[0].key, "a%2B+b");
        pail_s3_page_done(&page);
}

static void test_keys_that_no_string_holds(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_page page;
        fixture_answers(f, LIST("<EncodingType>url</EncodingType>" CONTENT("a%00b") CONTENT("c") CONTENT("d%00")),
                        NULL);
        assert_int_equal(list(f, NULL, &page), 0);
        assert_int_equal(page.count, 1);
        assert_string_equal(page.entries[0].key, "c");
        assert_int_equal(page.hidden_count, 2);
        pail_s3_page_done(&page);
}

static void test_lists_that_lie(void **state)
{
        struct fixture *f = *state;
        static const char *const bad[] = {
                LIST(CONTENT("elsewhere")),
                LIST(CONTENT("")),
                LIST("<Contents><Size>1</Size></Contents>"),
                LIST(CONTENT("p/a") "<IsTruncated>true</IsTruncated>"),
                LIST(CONTENT("p/a") "<IsTruncated>true</IsTruncated><NextContinuationToken></NextContinuationToken>"),
                LIST("<EncodingType>url</EncodingType>" CONTENT("p/%zz")),
                LIST("<Contents><Key>p/a</Key><Size>18446744073709551616</Size></Contents>"),
                LIST("<Contents><Key>p/a</Key><LastModified>yesterday</LastModified></Contents>"),
                LIST("<CommonPrefixes><Prefix>q/</Prefix></CommonPrefixes>"),
        };
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                struct pail_s3_page page;
                fixture_answers(f, bad[i], NULL);
                assert_int_equal(list(f, "p/", &page), -EPROTO);
                assert_null(page.entries);
        }
}

static int read_all(struct fixture *f, size_t *ret_count)
{
        struct pail_bucket *bucket = NULL;
        struct pail_objects_cursor *cursor = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        const struct pail_objects objects = pail_objects_filter(pail_bucket_objects(bucket), "p/", NULL);
        assert_int_equal(pail_objects_pages(&objects, &cursor), 0);
        assert_int_equal(fixture_requests(f), 0);
        *ret_count = 0;
        int r;
        struct pail_s3_page page;
        while ((r = pail_objects_cursor_next(cursor, &page, &error)) > 0) {
                *ret_count += page.count;
                pail_s3_page_done(&page);
        }
        if (r == -EPROTO)
                assert_non_null(strstr(error.message, "does not end"));
        pail_objects_cursor_free(cursor);
        pail_bucket_unref(bucket);
        return r;
}

static void test_pages(void **state)
{
        struct fixture *f = *state;
        size_t count;
        fixture_answers(f, LIST(CONTENT("p/a") CONTENT("p/b") MORE("1")), LIST(MORE("2")), LIST(CONTENT("p/c")), NULL);
        assert_int_equal(read_all(f, &count), 0);
        assert_int_equal(count, 3);
        assert_non_null(strstr(f->requests[2].head.target, "continuation-token=2"));
}

static void test_endless_lists(void **state)
{
        struct fixture *f = *state;
        size_t count;
        fixture_answers(f, LIST(CONTENT("p/a") MORE("1")), LIST(CONTENT("p/b") MORE("1")), NULL);
        assert_int_equal(read_all(f, &count), -EPROTO);
        fixture_answers(f, LIST(CONTENT("p/a") MORE("1")), LIST(CONTENT("p/a") MORE("2")), NULL);
        assert_int_equal(read_all(f, &count), -EPROTO);
        assert_int_equal(count, 1);
}

static void test_uploads_and_parts(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_uploads uploads = { 0 };
        struct pail_s3_parts parts = { 0 };
        fixture_answers(
                f,
                ANSWER("200 OK", XML,
                       "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>"
                       "<NextUploadIdMarker>u</NextUploadIdMarker><Upload><Key>a&#x7;</Key><UploadId>1</UploadId>"
                       "<Initiated>2009-10-12T17:50:30.000Z</Initiated></Upload></ListMultipartUploadsResult>"),
                ANSWER("200 OK", XML,
                       "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker>"
                       "<Part><PartNumber>2</PartNumber><ETag>\"e\"</ETag><Size>5</Size></Part></ListPartsResult>"),
                NULL);
        assert_int_equal(pail_s3_list_multipart_uploads(f->client, "b", "p", "km", "um", &uploads, NULL), 0);
        assert_string_equal(f->requests[0].head.target, "/b?uploads&prefix=p&key-marker=km&upload-id-marker=um");
        assert_int_equal(uploads.count, 1);
        assert_string_equal(uploads.items[0].key, "a\x07");
        assert_int_equal(uploads.items[0].initiated.tv_sec, 1255369830);
        assert_string_equal(uploads.next_upload_id_marker, "u");
        pail_s3_uploads_done(&uploads);
        assert_int_equal(pail_s3_list_parts(f->client, "b", "k", "u", 1, &parts, NULL), 0);
        assert_string_equal(f->requests[1].head.target, "/b/k?uploadId=u&part-number-marker=1");
        assert_true(parts.is_truncated);
        assert_int_equal(parts.next_part_number_marker, 2);
        assert_int_equal(parts.items[0].size_bytes, 5);
        pail_s3_parts_done(&parts);
        fixture_answers(
                f,
                ANSWER("200 OK", XML, "<ListPartsResult><Part><PartNumber>10001</PartNumber></Part></ListPartsResult>"),
                NULL);
        assert_int_equal(pail_s3_list_parts(f->client, "b", "k", "u", 0, &parts, NULL), -EPROTO);
        fixture_answers(
                f, ANSWER("200 OK", XML, "<ListMultipartUploadsResult><Upload></Upload></ListMultipartUploadsResult>"),
                NULL);
        assert_int_equal(pail_s3_list_multipart_uploads(f->client, "b", NULL, NULL, NULL, &uploads, NULL), -EPROTO);
        fixture_answers(f,
                        ANSWER("200 OK", XML,
                               "<ListAllMyBucketsResult><Buckets><Bucket></Bucket></Buckets></ListAllMyBucketsResult>"),
                        NULL);
        struct pail_s3_buckets buckets = { 0 };
        assert_int_equal(pail_s3_list_buckets(f->client, NULL, &buckets, NULL), -EPROTO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_query),
                TEST(test_entries),
                TEST(test_keys_that_no_string_holds),
                TEST(test_lists_that_lie),
                TEST(test_pages),
                TEST(test_endless_lists),
                TEST(test_uploads_and_parts),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
