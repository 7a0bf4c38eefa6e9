/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of a mount. One table says everything about each of them: the parser, "pail -h", pail(1) and the README's
 * table are made from it or checked against it. Private to the layer.
 */
#ifndef PAIL_CLI_OPTION_TABLE_H
#define PAIL_CLI_OPTION_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum pail_option_type {                       /* of the member of struct pail_options */
                        PAIL_OPTION_FLAG,     /* bool */
                        PAIL_OPTION_STRING,   /* char * */
                        PAIL_OPTION_PATH,     /* char *, made absolute */
                        PAIL_OPTION_SIZE,     /* uint64_t, bytes */
                        PAIL_OPTION_COUNT,    /* uint64_t */
                        PAIL_OPTION_OCTAL,    /* uint64_t */
                        PAIL_OPTION_DURATION, /* int64_t, milliseconds */
                        PAIL_OPTION_CHOICE,   /* uint64_t, index into choices */
                        PAIL_OPTION_USER,     /* int64_t, number or name; -1: not given */
                        PAIL_OPTION_GROUP,
};

enum pail_option_category {
        PAIL_OPTIONS_ACCESS,
        PAIL_OPTIONS_FILES,
        PAIL_OPTIONS_OBJECTS,
        PAIL_OPTIONS_BEHAVIOUR,
        PAIL_OPTIONS_LOCAL,
        PAIL_OPTIONS_CATEGORIES,
};

struct pail_option {
        const char *name;
        enum pail_option_type type;
        enum pail_option_category category;
        size_t offset;             /* into struct pail_options */
        const char *argument;      /* what follows the '=' in help; NULL for flags */
        const char *default_value; /* parsed like a user's; NULL: none */
        const char *default_words; /* shown instead of default_value; NULL: that itself */
        const char *choices;       /* "auto path virtual" */
        uint64_t min, max;         /* of numbers; max 0: no limit */
        const char *help;          /* one line */
};

extern const struct pail_option pail_option_table[]; /* ends with name NULL */

/* NULL: there is none of that name. */
const struct pail_option *pail_option_find(const char *name);

#endif
