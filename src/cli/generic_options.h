/* SPDX-License-Identifier: Apache-2.0 */
/* The options that are not Pail's: those of every FUSE file system and of mount(8). Private to the layer. */
#ifndef PAIL_CLI_GENERIC_OPTIONS_H
#define PAIL_CLI_GENERIC_OPTIONS_H

#include "pail/daemon/options.h"
#include "pail/util/error.h"

/* 1: known and applied; 0: not one of them; -errno. */
int pail_generic_option_set(struct pail_options *options, const char *name, const char *value,
                            struct pail_error *ret_error);
/* Adds one for libfuse as it is: "nosuid", "fsname=x". */
int pail_generic_option_add(struct pail_options *options, const char *text);
/* Their names in turn; NULL: no more. */
const char *pail_generic_option_name(size_t index);

#endif
