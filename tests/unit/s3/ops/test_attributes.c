/* SPDX-License-Identifier: Apache-2.0 */
/* GetBucketVersioning and GetObjectAttributes. */
#include "../fixture.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

#define VERSIONING(inner)                                                                                              \
        ANSWER("200 OK", XML,                                                                                          \
               "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" inner                     \
               "</VersioningConfiguration>")
#define ATTRIBUTES(inner) ANSWER("200 OK", XML, "<GetObjectAttributesResponse>" inner "</GetObjectAttributesResponse>")
#define PART(number) "<Part><PartNumber>" number "</PartNumber><Size>5</Size></Part>"

static void test_versioning(void **state)
{
        static const struct {
                const char *answer;
                enum pail_s3_versioning_status status;
                bool needs_mfa;
        } cases[] = {
                { VERSIONING(""), PAIL_S3_VERSIONING_NEVER, false },
                { VERSIONING("<Status>Enabled</Status>"), PAIL_S3_VERSIONING_ENABLED, false },
                { VERSIONING("<Status>Suspended</Status><MfaDelete>Disabled</MfaDelete>"), PAIL_S3_VERSIONING_SUSPENDED,
                  false },
                { VERSIONING("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"), PAIL_S3_VERSIONING_ENABLED,
                  true },
        };
        struct fixture *f = *state;
        struct pail_s3_versioning versioning;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                fixture_answers(f, cases[i].answer, NULL);
                assert_int_equal(pail_s3_get_bucket_versioning(f->client, "b", &versioning, NULL), 0);
                assert_string_equal(f->requests[0].head.target, "/b?versioning");
                assert_int_equal(versioning.status, cases[i].status);
                assert_int_equal(versioning.needs_mfa_to_delete, cases[i].needs_mfa);
        }
        fixture_answers(f, ERROR("403 No", "AccessDenied"), NULL);
        assert_int_equal(pail_s3_get_bucket_versioning(f->client, "b", &versioning, NULL), -EACCES);
        assert_int_equal(versioning.status, PAIL_S3_VERSIONING_ENABLED); /* as it was */
        assert_int_equal(pail_s3_get_bucket_versioning(f->client, "b--usw2-az1--x-s3", &versioning, NULL), 0);
        assert_int_equal(versioning.status, PAIL_S3_VERSIONING_NEVER);
        assert_int_equal(fixture_requests(f), 1);
}

static const char *sent(struct fixture *f, const char *name)
{
        return seen_header(&f->requests[0].head, name);
}

static int read_attributes(struct fixture *f, struct pail_s3_object_attributes *attributes)
{
        const struct pail_s3_attributes_input input = {
                .bucket = "b", .key = "k", .version_id = "v", .part_number_marker = 2, .max_parts = 7
        };
        *attributes = (struct pail_s3_object_attributes){ 0 };
        return pail_s3_get_object_attributes(f->client, &input, attributes, NULL);
}

