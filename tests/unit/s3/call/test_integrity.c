/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums of what goes there and what comes back. */
#include <sys/mman.h>

#include "../fixture.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"

#define STORED(headers) ANSWER("200 OK", "ETag: \"e\"\r\n" headers, "")
#define OBJECT(headers) ANSWER("200 OK", "ETag: \"e\"\r\n" headers, "123456789")
#define BROKEN(headers) ANSWER("200 OK", "ETag: \"e\"\r\n" headers, "123456780")
#define CRC32C "4waSgw=="
#define CRC64NVME "rosUhgp5mIg="

static unsigned warnings;

static void on_warn(void *context, const char *message)
{
        (void)context;
        assert_non_null(strstr(message, "CRC32C"));
        warnings++;
}

static void use(struct fixture *f, enum pail_s3_checksum checksum)
{
        warnings = 0;
        fixture_client(f,
                       &(struct pail_s3_client_options){ .timeout_ms = 20000, .checksum = checksum, .warn = on_warn });
}

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

static int put(struct fixture *f, const char *text, struct pail_error *error)
{
        const struct iovec vector = { (char *)(uintptr_t)text, strlen(text) };
        const struct pail_s3_put_input input = {
                .bucket = "b",
                .key = "k",
                .body = { .vector = &vector, .vector_count = 1, .fd = -1, .size_bytes = strlen(text) },
        };
        char etag[PAIL_S3_ETAG_SIZE];
        return pail_s3_put_object(f->client, &input, etag, error);
}

static void test_each_kind(void **state)
{
        static const struct {
                enum pail_s3_checksum checksum;
                const char *name, *value, *empty;
        } cases[] = {
                { PAIL_S3_CHECKSUM_AUTO, "x-amz-checksum-crc32c", CRC32C, "AAAAAA==" },
                { PAIL_S3_CHECKSUM_CRC32C, "x-amz-checksum-crc32c", CRC32C, "AAAAAA==" },
                { PAIL_S3_CHECKSUM_CRC64NVME, "x-amz-checksum-crc64nvme", CRC64NVME, "AAAAAAAAAAA=" },
                { PAIL_S3_CHECKSUM_MD5, "Content-MD5", "JfnnlDI7RTiF9RgfG2JNCw==", "1B2M2Y8AsgTpgAmY7PhCfg==" },
                { PAIL_S3_CHECKSUM_NONE, NULL, NULL, NULL },
        };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                use(f, cases[i].checksum);
                fixture_answers(f, STORED(""), NULL);
                assert_int_equal(put(f, "123456789", NULL), 0);
                assert_int_equal(put(f, "", NULL), 0);
                for (size_t k = 0; k + 1 < TEST_COUNT(cases); k++) /* no other */
                        assert_int_equal(sent(f, 0, cases[k].name) != NULL,
                                         cases[i].name && strcmp(cases[k].name, cases[i].name) == 0);
                /* A plain body, whose bytes are signed. */
                assert_null(sent(f, 0, "Content-Encoding"));
                assert_null(sent(f, 0, "x-amz-trailer"));
                assert_string_equal(f->requests[0].body, "123456789");
                assert_string_equal(sent(f, 0, "x-amz-content-sha256"),
                                    "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
                if (!cases[i].name)
                        continue;
                assert_string_equal(sent(f, 0, cases[i].name), cases[i].value);
                assert_string_equal(sent(f, 1, cases[i].name), cases[i].empty);
                assert_non_null(strcasestr(sent(f, 0, "Authorization"), cases[i].name));
                assert_int_equal(warnings, 0);
        }
}

