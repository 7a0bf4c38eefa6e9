/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/arn.h"

#include "../../support/test.h"

static void test_parts(void **state)
{
        struct pail_arn arn;

        (void)state;
        assert_int_equal(pail_arn_parse("arn:aws-cn:s3-outposts:cn-north-1:123:outpost/op-1:accesspoint/name", &arn),
                         0);
        assert_string_equal(arn.partition, "aws-cn");
        assert_string_equal(arn.service, "s3-outposts");
        assert_string_equal(arn.region, "cn-north-1");
        assert_string_equal(arn.account, "123");
        assert_int_equal(arn.resource_count, 4);
        assert_string_equal(arn.resource[0], "outpost");
        assert_string_equal(arn.resource[1], "op-1");
        assert_string_equal(arn.resource[2], "accesspoint");
        assert_string_equal(arn.resource[3], "name");
        assert_null(arn.resource[4]);

        assert_int_equal(pail_arn_parse("arn:aws:s3:::a", &arn), 0);
        assert_string_equal(arn.region, "");
        assert_string_equal(arn.account, "");
        assert_int_equal(arn.resource_count, 1);

        assert_int_equal(pail_arn_parse("arn:aws:s3:r:1:a/b/c/d/e/f/g", &arn), 0);
        assert_int_equal(arn.resource_count, 7);
        assert_string_equal(arn.resource[PAIL_ARN_RESOURCES - 1], "e");

        assert_int_equal(pail_arn_parse("arn:aws:s3:r:1:accesspoint:", &arn), 0);
        assert_int_equal(arn.resource_count, 2);
        assert_string_equal(arn.resource[1], "");
}

static void test_malformed(void **state)
{
        static const char *const texts[] = { "",
                                             "arn",
                                             "arn:",
                                             "arn:aws",
                                             "bucket",
                                             "arn:aws:s3",
                                             "arn:aws:s3:r",
                                             "arn:aws:s3:r:1",
                                             "arn:aws:s3:r:1:",
                                             "arn::s3:r:1:a",
                                             "arn:aws::r:1:a",
                                             "ARN:aws:s3:r:1:a" };
        char longest[PAIL_ARN_MAX + 2];
        struct pail_arn arn;

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(texts); i++)
                if (pail_arn_parse(texts[i], &arn) != -EINVAL)
                        fail_msg("%s", texts[i]);
        memset(longest, 'x', sizeof(longest));
        memcpy(longest, "arn:aws:s3:r:1:", 15);
        longest[PAIL_ARN_MAX + 1] = '\0';
        assert_int_equal(pail_arn_parse(longest, &arn), -EINVAL);
        longest[PAIL_ARN_MAX] = '\0';
        assert_int_equal(pail_arn_parse(longest, &arn), 0);
}

static void test_length(void **state)
{
        static const struct {
                const char *arn, *rest;
        } cases[] = {
                { "arn:aws:s3:r:1:accesspoint/name", "" },
                { "arn:aws:s3:r:1:accesspoint:name", "/a/b" },
                { "arn:aws:s3:r:1:accesspoint/name", ":/a/b" },
                { "arn:aws:s3::1:accesspoint/name.mrap", "/a" },
                { "arn:aws:s3-object-lambda:r:1:accesspoint/name", "/accesspoint/a" },
                { "arn:aws:s3-outposts:r:1:outpost/op-1/accesspoint/name", "/a/b" },
                { "arn:aws:s3-outposts:r:1:outpost:op-1:accesspoint:name", ":/a" },
                { "arn:aws:s3-outposts:r:1:outpost/op-1", "" },
                { "arn:aws:s3:r:1:accesspoint/", "/a" },
                { "arn:aws:s3:r:1:accesspoints/name/a", "" },
                { "arn:aws:s3:::bucket/a", "" },
                { "arn:aws:s3", "" },
        };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char text[256];
                snprintf(text, sizeof(text), "%s%s", cases[i].arn, cases[i].rest);
                if (pail_arn_length(text) != strlen(cases[i].arn))
                        fail_msg("%s: %zu", text, pail_arn_length(text));
        }
        assert_true(pail_arn_is("arn:"));
        assert_false(pail_arn_is("arn"));
        assert_false(pail_arn_is("s3://arn:"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parts),
                cmocka_unit_test(test_malformed),
                cmocka_unit_test(test_length),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
