/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One getopt string for pail and for what mount(8) passes to its helpers; which of the two it is changes only what -f means. An option list is handed on to
 * options.c as it stands.
 */
#include "command_line.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "pail/util/str.h"

static const struct option long_options[] = {
        { "help", no_argument, NULL, 'h' },          { "version", no_argument, NULL, 'V' },
        { "foreground", no_argument, NULL, 'f' },    { "debug", no_argument, NULL, 'd' },
        { "options", required_argument, NULL, 'o' }, { NULL, 0, NULL, 0 },
};

static int refuse_word(struct pail_error *ret_error, const char *what, const char *reason)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s %s; usage: pail SOURCE MOUNTPOINT [-o OPTION,...] (pail -h)",
                       what, reason);
        return -EINVAL;
}

/* word: the argument that holds the switch, for messages. */
static int apply_switch(struct pail_command_line *line, int letter, const char *word, bool is_helper,
                        struct pail_error *ret_error)
{
        struct pail_options *options = &line->options;
        switch (letter) {
        case 'h':
                line->is_help_wanted = true;
                return 0;
        case 'V':
                line->is_version_wanted = true;
                return 0;
        case 'f':
                options->foreground = options->foreground || !is_helper;
                options->fake = options->fake || is_helper;
                return 0;
        case 'd':
                return pail_options_parse(options, "debug", ret_error);
        case 'r':
                return pail_options_parse(options, "ro", ret_error);
        case 'w':
                return pail_options_parse(options, "rw", ret_error);
        case 's':
                options->sloppy = true;
                return 0;
        case 'o':
                return pail_options_parse(options, optarg, ret_error);
        case 'n': /* no mtab, verbose, type: nothing to do */
        case 'v':
        case 't':
                return 0;
        default:
                break;
        }
        char name[] = { '-', (char)optopt, '\0' };
        if (letter == ':')
                return refuse_word(ret_error, name, "needs an argument");
        return refuse_word(ret_error, optopt ? name : word, "is not known");
}

static int parse_words(int argc, char **argv, bool is_helper, struct pail_command_line *line,
                       struct pail_error *ret_error)
{
        /* -s decides about unknown options wherever it stands. */
        for (int i = 1; i < argc && !pail_str_equal(argv[i], "--"); i++)
                line->options.sloppy = line->options.sloppy || pail_str_equal(argv[i], "-s");
        optind = 0;
        opterr = 0;
        int letter;
        while ((letter = getopt_long(argc, argv, ":o:fdhVsnvrwt:", long_options, NULL)) != -1) {
                int r = apply_switch(line, letter, argv[optind - 1], is_helper, ret_error);
                if (r < 0)
                        return r;
        }
        if (line->is_help_wanted || line->is_version_wanted)
                return 0;
        if (optind >= argc)
                return refuse_word(ret_error, "the source", "is missing");
        if (optind + 1 >= argc)
                return refuse_word(ret_error, "the mount point", "is missing");
        if (optind + 2 < argc)
                return refuse_word(ret_error, argv[optind + 2], "is one argument too many");
        line->source = argv[optind];
        line->mountpoint = argv[optind + 1];
        return 0;
}

int pail_command_line_parse(int argc, char **argv, bool is_helper, struct pail_command_line *ret_line,
                            struct pail_error *ret_error)
{
        *ret_line = (struct pail_command_line){ 0 };
        int r = pail_options_init(&ret_line->options, ret_error);
        return r < 0 ? r : parse_words(argc, argv, is_helper, ret_line, ret_error);
}

void pail_command_line_done(struct pail_command_line *line)
{
        pail_options_done(&line->options);
}
