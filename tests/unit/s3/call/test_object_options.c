/* SPDX-License-Identifier: Apache-2.0 */
/* What the options of a client put into its requests, and keys of the customer. */
#include <sys/stat.h>

#include "../fixture.h"
#include "pail/s3/bucket.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"

#define HEAD(headers) ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 3\r\n" headers, "")
#define GET ANSWER("200 OK", "ETag: \"e\"\r\n", "abc")
#define STORED ANSWER("200 OK", "ETag: \"e\"\r\n", "")
#define CREATED                                                                                                        \
        ANSWER("200 OK", XML, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
#define COPIED ANSWER("200 OK", XML, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>")
#define PART_COPIED ANSWER("200 OK", XML, "<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>")
#define LISTED ANSWER("200 OK", XML, "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")

/* 32 bytes each, as the header has them, and the MD5 of each. */
#define KEY_A "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define MD5_A "hRasmdxgYDKV3nvbahU1MA=="
#define KEY_B "//////////////////////////////////////////8="
#define KEY_C "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define HEX_C "000102030405060708090a0B0C0D0E0F101112131415161718191a1b1c1d1e1f"
#define CUSTOMER "x-amz-server-side-encryption-customer-"
#define SOURCE "x-amz-copy-source-server-side-encryption-customer-"

static char key_file[] = "/tmp/pail-keys-XXXXXX";

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

static void assert_sent(struct fixture *f, unsigned request, const char *name, const char *value)
{
        const char *seen = sent(f, request, name);
        if (value ? !seen || strcmp(seen, value) != 0 : seen != NULL)
                fail_msg("request %u: %s is %s, not %s", request, name, seen ? seen : "absent",
                         value ? value : "absent");
}

static int put(struct fixture *f, struct pail_s3_headers *headers)
{
        const struct pail_s3_put_input input = { .bucket = "b", .key = "k", .headers = headers, .body = { .fd = -1 } };
        char etag[PAIL_S3_ETAG_SIZE];
        return pail_s3_put_object(f->client, &input, etag, NULL);
}

static int create(struct fixture *f, struct pail_s3_headers *headers)
{
        _cleanup_free_ char *upload_id = NULL;
        return pail_s3_create_multipart_upload(f->client, "b", "k", headers, NULL, &upload_id, NULL);
}

static int copy(struct fixture *f, const struct pail_s3_headers *keep)
{
        const struct pail_s3_copy_input input = {
                .bucket = "b", .key = "k", .source_bucket = "b", .source_key = "s", .keep = keep
        };
        char etag[PAIL_S3_ETAG_SIZE];
        return pail_s3_copy_object(f->client, &input, etag, NULL);
}

static int head(struct fixture *f, struct pail_error *error)
{
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        return pail_s3_head_object(f->client, "b", "k", &metadata, error);
}

static int get(struct fixture *f)
{
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(100);
        const struct pail_s3_get_input input = { .bucket = "b", .key = "k" };
        return pail_s3_get_object(f->client, &input, &body, NULL, NULL);
}

static void use(struct fixture *f, struct pail_s3_object_options object)
{
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .object = object });
}

/* Options win over what the object had, where new content is stored; a copy keeps what it had. */
static void test_new_content(void **state)
{
        static char class[] = "COLD", encryption[] = "aws:kms", key[] = "its-key";
        struct pail_s3_headers had = { .storage_class = class,
                                       .server_side_encryption = encryption,
                                       .sse_kms_key_id = key,
                                       .bucket_key_enabled = true };
        struct fixture *f = *state;
        char storage_class[] = "STANDARD_IA", acl[] = "public-read", sse[] = "AES256";
        use(f, (struct pail_s3_object_options){
                       .storage_class = storage_class, .acl = acl, .server_side_encryption = sse });
        storage_class[0] = acl[0] = sse[0] = '?'; /* they are the client's own */
        fixture_answers(f, STORED, STORED, CREATED, CREATED, COPIED, NULL);
        assert_int_equal(put(f, NULL), 0);
        assert_int_equal(put(f, &had), 0);
        assert_int_equal(create(f, NULL), 0);
        assert_int_equal(create(f, &had), 0);
        for (unsigned i = 0; i < 4; i++) {
                assert_sent(f, i, "x-amz-storage-class", "STANDARD_IA");
                assert_sent(f, i, "x-amz-acl", "public-read");
                assert_sent(f, i, "x-amz-server-side-encryption", "AES256");
                assert_sent(f, i, "x-amz-server-side-encryption-aws-kms-key-id", NULL);
                assert_sent(f, i, "x-amz-server-side-encryption-bucket-key-enabled", NULL);
        }
        assert_int_equal(copy(f, &had), 0);
        assert_sent(f, 4, "x-amz-storage-class", "COLD");
        assert_sent(f, 4, "x-amz-acl", NULL);
        assert_sent(f, 4, "x-amz-server-side-encryption", "aws:kms");
        assert_sent(f, 4, "x-amz-server-side-encryption-aws-kms-key-id", "its-key");
        assert_sent(f, 4, "x-amz-server-side-encryption-bucket-key-enabled", "true");
        /* Without options new content keeps what there was. */
        use(f, (struct pail_s3_object_options){ .sse_kms_key_id = NULL });
        fixture_answers(f, STORED, NULL);
        assert_int_equal(put(f, &had), 0);
        assert_sent(f, 0, "x-amz-storage-class", "COLD");
        assert_sent(f, 0, "x-amz-server-side-encryption", "aws:kms");
}

