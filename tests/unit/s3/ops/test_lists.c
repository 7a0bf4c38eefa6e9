/* SPDX-License-Identifier: Apache-2.0 */
/* Listings that are not what they should be. */
#include "../fixture.h"
#include "pail/s3/collection.h"
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
        struct pail_cursor *cursor = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        const struct pail_collection objects = pail_collection_filter(pail_bucket_objects(bucket), "p/", NULL);
        assert_int_equal(pail_collection_pages(&objects, &cursor), 0);
        assert_int_equal(fixture_requests(f), 0);
        *ret_count = 0;
        int r;
        struct pail_s3_page page;
        while ((r = pail_cursor_next(cursor, &page, &error)) > 0) {
                *ret_count += page.count;
                pail_s3_page_done(&page);
        }
        if (r == -EPROTO)
                assert_non_null(strstr(error.message, "does not end"));
        pail_cursor_free(cursor);
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

#define UPLOADS(inner) ANSWER("200 OK", XML, "<ListMultipartUploadsResult>" inner "</ListMultipartUploadsResult>")
#define PARTS(inner) ANSWER("200 OK", XML, "<ListPartsResult>" inner "</ListPartsResult>")
#define VERSIONS(inner) ANSWER("200 OK", XML, "<ListVersionsResult>" inner "</ListVersionsResult>")
#define BUCKETS(inner) ANSWER("200 OK", XML, "<ListAllMyBucketsResult>" inner "</ListAllMyBucketsResult>")

static void test_uploads(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_page page = { 0 };
        const struct pail_s3_list_input input = {
                .bucket = "b", .prefix = "a", .continuation_token = "km", .id_marker = "um", .max_keys = 3
        };
        fixture_answers(
                f,
                UPLOADS("<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>"
                        "<NextUploadIdMarker>u</NextUploadIdMarker><Upload><Key>a&#x7;</Key><UploadId>1</UploadId>"
                        "<Initiator><ID>x</ID></Initiator><Initiated>2009-10-12T17:50:30.000Z</Initiated></Upload>"
                        "<CommonPrefixes><Prefix>ab/</Prefix></CommonPrefixes>"),
                NULL);
        assert_int_equal(pail_s3_list_multipart_uploads(f->client, &input, &page, NULL), 0);
        assert_string_equal(f->requests[0].head.target,
                            "/b?uploads&prefix=a&key-marker=km&upload-id-marker=um&max-uploads=3");
        assert_int_equal(page.count, 2);
        assert_string_equal(page.entries[0].key, "a\x07");
        assert_string_equal(page.entries[0].id, "1");
        assert_int_equal(page.entries[0].last_modified.tv_sec, 1255369830);
        assert_true(page.entries[1].is_prefix);
        assert_string_equal(page.next_token, "k");
        assert_string_equal(page.next_id, "u");
        pail_s3_page_done(&page);
}

static void test_parts(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_page page = { 0 };
        const struct pail_s3_list_input input = {
                .bucket = "b", .key = "k", .upload_id = "u", .continuation_token = "1", .max_keys = 9
        };
#define PART "<Part><PartNumber>2</PartNumber><ETag>\"e\"</ETag><Size>5</Size></Part>"
        fixture_answers(f, PARTS("<IsTruncated>true</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker>" PART),
                        PARTS("<IsTruncated>false</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker>" PART),
                        NULL);
        assert_int_equal(pail_s3_list_parts(f->client, &input, &page, NULL), 0);
        assert_string_equal(f->requests[0].head.target, "/b/k?uploadId=u&part-number-marker=1&max-parts=9");
        assert_true(page.is_truncated);
        assert_string_equal(page.next_token, "2");
        assert_null(page.next_id);
        assert_null(page.entries[0].key);
        assert_int_equal(page.entries[0].part_number, 2);
        assert_int_equal(page.entries[0].size_bytes, 5);
        pail_s3_page_done(&page);
        assert_int_equal(pail_s3_list_parts(f->client, &input, &page, NULL), 0);
        assert_null(page.next_token);
        pail_s3_page_done(&page);
}

static void test_versions(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_page page = { 0 };
        const struct pail_s3_list_input input = { .bucket = "b",
                                                  .prefix = "p",
                                                  .delimiter = "/",
                                                  .continuation_token = "k",
                                                  .id_marker = "i",
                                                  .max_keys = 4 };
        fixture_answers(
                f,
                VERSIONS(
                        "<Name>b</Name><Prefix>p</Prefix><KeyMarker>k</KeyMarker><IsTruncated>true</IsTruncated>"
                        "<NextKeyMarker>p%25</NextKeyMarker><NextVersionIdMarker>null</NextVersionIdMarker>"
                        "<DeleteMarker><Key>p%25</Key><VersionId>2</VersionId><IsLatest>true</IsLatest>"
                        "<LastModified>2009-10-12T17:50:30.000Z</LastModified></DeleteMarker>"
                        "<Version><Key>p%25</Key><VersionId>null</VersionId><IsLatest>false</IsLatest><ETag>\"e\"</ETag>"
                        "<Size>7</Size><Owner><ID>1</ID><Key>no</Key></Owner></Version>"
                        "<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>"),
                NULL);
        assert_int_equal(pail_s3_list_object_versions(f->client, &input, &page, NULL), 0);
        assert_string_equal(f->requests[0].head.target,
                            "/b?versions&prefix=p&delimiter=%2F&key-marker=k&version-id-marker=i&max-keys=4");
        assert_int_equal(page.count, 3);
        assert_true(page.entries[0].is_delete_marker && page.entries[0].is_latest);
        assert_string_equal(page.entries[0].key, "p%25"); /* not encoded: nothing said so */
        assert_false(page.entries[1].is_delete_marker || page.entries[1].is_latest);
        assert_string_equal(page.entries[1].id, "null");
        assert_int_equal(page.entries[1].size_bytes, 7);
        assert_true(page.entries[2].is_prefix);
        assert_string_equal(page.next_token, "p%25");
        assert_string_equal(page.next_id, "null");
        pail_s3_page_done(&page);
}

