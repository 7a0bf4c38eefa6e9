/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A setting has a list of sources, asked in its order; the first with a value that is not empty wins. Whatever is wrong with that value is
 * said with its source, so that the reader knows which line to change.
 */
#include "setting_source.h"

#include <errno.h>
#include <strings.h>

#include "environment.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

const char *pail_setting_source_profile_value(const struct pail_setting_sources *sources, const char *block,
                                              const char *key)
{
        const char *value = pail_profiles_get(sources->profiles, sources->settings->profile, block, key);

        return pail_str_is_empty(value) ? NULL : value;
}

static const char *read_source(const struct pail_setting_sources *sources, const struct pail_setting_source *source)
{
        if (source->kind == PAIL_SETTING_SOURCE_ENVIRONMENT)
                return pail_environment_get(sources->environment, source->name);
        return pail_setting_source_profile_value(sources, source->kind == PAIL_SETTING_SOURCE_S3 ? "s3" : NULL,
                                                 source->name);
}

const char *pail_setting_source_find(const struct pail_setting_sources *sources, const struct pail_setting_source *list,
                                     const struct pail_setting_source **ret_source)
{
        for (; list->kind != PAIL_SETTING_SOURCE_END; list++) {
                const char *value = read_source(sources, list);
                if (!value)
                        continue;
                *ret_source = list;
                return value;
        }
        return NULL;
}

const char *pail_setting_source_file(const struct pail_setting_sources *sources, const char *key)
{
        const struct pail_settings *settings = sources->settings;
        bool hides = pail_profiles_is_in_credentials(sources->profiles, settings->profile, key);

        return pail_settings_file_name(hides ? settings->credentials_file : settings->config_file);
}

/* "environment variable NAME", or the file, profile and key. */
static int describe_source(const struct pail_setting_sources *sources, const struct pail_setting_source *source,
                           char **ret_words)
{
        bool nested = source->kind == PAIL_SETTING_SOURCE_S3;

        if (source->kind == PAIL_SETTING_SOURCE_ENVIRONMENT)
                return pail_str_printf(ret_words, "environment variable %s", source->name);
        return pail_str_printf(ret_words, "%s, profile \"%s\": %s%s",
                               pail_setting_source_file(sources, nested ? "s3" : source->name),
                               sources->settings->profile, nested ? "in \"s3 =\", " : "", source->name);
}

int pail_setting_source_refuse(const struct pail_setting_sources *sources, const struct pail_setting_source *source,
                               const char *value, const char *expected)
{
        _cleanup_free_ char *words = NULL;
        int r = describe_source(sources, source, &words);

        if (r < 0)
                return r;
        pail_error_set(sources->ret_error, PAIL_ERROR_CONFIG, "%s = \"%s\": %s", words, value, expected);
        return -EINVAL;
}

static int warn_that_it_is_false(const struct pail_setting_sources *sources, const struct pail_setting_source *source,
                                 const char *value)
{
        _cleanup_free_ char *words = NULL;
        int r = describe_source(sources, source, &words);

        return r < 0 ? r
                     : pail_settings_warn(sources->settings,
                                          "%s = \"%s\" counts as false, as with AWS's own tools: write true", words,
                                          value);
}

/* What is true to other programs, or would be without the white space. */
static int read_lenient_bool(const char *value, bool *ret_is_true)
{
        _cleanup_free_ char *copy = NULL;
        int r = pail_str_dup(value, &copy);

        return r < 0 ? r : pail_str_to_bool(pail_str_strip(copy), ret_is_true);
}

int pail_setting_source_bool(const struct pail_setting_sources *sources, const struct pail_setting_source *list,
                             bool *ret_value)
{
        const struct pail_setting_source *source;
        const char *value = pail_setting_source_find(sources, list, &source);
        bool is_meant_as_true;
        int r;

        if (!value)
                return 0;
        *ret_value = strcasecmp(value, "true") == 0;
        if (*ret_value)
                return 0;
        r = read_lenient_bool(value, &is_meant_as_true);
        if (r == -EINVAL)
                return pail_setting_source_refuse(sources, source, value, "true or false is expected");
        return r == 0 && is_meant_as_true ? warn_that_it_is_false(sources, source, value) : r;
}
