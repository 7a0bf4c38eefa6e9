/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of pail and of the helpers that mount(8) runs. Private to the layer. */
#ifndef PAIL_CLI_COMMAND_LINE_H
#define PAIL_CLI_COMMAND_LINE_H

#include <stdbool.h>

#include "options.h"

struct pail_command_line {
        struct pail_options options;
        const char *source, *mountpoint;        /* borrowed from argv */
        bool is_help_wanted, is_version_wanted; /* the rest is then not looked at */
};

/* is_helper: called by mount(8), for which -f means "fake". Uses getopt: not thread safe. CONFIG: what is wrong. done is called on failure, too. */
int pail_command_line_parse(int argc, char **argv, bool is_helper, struct pail_command_line *ret_line,
                            struct pail_error *ret_error);
void pail_command_line_done(struct pail_command_line *line);

#endif