static void test_buckets(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_buckets buckets = { 0 };
#define BUCKET(name) "<Bucket><Name>" name "</Name><CreationDate>2009-10-12T17:50:30.000Z</CreationDate></Bucket>"
        fixture_answers(f, BUCKETS("<Owner><ID>x</ID></Owner><Buckets>" BUCKET("one") BUCKET("two") "</Buckets>"),
                        NULL);
        assert_int_equal(pail_s3_list_buckets(f->client, &buckets, NULL), 0);
        assert_string_equal(f->requests[0].head.target, "/");
        assert_int_equal(buckets.count, 2);
        assert_string_equal(buckets.items[1].name, "two");
        assert_int_equal(buckets.items[1].creation_date.tv_sec, 1255369830);
        pail_s3_buckets_done(&buckets);

        /* Pages, where the server has them; the prefix is compared here. */
        struct pail_cursor *cursor = NULL;
        const struct pail_s3_entry *entry = NULL;
        struct pail_collection some = pail_collection_filter(pail_client_buckets(f->client), "t", NULL);
        some = pail_collection_page_size(some, 2);
        fixture_answers(f, BUCKETS("<Buckets>" BUCKET("one") "</Buckets><ContinuationToken>c</ContinuationToken>"),
                        BUCKETS("<Buckets>" BUCKET("ten") "</Buckets>"), NULL);
        assert_int_equal(pail_collection_pages(&some, &cursor), 0);
        assert_int_equal(pail_cursor_next_entry(cursor, &entry, NULL), 1);
        assert_string_equal(entry->key, "ten");
        assert_int_equal(pail_cursor_next_entry(cursor, &entry, NULL), 0);
        assert_string_equal(f->requests[0].head.target, "/?max-buckets=2");
        assert_string_equal(f->requests[1].head.target, "/?continuation-token=c&max-buckets=2");
        pail_cursor_free(cursor);
}

typedef int list_function(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                          struct pail_s3_page *ret_page, struct pail_error *ret_error);

static void test_other_lists_that_lie(void **state)
{
        struct fixture *f = *state;
        static const struct {
                list_function *list;
                const char *answer;
        } bad[] = {
                { pail_s3_list_parts, PARTS("<Part><PartNumber>10001</PartNumber><ETag>e</ETag></Part>") },
                { pail_s3_list_parts, PARTS("<Part><PartNumber>1</PartNumber></Part>") },
                { pail_s3_list_parts, PARTS("<Part><ETag>e</ETag></Part>") },
                { pail_s3_list_multipart_uploads, UPLOADS("<Upload></Upload>") },
                { pail_s3_list_multipart_uploads, UPLOADS("<Upload><Key>p</Key></Upload>") },
                { pail_s3_list_multipart_uploads, UPLOADS("<Upload><Key>q</Key><UploadId>1</UploadId></Upload>") },
                { pail_s3_list_object_versions, VERSIONS("<Version><Key>p</Key></Version>") },
                { pail_s3_list_object_versions, VERSIONS("<IsTruncated>true</IsTruncated>") },
                { pail_s3_list_object_versions,
                  VERSIONS("<DeleteMarker><Key>q</Key><VersionId>1</VersionId></DeleteMarker>") },
        };
        const struct pail_s3_list_input input = { .bucket = "b", .key = "k", .upload_id = "u", .prefix = "p" };
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                struct pail_s3_page page = { 0 };
                const struct pail_s3_list_input of_bucket = { .bucket = "b", .prefix = "p" };
                fixture_answers(f, bad[i].answer, NULL);
                assert_int_equal(
                        bad[i].list(f->client, bad[i].list == pail_s3_list_parts ? &input : &of_bucket, &page, NULL),
                        -EPROTO);
                assert_null(page.entries);
        }
        struct pail_s3_buckets buckets = { 0 };
        fixture_answers(f, BUCKETS("<Buckets><Bucket></Bucket></Buckets>"), NULL);
        assert_int_equal(pail_s3_list_buckets(f->client, &buckets, NULL), -EPROTO);
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
                TEST(test_uploads),
                TEST(test_parts),
                TEST(test_versions),
                TEST(test_buckets),
                TEST(test_other_lists_that_lie),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
