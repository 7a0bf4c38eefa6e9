/* SPDX-License-Identifier: Apache-2.0 */
/* White space in shared files. Stateless. */
#ifndef PAIL_SRC_AWS_CONFIG_INI_SPACE_H
#define PAIL_SRC_AWS_CONFIG_INI_SPACE_H

#include <stddef.h>

/* Bytes of the white space character that text begins with, of Unicode's as Python has it (the no-break space of web pages, say); 0: none. */
size_t pail_ini_space_length(const char *text);
/* Removes white space at both ends, in place. Returns the first character kept. */
char *pail_ini_space_strip(char *text);
/* Bytes of text without the white space at its end. */
size_t pail_ini_space_stripped_length(const char *text);

#endif
