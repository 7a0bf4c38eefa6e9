/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of a session and where each is looked for: explicit option, environment, profile, default. An empty
 * variable counts as not set.
 */
#ifndef PAIL_SRC_AWS_SETTINGS_H
#define PAIL_SRC_AWS_SETTINGS_H

#include "pail/aws/profile.h"
#include "pail/aws/session.h"

struct pail_settings {
        char *config_file;      /* NULL: no home directory to find it in */
        char *credentials_file; /* the same */
        char *profile;
        char *region;       /* NULL: none */
        char *endpoint_url; /* NULL: none */
        char *ca_bundle;    /* NULL: none */
        unsigned max_attempts;
        enum pail_retry_mode retry_mode;
        enum pail_when request_checksum_calculation, response_checksum_validation;
        enum pail_addressing_style addressing_style;
};

/* A file and, if so, that it does not exist, as two "%s" of a message. */
#define PAIL_SETTINGS_FILE(file) pail_settings_file_name(file), pail_settings_file_state(file)
const char *pail_settings_file_name(const char *file);
const char *pail_settings_file_state(const char *file);

void pail_settings_done(struct pail_settings *settings);
/* The names of the two files, which the rest needs to be read from. -ENOMEM. */
int pail_settings_files(struct pail_settings *settings, const struct pail_session_options *options,
                        char *const *environment);
/* Everything else. -EINVAL with class CONFIG. */
int pail_settings_resolve(struct pail_settings *settings, const struct pail_session_options *options,
                          char *const *environment, const struct pail_profiles *profiles, struct pail_error *ret_error);

#endif
