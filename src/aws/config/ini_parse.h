/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of <pail/aws/ini.h>. Stateless. */
#ifndef PAIL_SRC_AWS_CONFIG_INI_PARSE_H
#define PAIL_SRC_AWS_CONFIG_INI_PARSE_H

#include "ini_table.h"
#include "pail/util/error.h"

/* Adds what is in the text to an empty table. As pail_ini_parse(), but what was added stays after a failure, and -ENOMEM comes without words. */
int pail_ini_parse_into(struct pail_ini *ini, const char *file, const char *text, size_t length,
                        struct pail_error *ret_error);

#endif