static void test_settings_of_the_session(void **state)
{
        struct fixture *f = *state;
        struct pail_session *before = f->session;
        static char config[] = "AWS_CONFIG_FILE=/dev/null", credentials[] = "AWS_SHARED_CREDENTIALS_FILE=/dev/null";
        static char calculation[] = "AWS_REQUEST_CHECKSUM_CALCULATION=When_Required";
        static char validation[] = "AWS_RESPONSE_CHECKSUM_VALIDATION=when_required";
        char *environment[] = { config, credentials, calculation, validation, NULL };
        const struct pail_session_options options = { .endpoint_url = pail_session_endpoint_url(before),
                                                      .region = "us-east-1",
                                                      .access_key_id = "AKID",
                                                      .secret_access_key = "secret",
                                                      .environment = environment };
        assert_int_equal(pail_session_new(&options, &f->session, NULL), 0);
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, STORED(""), OBJECT("x-amz-checksum-crc32c: AAAAAA==\r\n"), STORED(""), NULL);
        assert_int_equal(put(f, "123456789", NULL), 0);
        assert_null(sent(f, 0, "x-amz-checksum-crc32c"));
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(100);
        const struct pail_s3_get_input input = { .bucket = "b", .key = "k" };
        assert_int_equal(pail_s3_get_object(f->client, &input, &body, NULL, NULL), 0);
        assert_null(sent(f, 1, "x-amz-checksum-mode"));
        use(f, PAIL_S3_CHECKSUM_CRC32C); /* said on purpose */
        assert_int_equal(put(f, "123456789", NULL), 0);
        assert_string_equal(sent(f, 2, "x-amz-checksum-crc32c"), CRC32C);
        pail_session_free(before);
}

/* Refused with, taken without: from then on it is not tried again. */
static void test_refusal_is_found_out_once(void **state)
{
        static const char *const refusals[] = {
                ERROR("400 Bad Request", "InvalidRequest"),  ERROR("501 Not Implemented", "NotImplemented"),
                ERROR("400 Bad Request", "InvalidDigest"),   ERROR("411 Length Required", "MissingContentLength"),
                ERROR("400 Bad Request", "InvalidArgument"), ANSWER("400 Bad Request", "", ""),
        };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(refusals); i++) {
                use(f, PAIL_S3_CHECKSUM_AUTO);
                fixture_answers(f, refusals[i], STORED(""), NULL);
                assert_int_equal(put(f, "123456789", NULL), 0);
                assert_int_equal(put(f, "123456789", NULL), 0);
                assert_int_equal(fixture_requests(f), 3);
                assert_string_equal(sent(f, 0, "x-amz-checksum-crc32c"), CRC32C);
                assert_null(sent(f, 1, "x-amz-checksum-crc32c"));
                assert_null(sent(f, 2, "x-amz-checksum-crc32c"));
                assert_null(strstr(sent(f, 1, "Authorization"), "checksum"));
                assert_int_equal(warnings, 1);
        }
        /* Bytes that do not match are damaged rather than refused: sent again as they are first. */
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, ERROR("400 Bad Request", "XAmzContentSHA256Mismatch"),
                        ERROR("400 Bad Request", "XAmzContentSHA256Mismatch"), STORED(""), NULL);
        assert_int_equal(put(f, "123456789", NULL), 0);
        assert_string_equal(sent(f, 1, "x-amz-checksum-crc32c"), CRC32C);
        assert_null(sent(f, 2, "x-amz-checksum-crc32c"));
        assert_int_equal(warnings, 1);
}

static void test_other_refusals(void **state)
{
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        use(f, PAIL_S3_CHECKSUM_AUTO);
        /* The request is at fault: without a checksum it is refused as well, and nothing is learned. */
        fixture_answers(f, ERROR("400 Bad Request", "InvalidRequest"), ERROR("400 Bad Request", "InvalidRequest"),
                        STORED(""), NULL);
        assert_int_equal(put(f, "123456789", &error), -EINVAL);
        assert_string_equal(error.code, "InvalidRequest");
        assert_int_equal(put(f, "123456789", NULL), 0);
        assert_string_equal(sent(f, 2, "x-amz-checksum-crc32c"), CRC32C);
        assert_int_equal(fixture_requests(f), 3);
        /* No reason to doubt. */
        fixture_answers(f, ERROR("403 Forbidden", "AccessDenied"), NULL);
        assert_int_equal(put(f, "123456789", NULL), -EACCES);
        assert_int_equal(fixture_requests(f), 1);
        fixture_answers(f, ERROR("400 Bad Request", "EntityTooLarge"), NULL);
        assert_int_equal(put(f, "123456789", NULL), -EFBIG);
        assert_int_equal(fixture_requests(f), 1);
        /* Who asks for it gets it, or an error. */
        use(f, PAIL_S3_CHECKSUM_CRC32C);
        fixture_answers(f, ERROR("400 Bad Request", "InvalidRequest"), STORED(""), NULL);
        assert_int_equal(put(f, "123456789", NULL), -EINVAL);
        assert_int_equal(fixture_requests(f), 1);
        assert_int_equal(warnings, 0);
}