static void test_attributes(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_object_attributes attributes;
        fixture_answers(
                f,
                ANSWER("200 OK", XML "x-amz-version-id: v1\r\nLast-Modified: Wed, 01 Jan 2020 00:00:00 GMT\r\n",
                       "<GetObjectAttributesResponse xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                       "<ETag>abc-3</ETag><Checksum><ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>"
                       "<ChecksumType>FULL_OBJECT</ChecksumType></Checksum><ObjectParts>"
                       "<IsTruncated>true</IsTruncated><MaxParts>7</MaxParts>"
                       "<NextPartNumberMarker>4</NextPartNumberMarker><PartNumberMarker>2</PartNumberMarker>"
                       "<Part><ChecksumSHA256>c2hh</ChecksumSHA256><PartNumber>3</PartNumber><Size>5</Size></Part>"
                       "<Part><PartNumber>4</PartNumber><Size>6</Size></Part><PartsCount>9</PartsCount>"
                       "</ObjectParts><StorageClass>GLACIER</StorageClass><ObjectSize>5368709121</ObjectSize>"
                       "</GetObjectAttributesResponse>"),
                NULL);
        assert_int_equal(read_attributes(f, &attributes), 0);
        assert_string_equal(f->requests[0].head.target, "/b/k?attributes&versionId=v");
        assert_string_equal(sent(f, "x-amz-object-attributes"), "ETag,Checksum,ObjectParts,StorageClass,ObjectSize");
        assert_string_equal(sent(f, "x-amz-part-number-marker"), "2");
        assert_string_equal(sent(f, "x-amz-max-parts"), "7");
        assert_string_equal(attributes.etag, "abc-3");
        assert_string_equal(attributes.version_id, "v1");
        assert_string_equal(attributes.storage_class, "GLACIER");
        assert_int_equal(attributes.last_modified, 1577836800);
        assert_int_equal(attributes.size_bytes, UINT64_C(5368709121));
        assert_string_equal(attributes.checksum.name, "CRC64NVME");
        assert_string_equal(attributes.checksum.value, "AAAAAAAAAAA=");
        assert_false(attributes.checksum.is_composite);
        assert_int_equal(attributes.part_count, 9);
        assert_int_equal(attributes.next_part_number_marker, 4);
        assert_int_equal(attributes.count, 2);
        assert_int_equal(attributes.parts[0].part_number, 3);
        assert_int_equal(attributes.parts[0].size_bytes, 5);
        assert_string_equal(attributes.parts[0].checksum.name, "SHA256");
        assert_string_equal(attributes.parts[0].checksum.value, "c2hh");
        assert_int_equal(attributes.parts[1].part_number, 4);
        assert_string_equal(attributes.parts[1].checksum.name, "");
        pail_s3_object_attributes_done(&attributes);

        fixture_answers(
                f,
                ANSWER("200 OK", XML,
                       "<getObjectAttributesResponse><ETag>\"e\"</ETag><StorageClass>STANDARD</StorageClass><ObjectSize>0</ObjectSize>"
                       "<Checksum><ChecksumCRC32C>AAAAAA==-2</ChecksumCRC32C>"
                       "<ChecksumType>COMPOSITE</ChecksumType></Checksum></getObjectAttributesResponse>"),
                NULL);
        assert_int_equal(read_attributes(f, &attributes), 0);
        assert_string_equal(attributes.etag, "e");
        assert_null(attributes.storage_class);
        assert_true(attributes.checksum.is_composite);
        assert_string_equal(attributes.checksum.value, "AAAAAA==-2");
        assert_int_equal(attributes.next_part_number_marker, 0);
        pail_s3_object_attributes_done(&attributes);
}

static void test_attributes_that_lie(void **state)
{
        static const char *const bad[] = {
                ATTRIBUTES("<ObjectSize>-1</ObjectSize>"),
                ATTRIBUTES("<ObjectParts><PartsCount>10001</PartsCount></ObjectParts>"),
                ATTRIBUTES("<ObjectParts><Part><Size>1</Size></Part></ObjectParts>"),
                ATTRIBUTES("<ObjectParts><IsTruncated>true</IsTruncated>" PART("1") "</ObjectParts>"),
                ATTRIBUTES("<ETag></ETag>"),
                ANSWER("200 OK", XML, "<GetObjectAttributesResponse><ETag>e"),
        };
        struct fixture *f = *state;
        struct pail_s3_object_attributes attributes;
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                fixture_answers(f, bad[i], NULL);
                assert_int_equal(read_attributes(f, &attributes), -EPROTO);
                assert_null(attributes.parts);
        }
}

/* Ceph and others take the request for one for the object. */
static void test_attributes_not_known(void **state)
{
        static const char *const others[] = {
                ANSWER("200 OK", "Content-Type: text/html\r\n", "<html>hello</html>"),
                ANSWER("200 OK", "Content-Type: text/plain\r\n", "hello"),
                ANSWER("200 OK", "", ""),
                ANSWER("200 OK", XML, "<Other/>"),
                ERROR("501 No", "NotImplemented"),
                ANSWER_ENDLESS,
        };
        struct fixture *f = *state;
        struct pail_s3_object_attributes attributes;
        for (size_t i = 0; i < TEST_COUNT(others); i++) {
                fixture_answers(f, others[i], NULL);
                assert_int_equal(read_attributes(f, &attributes), -EOPNOTSUPP);
                assert_int_equal(fixture_requests(f), 1);
        }
        fixture_answers(f, ERROR("404 No", "NoSuchKey"), NULL);
        assert_int_equal(read_attributes(f, &attributes), -ENOENT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_versioning),
                TEST(test_attributes),
                TEST(test_attributes_that_lie),
                TEST(test_attributes_not_known),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
