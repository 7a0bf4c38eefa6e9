/* SPDX-License-Identifier: Apache-2.0 */
/* Strings and encodings. Stateless and thread safe. */
#ifndef PAIL_UTIL_STR_H
#define PAIL_UTIL_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pail_buf;

static inline bool pail_str_equal(const char *a, const char *b)
{
        return a == b || (a && b && __builtin_strcmp(a, b) == 0);
}
bool pail_str_starts_with(const char *string, const char *prefix);
bool pail_str_ends_with(const char *string, const char *suffix);
static inline bool pail_str_is_empty(const char *string)
{
        return !string || !*string;
}

/* strdup that takes NULL: *ret = NULL then. -ENOMEM. */
int pail_str_dup(const char *string, char **ret_copy);
/* Replaces *target (freed) by a copy of string, which may be NULL. */
int pail_str_replace(char **target, const char *string);
/* asprintf with our error convention. */
int pail_str_printf(char **ret_string, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Removes white space (C locale) at both ends, in place; returns the first character kept. */
char *pail_str_strip(char *string);
/* Copies with cut to size (> 0), always terminated. */
void pail_str_copy(char *target, size_t size, const char *source);

/* Replaces control characters (C0, DEL, and C1 in UTF-8) by '?', in place: for text from outside that goes to a log. */
void pail_str_make_printable(char *string);

/* Whole-string decimal numbers; no sign for unsigned ('-' for signed), no white space. -EINVAL, -ERANGE. */
int pail_str_to_u64(const char *string, uint64_t *ret_value);
int pail_str_to_i64(const char *string, int64_t *ret_value);
int pail_str_to_octal(const char *string, unsigned *ret_value);
/* A size with an optional unit K, M, G or T (powers of 1024; KiB, MiB… and a final B also pass). -EINVAL, -ERANGE. */
int pail_str_to_size(const char *string, uint64_t *ret_bytes);
/* A time: seconds by default, or with unit ms, s, m, h; decimals allowed; rounded up to whole ms. -EINVAL, -ERANGE. */
int pail_str_to_duration_ms(const char *string, int64_t *ret_ms);
/* 1|0, yes|no, true|false, on|off, any case. */
int pail_str_to_bool(const char *string, bool *ret_value);

/* RFC 3986 percent-encoding; keeps A-Z a-z 0-9 - _ . ~ and, if keep_slash, '/'. */
int pail_str_percent_encode(struct pail_buf *target, const char *string, size_t length, bool keep_slash);
/*
 * Decodes %XX (and '+' as a space if plus_is_space). Malformed % sequences: -EINVAL, target as before. The result may
 * hold NULs.
 */
int pail_str_percent_decode(struct pail_buf *target, const char *string, bool plus_is_space);
int pail_str_hex(struct pail_buf *target, const void *data, size_t size);
/* RFC 4648 §4 with padding, no line breaks. Malformed text: -EINVAL, target as before. */
int pail_str_base64_encode(struct pail_buf *target, const void *data, size_t size);
int pail_str_base64_decode(struct pail_buf *target, const char *string);

/* Levenshtein distance, for "did you mean". At most 64 characters of each are looked at. */
unsigned pail_str_distance(const char *a, const char *b);

/* true when the bytes are well-formed UTF-8 (RFC 3629). */
bool pail_str_is_utf8(const char *string);
/* Bytes of the well-formed UTF-8 character that string (not empty) begins with; 0: it begins with none. */
size_t pail_str_utf8_length(const char *string);
/* Drops the beginning of a character at the end of a string that was cut. */
void pail_str_trim_utf8(char *string);

#endif
