/* SPDX-License-Identifier: Apache-2.0 */
/* The value of one option, from its text. Private to the layer. */
#ifndef PAIL_CLI_OPTION_VALUE_H
#define PAIL_CLI_OPTION_VALUE_H

#include "option_table.h"
#include "pail/daemon/options.h"
#include "pail/util/error.h"

/* value NULL: none was given. CONFIG: what was given, and what is expected. */
int pail_option_set(struct pail_options *options, const struct pail_option *option, const char *value,
                    struct pail_error *ret_error);

#endif