/* The server says which checksum it stored. */
static void test_stored_otherwise(void **state)
{
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, STORED("x-amz-checksum-crc32c: AAAAAA==\r\n"), STORED("x-amz-checksum-crc32c: 4waSgw==\r\n"),
                        NULL);
        assert_int_equal(put(f, "123456789", NULL), 0);
        assert_int_equal(fixture_requests(f), 2);
        fixture_answers(f, STORED("x-amz-checksum-crc32c: AAAAAA==\r\n"), NULL);
        assert_int_equal(put(f, "123456789", &error), -EAGAIN);
        assert_string_equal(error.code, "BadDigest");
        assert_int_equal(fixture_requests(f), 2);
}

static void part(struct fixture *f, unsigned number, struct pail_s3_part *ret_part)
{
        static char first[] = "12345", second[] = "6789";
        const struct iovec vector = { number == 1 ? first : second, number == 1 ? 5 : 4 };
        const struct pail_s3_part_input input = {
                .bucket = "b",
                .key = "k",
                .upload_id = "u",
                .part_number = number,
                .body = { .vector = &vector, .vector_count = 1, .fd = -1, .size_bytes = vector.iov_len },
        };
        *ret_part = (struct pail_s3_part){ .part_number = number, .size_bytes = vector.iov_len };
        assert_int_equal(pail_s3_upload_part(f->client, &input, ret_part, NULL), 0);
}

#define CREATED                                                                                                        \
        ANSWER("200 OK", XML, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
#define COMPLETED                                                                                                      \
        ANSWER("200 OK", XML, "<CompleteMultipartUploadResult><ETag>\"x-2\"</ETag></CompleteMultipartUploadResult>")

static void create_and_complete(struct fixture *f, const struct pail_s3_part *parts)
{
        _cleanup_free_ char *upload_id = NULL;
        char etag[PAIL_S3_ETAG_SIZE];
        assert_int_equal(pail_s3_create_multipart_upload(f->client, "b", "k", NULL, NULL, &upload_id, NULL), 0);
        assert_int_equal(pail_s3_complete_multipart_upload(f->client, "b", "k", upload_id, parts, 2, NULL, etag, NULL),
                         0);
}

static void test_parts(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_part parts[2];
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, STORED(""), STORED(""), CREATED, COMPLETED, NULL);
        part(f, 1, &parts[0]);
        part(f, 2, &parts[1]);
        assert_string_equal(parts[0].checksum, "");
        create_and_complete(f, parts);
        assert_string_equal(sent(f, 2, "x-amz-checksum-algorithm"), "CRC32C");
        assert_null(sent(f, 2, "x-amz-checksum-type"));
        assert_null(sent(f, 3, "x-amz-checksum-type"));
        assert_null(strstr(f->requests[3].body, "Checksum"));
        /* A server that tells them gets them back. */
        char value[2][32], answers[2][120];
        for (unsigned i = 0; i < 2; i++) {
                snprintf(value[i], sizeof(value[i]), "%s", sent(f, i, "x-amz-checksum-crc32c"));
                snprintf(answers[i], sizeof(answers[i]), "200 OK\fETag: \"e\"\r\nx-amz-checksum-crc32c: %s\r\n\f",
                         value[i]);
        }
        fixture_answers(f, answers[0], answers[1], CREATED, COMPLETED, NULL);
        part(f, 1, &parts[0]);
        part(f, 2, &parts[1]);
        assert_string_equal(parts[0].checksum, value[0]);
        create_and_complete(f, parts);
        for (unsigned i = 0; i < 2; i++) {
                char element[120];
                snprintf(element, sizeof(element), "</ETag><ChecksumCRC32C>%s</ChecksumCRC32C></Part>", value[i]);
                assert_non_null(strstr(f->requests[3].body, element));
        }
}

