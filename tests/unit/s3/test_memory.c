/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out at every possible point: said as such, and nothing left behind. */
#include "../support/alloc.h"
#include "../support/test.h"
#include "pail/s3/transfer.h"
#include "pail/util/buf.h"
#include "pail/util/str.h"
#include "s3/call/object_metadata.h"
#include "s3/call/request.h"
#include "s3/call/xml_fields.h"
#include "s3/call/xml_lenient.h"
#include "s3/ops/list.h"
#include "s3/resource/multipart.h"
#include "s3/resource/paginator.h"

static void assert_each(int (*body)(void *context), void *context, unsigned least)
{
        assert_true(test_alloc_each(body, context) >= least);
}

static int copy_info(void *context)
{
        struct pail_s3_object_metadata copy = { 0 };
        int r = pail_s3_object_metadata_copy(context, &copy);
        pail_s3_object_metadata_done(&copy);
        return r;
}

static int read_info(void *context)
{
        struct pail_s3_object_metadata metadata = { 0 };
        int r = pail_s3_object_metadata_from_response(context, &metadata);
        pail_s3_object_metadata_done(&metadata);
        return r;
}

static void test_info(void **state)
{
        (void)state;
        struct pail_http_response response = { .status = 200, .content_length = 5 };
        static const char *const headers[][2] = { { "ETag", "\"e\"" },
                                                  { "Content-Type", "a/b" },
                                                  { "Cache-Control", "x" },
                                                  { "x-amz-version-id", "v" },
                                                  { "x-amz-meta-mode", "1" },
                                                  { "x-amz-meta-uid", "2" },
                                                  { "x-amz-storage-class", "STANDARD" } };
        for (size_t i = 0; i < TEST_COUNT(headers); i++)
                assert_int_equal(pail_http_headers_add(&response.headers, headers[i][0], headers[i][1]), 0);
        assert_each(read_info, &response, 8);
        struct pail_s3_object_metadata metadata = { 0 };
        assert_int_equal(pail_s3_object_metadata_from_response(&response, &metadata), 0);
        assert_each(copy_info, &metadata, 6);
        pail_s3_object_metadata_done(&metadata);
        pail_http_headers_done(&response.headers);
}

static int make_resources(void *context)
{
        (void)context;
        struct pail_bucket *bucket = NULL;
        struct pail_object *object = NULL;
        struct pail_object *version = NULL;
        struct pail_multipart_upload *multipart = NULL;
        struct pail_cursor *cursor = NULL;
        struct pail_upload *upload = NULL;
        int r = pail_bucket_new(NULL, "b", &bucket);
        if (r >= 0)
                r = pail_object_new(bucket, "k", &object);
        static char key[] = "k", id[] = "i", class[] = "COLD";
        const struct pail_s3_entry entry = { .key = key, .id = id, .storage_class = class };
        if (r >= 0)
                r = pail_object_new_from_entry(bucket, &entry, &version);
        if (r >= 0)
                r = pail_multipart_upload_new(bucket, "k", "i", &multipart);
        if (r >= 0) {
                const struct pail_collection all = pail_multipart_upload_parts(multipart);
                const struct pail_collection rest = pail_collection_start_at(all, "p0:7");
                r = pail_collection_pages(&rest, &cursor);
        }
        _cleanup_free_ char *token = NULL;
        if (r >= 0)
                r = pail_cursor_resume_token(cursor, &token);
        if (r >= 0) {
                const struct pail_upload_options options = {
                        .bucket = bucket, .key = "k", .tagging = "a=b", .fd = -1, .part_size_bytes = PAIL_S3_PART_MIN
                };
                r = pail_upload_new(&options, &upload);
        }
        pail_upload_free(upload);
        pail_cursor_free(cursor);
        pail_multipart_upload_free(multipart);
        pail_object_free(version);
        pail_object_free(object);
        pail_bucket_unref(bucket);
        return r;
}

static void test_resources(void **state)
{
        (void)state;
        assert_each(make_resources, NULL, 8);
}

