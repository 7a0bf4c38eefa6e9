/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what)
{
        fprintf(stderr, "malformed record: %s\n", what);
        exit(2);
}

static unsigned digit(char c)
{
        const char *digits = "0123456789abcdef", *at = strchr(digits, c);

        if (!c || !at)
                die("not a hexadecimal digit");
        return (unsigned)(at - digits);
}

static char *decode(const char *field)
{
        size_t length = strlen(field);
        char *value = malloc(length / 2 + 1);

        if (!value || field[0] != 'x' || length % 2 != 1)
                die("a field is no x and pairs of digits");
        for (size_t i = 0; i < length / 2; i++)
                value[i] = (char)(digit(field[2 * i + 1]) << 4 | digit(field[2 * i + 2]));
        value[length / 2] = '\0';
        return value;
}

static void split(char *text, struct record_line *line)
{
        char *rest = text, *field = strsep(&rest, " ");

        line->word = strdup(field);
        line->count = 0;
        while ((field = strsep(&rest, " "))) {
                if (line->count == RECORD_MAX_FIELDS)
                        die("too many fields");
                line->fields[line->count++] = decode(field);
        }
}

bool record_read(struct record *record)
{
        char *text = NULL;
        size_t allocated = 0;
        ssize_t length;

        *record = (struct record){ 0 };
        while ((length = getline(&text, &allocated, stdin)) > 0) {
                text[strcspn(text, "\n")] = '\0';
                if (strcmp(text, "end") == 0)
                        break;
                if (record->count == RECORD_MAX_LINES)
                        die("too many lines");
                split(text, &record->lines[record->count++]);
        }
        free(text);
        if (length <= 0 && record->count > 0)
                die("no end");
        return length > 0;
}

void record_done(struct record *record)
{
        for (size_t i = 0; i < record->count; i++) {
                for (size_t field = 0; field < record->lines[i].count; field++)
                        free(record->lines[i].fields[field]);
                free(record->lines[i].word);
        }
        record->count = 0;
}

const char *record_get(const struct record *record, const char *word)
{
        for (size_t i = 0; i < record->count; i++)
                if (strcmp(record->lines[i].word, word) == 0)
                        return record->lines[i].fields[0];
        return NULL;
}

void record_print(const char *word, const char *value)
{
        fputs(word, stdout);
        if (value)
                fputs(" x", stdout);
        for (; value && *value; value++)
                printf("%02x", (unsigned char)*value);
        putchar('\n');
}
