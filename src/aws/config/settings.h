/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a session, once they are resolved (settings_resolve.h). An empty variable counts as not set. */
#ifndef PAIL_SRC_AWS_CONFIG_SETTINGS_H
#define PAIL_SRC_AWS_CONFIG_SETTINGS_H

#include <stddef.h>

#include "pail/aws/profile.h"
#include "pail/aws/retry.h"
#include "pail/aws/session_options.h"

struct pail_settings {
        char *config_file;      /* NULL: no home directory to find it in */
        char *credentials_file; /* the same */
        char *profile;
        char *region;        /* NULL: none */
        char *endpoint_url;  /* NULL: none */
        char *ca_bundle;     /* NULL: none */
        bool region_is_fips; /* said by its name */
        unsigned max_attempts;
        enum pail_retry_mode retry_mode;
        enum pail_when request_checksum_calculation, response_checksum_validation;
        enum pail_addressing_style addressing_style;
        /* Where they were found; borrowed. Set by pail_settings_resolve(). */
        char *const *environment;
        const struct pail_profiles *profiles;
        struct pail_endpoint_flags endpoint_flags;
        bool s3_use_dualstack; /* what the block "s3 =" says of it */
        bool payload_signing_enabled;
        bool ignore_configured_endpoints;
        char **warnings; /* NULL-terminated; NULL: none yet */
        size_t warning_count;
};

/* A file and, if so, that it does not exist, as two "%s" of a message. */
#define PAIL_SETTINGS_FILE(file) pail_settings_file_name(file), pail_settings_file_state(file)
const char *pail_settings_file_name(const char *file);
const char *pail_settings_file_state(const char *file);

/* "; write [profile NAME] in FILE where [NAME] stands", or "". */
enum { PAIL_SETTINGS_HINT_SIZE = 320 };
void pail_settings_hint_at_section(const struct pail_settings *settings, const struct pail_profiles *profiles,
                                   char ret_hint[static PAIL_SETTINGS_HINT_SIZE]);

void pail_settings_done(struct pail_settings *settings);
/* A setting that is not among these: by its variable, then by its key in the profile; either may be NULL. Borrowed; NULL: not set. */
const char *pail_settings_value(const struct pail_settings *settings, const char *variable, const char *key);
/* Adds a sentence to the warnings. -ENOMEM. */
int pail_settings_warn(struct pail_settings *settings, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
