/* SPDX-License-Identifier: Apache-2.0 */
/* What a mistyped option was meant to be. Private to the layer. */
#ifndef PAIL_CLI_OPTION_SUGGEST_H
#define PAIL_CLI_OPTION_SUGGEST_H

/* The known option nearest to a name that is none; NULL: nothing is near. */
const char *pail_option_suggest(const char *name);

#endif
