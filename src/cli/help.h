/* SPDX-License-Identifier: Apache-2.0 */
/* What -h prints. Private to the layer. */
#ifndef PAIL_CLI_HELP_H
#define PAIL_CLI_HELP_H

#include <stdio.h>

/* Usage and every option, from the table. */
void pail_help_print(FILE *file);

#endif
