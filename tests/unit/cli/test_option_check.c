/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/option_check.h"

#include "../support/test.h"
#include "cli/source.h"

static int check(const char *source_text, char *profile, char *profiles, bool manage_buckets, const char *words)
{
        struct pail_options options = { .profile = profile, .profiles = profiles, .manage_buckets = manage_buckets };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_source_name source;
        assert_int_equal(pail_source_parse(source_text, &source, &error), 0);
        int r = pail_option_check_source(&options, &source, &error);
        pail_source_name_done(&source);
        if (words && !strstr(error.message, words))
                fail_msg("\"%s\" lacks \"%s\"", error.message, words);
        return r;
}

static void test_with_source(void **state)
{
        (void)state;
        char a[] = "a", two[] = "a:b", twice[] = "a:a";
        assert_int_equal(check("s3://", NULL, NULL, false, NULL), 0);
        assert_int_equal(check("s3://", a, NULL, true, NULL), 0);
        assert_int_equal(check("s3://", NULL, two, true, NULL), 0);
        assert_int_equal(check("bucket", a, NULL, false, NULL), 0);
        assert_int_equal(check("bucket", NULL, two, false, "not 'bucket'"), -EINVAL);
        assert_int_equal(check("s3://bucket/x", NULL, NULL, true, "manage_buckets"), -EINVAL);
        assert_int_equal(check("s3://", a, two, false, "exclude each other"), -EINVAL);
        assert_int_equal(check("s3://", NULL, twice, false, "twice"), -EINVAL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_with_source),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
