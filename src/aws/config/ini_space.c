/* SPDX-License-Identifier: Apache-2.0 */
#include "ini_space.h"

#include <stdbool.h>
#include <string.h>

#include "pail/util/str.h"

size_t pail_ini_space_length(const char *text)
{
        static const char *const wide[] = {
                "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
                "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
        };
        unsigned char c = (unsigned char)*text;

        if (c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f))
                return 1;
        for (size_t i = 0; c >= 0x80 && i < sizeof(wide) / sizeof(wide[0]); i++)
                if (pail_str_starts_with(text, wide[i]))
                        return strlen(wide[i]);
        /* U+2000 to U+200A */
        bool is_wide = pail_str_starts_with(text, "\xe2\x80") && (unsigned char)text[2] >= 0x80 &&
                       (unsigned char)text[2] <= 0x8a;
        return is_wide ? 3 : 0;
}

size_t pail_ini_space_stripped_length(const char *text)
{
        size_t end = 0;

        for (size_t at = 0, length; text[at]; at += length > 0 ? length : 1) {
                length = pail_ini_space_length(text + at);
                if (length == 0)
                        end = at + 1;
        }
        return end;
}

char *pail_ini_space_strip(char *text)
{
        size_t length;

        while ((length = pail_ini_space_length(text)) > 0)
                text += length;
        text[pail_ini_space_stripped_length(text)] = '\0';
        return text;
}
