/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of the settings when they are resolved: looking one up by name, words for messages, and releasing them. */
#include "settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "environment.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

const char *pail_settings_file_name(const char *file)
{
        return file ? file : "a home directory";
}

const char *pail_settings_file_state(const char *file)
{
        return file && access(file, F_OK) == 0 ? "" : " (not there)";
}

void pail_settings_done(struct pail_settings *settings)
{
        free(settings->config_file);
        free(settings->credentials_file);
        free(settings->profile);
        free(settings->region);
        free(settings->endpoint_url);
        free(settings->ca_bundle);
        for (size_t i = 0; i < settings->warning_count; i++)
                free(settings->warnings[i]);
        free(settings->warnings);
        *settings = (struct pail_settings){ 0 };
}

void pail_settings_hint_at_section(const struct pail_settings *settings, const struct pail_profiles *profiles,
                                   char ret_hint[static PAIL_SETTINGS_HINT_SIZE])
{
        bool in_config;
        const char *section = pail_profiles_misnamed_section(profiles, settings->profile, &in_config);
        bool is_plain = !in_config || pail_str_equal(settings->profile, "default");
        const char *quote = !is_plain && strchr(settings->profile, ' ') ? "'" : "";

        *ret_hint = '\0';
        if (section)
                snprintf(ret_hint, PAIL_SETTINGS_HINT_SIZE, "; %s has a section [%s]: there it has to be [%s%s%s%s]",
                         pail_settings_file_name(in_config ? settings->config_file : settings->credentials_file),
                         section, is_plain ? "" : "profile ", quote, settings->profile, quote);
}

const char *pail_settings_value(const struct pail_settings *settings, const char *variable, const char *key)
{
        const char *value = variable ? pail_environment_get(settings->environment, variable) : NULL;

        if (!value && key)
                value = pail_profiles_get(settings->profiles, settings->profile, NULL, key);
        return pail_str_is_empty(value) ? NULL : value;
}

int pail_settings_warn(struct pail_settings *settings, const char *format, ...)
{
        char **longer = reallocarray(settings->warnings, settings->warning_count + 2, sizeof(*longer));
        char *warning = NULL;
        va_list arguments;

        if (!longer)
                return -ENOMEM;
        settings->warnings = longer;
        va_start(arguments, format);
        if (vasprintf(&warning, format, arguments) < 0)
                warning = NULL;
        va_end(arguments);
        longer[settings->warning_count] = warning;
        if (!warning)
                return -ENOMEM;
        longer[++settings->warning_count] = NULL;
        return 0;
}
