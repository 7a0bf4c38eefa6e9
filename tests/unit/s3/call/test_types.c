/* SPDX-License-Identifier: Apache-2.0 */
#include "../../support/test.h"
#include "pail/s3/types.h"
#include "s3/call/object_metadata.h"

static char *text(const char *string)
{
        return strdup(string);
}

static void fill(struct pail_s3_headers *headers)
{
        *headers = (struct pail_s3_headers){
                .content_type = text("1"),
                .content_encoding = text("2"),
                .cache_control = text("3"),
                .content_disposition = text("4"),
                .content_language = text("5"),
                .expires = text("6"),
                .website_redirect_location = text("7"),
                .storage_class = text("8"),
                .server_side_encryption = text("9"),
                .sse_kms_key_id = text("10"),
                .bucket_key_enabled = true,
                .object_lock_mode = text("11"),
                .object_lock_retain_until_date = text("12"),
                .object_lock_legal_hold = text("13"),
        };
        assert_int_equal(pail_http_headers_add(&headers->metadata, "mode", "33188"), 0);
        assert_int_equal(pail_http_headers_add(&headers->metadata, "uid", "0"), 0);
}

static void test_copy_and_compare(void **state)
{
        (void)state;
        struct pail_s3_headers headers, copy = { 0 };
        fill(&headers);
        assert_int_equal(pail_s3_headers_copy(&headers, &copy), 0);
        assert_true(pail_s3_headers_equal(&headers, &copy));
        assert_string_equal(copy.sse_kms_key_id, "10");
        assert_ptr_not_equal(copy.sse_kms_key_id, headers.sse_kms_key_id);
        assert_int_equal(pail_s3_metadata_size(&copy), strlen("mode33188uid0"));

        assert_int_equal(pail_http_headers_set(&copy.metadata, "uid", "1"), 0);
        assert_false(pail_s3_headers_equal(&headers, &copy));
        pail_s3_headers_done(&copy);
        assert_null(copy.content_type);
        assert_false(pail_s3_headers_equal(&headers, &copy));
        pail_s3_headers_done(&headers);
        assert_true(pail_s3_headers_equal(&headers, &copy));
}

/* Each string alone makes a difference. */
static void test_no_string_is_forgotten(void **state)
{
        (void)state;
        for (int i = 0; i < 13; i++) {
                struct pail_s3_headers headers, other;
                fill(&headers);
                fill(&other);
                char **strings[] = { &other.content_type,
                                     &other.content_encoding,
                                     &other.cache_control,
                                     &other.content_disposition,
                                     &other.content_language,
                                     &other.expires,
                                     &other.website_redirect_location,
                                     &other.storage_class,
                                     &other.server_side_encryption,
                                     &other.sse_kms_key_id,
                                     &other.object_lock_mode,
                                     &other.object_lock_retain_until_date,
                                     &other.object_lock_legal_hold };
                assert_true(pail_s3_headers_equal(&headers, &other));
                free(*strings[i]);
                *strings[i] = NULL;
                assert_false(pail_s3_headers_equal(&headers, &other));
                pail_s3_headers_done(&headers);
                pail_s3_headers_done(&other);
        }
}

static void add(struct pail_http_response *response, const char *name, const char *value)
{
        assert_int_equal(pail_http_headers_add(&response->headers, name, value), 0);
}

