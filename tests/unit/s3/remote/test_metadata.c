/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored with an object, packed for the file system and unpacked again: nothing may be lost on the way. */
#include "s3/remote/metadata.h"

#include "../../support/alloc.h"
#include "../../support/test.h"
#include "pail/util/cleanup.h"

static struct pail_s3_headers everything(void)
{
        struct pail_s3_headers headers = {
                .content_type = strdup("text/plain; charset=utf-8"),
                .content_encoding = strdup("gzip"),
                .cache_control = strdup("max-age=1, public"),
                .content_disposition = strdup("attachment; filename=\"a:b.txt\""),
                .content_language = strdup("de"),
                .expires = strdup("Thu, 01 Dec 1994 16:00:00 GMT"),
                .website_redirect_location = strdup("https://example.com/x?y:z"),
                .storage_class = strdup("STANDARD_IA"),
                .server_side_encryption = strdup("aws:kms"),
                .sse_kms_key_id = strdup("arn:aws:kms:eu-west-1:1:key/k"),
                .bucket_key_enabled = true,
        };
        assert_int_equal(pail_http_headers_add(&headers.metadata, "author", "some: body"), 0);
        assert_int_equal(pail_http_headers_add(&headers.metadata, "empty", ""), 0);
        assert_int_equal(pail_http_headers_add(&headers.metadata, "bytes", "\xff\xfe=\xc3\xa4"), 0);
        assert_int_equal(pail_http_headers_add(&headers.metadata, "file-owner", "7"), 0);
        return headers;
}

static void test_nothing_is_lost(void **state)
{
        (void)state;
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = everything(), back = { 0 };
        _cleanup_(pail_remote_metadata_done) struct pail_remote_metadata metadata = { 0 };
        assert_int_equal(pail_http_headers_add(&headers.metadata, "mode", "33188"), 0);
        assert_int_equal(pail_http_headers_add(&headers.metadata, "mtime", "5.000000006"), 0);
        assert_int_equal(pail_remote_metadata_unpack(&headers, &metadata), 0);
        assert_int_equal(metadata.attributes.present, PAIL_REMOTE_MODE | PAIL_REMOTE_MTIME | PAIL_REMOTE_UID);
        metadata.attributes.present &= ~(unsigned)PAIL_REMOTE_UID; /* told by another program's header, which stays */
        assert_int_equal(pail_remote_metadata_pack(&metadata, &back), 0);
        assert_true(pail_s3_headers_equal(&headers, &back));
}

static void test_nothing_is_nothing(void **state)
{
        (void)state;
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = { 0 }, back = { 0 };
        _cleanup_(pail_remote_metadata_done) struct pail_remote_metadata metadata = { 0 };
        assert_int_equal(pail_http_headers_add(&headers.metadata, "uid", "5"), 0);
        assert_int_equal(pail_remote_metadata_unpack(&headers, &metadata), 0);
        assert_null(metadata.extra);
        assert_int_equal(metadata.attributes.present, PAIL_REMOTE_UID);
        metadata.attributes.present = 0;
        assert_int_equal(pail_remote_metadata_pack(&metadata, &back), 0);
        assert_int_equal(back.metadata.count, 0);
}

static void test_attributes_replace_what_is_stored(void **state)
{
        (void)state;
        const struct pail_remote_metadata metadata = {
                .attributes = { .present = PAIL_REMOTE_UID | PAIL_REMOTE_CTIME, .uid = 9, .ctime = { 8, 7 } },
                .extra = (char *)(uintptr_t) "content-type:a/b\nx-amz-meta-file-owner:7\n",
        };
        const struct pail_remote_content typed = { .metadata = &metadata, .content_type = "c/d" };
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = { 0 };
        assert_int_equal(pail_remote_content_pack(&typed, &headers), 0);
        assert_string_equal(headers.content_type, "a/b"); /* the one that is stored wins */
        assert_string_equal(pail_http_headers_get(&headers.metadata, "uid"), "9");
        assert_string_equal(pail_http_headers_get(&headers.metadata, "ctime"), "8.000000007");
        assert_null(pail_http_headers_get(&headers.metadata, "mode"));
}

static void test_what_cannot_be_read_is_refused(void **state)
{
        (void)state;
        static const char *const extras[] = { "content-type\n", "x-amz-other:1\n", ":\n", "x-amz-meta-:1\n" };
        _cleanup_free_ char *big = malloc(2100);
        assert_non_null(big);
        memset(big, 'x', 2099);
        memcpy(big, "x-amz-meta-a:", 13);
        memcpy(big + 2098, "\n", 2);
        for (size_t i = 0; i < TEST_COUNT(extras); i++) {
                const struct pail_remote_metadata metadata = { .extra = (char *)(uintptr_t)extras[i] };
                struct pail_s3_headers headers;
                assert_int_equal(pail_remote_metadata_pack(&metadata, &headers), -EINVAL);
        }
        const struct pail_remote_metadata metadata = { .extra = big };
        struct pail_s3_headers headers;
        assert_int_equal(pail_remote_metadata_pack(&metadata, &headers), -E2BIG);
}

static int there_and_back(void *context)
{
        _cleanup_(pail_remote_metadata_done) struct pail_remote_metadata metadata = { 0 };
        struct pail_s3_headers back = { 0 };
        int r = pail_remote_metadata_unpack(context, &metadata);
        if (r == 0)
                r = pail_remote_metadata_pack(&metadata, &back);
        if (r == 0)
                pail_s3_headers_done(&back);
        return r;
}

static void test_out_of_memory(void **state)
{
        (void)state;
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = everything();
        assert_true(test_alloc_each(there_and_back, &headers) >= 10);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nothing_is_lost),
                cmocka_unit_test(test_nothing_is_nothing),
                cmocka_unit_test(test_attributes_replace_what_is_stored),
                cmocka_unit_test(test_what_cannot_be_read_is_refused),
                cmocka_unit_test(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
