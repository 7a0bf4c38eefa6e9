/* SPDX-License-Identifier: Apache-2.0 */
/* The shared config and credentials files, parsed with botocore's grammar and merged (credentials win). Immutable, thread safe. */
#ifndef PAIL_AWS_PROFILE_H
#define PAIL_AWS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/util/cleanup.h"
#include "pail/util/error.h"

struct pail_profiles;

/* The name of a shared file as AWS's tools read it: $NAME, ${NAME} and a leading "~" replaced, from the process's environment. -ENOMEM, -EMSGSIZE. */
int pail_profiles_expand_file_name(const char *name, char **ret_path);

/* A file that does not exist is empty, unless its flag says that the user named it. CONFIG errors name file, line and what is wrong. */
int pail_profiles_load(const char *config_file, bool config_required, const char *credentials_file,
                       bool credentials_required, struct pail_profiles **ret_profiles, struct pail_error *ret_error);
void pail_profiles_free(struct pail_profiles *profiles);
PAIL_DEFINE_CLEANUP(struct pail_profiles, pail_profiles_free);

bool pail_profiles_has(const struct pail_profiles *profiles, const char *profile);
/*
 * A section that was most likely meant to be the profile, and is none because of its name: [NAME] in the config file, where all but
 * [default] begin with "profile", or [profile NAME] in the credentials file, where none do. Borrowed; NULL: there is none.
 */
const char *pail_profiles_misnamed_section(const struct pail_profiles *profiles, const char *profile,
                                           bool *ret_in_config);
/* Sorted, NULL-terminated, owned by profiles. */
const char *const *pail_profiles_names(const struct pail_profiles *profiles);
/* block NULL: a key of the profile itself; else a key of its nested block. Borrowed; NULL: absent. */
const char *pail_profiles_get(const struct pail_profiles *profiles, const char *profile, const char *block,
                              const char *key);
/* The index-th key of a nested block, in the order of its file. Borrowed; NULL: no more, or no such block. */
const char *pail_profiles_block_key(const struct pail_profiles *profiles, const char *profile, const char *block,
                                    size_t index);
/* Whether the credentials file has the key, with a value or a block, and so hides the one of the config file. For messages. */
bool pail_profiles_is_in_credentials(const struct pail_profiles *profiles, const char *profile, const char *key);
/* A key that is in the credentials file, and only there (for the shared-credentials-file provider). */
const char *pail_profiles_get_credential(const struct pail_profiles *profiles, const char *profile, const char *key);
/* A key that is in the config file (for the config-file provider). */
const char *pail_profiles_get_config(const struct pail_profiles *profiles, const char *profile, const char *key);
/* The section of a profile in the config file as it is written there ("profile 'my work'"). Borrowed; NULL: it has none. */
const char *pail_profiles_config_section(const struct pail_profiles *profiles, const char *profile);
/* Other sections of the config file: "services", "sso-session". */
bool pail_profiles_has_section(const struct pail_profiles *profiles, const char *kind, const char *name);
/* As pail_profiles_block_key(). */
const char *pail_profiles_section_block_key(const struct pail_profiles *profiles, const char *kind, const char *name,
                                            const char *block, size_t index);
const char *pail_profiles_get_section(const struct pail_profiles *profiles, const char *kind, const char *name,
                                      const char *block, const char *key);

#endif
