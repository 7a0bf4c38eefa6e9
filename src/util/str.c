/* SPDX-License-Identifier: Apache-2.0 */
/* Plain string functions. Numbers are in number.c, encodings in encode.c. */
#include "pail/util/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/buf.h"

enum { PRINTF_CAP = 16 * 1024 * 1024, DISTANCE_CAP = 64 };

bool pail_str_starts_with(const char *string, const char *prefix)
{
        return strncmp(string, prefix, strlen(prefix)) == 0;
}

bool pail_str_ends_with(const char *string, const char *suffix)
{
        size_t length = strlen(string), suffix_length = strlen(suffix);
        return length >= suffix_length && memcmp(string + length - suffix_length, suffix, suffix_length) == 0;
}

int pail_str_dup(const char *string, char **ret_copy)
{
        char *copy = NULL;
        if (string) {
                size_t size = strlen(string) + 1;
                copy = malloc(size);
                if (!copy)
                        return -ENOMEM;
                memcpy(copy, string, size);
        }
        *ret_copy = copy;
        return 0;
}

int pail_str_replace(char **target, const char *string)
{
        char *copy;
        int r = pail_str_dup(string, &copy); /* first: string may be *target or lie within it */
        if (r < 0)
                return r;
        free(*target);
        *target = copy;
        return 0;
}

int pail_str_printf(char **ret_string, const char *format, ...)
{
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(PRINTF_CAP);
        va_list arguments;
        va_start(arguments, format);
        int r = pail_buf_vprintf(&buf, format, arguments);
        va_end(arguments);
        return r < 0 ? r : pail_buf_steal(&buf, ret_string, NULL);
}

static bool is_space(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

char *pail_str_strip(char *string)
{
        while (is_space(*string))
                string++;
        size_t length = strlen(string);
        while (length > 0 && is_space(string[length - 1]))
                length--;
        string[length] = 0;
        return string;
}

void pail_str_copy(char *target, size_t size, const char *source)
{
        size_t length = strnlen(source, size - 1);
        memmove(target, source, length);
        target[length] = 0;
}

void pail_str_make_printable(char *string)
{
        for (unsigned char *at = (unsigned char *)string; *at; at++) {
                if (*at < 0x20 || *at == 0x7f)
                        *at = '?';
                else if (*at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f) /* C1: terminals obey these too */
                        at[0] = at[1] = '?';
        }
}

unsigned pail_str_distance(const char *a, const char *b)
{
        size_t a_length = strnlen(a, DISTANCE_CAP), b_length = strnlen(b, DISTANCE_CAP);
        unsigned row[DISTANCE_CAP + 1] = {
                0
        }; /* of the matrix of a's prefixes against b's, the one line that is needed */
        for (unsigned j = 0; j <= b_length; j++)
                row[j] = j;
        for (unsigned i = 1; i <= a_length; i++) {
                unsigned diagonal = row[0];
                row[0] = i;
                for (unsigned j = 1; j <= b_length; j++) {
                        unsigned best = diagonal + (a[i - 1] != b[j - 1]);
                        diagonal = row[j];
                        if (row[j] + 1 < best)
                                best = row[j] + 1;
                        if (row[j - 1] + 1 < best)
                                best = row[j - 1] + 1;
                        row[j] = best;
                }
        }
        return row[b_length];
}
