/* SPDX-License-Identifier: Apache-2.0 */
/* What "pailctl configure" can set, and to what. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_CONFIGURE_SETTINGS_H
#define PAIL_CLI_PAILCTL_CONFIGURE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/util/error.h"

struct pail_setting {
        const char *option;   /* of the command line: "region" */
        const char *argument; /* for the help; NULL: the value is read from standard input */
        const char *key;      /* in the file */
        const char *question; /* of the dialogue; NULL: not asked there */
        const char *help;
        bool in_credentials; /* which file it belongs to */
        bool is_secret;
        /* 0, or -EINVAL with what is wrong, without the value. NULL: any line. */
        int (*check)(const char *value, struct pail_error *ret_error);
};

enum {
        PAIL_SETTING_KEY_ID,
        PAIL_SETTING_SECRET,
        PAIL_SETTING_TOKEN,
        PAIL_SETTING_REGION,
        PAIL_SETTING_ENDPOINT,
        PAIL_SETTING_ROLE,
        PAIL_SETTING_SOURCE_PROFILE,
        PAIL_SETTING_CREDENTIAL_SOURCE,
        PAIL_SETTING_EXTERNAL_ID,
        PAIL_SETTING_MFA_SERIAL,
        PAIL_SETTING_SESSION_NAME,
        PAIL_SETTING_DURATION,
        PAIL_SETTING_CA_BUNDLE,
        PAIL_SETTINGS_COUNT,
};
extern const struct pail_setting pail_settings_table[PAIL_SETTINGS_COUNT];

/* A profile and what is to be set in it. */
struct pail_configure {
        char *profile, *config_file, *credentials_file; /* owned; absolute paths */
        char *values[PAIL_SETTINGS_COUNT];              /* owned, of pail_secret_malloc(); NULL: left as it is */
};
void pail_configure_done(struct pail_configure *configure);

/* The name of a profile that both files can hold, and every given value. */
int pail_configure_check(const struct pail_configure *configure, struct pail_error *ret_error);

#endif
