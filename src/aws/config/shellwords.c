/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the text with the quote that is open as the only state. A word never becomes longer by losing its quotes, so
 * one allocation of the text's size (and a NUL for the last word) holds all of them.
 */
#include "shellwords.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "pail/util/cleanup.h"

struct splitter {
        char *out;
        char quote; /* ' or ", or 0 outside of quotes */
        bool in_word;
        size_t count;
};

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void end_word(struct splitter *splitter)
{
        if (splitter->in_word) {
                *splitter->out++ = '\0';
                splitter->count++;
        }
        splitter->in_word = false;
}

/* Between double quotes a backslash escapes only itself and the quote; outside of quotes, anything. */
static bool escapes(const struct splitter *splitter, const char *at)
{
        if (*at != '\\' || splitter->quote == '\'')
                return false;
        return splitter->quote == 0 || at[1] == '"' || at[1] == '\\';
}

static int read_character(struct splitter *splitter, const char **at)
{
        char c = **at;

        if (escapes(splitter, *at)) {
                c = *++*at;
                if (!c)
                        return -EINVAL;
        } else if (splitter->quote ? c == splitter->quote : c == '\'' || c == '"') {
                splitter->quote = splitter->quote ? 0 : c;
                splitter->in_word = true;
                return 0;
        } else if (!splitter->quote && is_blank(c)) {
                end_word(splitter);
                return 0;
        }
        splitter->in_word = true;
        *splitter->out++ = c;
        return 0;
}

int pail_shellwords_split(const char *text, char **ret_words, size_t *ret_count)
{
        _cleanup_free_ char *words = malloc(strlen(text) + 1);
        struct splitter splitter = { .out = words };

        if (!words)
                return -ENOMEM;
        for (const char *at = text; *at; at++)
                if (read_character(&splitter, &at) < 0)
                        return -EINVAL;
        if (splitter.quote)
                return -EINVAL;
        end_word(&splitter);
        *ret_words = pail_steal(&words);
        *ret_count = splitter.count;
        return 0;
}