static void test_kms(void **state)
{
        struct fixture *f = *state;
        use(f,
            (struct pail_s3_object_options){ .server_side_encryption = "aws:kms:dsse", .sse_kms_key_id = "alias/k" });
        fixture_answers(f, STORED, NULL);
        assert_int_equal(put(f, NULL), 0);
        assert_sent(f, 0, "x-amz-server-side-encryption", "aws:kms:dsse");
        assert_sent(f, 0, "x-amz-server-side-encryption-aws-kms-key-id", "alias/k");
        struct pail_s3_headers headers = { 0 };
        struct pail_bucket *bucket = NULL;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_bucket_content_headers(bucket, &headers), 0);
        pail_bucket_unref(bucket);
        assert_string_equal(headers.server_side_encryption, "aws:kms:dsse");
        assert_string_equal(headers.sse_kms_key_id, "alias/k");
        pail_s3_headers_done(&headers);
}

static void test_every_request(void **state)
{
        struct fixture *f = *state;
        const struct pail_s3_list_input list = { .bucket = "b" };
        const struct pail_s3_part_input part_input = {
                .bucket = "b", .key = "k", .upload_id = "u", .part_number = 1, .source_bucket = "b", .source_key = "s"
        };
        struct pail_s3_page page;
        struct pail_s3_part part;
        struct pail_s3_buckets buckets;
        use(f, (struct pail_s3_object_options){ .requester_pays = true, .expected_bucket_owner = "123456789012" });
        fixture_answers(f, LISTED, HEAD(""), GET, ERROR("503 Slow", "SlowDown"), STORED, ANSWER("204 Gone", "", ""),
                        COPIED, PART_COPIED, ANSWER("200 OK", "", ""),
                        ANSWER("200 OK", XML, "<ListAllMyBucketsResult></ListAllMyBucketsResult>"), NULL);
        assert_int_equal(pail_s3_list_objects_v2(f->client, &list, &page, NULL), 0);
        pail_s3_page_done(&page);
        assert_int_equal(head(f, NULL), 0);
        assert_int_equal(get(f), 0);
        assert_int_equal(put(f, NULL), 0);
        assert_int_equal(pail_s3_delete_object(f->client, "b", "k", NULL), 0);
        assert_int_equal(copy(f, NULL), 0);
        assert_int_equal(pail_s3_upload_part_copy(f->client, &part_input, &part, NULL), 0);
        assert_int_equal(pail_s3_head_bucket(f->client, "b", NULL), 0);
        for (unsigned i = 0; i < 9; i++) {
                assert_sent(f, i, "x-amz-request-payer", "requester");
                assert_sent(f, i, "x-amz-expected-bucket-owner", "123456789012");
                assert_sent(f, i, "x-amz-source-expected-bucket-owner", i == 6 || i == 7 ? "123456789012" : NULL);
                assert_non_null(strstr(sent(f, i, "Authorization"), "x-amz-request-payer"));
        }
        /* There is no bucket whose owner could be another. */
        assert_int_equal(pail_s3_list_buckets(f->client, &buckets, NULL), 0);
        pail_s3_buckets_done(&buckets);
        assert_sent(f, 9, "x-amz-request-payer", NULL);
        assert_sent(f, 9, "x-amz-expected-bucket-owner", NULL);
}

static void write_keys(const char *text, size_t size)
{
        assert_int_equal(pail_file_replace(key_file, text, size), 0);
}

static void use_keys(struct fixture *f, const char *text)
{
        write_keys(text, strlen(text));
        use(f, (struct pail_s3_object_options){ .sse_c_key_file = key_file });
}

static void assert_key(struct fixture *f, unsigned request, const char *prefix, const char *key)
{
        char name[120];
        snprintf(name, sizeof(name), "%skey", prefix);
        assert_sent(f, request, name, key);
        snprintf(name, sizeof(name), "%salgorithm", prefix);
        assert_sent(f, request, name, key ? "AES256" : NULL);
        snprintf(name, sizeof(name), "%skey-MD5", prefix);
        assert_int_equal(sent(f, request, name) != NULL, key != NULL);
        if (key && strcmp(key, KEY_A) == 0)
                assert_sent(f, request, name, MD5_A);
}

