/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/text.h"

#include <jansson.h>
#include <limits.h>

#include "run.h"

static void assert_mask(const char *key_id, const char *expected)
{
        char mask[PAIL_CTL_MASK_SIZE];
        pail_ctl_mask(key_id, mask);
        assert_string_equal(mask, expected);
}

static void test_mask(void **state)
{
        (void)state;
        assert_mask("AKIDABCD", "****************ABCD");
        assert_mask("12345", "****************2345");
        assert_mask("ABCD", "****************"); /* all of it would be shown */
        assert_mask("", "****************");
}

static void assert_time(time_t time, const char *expected)
{
        char text[PAIL_CTL_TIME_SIZE];
        pail_ctl_format_time(time, text);
        assert_string_equal(text, expected);
}

static void test_time(void **state)
{
        (void)state;
        assert_time(1700000000, "2023-11-14T22:13:20Z");
        assert_time(0, "1970-01-01T00:00:00Z");
        assert_time(-1, "1969-12-31T23:59:59Z");
        assert_time(253402300799, "9999-12-31T23:59:59Z");
        assert_time(253402300800, "?"); /* a fifth digit has no room */
        assert_time(LONG_MAX, "?");     /* nor has its year in an int */
}

static void assert_json(const char *text, const char *expected)
{
        json_t *value = pail_ctl_json_string(text);
        assert_true(json_is_string(value));
        assert_string_equal(json_string_value(value), expected);
        json_decref(value);
}

static void test_json_string(void **state)
{
        (void)state;
        assert_json("a\xc3\xa4\xe2\x82\xac", "a\xc3\xa4\xe2\x82\xac");
        assert_json("", "");
        assert_json("a\xff"
                    "b\xc3",
                    "a?b?");
        assert_json("\xc0\x80x", "??x"); /* an overlong zero */
        assert_true(json_is_null(pail_ctl_json_string(NULL)));
}

static void test_json_print(void **state)
{
        (void)state;
        assert_int_equal(pail_ctl_json_print(NULL), -ENOMEM);
        struct capture capture = capture_begin();
        int r = pail_ctl_json_print(json_pack("{s:s}", "a", "\xc3\xa4"));
        _cleanup_(run_done) struct run run = capture_end(&capture, r);
        assert_int_equal(run.status, 0);
        assert_text(run.out, "{\n  \"a\": \"\\u00E4\"\n}\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_mask),
                cmocka_unit_test(test_time),
                cmocka_unit_test(test_json_string),
                cmocka_unit_test(test_json_print),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
