/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Percent, hexadecimal and base64 encodings. Output goes to a buffer with a cap; on malformed input the buffer is
 * cut back to what it held before, so that no half-decoded text is mistaken for a result.
 */
#include "pail/util/str.h"

#include <errno.h>
#include <string.h>

#include "pail/util/buf.h"

static const char hex_upper[] = "0123456789ABCDEF";
static const char hex_lower[] = "0123456789abcdef";
static const char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_unreserved(char c)
{
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.' || c == '~';
}

int pail_str_percent_encode(struct pail_buf *target, const char *string, size_t length, bool keep_slash)
{
        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char)string[i];
                if (is_unreserved(string[i]) || (keep_slash && c == '/')) {
                        pail_buf_append_char(target, string[i]);
                        continue;
                }
                const char escaped[] = { '%', hex_upper[c >> 4], hex_upper[c & 15] };
                pail_buf_append(target, escaped, sizeof(escaped));
        }
        return target->error;
}

static int hex_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -EINVAL;
}

int pail_str_percent_decode(struct pail_buf *target, const char *string, bool plus_is_space)
{
        size_t before = target->length;
        for (; *string; string++) {
                char c = *string;
                if (c == '%') {
                        int high = hex_value(string[1]);
                        int low = high < 0 ? high : hex_value(string[2]);
                        if (low < 0) {
                                pail_buf_truncate(target, before);
                                return -EINVAL;
                        }
                        c = (char)(high << 4 | low);
                        string += 2;
                } else if (c == '+' && plus_is_space)
                        c = ' ';
                pail_buf_append_char(target, c);
        }
        return target->error;
}

int pail_str_hex(struct pail_buf *target, const void *data, size_t size)
{
        const unsigned char *bytes = data;
        for (size_t i = 0; i < size; i++) {
                const char pair[] = { hex_lower[bytes[i] >> 4], hex_lower[bytes[i] & 15] };
                pail_buf_append(target, pair, sizeof(pair));
        }
        return target->error;
}

int pail_str_base64_encode(struct pail_buf *target, const void *data, size_t size)
{
        const unsigned char *bytes = data;
        for (size_t i = 0; i < size; i += 3) {
                size_t have = size - i < 3 ? size - i : 3;
                uint32_t group = (uint32_t)bytes[i] << 16;
                if (have > 1)
                        group |= (uint32_t)bytes[i + 1] << 8;
                if (have > 2)
                        group |= bytes[i + 2];
                const char quad[] = { base64_alphabet[group >> 18], base64_alphabet[group >> 12 & 63],
                                      have > 1 ? base64_alphabet[group >> 6 & 63] : '=',
                                      have > 2 ? base64_alphabet[group & 63] : '=' };
                pail_buf_append(target, quad, sizeof(quad));
        }
        return target->error;
}

static int base64_value(char c)
{
        const char *found = c ? strchr(base64_alphabet, c) : NULL;
        return found ? (int)(found - base64_alphabet) : -EINVAL;
}

/* Four characters to one to three bytes; the return is their number. Padding is for the last group only. */
static int decode_quad(const char *quad, bool last, unsigned char ret_bytes[static 3])
{
        int padding = !last || quad[3] != '=' ? 0 : quad[2] == '=' ? 2 : 1;
        uint32_t group = 0;
        for (int i = 0; i < 4; i++) {
                int value = i >= 4 - padding ? 0 : base64_value(quad[i]);
                if (value < 0)
                        return value;
                group = group << 6 | (uint32_t)value;
        }
        ret_bytes[0] = (unsigned char)(group >> 16);
        ret_bytes[1] = (unsigned char)(group >> 8);
        ret_bytes[2] = (unsigned char)group;
        for (int i = 3 - padding; i < 3; i++)
                if (ret_bytes[i]) /* bits that no byte holds: two texts would mean the same (RFC 4648 §3.5) */
                        return -EINVAL;
        return 3 - padding;
}

int pail_str_base64_decode(struct pail_buf *target, const char *string)
{
        size_t before = target->length, length = strlen(string);
        if (length % 4)
                return -EINVAL;
        for (size_t i = 0; i < length; i += 4) {
                unsigned char bytes[3];
                int count = decode_quad(string + i, i + 4 == length, bytes);
                if (count < 0) {
                        pail_buf_truncate(target, before);
                        return count;
                }
                pail_buf_append(target, bytes, (size_t)count);
        }
        return target->error;
}
