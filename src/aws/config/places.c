/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <strings.h>

#include "environment.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "places.h"

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

/* "environment variable NAME", or the file, profile and key. */
static int describe(const struct pail_places *places, const struct pail_place *place, char **ret_words)
{
        bool nested = place->kind == PAIL_PLACE_S3;

        if (place->kind == PAIL_PLACE_ENVIRONMENT)
                return pail_str_printf(ret_words, "environment variable %s", place->name);
        return pail_str_printf(ret_words, "%s, profile \"%s\": %s%s",
                               pail_places_file(places, nested ? "s3" : place->name), places->settings->profile,
                               nested ? "in \"s3 =\", " : "", place->name);
}

int pail_places_refuse(const struct pail_places *places, const struct pail_place *place, const char *value,
                       const char *expected)
{
        _cleanup_free_ char *words = NULL;
        int r = describe(places, place, &words);

        if (r < 0)
                return r;
        pail_error_set(places->ret_error, PAIL_ERROR_CONFIG, "%s = \"%s\": %s", words, value, expected);
        return -EINVAL;
}

static int warn_of_truth(const struct pail_places *places, const struct pail_place *place, const char *value)
{
        _cleanup_free_ char *words = NULL;
        int r = describe(places, place, &words);

        return r < 0 ? r
                     : pail_settings_warn(places->settings,
                                          "%s = \"%s\" counts as false, as with AWS's own tools: write true", words,
                                          value);
}

/* What is true elsewhere, or would be without the white space. */
static int read_foreign_bool(const char *value, bool *ret_is_true)
{
        _cleanup_free_ char *copy = NULL;
        int r = pail_str_dup(value, &copy);

        return r < 0 ? r : pail_str_to_bool(pail_str_strip(copy), ret_is_true);
}

int pail_places_bool(const struct pail_places *places, const struct pail_place *list, bool *ret_value)
{
        const struct pail_place *place;
        const char *value = pail_places_find(places, list, &place);
        bool is_foreign_truth;
        int r;

        if (!value)
                return 0;
        *ret_value = strcasecmp(value, "true") == 0;
        if (*ret_value)
                return 0;
        r = read_foreign_bool(value, &is_foreign_truth);
        if (r == -EINVAL)
                return pail_places_refuse(places, place, value, "true or false is expected");
        return r == 0 && is_foreign_truth ? warn_of_truth(places, place, value) : r;
}