/* An answer as it comes from the network, into a call that was never sent. */
static int take_list(void *context)
{
        struct pail_s3_client client = { .options = { .timeout_ms = 1 } };
        const struct pail_s3_list_input input = {
                .bucket = "b", .prefix = "p", .continuation_token = "t", .id_marker = "i"
        };
        struct pail_s3_call *call = NULL;
        int r = pail_s3_list_new(&client, &pail_s3_versions_kind, &input, &call, NULL);
        if (r >= 0)
                r = call->build_error;
        if (r >= 0)
                r = pail_buf_append_string(&call->answer, context);
        if (r >= 0)
                r = pail_s3_list_parse(call, NULL, NULL);
        pail_s3_call_unref(call);
        return r;
}

static void test_lists(void **state)
{
        (void)state;
        static char document[] =
                "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>"
                "<NextVersionIdMarker>v</NextVersionIdMarker><EncodingType>url</EncodingType>"
                "<Version><Key>p%20</Key><VersionId>1</VersionId><StorageClass>COLD</StorageClass></Version>"
                "</ListVersionsResult>";
        assert_each(take_list, document, 12);
}

static int begin_nothing(void *context, const struct pail_s3_page_token *at, unsigned max_items, void **ret_request,
                         struct pail_error *ret_error)
{
        (void)at, (void)max_items, (void)ret_error;
        *ret_request = context;
        return 0;
}

static int give_a_page(void *request, struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        (void)request, (void)ret_error;
        struct pail_s3_page page = { .is_truncated = true };
        page.entries = calloc(1, sizeof(*page.entries));
        page.count = page.entries != NULL;
        if (page.entries && pail_str_dup("k", &page.entries[0].key) >= 0 && pail_str_dup("t", &page.next_token) >= 0 &&
            pail_str_dup("i", &page.next_id) >= 0) {
                *ret_page = page;
                return 0;
        }
        pail_s3_page_done(&page);
        return -ENOMEM;
}

static void forget_request(void *request)
{
        (void)request;
}

static int read_a_page(void *context)
{
        static const struct pail_paginated paginated = { begin_nothing, give_a_page, forget_request };
        struct pail_paginator paginator;
        struct pail_s3_page page = { 0 };
        pail_paginator_init(&paginator, &paginated, context, 0, 0, false);
        int r = pail_paginator_next(&paginator, &page, NULL);
        pail_s3_page_done(&page);
        pail_paginator_done(&paginator);
        return r < 0 ? r : 0;
}

static void test_pages(void **state)
{
        (void)state;
        static char request;
        assert_each(read_a_page, &request, 6);
}

static int parse_fields(void *context)
{
        static const char document[] = "<R><A>1&#x7;</A><B>2</B></R>";
        (void)context;
        char *a = NULL, *b = NULL;
        const struct pail_s3_field fields[] = { { "R/A", &a }, { "R/B", &b } };
        int r = pail_s3_parse_fields(document, strlen(document), fields, 2);
        free(a);
        free(b);
        return r;
}

static void test_xml(void **state)
{
        (void)state;
        assert_each(parse_fields, NULL, 4);
}

/* Everything that is built before a request is sent; what fails is found at the start of the call. */
static int build(void *context)
{
        static const struct pail_s3_operation operation = { .name = "Test", .method = "PUT" };
        struct pail_s3_client client = { .options = { .timeout_ms = 1 } };
        struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(&client, &operation, "b", "k", &call, NULL);
        if (r < 0)
                return r;
        struct pail_buf text;
        pail_buf_init(&text, 100);
        r = pail_buf_append_string(&text, "<body/>");
        pail_s3_call_query(call, "uploads", NULL);
        pail_s3_call_query_number(call, "n", 7);
        pail_s3_call_copy_source(call, "b", "s", "v", "e");
        pail_s3_call_object_headers(call, context);
        pail_s3_call_storage_headers(call, context);
        pail_s3_call_text(call, &text, "application/xml");
        if (r >= 0)
                r = call->build_error;
        pail_buf_done(&text);
        pail_s3_call_unref(call);
        return r;
}

static void test_requests(void **state)
{
        (void)state;
        static char type[] = "a/b", class[] = "COLD";
        struct pail_s3_headers headers = { .content_type = type, .storage_class = class, .bucket_key_enabled = true };
        assert_int_equal(pail_http_headers_add(&headers.metadata, "mode", "1"), 0);
        assert_each(build, &headers, 15);
        pail_http_headers_done(&headers.metadata);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_info),  cmocka_unit_test(test_resources), cmocka_unit_test(test_lists),
                cmocka_unit_test(test_pages), cmocka_unit_test(test_xml),       cmocka_unit_test(test_requests),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
