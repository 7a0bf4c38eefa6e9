/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/config/shellwords.h"

#include "../../support/test.h"

static const struct {
        const char *text;
        const char *joined; /* the words, each followed by '|'; NULL: refused */
} cases[] = {
        { "", "" },
        { " \t\r\n ", "" },
        { "profile x", "profile|x|" },
        { "  profile \t x  ", "profile|x|" },
        { "profile 'my work'", "profile|my work|" },
        { "profile \"my work\"", "profile|my work|" },
        { "profile my\\ work", "profile|my work|" },
        { "a''b", "ab|" },
        { "'' \"\"", "||" },
        { "'a'\"b\"c", "abc|" },
        { "'a\\'", "a\\|" },
        { "\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d|" },
        { "\\a\\'\\\"", "a'\"|" },
        { "a#b # c", "a#b|#|c|" },
        { "$HOME `x`", "$HOME|`x`|" },
        { "'open", NULL },
        { "\"open", NULL },
        { "\"open\\\"", NULL },
        { "end\\", NULL },
};

static void test_split(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char *words = NULL, joined[256] = "";
                size_t count = 99, length = 0;
                int r = pail_shellwords_split(cases[i].text, &words, &count);

                assert_int_equal(r, cases[i].joined ? 0 : -EINVAL);
                if (r < 0) {
                        assert_null(words);
                        continue;
                }
                const char *word = words;
                for (size_t at = 0; at < count; at++, word += strlen(word) + 1)
                        length += (size_t)snprintf(joined + length, sizeof(joined) - length, "%s|", word);
                assert_string_equal(joined, cases[i].joined);
                free(words);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_split) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
