/* SPDX-License-Identifier: Apache-2.0 */
/* Where each setting of a session is looked for: explicit option, environment, profile, default. */
#ifndef PAIL_SRC_AWS_CONFIG_SETTINGS_RESOLVE_H
#define PAIL_SRC_AWS_CONFIG_SETTINGS_RESOLVE_H

#include "settings.h"

/* The names of the two files, which the rest needs to be read from. -ENOMEM. */
int pail_settings_resolve_files(struct pail_settings *settings, const struct pail_session_options *options,
                                char *const *environment);
/* Everything else. -EINVAL with class CONFIG. */
int pail_settings_resolve(struct pail_settings *settings, const struct pail_session_options *options,
                          char *const *environment, const struct pail_profiles *profiles, struct pail_error *ret_error);

#endif
