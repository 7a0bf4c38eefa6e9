/* SPDX-License-Identifier: Apache-2.0 */
/* The option profiles=a:b:c, and what options say of a source. Private to the layer. */
#ifndef PAIL_DAEMON_PROFILE_LIST_H
#define PAIL_DAEMON_PROFILE_LIST_H

#include "cli/options.h"
#include "cli/source.h"

/* The names, NULL-terminated (pail_profile_list_free()). CONFIG: one that is empty, there twice, or no name of a directory. */
int pail_profile_list_parse(const char *text, char ***ret_names, struct pail_error *ret_error);
void pail_profile_list_free(char **names);

/* Options that contradict each other or the source. CONFIG, in words. */
int pail_profile_list_check(const struct pail_options *options, const struct pail_source_name *source,
                            struct pail_error *ret_error);

#endif