static void test_info(void **state)
{
        (void)state;
        struct pail_http_response response = { .status = 200, .content_length = 1234 };
        struct pail_s3_object_metadata metadata = { 0 }, copy = { 0 };
        assert_int_equal(pail_s3_object_metadata_from_response(&response, &metadata), -EBADMSG);
        add(&response, "etag", "\"0123\"");
        add(&response, "Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
        add(&response, "Date", "Sun, 06 Nov 1994 08:49:38 GMT");
        add(&response, "x-amz-storage-class", "STANDARD");
        add(&response, "X-Amz-Meta-Mode", "33188");
        add(&response, "x-amz-meta-name", "\xc3\xbc");
        add(&response, "x-amz-tagging-count", "3");
        add(&response, "x-amz-version-id", "v1");
        assert_int_equal(pail_s3_object_metadata_from_response(&response, &metadata), 0);
        assert_string_equal(metadata.etag, "0123");
        assert_int_equal(metadata.size_bytes, 1234);
        assert_int_equal(metadata.last_modified, 784111777);
        assert_int_equal(metadata.date, 784111778);
        assert_int_equal(metadata.tag_count, 3);
        assert_false(metadata.archived);
        assert_null(metadata.headers.storage_class);
        assert_string_equal(metadata.headers.metadata.items[0].name, "mode");
        assert_string_equal(pail_http_headers_get(&metadata.headers.metadata, "name"), "\xc3\xbc");
        assert_int_equal(pail_s3_object_metadata_copy(&metadata, &copy), 0);
        assert_string_equal(copy.version_id, "v1");
        assert_true(pail_s3_headers_equal(&metadata.headers, &copy.headers));
        pail_s3_object_metadata_done(&metadata);
        pail_s3_object_metadata_done(&copy);

        response.content_length = -1;
        assert_int_equal(pail_s3_object_metadata_from_response(&response, &metadata), 0);
        assert_int_equal(metadata.size_bytes, 0);
        pail_s3_object_metadata_done(&metadata);
        pail_http_headers_done(&response.headers);
}

static bool archived(const char *class, const char *restore, const char *status)
{
        struct pail_http_response response = { .status = 200 };
        struct pail_s3_object_metadata metadata = { 0 };
        add(&response, "ETag", "\"0\"");
        if (class)
                add(&response, "x-amz-storage-class", class);
        if (restore)
                add(&response, "x-amz-restore", restore);
        if (status)
                add(&response, "x-amz-archive-status", status);
        assert_int_equal(pail_s3_object_metadata_from_response(&response, &metadata), 0);
        bool result = metadata.archived;
        pail_s3_object_metadata_done(&metadata);
        pail_http_headers_done(&response.headers);
        return result;
}

static void test_archived(void **state)
{
        (void)state;
        assert_true(archived("GLACIER", NULL, NULL));
        assert_true(archived("DEEP_ARCHIVE", "ongoing-request=\"true\"", NULL));
        assert_false(
                archived("GLACIER", "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"", NULL));
        assert_true(archived("INTELLIGENT_TIERING", NULL, "ARCHIVE_ACCESS"));
        assert_false(archived("GLACIER_IR", NULL, NULL));
        assert_false(archived(NULL, NULL, NULL));
}

static void test_etags(void **state)
{
        (void)state;
        char etag[PAIL_S3_ETAG_SIZE], longest[PAIL_S3_ETAG_SIZE + 2] = "";
        assert_int_equal(pail_s3_etag_parse("\"abc-2\"", etag), 0);
        assert_string_equal(etag, "abc-2");
        assert_int_equal(pail_s3_etag_parse("abc", etag), 0);
        assert_string_equal(etag, "abc");
        assert_int_equal(pail_s3_etag_parse("W/\"abc\"", etag), 0);
        assert_string_equal(etag, "abc");
        static const char *const bad[] = { NULL, "", "\"\"" };
        for (size_t i = 0; i < TEST_COUNT(bad); i++)
                assert_int_equal(pail_s3_etag_parse(bad[i], etag), -EBADMSG);
        memset(longest, 'x', PAIL_S3_ETAG_SIZE - 1);
        assert_int_equal(pail_s3_etag_parse(longest, etag), 0);
        longest[PAIL_S3_ETAG_SIZE - 1] = 'x';
        assert_int_equal(pail_s3_etag_parse(longest, etag), -EBADMSG);
        assert_true(pail_s3_etag_is_md5("d41d8cd98f00b204e9800998ecf8427e"));
        assert_false(pail_s3_etag_is_md5("d41d8cd98f00b204e9800998ecf8427e-1"));
        assert_false(pail_s3_etag_is_md5("d41d8cd98f00b204e9800998ecf8427"));
        assert_false(pail_s3_etag_is_md5("g41d8cd98f00b204e9800998ecf8427e"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_copy_and_compare),
                cmocka_unit_test(test_no_string_is_forgotten),
                cmocka_unit_test(test_info),
                cmocka_unit_test(test_archived),
                cmocka_unit_test(test_etags),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