/* Everything that writes has the first key. */
static void test_keys_to_write_with(void **state)
{
        static char encryption[] = "aws:kms";
        struct pail_s3_headers had = { .server_side_encryption = encryption };
        struct fixture *f = *state;
        struct pail_s3_part part;
        const struct pail_s3_part_input input = {
                .bucket = "b", .key = "k", .upload_id = "u", .part_number = 1, .body = { .fd = -1 }
        };
        use_keys(f, KEY_A "\n" KEY_B "\n");
        fixture_answers(f, STORED, CREATED, STORED, COPIED, NULL);
        assert_int_equal(put(f, &had), 0);
        assert_int_equal(create(f, NULL), 0);
        assert_int_equal(pail_s3_upload_part(f->client, &input, &part, NULL), 0);
        assert_int_equal(copy(f, &had), 0);
        for (unsigned i = 0; i < 4; i++) {
                assert_key(f, i, CUSTOMER, KEY_A);
                assert_key(f, i, SOURCE, i == 3 ? KEY_A : NULL);
                assert_sent(f, i, "x-amz-server-side-encryption", NULL); /* the two exclude each other */
        }
        fixture_answers(f, LISTED, NULL);
        const struct pail_s3_list_input list = { .bucket = "b" };
        struct pail_s3_page page;
        assert_int_equal(pail_s3_list_objects_v2(f->client, &list, &page, NULL), 0);
        pail_s3_page_done(&page);
        assert_key(f, 0, CUSTOMER, NULL);
}

/* Wrong keys are refused; the right one is found, and remembered for the next object. */
static void test_keys_to_read_with(void **state)
{
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        use_keys(f, KEY_A "\r\n\n" KEY_B "\n" HEX_C "\n");
        fixture_answers(f, ANSWER("403 Forbidden", "", ""), ANSWER("400 Bad", "", ""), HEAD(""), NULL);
        assert_int_equal(head(f, NULL), 0);
        assert_key(f, 0, CUSTOMER, KEY_A);
        assert_key(f, 1, CUSTOMER, KEY_B);
        assert_key(f, 2, CUSTOMER, KEY_C);
        fixture_answers(f, GET, NULL);
        assert_int_equal(get(f), 0);
        assert_key(f, 0, CUSTOMER, KEY_C);
        /* Then the others in their order, and none at last. */
        fixture_answers(f, ERROR("403 Forbidden", "AccessDenied"), ERROR("403 Forbidden", "AccessDenied"),
                        ERROR("400 Bad", "InvalidRequest"), GET, HEAD(""), NULL);
        assert_int_equal(get(f), 0);
        assert_key(f, 0, CUSTOMER, KEY_C);
        assert_key(f, 1, CUSTOMER, KEY_A);
        assert_key(f, 2, CUSTOMER, KEY_B);
        assert_key(f, 3, CUSTOMER, NULL);
        assert_int_equal(head(f, NULL), 0);
        assert_key(f, 4, CUSTOMER, NULL);
        /* The source of a copy has its own search; what is written has the first key. */
        fixture_answers(f, ERROR("400 Bad", "InvalidRequest"), COPIED, NULL);
        assert_int_equal(copy(f, NULL), 0);
        assert_key(f, 0, SOURCE, NULL);
        assert_key(f, 1, SOURCE, KEY_A);
        assert_key(f, 0, CUSTOMER, KEY_A);
        assert_key(f, 1, CUSTOMER, KEY_A);
        /* None fits: the last refusal is told, and nothing is remembered. */
        fixture_answers(f, ANSWER("403 Forbidden", "", ""), NULL);
        assert_int_equal(head(f, &error), -EACCES);
        assert_int_equal(fixture_requests(f), 8); /* and all of them to GET, for the reason */
        assert_non_null(strstr(error.message, "none of the keys"));
        fixture_answers(f, ERROR("400 Bad", "InvalidRequest"), NULL);
        assert_int_equal(copy(f, NULL), -EACCES);
        assert_int_equal(fixture_requests(f), 4);
        fixture_answers(f, HEAD(""), NULL);
        assert_int_equal(head(f, NULL), 0);
        assert_key(f, 0, CUSTOMER, KEY_A);
        /* What has nothing to do with keys is not searched for. */
        fixture_answers(f, ANSWER("404 Not Found", "", ""), NULL);
        assert_int_equal(head(f, NULL), -ENOENT);
        assert_int_equal(fixture_requests(f), 1);
        fixture_answers(f, ERROR("400 Bad", "ExpiredToken"), NULL);
        assert_int_equal(get(f), -EACCES);
        assert_int_equal(fixture_requests(f), 1);
        fixture_answers(f, ERROR("403 Forbidden", "AccessDenied"), NULL);
        assert_int_equal(put(f, NULL), -EACCES);
        assert_int_equal(fixture_requests(f), 1);
}

