/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A forbidden character is replaced, before the parser sees it, by one that stands for it, and put back in the texts.
 * The 32 noncharacters U+FDD0 to U+FDEF serve for that: Unicode keeps them for the inner use of programs, and XML
 * allows them. A document that holds one of them itself is parsed as it is.
 *
 * The alternative, a parser in recovery mode, drops what it does not like: a list would go on at another key than the
 * one that the token meant.
 */
#include "xml_lenient.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "pail/util/buf.h"

static const char stand_in[] = "\xEF\xB7"; /* then 0x90 + character */
enum { STAND_IN_FIRST = 0x90, STAND_IN_SIZE = 3 };

static bool is_forbidden(unsigned c)
{
        return c < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

/* Length of a reference to a forbidden character at this place; 0: there is none. */
static size_t reference_length(const char *at, const char *end, unsigned *ret_c)
{
        if (end - at < 4 || at[0] != '&' || at[1] != '#')
                return 0;
        const char *digit = at + 2;
        unsigned base = 10, value = 0;
        if (*digit == 'x') {
                base = 16;
                digit++;
        }
        const char *first = digit;
        for (; digit < end && digit - first < 4 && *digit != ';'; digit++) {
                unsigned c = (unsigned char)*digit, lower = c | 0x20;
                unsigned d = c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
                if (d >= base)
                        return 0;
                value = value * base + d;
        }
        if (digit == first || digit >= end || *digit != ';' || !is_forbidden(value))
                return 0;
        *ret_c = value;
        return (size_t)(digit + 1 - at);
}

static size_t forbidden_length(const char *at, const char *end, unsigned *ret_c)
{
        if (is_forbidden((unsigned char)*at)) {
                *ret_c = (unsigned char)*at;
                return 1;
        }
        return *at == '&' ? reference_length(at, end, ret_c) : 0;
}

static bool has_forbidden(const char *data, size_t length)
{
        unsigned c;
        for (const char *at = data; at < data + length; at++) {
                if (forbidden_length(at, data + length, &c) > 0)
                        return true;
        }
        return false;
}

static int replace_forbidden(const char *data, size_t length, struct pail_buf *target)
{
        const char *end = data + length;
        for (const char *at = data; at < end;) {
                unsigned c;
                size_t skipped = forbidden_length(at, end, &c);
                if (skipped > 0) {
                        pail_buf_append_string(target, stand_in);
                        pail_buf_append_char(target, (char)(STAND_IN_FIRST + c));
                } else {
                        pail_buf_append_char(target, *at);
                }
                at += skipped ? skipped : 1;
        }
        return target->error;
}

struct lenient {
        const struct pail_xml_handler *handler;
        void *context;
};

static int on_start(void *context, const char *path)
{
        const struct lenient *lenient = context;
        return lenient->handler->on_start ? lenient->handler->on_start(lenient->context, path) : 0;
}

/* A NUL ends the text for its reader, as in any C string; length tells of it. */
static int on_end(void *context, const char *path, const char *text, size_t length)
{
        const struct lenient *lenient = context;
        char *copy = malloc(length + 1);
        if (!copy)
                return -ENOMEM;
        size_t used = 0;
        for (size_t i = 0; i < length;) {
                bool stands_in = length - i >= STAND_IN_SIZE && memcmp(text + i, stand_in, STAND_IN_SIZE - 1) == 0 &&
                                 (unsigned char)text[i + 2] >= STAND_IN_FIRST &&
                                 (unsigned char)text[i + 2] < STAND_IN_FIRST + 0x20;
                copy[used++] = stands_in ? (char)((unsigned char)text[i + 2] - STAND_IN_FIRST) : text[i];
                i += stands_in ? STAND_IN_SIZE : 1;
        }
        copy[used] = '\0';
        int r = lenient->handler->on_end(lenient->context, path, copy, used);
        free(copy);
        return r;
}

int pail_s3_xml_parse(const char *data, size_t length, const struct pail_xml_handler *handler, void *context)
{
        static const struct pail_xml_handler wrapper = { .on_start = on_start, .on_end = on_end };
        if (!has_forbidden(data, length) || memmem(data, length, stand_in, STAND_IN_SIZE - 1))
                return pail_xml_parse(data, length, handler, context);
        _cleanup_buf_ struct pail_buf replaced = PAIL_BUF_INIT(3 * length + 1);
        int r = replace_forbidden(data, length, &replaced);
        if (r < 0)
                return r;
        struct lenient lenient = { handler, context };
        return pail_xml_parse(replaced.data, replaced.length, &wrapper, &lenient);
}
