/* SPDX-License-Identifier: Apache-2.0 */
/* Option lists, as after -o, into a struct pail_options. Private to the layer. */
#ifndef PAIL_CLI_OPTIONS_H
#define PAIL_CLI_OPTIONS_H

#include "pail/daemon/options.h"
#include "pail/util/error.h"

/* Sets every default. To be released, also after a failure. */
int pail_options_init(struct pail_options *options, struct pail_error *ret_error);
void pail_options_done(struct pail_options *options);

/* An option list as after -o: "a,b=c"; "\," is a comma in a value. A later option overrides an earlier one. CONFIG: what is wrong, in words. */
int pail_options_parse(struct pail_options *options, const char *list, struct pail_error *ret_error);

#endif
