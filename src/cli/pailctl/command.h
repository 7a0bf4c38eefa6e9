/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of pailctl, and what they say alike. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_COMMAND_H
#define PAIL_CLI_PAILCTL_COMMAND_H

#include <stdio.h>

#include "pail/util/error.h"

/* Beside EXIT_SUCCESS, and EXIT_FAILURE for what could not be done. */
enum { PAIL_CTL_EXIT_USAGE = 2 };

struct pail_ctl_command {
        const char *name;
        const char *summary; /* half a line */
        /* argv[0] is the command's name. Returns the exit status. Uses getopt: not thread safe. */
        int (*run)(int argc, char **argv);
};

int pail_ctl_check(int argc, char **argv);
int pail_ctl_buckets(int argc, char **argv);
int pail_ctl_configure(int argc, char **argv);
int pail_ctl_cp(int argc, char **argv);
int pail_ctl_presign(int argc, char **argv);
int pail_ctl_restore(int argc, char **argv);
int pail_ctl_tags(int argc, char **argv);
int pail_ctl_versions(int argc, char **argv);

/* "pailctl: message" to stderr; returns status. */
int pail_ctl_fail(const struct pail_error *error, int status);
/* For a bad command line: which word is wrong and how. Sets CONFIG; returns -EINVAL. */
int pail_ctl_refuse(struct pail_error *ret_error, const char *command, const char *what, const char *why);
/* The same for what getopt_long() returned as '?' or ':'. word: the argument that it looked at; not shown beyond an '='. */
int pail_ctl_refuse_option(struct pail_error *ret_error, const char *command, int letter, const char *word);

#endif
