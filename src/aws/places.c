/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <strings.h>

#include "aws/environment.h"
#include "aws/places.h"
#include "pail/util/str.h"

const char *pail_places_profile(const struct pail_places *places, const char *block, const char *key)
{
        const char *value = pail_profiles_get(places->profiles, places->settings->profile, block, key);

        return pail_str_is_empty(value) ? NULL : value;
}

static const char *look(const struct pail_places *places, const struct pail_place *place)
{
        if (place->kind == PAIL_PLACE_ENVIRONMENT)
                return pail_environment_get(places->environment, place->name);
        return pail_places_profile(places, place->kind == PAIL_PLACE_S3 ? "s3" : NULL, place->name);
}

const char *pail_places_find(const struct pail_places *places, const struct pail_place *list,
                             const struct pail_place **ret_place)
{
        for (; list->kind != PAIL_PLACE_END; list++) {
                const char *value = look(places, list);
                if (!value)
                        continue;
                *ret_place = list;
                return value;
        }
        return NULL;
}

const char *pail_places_file(const struct pail_places *places, const char *key)
{
        const struct pail_settings *settings = places->settings;
        bool hides = pail_profiles_is_in_credentials(places->profiles, settings->profile, key);

        return pail_settings_file_name(hides ? settings->credentials_file : settings->config_file);
}

int pail_places_refuse(const struct pail_places *places, const struct pail_place *place, const char *value,
                       const char *expected)
{
        bool nested = place->kind == PAIL_PLACE_S3;

        if (place->kind == PAIL_PLACE_ENVIRONMENT)
                pail_error_set(places->ret_error, PAIL_ERROR_CONFIG, "environment variable %s = \"%s\": %s",
                               place->name, value, expected);
        else
                pail_error_set(places->ret_error, PAIL_ERROR_CONFIG, "%s, profile \"%s\": %s%s = \"%s\": %s",
                               pail_places_file(places, nested ? "s3" : place->name), places->settings->profile,
                               nested ? "in \"s3 =\", " : "", place->name, value, expected);
        return -EINVAL;
}

int pail_places_bool(const struct pail_places *places, const struct pail_place *list, bool *ret_value)
{
        const struct pail_place *place;
        const char *value = pail_places_find(places, list, &place);

        if (!value)
                return 0;
        if (strcasecmp(value, "true") != 0 && strcasecmp(value, "false") != 0)
                return pail_places_refuse(places, place, value, "true or false is expected");
        *ret_value = strcasecmp(value, "true") == 0;
        return 0;
}
