/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of a command, as a table of its options. Uses getopt: not thread safe. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_ARGUMENTS_H
#define PAIL_CLI_PAILCTL_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "pail/util/error.h"

struct pail_ctl_argument;

/* value: as given, of argv; NULL: none. CONFIG, -EINVAL: what is wrong with it. */
typedef int pail_ctl_apply(void *question, const struct pail_ctl_argument *argument, const char *value,
                           struct pail_error *ret_error);

/* Strings of argv, in their order. Zero-initialised is empty; free(items). */
struct pail_ctl_words {
        const char **items;
        size_t count;
};

/* Where the member is that an option sets. */
enum pail_ctl_argument_kind {
        PAIL_CTL_SWITCH,        /* bool */
        PAIL_CTL_WORD,          /* const char *, of argv: the last one counts */
        PAIL_CTL_WORDS,         /* struct pail_ctl_words: may be given several times */
        PAIL_CTL_OPTIONS,       /* struct pail_options: "-o" of a mount */
        PAIL_CTL_PROFILE,       /* struct pail_options: the same as "-o profile=" */
        PAIL_CTL_CALL,          /* apply() does it */
        PAIL_CTL_CALL_OPTIONAL, /* the same; the value need not be there */
        PAIL_CTL_CALL_ALONE,    /* the same; there is none */
};

struct pail_ctl_argument {
        const char *name; /* without its dashes; NULL: the end of the table */
        char letter;      /* "-o"; 0: there is none */
        enum pail_ctl_argument_kind kind;
        size_t offset; /* into the question */
        pail_ctl_apply *apply;
        size_t index; /* for apply() */
};

/* The rows of a command that reaches a server; member is a struct pail_options. */
#define PAIL_CTL_CONNECTION_ARGUMENTS(type, member)                                                                    \
        { .name = "options", .letter = 'o', .kind = PAIL_CTL_OPTIONS, .offset = offsetof(type, member) },              \
        {                                                                                                              \
                .name = "profile", .kind = PAIL_CTL_PROFILE, .offset = offsetof(type, member)                          \
        }

struct pail_ctl_syntax {
        const char *command;
        const struct pail_ctl_argument *arguments; /* "-h" and "--help" need no row */
        size_t operands_min, operands_max;
        const char *operands_missing; /* what is said where there are too few: "an object: s3://BUCKET/KEY" */
        bool hides_operands;          /* one too many may be a secret, and is not shown */
};

/*
 * Fills in the question. 1: help is wanted, and nothing else was looked at; 0: *ret_operands are the other words, of argv; -EINVAL with
 * CONFIG: what is wrong, with the command's name. argv[0] is the command.
 */
int pail_ctl_parse(const struct pail_ctl_syntax *syntax, int argc, char **argv, void *question,
                   struct pail_ctl_words *ret_operands, struct pail_error *ret_error);

#endif
