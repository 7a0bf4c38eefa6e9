/* SPDX-License-Identifier: Apache-2.0 */
/* Splitting as a POSIX shell splits words: quotes and backslashes, but no expansion and no comments. Stateless. */
#ifndef PAIL_SRC_AWS_CONFIG_SHELLWORDS_H
#define PAIL_SRC_AWS_CONFIG_SHELLWORDS_H

#include <stddef.h>

/* Words as consecutive NUL-terminated strings in one allocation that the caller frees, *ret_count of them. -EINVAL: an open quote
 * or a backslash at the end. */
int pail_shellwords_split(const char *text, char **ret_words, size_t *ret_count);

#endif
