/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/str.h"

#include "../support/test.h"

static void test_well_formed(void **state)
{
        (void)state;
        static const char *const good[] = {
                "",
                "plain",
                "\x7f",
                "\xc2\x80",
                "\xdf\xbf",
                "\xe0\xa0\x80",
                "\xed\x9f\xbf",
                "\xee\x80\x80",
                "\xef\xbf\xbf",
                "\xf0\x90\x80\x80",
                "\xf4\x8f\xbf\xbf",
                "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z",
        };
        for (size_t i = 0; i < TEST_COUNT(good); i++)
                assert_true(pail_str_is_utf8(good[i]));
        assert_int_equal(pail_str_utf8_length("a"), 1);
        assert_int_equal(pail_str_utf8_length("\xe2\x82\xac..."), 3);
}

static void test_malformed(void **state)
{
        (void)state;
        static const char *const bad[] = {
                "\x80",
                "\xbf",
                "\xc0\x80", /* over-long NUL */
                "\xc1\xbf",
                "\xe0\x9f\xbf",
                "\xf0\x8f\xbf\xbf",
                "\xed\xa0\x80", /* a surrogate */
                "\xed\xbf\xbf",
                "\xf4\x90\x80\x80", /* beyond U+10FFFF */
                "\xf5\x80\x80\x80",
                "\xff",
                "\xfe",
                "\xc3",
                "\xe2\x82",
                "\xf0\x9f\x98",
                "\xc3(",
                "\xe2(\x82",
                "\xe2\x82(",
                "good\xc3\xa4"
                "bad\xe4",
        };
        for (size_t i = 0; i < TEST_COUNT(bad); i++)
                assert_false(pail_str_is_utf8(bad[i]));
}

/* Every lead and second byte, against the definition by code points instead of by bytes. */
static void test_against_definition(void **state)
{
        (void)state;
        for (unsigned lead = 0x80; lead < 0x100; lead++)
                for (unsigned second = 1; second < 0x100; second++) {
                        const char text[] = { (char)lead, (char)second, (char)0x80, (char)0x80, 0 };
                        bool continues = (second & 0xc0) == 0x80;
                        unsigned bits = second & 0x3f;
                        size_t expected = 0;
                        if (continues && (lead & 0xe0) == 0xc0 && (lead & 0x1f) << 6 >= 0x80)
                                expected = 2;
                        unsigned three = (lead & 0x0f) << 12 | bits << 6;
                        if (continues && (lead & 0xf0) == 0xe0 && three >= 0x800 && (three < 0xd800 || three > 0xdfff))
                                expected = 3;
                        unsigned four = (lead & 7) << 18 | bits << 12;
                        if (continues && (lead & 0xf8) == 0xf0 && four >= 0x10000 && four <= 0x10ffff)
                                expected = 4;
                        assert_int_equal(pail_str_utf8_length(text), expected);
                }
}

static void test_trim(void **state)
{
        (void)state;
        static const char *const cases[][2] = {
                { "", "" },
                { "abc", "abc" },
                { "a\xc3\xa4", "a\xc3\xa4" },
                { "a\xc3", "a" },
                { "a\xe2\x82", "a" },
                { "a\xe2\x82\xac", "a\xe2\x82\xac" },
                { "a\xf0\x9f\x98", "a" },
                { "\xf0", "" },
                { "\x80\x80", "\x80\x80" }, /* nothing that a cut made */
                { "a\xff", "a\xff" },
                { "\x80\x80\x80\x80", "\x80\x80\x80\x80" },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char text[16];
                pail_str_copy(text, sizeof(text), cases[i][0]);
                pail_str_trim_utf8(text);
                assert_string_equal(text, cases[i][1]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_well_formed),
                cmocka_unit_test(test_malformed),
                cmocka_unit_test(test_against_definition),
                cmocka_unit_test(test_trim),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
