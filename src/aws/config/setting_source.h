/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of settings, beside explicit options: the environment and the profile. And what is said of a value that cannot be used. */
#ifndef PAIL_SRC_AWS_CONFIG_SETTING_SOURCE_H
#define PAIL_SRC_AWS_CONFIG_SETTING_SOURCE_H

#include "settings.h"

struct pail_setting_sources {
        const struct pail_session_options *options;
        char *const *environment;
        const struct pail_profiles *profiles;
        struct pail_settings *settings; /* names of files and profile, for messages; warnings are added to it */
        struct pail_error *ret_error;
};

enum pail_setting_source_kind {
        PAIL_SETTING_SOURCE_END, /* of a list */
        PAIL_SETTING_SOURCE_ENVIRONMENT,
        PAIL_SETTING_SOURCE_PROFILE, /* a key of the profile */
        PAIL_SETTING_SOURCE_S3,      /* a key of the profile's block "s3 =" */
};

struct pail_setting_source {
        enum pail_setting_source_kind kind;
        const char *name;
};

/* A value of the profile (block NULL) or of a block in it. One that is empty counts as not set: NULL. */
const char *pail_setting_source_profile_value(const struct pail_setting_sources *sources, const char *block,
                                              const char *key);
/* The value in the first source that has one, and which source that is; NULL: none has. */
const char *pail_setting_source_find(const struct pail_setting_sources *sources, const struct pail_setting_source *list,
                                     const struct pail_setting_source **ret_source);
/* Says that the value found in a source cannot be used, and what is expected. Returns -EINVAL. */
int pail_setting_source_refuse(const struct pail_setting_sources *sources, const struct pail_setting_source *source,
                               const char *value, const char *expected);
/* The file of the two that has the key. Borrowed. */
const char *pail_setting_source_file(const struct pail_setting_sources *sources, const char *key);

/*
 * *ret_value is written only when a source has a value. To the AWS SDK for Python everything but "true", in any case, is false. So it is here for what
 * other programs take for a truth or an untruth (1, yes, on, white space around it), the former with a warning; what is no word for either is
 * refused, since it may have been meant to be "true".
 */
int pail_setting_source_bool(const struct pail_setting_sources *sources, const struct pail_setting_source *list,
                             bool *ret_value);

#endif