static void refuse_keys(struct fixture *f, const char *words)
{
        struct pail_s3_client *client = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        const struct pail_s3_client_options options = { .object.sse_c_key_file = key_file };
        assert_int_equal(pail_s3_client_new(f->session, f->engine, &options, &client, &error), -EINVAL);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        if (!strstr(error.message, words) || !strstr(error.message, key_file))
                fail_msg("\"%s\" lacks \"%s\" or the file", error.message, words);
        assert_null(strstr(error.message, "MDEy"));
}

static void test_key_files(void **state)
{
        struct fixture *f = *state;
        static const char raw[32] = "line\nbreak";
        write_keys("", 0);
        refuse_keys(f, "holds no key");
        write_keys("\n\n", 2);
        refuse_keys(f, "holds no key");
        write_keys(KEY_A "\n" KEY_A "x\n", 90);
        refuse_keys(f, "in line 2");
        write_keys("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWZn\n", 45); /* 33 bytes */
        refuse_keys(f, "in line 1");
        write_keys("0001020304050607080910111213141516171819202122232425262728293g3h\n", 65);
        refuse_keys(f, "in line 1");
        char many[33 * 45 + 1] = "";
        for (unsigned i = 0; i < 33; i++)
                memcpy(many + 45 * i, KEY_A "\n", 46);
        write_keys(many, 33 * 45);
        refuse_keys(f, "more than 32");
        write_keys(KEY_A, 44);
        assert_int_equal(chmod(key_file, 0640), 0);
        refuse_keys(f, "chmod 600");
        assert_int_equal(chmod(key_file, 0604), 0);
        refuse_keys(f, "chmod 600");
        assert_int_equal(unlink(key_file), 0);
        refuse_keys(f, "No such file");
        assert_int_equal(mkdir(key_file, 0700), 0);
        refuse_keys(f, "is not a file");
        assert_int_equal(rmdir(key_file), 0);
        /* 32 bytes that are no text; a line without its end. */
        write_keys(raw, sizeof(raw));
        use(f, (struct pail_s3_object_options){ .sse_c_key_file = key_file });
        fixture_answers(f, STORED, NULL);
        assert_int_equal(put(f, NULL), 0);
        assert_key(f, 0, CUSTOMER, "bGluZQpicmVhawAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        use_keys(f, "0123456789abcdef0123456789abcdef\n" HEX_C);
        assert_int_equal(put(f, NULL), 0);
        assert_key(f, 1, CUSTOMER, KEY_A);
}

/* Keys do not leave the machine in the clear. */
static void test_keys_and_http(void **state)
{
        static const struct {
                const char *endpoint;
                bool is_fine;
        } cases[] = {
                { "http://127.0.0.1:1", true },     { "http://localhost", true },
                { "http://[::1]:80", true },        { "https://s3.example.org", true },
                { "http://s3.example.org", false }, { "http://localhost.example.org", false },
                { "http://10.0.0.1:7480", false },  { "http://128.0.0.1", false },
        };
        struct fixture *f = *state;
        static char config[] = "AWS_CONFIG_FILE=/dev/null", credentials[] = "AWS_SHARED_CREDENTIALS_FILE=/dev/null";
        char *environment[] = { config, credentials, NULL };
        write_keys(KEY_A, 44);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                const struct pail_session_options options = { .endpoint_url = cases[i].endpoint,
                                                              .region = "us-east-1",
                                                              .no_sign_request = true,
                                                              .environment = environment };
                struct pail_session *before = f->session, *session = NULL;
                assert_int_equal(pail_session_new(&options, &session, NULL), 0);
                f->session = session;
                if (cases[i].is_fine)
                        use(f, (struct pail_s3_object_options){ .sse_c_key_file = key_file });
                else
                        refuse_keys(f, "https");
                f->session = before;
                use(f, (struct pail_s3_object_options){ .sse_c_key_file = NULL });
                pail_session_free(session);
        }
}

static int make_key_file(void **state)
{
        (void)state;
        int fd = mkstemp(key_file);
        return fd < 0 ? -1 : close(fd);
}

static int remove_key_file(void **state)
{
        (void)state;
        return unlink(key_file);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_new_content),       TEST(test_kms),
                TEST(test_every_request),     TEST(test_keys_to_write_with),
                TEST(test_keys_to_read_with), TEST(test_key_files),
                TEST(test_keys_and_http),
        };
        return cmocka_run_group_tests(tests, make_key_file, remove_key_file);
}