static void test_parts_of_crc64nvme(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_part parts[2];
        use(f, PAIL_S3_CHECKSUM_CRC64NVME);
        fixture_answers(f, STORED(""), NULL);
        part(f, 1, &parts[0]);
        part(f, 2, &parts[1]);
        for (unsigned i = 0; i < 2; i++)
                snprintf(parts[i].checksum, sizeof(parts[i].checksum), "%s", sent(f, i, "x-amz-checksum-crc64nvme"));
        fixture_answers(f, CREATED, COMPLETED, NULL);
        create_and_complete(f, parts);
        assert_string_equal(sent(f, 0, "x-amz-checksum-algorithm"), "CRC64NVME");
        assert_string_equal(sent(f, 0, "x-amz-checksum-type"), "FULL_OBJECT");
        assert_string_equal(sent(f, 1, "x-amz-checksum-type"), "FULL_OBJECT");
        assert_string_equal(sent(f, 1, "x-amz-checksum-crc64nvme"), CRC64NVME); /* of both together */
        assert_non_null(strstr(f->requests[1].body, "<ChecksumCRC64NVME>"));
        /* One is not known: no claim about the whole. */
        parts[1].checksum[0] = '\0';
        fixture_answers(f, CREATED, COMPLETED, NULL);
        create_and_complete(f, parts);
        assert_null(sent(f, 1, "x-amz-checksum-crc64nvme"));
}

static void test_copied_part(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_part part = { .part_number = 1 };
        const struct pail_s3_part_input input = {
                .bucket = "b", .key = "k", .upload_id = "u", .part_number = 1, .source_bucket = "b", .source_key = "s"
        };
        fixture_answers(
                f,
                ANSWER("200 OK", XML,
                       "<CopyPartResult><ETag>\"e\"</ETag><ChecksumCRC32C>4waSgw==</ChecksumCRC32C></CopyPartResult>"),
                ANSWER("200 OK", XML,
                       "<CopyPartResult><ETag>\"e\"</ETag><ChecksumCRC32C>nonsense</ChecksumCRC32C></CopyPartResult>"),
                NULL);
        assert_int_equal(pail_s3_upload_part_copy(f->client, &input, &part, NULL), 0);
        assert_string_equal(part.checksum, CRC32C);
        assert_string_equal(part.etag, "e");
        assert_int_equal(pail_s3_upload_part_copy(f->client, &input, &part, NULL), 0);
        assert_string_equal(part.checksum, "");
}

static int get(struct fixture *f, uint64_t size, const char *expected, struct pail_error *error)
{
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(100);
        const struct pail_s3_get_input input = { .bucket = "b", .key = "k", .size_bytes = size };
        pail_buf_append_string(&body, "before:");
        int r = pail_s3_get_object(f->client, &input, &body, NULL, error);
        if (r >= 0) {
                assert_true(strncmp(body.data, "before:", 7) == 0);
                assert_string_equal(body.data + 7, expected);
        }
        return r;
}

