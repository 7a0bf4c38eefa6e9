/* SPDX-License-Identifier: Apache-2.0 */
/* The names of profiles=a:b:c. */
#ifndef PAIL_DAEMON_PROFILE_LIST_H
#define PAIL_DAEMON_PROFILE_LIST_H

#include "pail/util/cleanup.h"
#include "pail/util/error.h"

/* The names, NULL-terminated (pail_profile_list_free()). CONFIG: one that is empty, there twice, or no name of a directory. */
int pail_profile_list_parse(const char *text, char ***ret_names, struct pail_error *ret_error);
void pail_profile_list_free(char **names);
PAIL_DEFINE_CLEANUP(char *, pail_profile_list_free);

#endif
