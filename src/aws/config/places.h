/* SPDX-License-Identifier: Apache-2.0 */
/* Where settings are looked for, and what is said of a value that is none. */
#ifndef PAIL_SRC_AWS_CONFIG_PLACES_H
#define PAIL_SRC_AWS_CONFIG_PLACES_H

#include "settings.h"

struct pail_places {
        const struct pail_session_options *options;
        char *const *environment;
        const struct pail_profiles *profiles;
        struct pail_settings *settings; /* names of files and profile, for messages; warnings are added to it */
        struct pail_error *ret_error;
};

enum pail_place_kind {
        PAIL_PLACE_END, /* of a list */
        PAIL_PLACE_ENVIRONMENT,
        PAIL_PLACE_PROFILE, /* a key of the profile */
        PAIL_PLACE_S3,      /* a key of the profile's block "s3 =" */
};

struct pail_place {
        enum pail_place_kind kind;
        const char *name;
};

/* A value of the profile (block NULL) or of a block in it. One that is empty counts as not set: NULL. */
const char *pail_places_profile(const struct pail_places *places, const char *block, const char *key);
/* The value in the first place that has one, and which place that is; NULL: none has. */
const char *pail_places_find(const struct pail_places *places, const struct pail_place *list,
                             const struct pail_place **ret_place);
/* Says that the value found in a place is none, and what is expected. Returns -EINVAL. */
int pail_places_refuse(const struct pail_places *places, const struct pail_place *place, const char *value,
                       const char *expected);
/* The file of the two that has the key. Borrowed. */
const char *pail_places_file(const struct pail_places *places, const char *key);

/*
 * *ret_value is written only when a place has a value. To the AWS SDK for Python everything but "true", in any case, is false. So it is here for what
 * other programs take for a truth or an untruth (1, yes, on, white space around it), the former with a warning; what is no word for either is
 * refused, since it may have been meant to be "true".
 */
int pail_places_bool(const struct pail_places *places, const struct pail_place *list, bool *ret_value);

#endif
