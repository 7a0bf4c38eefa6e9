/* SPDX-License-Identifier: Apache-2.0 */
/* Names of local files. Stateless. Private to the layer. */
#ifndef PAIL_UTIL_PATH_H
#define PAIL_UTIL_PATH_H

#include <stdbool.h>

/* The home directory: HOME, else the password database's, as services have no environment. -ENOENT: neither. Owned by the caller. */
int pail_path_home(char **ret_path);
/* "~/x" and relative paths made absolute, by text alone. */
int pail_path_absolute(const char *path, char **ret_path);
/* As realpath(3), but the path need not exist beyond its first components. */
int pail_path_resolve(const char *path, char **ret_path);
/* true when path is directory itself or lies below it; both absolute and resolved. */
bool pail_path_is_inside(const char *path, const char *directory);

#endif
