/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with options that are right each for itself. Private to the layer. */
#ifndef PAIL_CLI_OPTION_CHECK_H
#define PAIL_CLI_OPTION_CHECK_H

#include "pail/daemon/options.h"
#include "pail/daemon/source_name.h"
#include "pail/util/error.h"

/* Options that contradict each other, once all are known. CONFIG, in words. */
int pail_option_check(const struct pail_options *options, struct pail_error *ret_error);
/* Options that contradict the source, and those that name several profiles. CONFIG, in words. */
int pail_option_check_source(const struct pail_options *options, const struct pail_source_name *source,
                             struct pail_error *ret_error);

#endif
