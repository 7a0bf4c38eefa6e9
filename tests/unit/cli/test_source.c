/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

static void assert_source(const char *text, const char *bucket, const char *prefix)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_source_name source;
        if (pail_source_parse(text, &source, &error) < 0)
                fail_msg("%s: %s", text, error.message);
        assert_string_equal(source.text, text);
        assert_string_equal(source.bucket, bucket);
        assert_string_equal(source.prefix, prefix);
        pail_source_name_done(&source);
}

/* What a function then finds in variables that it does not fill is no zero. */
static void fill_stack(void)
{
        volatile char garbage[16 * 1024];
        for (size_t i = 0; i < sizeof(garbage); i++)
                garbage[i] = (char)0xa5;
}

static void assert_refused(const char *text, const char *words)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_source_name source;
        fill_stack();
        assert_int_equal(pail_source_parse(text, &source, &error), -EINVAL);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        if (!strstr(error.message, words))
                fail_msg("%s: \"%s\" lacks \"%s\"", text, error.message, words);
}

static void test_forms(void **state)
{
        (void)state;
        assert_source("bucket", "bucket", "");
        assert_source("bucket:", "bucket", "");
        assert_source("bucket:/", "bucket", "");
        assert_source("bucket:/a", "bucket", "a/");
        assert_source("bucket:/a/b/", "bucket", "a/b/");
        assert_source("s3://bucket", "bucket", "");
        assert_source("s3://bucket/", "bucket", "");
        assert_source("s3://bucket/a/b", "bucket", "a/b/");
        assert_source("s3://my.bucket-1/a b/%20/\xc3\xa9", "my.bucket-1", "a b/%20/\xc3\xa9/");
        assert_source("bucket:/a:/b", "bucket", "a:/b/");
        assert_source("s3://", "", "");
        assert_source("bucket:/.../..x", "bucket", ".../..x/");
}

#define ARN "arn:aws:s3:us-west-2:123456789012:accesspoint/name"
#define OUTPOST "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/name"

static void test_access_points(void **state)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_source_name source;
        (void)state;
        assert_source(ARN, ARN, "");
        assert_source(ARN ":", ARN, "");
        assert_source(ARN "/", ARN, "");
        assert_source(ARN "/a/b", ARN, "a/b/");
        assert_source(ARN ":/a", ARN, "a/");
        assert_source("s3://" ARN, ARN, "");
        assert_source("s3://" ARN "/a", ARN, "a/");
        assert_source("arn:aws:s3:us-west-2:123456789012:accesspoint:name/a:b", ARN, "a:b/");
        assert_source(OUTPOST "/a", OUTPOST, "a/");
        assert_source("arn:aws:s3-outposts:us-west-2:123456789012:outpost:op-1:accesspoint:name", OUTPOST, "");
        assert_source("arn:aws:s3::123456789012:accesspoint/alias.mrap/a",
                      "arn:aws:s3::123456789012:accesspoint/alias.mrap", "a/");

        assert_refused("arn:aws:s3:::bucket", "is no ARN of an access point; a bucket is named by its name alone");
        assert_refused("arn:aws:s3", "is no ARN of an access point");
        assert_refused("arn:aws:s3:us-west-2:123456789012:accesspoint//x", "is no ARN of an access point");
        assert_refused("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/bucket/x",
                       "is no ARN of an access point");
        assert_refused("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint", "is no ARN of an access");
        assert_refused("arn:", "is no ARN of an access point");
        assert_refused("s3://arn:", "is no ARN of an access point");
        assert_refused("s3://arn:aws:s3:::bucket/a", "is no ARN of an access point");
        assert_refused("arn:aws:sqs:us-west-2:123456789012:queue", "is no ARN of an access point");
        assert_refused(ARN ":x", "is no ARN of an access point");
        assert_refused(ARN "//x", "empty component");

        assert_int_equal(pail_source_parse(OUTPOST "/a", &source, &error), 0);
        assert_string_equal(pail_source_name_label(&source), "name");
        pail_source_name_done(&source);
        assert_int_equal(pail_source_parse("bucket:/a", &source, &error), 0);
        assert_string_equal(pail_source_name_label(&source), "bucket");
        pail_source_name_done(&source);
}

