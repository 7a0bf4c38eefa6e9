/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of objects: what they take along, and servers that do not take them as Amazon S3 does. */
#include <errno.h>

#include "../fixture.h"
#include "pail/util/cleanup.h"

#define CREATED                                                                                                        \
        ANSWER("200 OK", XML, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
#define PART_COPIED ANSWER("200 OK", XML, "<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>")
#define BASE ANSWER("200 OK", "ETag: \"base\"\r\nContent-Length: 12582912\r\n", "")
#define COMPLETED                                                                                                      \
        ANSWER("200 OK", XML, "<CompleteMultipartUploadResult><ETag>\"x-3\"</ETag></CompleteMultipartUploadResult>")
#define ABORTED ANSWER("204 No Content", "", "")

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

static void use(struct fixture *f, enum pail_s3_checksum checksum)
{
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .checksum = checksum });
}

#define EMPTY(etag) ANSWER("200 OK", "ETag: \"" etag "\"\r\nContent-Length: 0\r\n", "")
#define WHOLE_COPIED ANSWER("200 OK", XML, "<CopyObjectResult><ETag>\"base\"</ETag></CopyObjectResult>")
#define LACKING ERROR("501 Not Implemented", "NotImplemented")

static int copy_with(struct fixture *f, const struct pail_object_copy_options *options, struct pail_error *error)
{
        struct pail_bucket *bucket = NULL;
        struct pail_object *source = NULL, *destination = NULL;
        char etag[PAIL_S3_ETAG_SIZE];
        *error = PAIL_ERROR_INIT;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_object_new(bucket, "s", &source), 0);
        assert_int_equal(pail_object_new(bucket, "d", &destination), 0);
        int r = pail_object_copy(source, destination, options, etag, error);
        pail_object_free(source);
        pail_object_free(destination);
        pail_bucket_unref(bucket);
        return r;
}

static int copy(struct fixture *f, uint64_t threshold_bytes, struct pail_error *error)
{
        const struct pail_object_copy_options options = { .threshold_bytes = threshold_bytes, .acl_is_default = true };
        return copy_with(f, &options, error);
}

/* A copy in parts declares none: what the server makes of that is its own. */
static void test_copy_in_parts(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        use(f, PAIL_S3_CHECKSUM_CRC32C);
        fixture_answers(f, BASE, CREATED, PART_COPIED, BASE, COMPLETED, BASE, NULL);
        assert_int_equal(copy(f, 1, &error), 0);
        assert_null(sent(f, 1, "x-amz-checksum-algorithm"));
        assert_null(strstr(f->requests[4].body, "Checksum"));
}

/* Ceph copies what is encrypted with a customer's key in parts, and not whole. */
static void test_one_way_of_copying(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, BASE, LACKING, CREATED, PART_COPIED, BASE, COMPLETED, BASE, NULL);
        assert_int_equal(copy(f, 0, &error), 0);
        assert_int_equal(fixture_requests(f), 7);
        fixture_answers(f, BASE, CREATED, PART_COPIED, BASE, COMPLETED, BASE, NULL);
        assert_int_equal(copy(f, 0, &error), 0); /* remembered */
        assert_int_equal(fixture_requests(f), 6);
        /* An empty object is one part, too. */
        fixture_answers(f, EMPTY("base"), CREATED, PART_COPIED, EMPTY("base"), COMPLETED, EMPTY("x-3"), NULL);
        assert_int_equal(copy(f, 0, &error), 0);
        assert_non_null(sent(f, 2, "x-amz-copy-source"));
        assert_null(sent(f, 2, "x-amz-copy-source-range"));
        /* The other way round. */
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, BASE, CREATED, LACKING, ABORTED, WHOLE_COPIED, NULL);
        assert_int_equal(copy(f, 1, &error), 0);
        assert_int_equal(fixture_requests(f), 5);
        fixture_answers(f, BASE, WHOLE_COPIED, NULL);
        assert_int_equal(copy(f, 1, &error), 0);
        assert_int_equal(fixture_requests(f), 2);
        /* None. */
        use(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, BASE, LACKING, CREATED, LACKING, ABORTED, NULL);
        assert_int_equal(copy(f, 0, &error), -EOPNOTSUPP);
        assert_true(pail_s3_error_is_unsupported(&error));
        assert_non_null(strstr(error.message, "cannot copy objects"));
        fixture_answers(f, BASE, LACKING, NULL);
        assert_int_equal(copy(f, 0, &error), -EOPNOTSUPP);
        assert_int_equal(fixture_requests(f), 2);
}

/* A key of KMS makes ETags that look like MD5s and are none, on either side. */
static void test_copies_that_take_the_options(void **state)
{
        static const char encryption[] = "x-amz-server-side-encryption";
        struct fixture *f = *state;
        struct pail_error error;
        for (int takes_options = 0; takes_options < 2; takes_options++) {
                fixture_client(f, &(struct pail_s3_client_options){
                                          .timeout_ms = 20000,
                                          .object = { .storage_class = "GLACIER", .server_side_encryption = "AES256" },
                                  });
                fixture_answers(
                        f,
                        ANSWER("200 OK",
                               "ETag: \"0123456789abcdef0123456789abcdef\"\r\nContent-Length: 3\r\n"
                               "x-amz-storage-class: STANDARD_IA\r\nx-amz-server-side-encryption: aws:kms\r\n"
                               "x-amz-server-side-encryption-aws-kms-key-id: K\r\n",
                               ""),
                        ANSWER("200 OK", XML,
                               "<CopyObjectResult><ETag>\"900150983cd24fb0d6963f7d28e17f72\"</ETag>"
                               "</CopyObjectResult>"),
                        ANSWER("200 OK", "ETag: \"900150983cd24fb0d6963f7d28e17f72\"\r\nContent-Length: 3\r\n", ""),
                        NULL);
                const struct pail_object_copy_options options = { .takes_options = takes_options,
                                                                  .acl_is_default = true };
                assert_int_equal(copy_with(f, &options, &error), 0);
                assert_string_equal(sent(f, 1, "x-amz-metadata-directive"), "COPY");
                assert_string_equal(sent(f, 1, "x-amz-storage-class"), takes_options ? "GLACIER" : "STANDARD_IA");
                assert_string_equal(sent(f, 1, encryption), takes_options ? "AES256" : "aws:kms");
                if (takes_options)
                        assert_null(sent(f, 1, "x-amz-server-side-encryption-aws-kms-key-id"));
                else
                        assert_string_equal(sent(f, 1, "x-amz-server-side-encryption-aws-kms-key-id"), "K");
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_copy_in_parts),
                TEST(test_one_way_of_copying),
                TEST(test_copies_that_take_the_options),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
