/* SPDX-License-Identifier: Apache-2.0 */
/* Variables in an environment block, the process's own or one handed in by a caller. Stateless. */
#ifndef PAIL_SRC_AWS_CONFIG_ENVIRONMENT_H
#define PAIL_SRC_AWS_CONFIG_ENVIRONMENT_H

#include <stdbool.h>

/* environment: "NAME=value" strings and a NULL. The value, borrowed from the block; an empty value counts as absent: NULL. */
const char *pail_environment_get(char *const *environment, const char *name);
/* The first of several names that has a value; the list of names ends with NULL. */
const char *pail_environment_get_first(char *const *environment, const char *const *names);
/* A copy of the whole block, freed with pail_environment_free(), which wipes it: there may be keys in it. -ENOMEM. */
int pail_environment_copy(char *const *environment, char ***ret_copy);
void pail_environment_free(char **environment);
/* HOME, or the home directory that the password database has for this user; owned by the caller. *ret_home = NULL: neither. -ENOMEM. */
int pail_environment_home(char *const *environment, char **ret_home);
/*
 * Copies path with $NAME and ${NAME} replaced by the variables that there are, and then a leading "~/" (or "~" alone) by the home directory:
 * what botocore does with the names of the shared files. -ENOMEM, -EMSGSIZE.
 */
int pail_environment_expand_path(char *const *environment, const char *path, char **ret_path);

#endif
