/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of a command's table become what getopt_long() wants: a long option returns FIRST_ROW plus the number of its row, so that rows without a letter
 * have a value too. getopt is started anew for each call and prints nothing itself.
 */
#include "arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "cli/option_table.h"
#include "cli/option_value.h"
#include "command.h"
#include "pail/util/cleanup.h"

enum { HELP = 'h', FIRST_ROW = 256 };

static int value_of(enum pail_ctl_argument_kind kind)
{
        if (kind == PAIL_CTL_CALL_OPTIONAL)
                return optional_argument;
        return kind == PAIL_CTL_SWITCH || kind == PAIL_CTL_CALL_ALONE ? no_argument : required_argument;
}

static size_t count_rows(const struct pail_ctl_argument *arguments)
{
        size_t count = 0;
        while (arguments[count].name)
                count++;
        return count;
}

/* What getopt wants, ending with zeros. letters: room for three characters a row and four more. */
static struct option *make_options(const struct pail_ctl_argument *arguments, size_t count, char *letters)
{
        struct option *options = calloc(count + 2, sizeof(*options));
        char *at = letters;
        if (!options)
                return NULL;
        *at++ = ':'; /* a value that is missing is told apart from an option that is none */
        *at++ = HELP;
        for (size_t i = 0; i < count; i++) {
                int value = value_of(arguments[i].kind);
                options[i] = (struct option){ arguments[i].name, value, NULL, FIRST_ROW + (int)i };
                if (arguments[i].letter)
                        *at++ = arguments[i].letter;
                if (arguments[i].letter && value == required_argument)
                        *at++ = ':';
        }
        *at = '\0';
        options[count] = (struct option){ "help", no_argument, NULL, HELP };
        return options;
}

static int add_word(struct pail_ctl_words *words, const char *word)
{
        const char **longer = reallocarray(words->items, words->count + 1, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        words->items = longer;
        longer[words->count++] = word;
        return 0;
}

static int apply_argument(const struct pail_ctl_argument *argument, void *question, const char *value,
                          struct pail_error *ret_error)
{
        void *member = (char *)question + argument->offset;
        switch (argument->kind) {
        case PAIL_CTL_SWITCH:
                *(bool *)member = true;
                return 0;
        case PAIL_CTL_WORD:
                *(const char **)member = value;
                return 0;
        case PAIL_CTL_WORDS:
                return add_word(member, value) < 0 ? pail_error_set_errno(ret_error, ENOMEM, "arguments") : 0;
        case PAIL_CTL_OPTIONS:
                return pail_options_parse(member, value, ret_error);
        case PAIL_CTL_PROFILE:
                return pail_option_set(member, pail_option_find("profile"), value, ret_error);
        default:
                return argument->apply(question, argument, value, ret_error);
        }
}

static const struct pail_ctl_argument *find_row(const struct pail_ctl_argument *arguments, int letter)
{
        if (letter >= FIRST_ROW)
                return &arguments[letter - FIRST_ROW];
        for (; arguments->name; arguments++)
                if (arguments->letter == letter)
                        return arguments;
        return NULL;
}

static int read_operands(const struct pail_ctl_syntax *syntax, int argc, char **argv, struct pail_ctl_words *ret_words,
                         struct pail_error *ret_error)
{
        size_t count = (size_t)(argc - optind);
        struct pail_ctl_words words = { 0 };
        if (count > syntax->operands_max && syntax->hides_operands)
                return pail_ctl_refuse(ret_error, syntax->command, "an argument", "is one too many");
        if (count > syntax->operands_max)
                return pail_ctl_refuse(ret_error, syntax->command, argv[optind + (int)syntax->operands_max],
                                       "is one argument too many");
        if (count < syntax->operands_min)
                return pail_ctl_refuse(ret_error, syntax->command, syntax->operands_missing, "is missing");
        for (size_t i = 0; i < count; i++) {
                if (add_word(&words, argv[optind + (int)i]) < 0) {
                        free(words.items);
                        return pail_error_set_errno(ret_error, ENOMEM, "arguments");
                }
        }
        *ret_words = words;
        return 0;
}

int pail_ctl_parse(const struct pail_ctl_syntax *syntax, int argc, char **argv, void *question,
                   struct pail_ctl_words *ret_operands, struct pail_error *ret_error)
{
        size_t count = count_rows(syntax->arguments);
        _cleanup_free_ char *letters = malloc(2 * count + 4);
        _cleanup_free_ struct option *options = letters ? make_options(syntax->arguments, count, letters) : NULL;
        int letter, r = 0;
        if (!options)
                return pail_error_set_errno(ret_error, ENOMEM, "arguments");
        optind = 0;
        opterr = 0;
        while (r == 0 && (letter = getopt_long(argc, argv, letters, options, NULL)) != -1) {
                const struct pail_ctl_argument *row = find_row(syntax->arguments, letter);
                if (letter == HELP)
                        return 1;
                r = row ? apply_argument(row, question, optarg, ret_error)
                        : pail_ctl_refuse_option(ret_error, syntax->command, letter, argv[optind - 1]);
        }
        return r < 0 ? r : read_operands(syntax, argc, argv, ret_operands, ret_error);
}