static void test_whole_objects_are_compared(void **state)
{
        static const char *const good[] = {
                OBJECT("x-amz-checksum-crc32c: 4waSgw==\r\n"),
                OBJECT("x-amz-checksum-crc32: y/Q5Jg==\r\n"),
                OBJECT("x-amz-checksum-crc64nvme: rosUhgp5mIg=\r\nx-amz-checksum-type: FULL_OBJECT\r\n"),
                /* Says nothing of the bytes: of parts, of a kind that is not computed, or nonsense. */
                OBJECT("x-amz-checksum-crc32c: AAAAAA==-3\r\n"),
                OBJECT("x-amz-checksum-crc32c: AAAAAA==\r\nx-amz-checksum-type: COMPOSITE\r\n"),
                OBJECT("x-amz-checksum-sha1: AAAAAA==\r\n"),
                OBJECT("x-amz-checksum-crc32c: ?\r\n"),
        };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(good); i++) {
                fixture_answers(f, good[i], NULL);
                assert_int_equal(get(f, 0, "123456789", NULL), 0);
                assert_string_equal(sent(f, 0, "x-amz-checksum-mode"), "ENABLED");
                assert_int_equal(fixture_requests(f), 1);
        }
        /* A range has no checksum, and the object's is not taken for it. */
        fixture_answers(f,
                        ANSWER("206 Partial",
                               "ETag: \"e\"\r\nContent-Range: bytes 0-3/9\r\nx-amz-checksum-crc32c: "
                               "4waSgw==\r\n",
                               "1234"),
                        NULL);
        assert_int_equal(get(f, 4, "1234", NULL), 0);
        assert_null(sent(f, 0, "x-amz-checksum-mode"));
        fixture_answers(f, OBJECT("x-amz-checksum-crc32c: 4waSgw==\r\n"), NULL); /* ignores Range */
        assert_int_equal(get(f, 4, "1234", NULL), 0);
        use(f, PAIL_S3_CHECKSUM_NONE);
        fixture_answers(f, BROKEN("x-amz-checksum-crc32c: 4waSgw==\r\n"), NULL);
        assert_int_equal(get(f, 0, "123456780", NULL), 0);
        assert_null(sent(f, 0, "x-amz-checksum-mode"));
}

static void test_damaged_objects(void **state)
{
        static const char *const headers[] = { BROKEN("x-amz-checksum-crc32c: 4waSgw==\r\n"),
                                               BROKEN("x-amz-checksum-crc32: y/Q5Jg==\r\n"),
                                               BROKEN("x-amz-checksum-crc64nvme: rosUhgp5mIg=\r\n") };
        struct fixture *f = *state;
        struct pail_error error = PAIL_ERROR_INIT;
        for (size_t i = 0; i < TEST_COUNT(headers); i++) {
                fixture_answers(f, headers[i], OBJECT("x-amz-checksum-crc32c: 4waSgw==\r\n"), NULL);
                assert_int_equal(get(f, 0, "123456789", NULL), 0);
                assert_int_equal(fixture_requests(f), 2);
                assert_null(sent(f, 1, "Range"));
                assert_string_equal(sent(f, 1, "If-Match"), "\"e\"");
        }
        fixture_answers(f, headers[0], NULL);
        assert_int_equal(get(f, 0, "", &error), -EIO);
        assert_int_equal(fixture_requests(f), 2);
        assert_non_null(strstr(error.message, "CRC32C"));
        assert_non_null(strstr(error.message, "s3://b/k"));
        /* The second answer cannot escape by telling no checksum. */
        fixture_answers(f, headers[0], BROKEN(""), NULL);
        assert_int_equal(get(f, 0, "", &error), -EIO);
}

/* The checksum came with the first answer, the bytes with two. */
static void test_damage_in_a_broken_transfer(void **state)
{
        struct fixture *f = *state;
        const char *first = ANSWER(
                "200 OK",
                "ETag: \"e\"\r\nx-amz-checksum-crc32c: 4waSgw==\r\nContent-Length: 9\r\nConnection: close\r\n", "1234");
        fixture_answers(f, first, ANSWER("206 Partial", "ETag: \"e\"\r\nContent-Range: bytes 4-8/9\r\n", "56789"),
                        NULL);
        assert_int_equal(get(f, 0, "123456789", NULL), 0);
        assert_string_equal(sent(f, 1, "Range"), "bytes=4-");
        assert_null(sent(f, 1, "x-amz-checksum-mode"));
        fixture_answers(f, first, ANSWER("206 Partial", "ETag: \"e\"\r\nContent-Range: bytes 4-8/9\r\n", "56780"),
                        OBJECT("x-amz-checksum-crc32c: 4waSgw==\r\n"), NULL);
        assert_int_equal(get(f, 0, "123456789", NULL), 0);
        assert_int_equal(fixture_requests(f), 3);
        assert_string_equal(sent(f, 2, "x-amz-checksum-mode"), "ENABLED");
}

