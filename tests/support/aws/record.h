/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the drivers read: records of lines, each a word and fields of hexadecimal bytes, each with an 'x' before it ("header x686f7374
 * x68"), ended by a line "end". Whatever a test thinks up can be in a field, but a NUL. A malformed record ends the program.
 */
#ifndef PAIL_TESTS_SUPPORT_AWS_RECORD_H
#define PAIL_TESTS_SUPPORT_AWS_RECORD_H

#include <stdbool.h>
#include <stddef.h>

enum { RECORD_MAX_FIELDS = 4, RECORD_MAX_LINES = 256 };

struct record_line {
        char *word;
        char *fields[RECORD_MAX_FIELDS]; /* decoded; NULL beyond count */
        size_t count;
};

struct record {
        struct record_line lines[RECORD_MAX_LINES];
        size_t count;
};

/* false: the end of stdin. */
bool record_read(struct record *record);
void record_done(struct record *record);
/* The first field of the first line with that word; NULL: none. */
const char *record_get(const struct record *record, const char *word);

/* "word x<hex>\n" on stdout; value NULL: "word\n". */
void record_print(const char *word, const char *value);

#endif