static void test_refused(void **state)
{
        (void)state;
        assert_refused("", "names no bucket");
        assert_refused(":", "names no bucket");
        assert_refused(":/a", "names no bucket");
        assert_refused("s3:///", "names no bucket");
        assert_refused("s3:///a", "names no bucket");
        assert_refused("b/c", "holds a '/'");
        assert_refused("http://b/c", "is no bucket");
        assert_refused("s3:/b", "possible bucket");
        assert_refused("bucket:prefix", "possible bucket");
        assert_refused("-bucket", "possible bucket");
        assert_refused("bucket-", "possible bucket");
        assert_refused("buck et", "possible bucket");
        assert_refused("bu", "possible bucket");
        assert_refused("bucket:/a//b", "empty component");
        assert_refused("bucket://b", "is no bucket");
        assert_refused("s3://bucket//b", "empty component");
        assert_refused("s3://bucket/a/../b", "'..'");
        assert_refused("s3://bucket/.", "'.'");
}

static void test_long(void **state)
{
        (void)state;
        char text[1200] = "s3://bucket/";
        size_t start = strlen(text);
        memset(text + start, 'k', 1023); /* and a '/' */
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_source_name source;
        assert_int_equal(pail_source_parse(text, &source, &error), 0);
        assert_int_equal(strlen(source.prefix), 1024);
        pail_source_name_done(&source);
        text[start + 1023] = 'k';
        assert_refused(text, "1024 bytes");
        memset(text, 'b', 256);
        text[256] = '\0';
        assert_refused(text, "possible bucket");
}

static void assert_object(const char *text, const char *bucket, const char *key)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_source_object object;
        assert_true(pail_source_is_uri(text));
        if (pail_source_parse_object(text, &object, &error) < 0)
                fail_msg("%s: %s", text, error.message);
        assert_string_equal(object.text, text);
        assert_string_equal(object.bucket, bucket);
        assert_string_equal(object.key, key);
        pail_source_object_done(&object);
}

static void assert_no_object(const char *text, const char *words)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_source_object object;
        assert_int_equal(pail_source_parse_object(text, &object, &error), -EINVAL);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        if (!strstr(error.message, words))
                fail_msg("%s: \"%s\" lacks \"%s\"", text, error.message, words);
}

/* Keys are not paths: what a mount cannot show is an object all the same. */
static void test_objects(void **state)
{
        char text[1100] = "s3://bucket/";
        (void)state;
        assert_object("s3://bucket/key", "bucket", "key");
        assert_object("s3://bucket/a//b/../.", "bucket", "a//b/../.");
        assert_object("s3://bucket//a", "bucket", "/a");
        assert_object("s3://bucket/a/", "bucket", "a/");
        assert_object("s3://bucket/%20?versionId=x", "bucket", "%20?versionId=x");
        assert_object("s3://bucket", "bucket", "");
        assert_object("s3://bucket/", "bucket", "");
        assert_object(ARN "/a//b", ARN, "a//b");
        assert_object("s3://" ARN ":/a", ARN, "a");
        assert_no_object("bucket:/key", "write s3://BUCKET/KEY");
        assert_no_object("/bucket/key", "write s3://BUCKET/KEY");
        assert_no_object("s3://", "names no bucket");
        assert_no_object("s3:///key", "names no bucket");
        assert_no_object("s3://a_?/key", "possible bucket");
        memset(text + 12, 'k', 1024);
        assert_object(text, "bucket", text + 12);
        text[12 + 1024] = 'k';
        assert_no_object(text, "more than 1024 bytes");
        assert_false(pail_source_is_uri("bucket:/key"));
        assert_false(pail_source_is_uri("./s3:/x"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_forms), cmocka_unit_test(test_access_points), cmocka_unit_test(test_refused),
                cmocka_unit_test(test_long),  cmocka_unit_test(test_objects),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