struct counting {
        uint64_t bytes;
        bool was_told;
};

static int count_info(void *context, const struct pail_s3_object_metadata *metadata)
{
        struct counting *counting = context;
        counting->was_told = metadata->has_checksum;
        return 0;
}

static int count_body(void *context, const void *data, size_t size)
{
        struct counting *counting = context;
        (void)data;
        counting->bytes += size;
        return 0;
}

/* What cannot take bytes back fails at once. */
static void test_a_sink_that_cannot_forget(void **state)
{
        static const struct pail_s3_get_sink sink = { .on_metadata = count_info, .on_body = count_body };
        struct fixture *f = *state;
        struct counting counting = { 0 };
        struct pail_s3_call *call = NULL;
        const struct pail_s3_get_input input = { .bucket = "b", .key = "k" };
        fixture_answers(f, BROKEN("x-amz-checksum-crc32c: 4waSgw==\r\n"), NULL);
        assert_int_equal(pail_s3_get_object_start(f->client, &input, &sink, &counting, NULL, NULL, &call, NULL), 0);
        pail_s3_client_drain(f->client);
        pail_s3_call_unref(call);
        assert_true(counting.was_told);
        assert_int_equal(counting.bytes, 9);
        assert_int_equal(fixture_requests(f), 1);
        assert_int_equal(f->trace_count, 1);
        assert_true(f->traces[0].failed);
}

static void test_downloads_are_compared(void **state)
{
        struct fixture *f = *state;
        struct pail_bucket *bucket = NULL;
        struct pail_object *object = NULL;
        _cleanup_close_ int fd = memfd_create("target", MFD_CLOEXEC);
        char bytes[10] = "";
        fixture_answers(f, ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 9\r\n", ""),
                        BROKEN("x-amz-checksum-crc32c: 4waSgw==\r\n"), OBJECT("x-amz-checksum-crc32c: 4waSgw==\r\n"),
                        NULL);
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_object_new(bucket, "k", &object), 0);
        assert_int_equal(pail_transfer_download(object, fd, NULL, NULL), 0);
        assert_int_equal(pread(fd, bytes, sizeof(bytes), 0), 9);
        assert_string_equal(bytes, "123456789");
        pail_object_free(object);
        pail_bucket_unref(bucket);
}

/* Directory buckets do not know Content-MD5. */
static void test_checksum_of_deletions(void **state)
{
        static const char *const keys[] = { "1", "2" };
        struct fixture *f = *state;
        fixture_answers(f, ANSWER("200 OK", XML, "<DeleteResult/>"),
                        ANSWER("200 OK", XML,
                               "<CreateSessionResult><Credentials><SessionToken>t</SessionToken><SecretAccessKey>s"
                               "</SecretAccessKey><AccessKeyId>a</AccessKeyId></Credentials></CreateSessionResult>"),
                        ANSWER("200 OK", XML, "<DeleteResult/>"), NULL);
        assert_int_equal(pail_s3_delete_objects(f->client, "b", keys, 2, NULL, NULL), 0);
        assert_non_null(sent(f, 0, "Content-MD5"));
        assert_null(sent(f, 0, "x-amz-checksum-crc32c"));
        assert_int_equal(pail_s3_delete_objects(f->client, "b--usw2-az1--x-s3", keys, 2, NULL, NULL), 0);
        assert_null(sent(f, 2, "Content-MD5"));
        assert_int_equal(strlen(sent(f, 2, "x-amz-checksum-crc32c")), 8);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_each_kind),
                TEST(test_settings_of_the_session),
                TEST(test_refusal_is_found_out_once),
                TEST(test_other_refusals),
                TEST(test_stored_otherwise),
                TEST(test_parts),
                TEST(test_parts_of_crc64nvme),
                TEST(test_copied_part),
                TEST(test_whole_objects_are_compared),
                TEST(test_damaged_objects),
                TEST(test_damage_in_a_broken_transfer),
                TEST(test_a_sink_that_cannot_forget),
                TEST(test_downloads_are_compared),
                TEST(test_checksum_of_deletions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
