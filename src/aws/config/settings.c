/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function a setting, all over one struct that says where to look. The order of the places is AWS's ("Configuration settings and
 * precedence", AWS SDKs and Tools reference); where SDKs differ: AWS_DEFAULT_PROFILE before AWS_PROFILE (botocore), AWS_REGION before
 * AWS_DEFAULT_REGION (all but botocore, which knows only the second).
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "environment.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "places.h"

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

/* Files are read again later, and by then a daemon has left the directory. */
static int make_absolute(char **path)
{
        _cleanup_free_ char *here = NULL, *relative = NULL;

        if (!*path || **path == '/')
                return 0;
        here = getcwd(NULL, 0);
        if (!here)
                return 0;
        relative = pail_steal(path);
        return pail_str_printf(path, "%s/%s", pail_str_equal(here, "/") ? "" : here, relative);
}

static int file_name(char *const *environment, const char *given, const char *variable, const char *fallback,
                     char **ret_name)
{
        _cleanup_free_ char *home = NULL;
        const char *name = given ? given : pail_environment_get(environment, variable);
        int r;

        if (name) {
                r = pail_environment_expand_path(environment, name, ret_name);
                return r < 0 ? r : make_absolute(ret_name);
        }
        r = pail_environment_home(environment, &home);
        if (r < 0 || !home)
                return r;
        return pail_str_printf(ret_name, "%s/%s", home, fallback);
}

int pail_settings_files(struct pail_settings *settings, const struct pail_session_options *options,
                        char *const *environment)
{
        int r = file_name(environment, options->config_file, "AWS_CONFIG_FILE", ".aws/config", &settings->config_file);

        if (r < 0)
                return r;
        return file_name(environment, options->credentials_file, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials",
                         &settings->credentials_file);
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

static int unknown_profile(const struct pail_settings *settings, const struct pail_places *places)
{
        const char *const *name = pail_profiles_names(places->profiles);
        char hint[PAIL_SETTINGS_HINT_SIZE];
        _cleanup_buf_ struct pail_buf list = PAIL_BUF_INIT(400);

        pail_settings_hint_at_section(settings, places->profiles, hint);
        for (size_t i = 0; name[i]; i++)
                pail_buf_printf(&list, "%s%s", i > 0 ? ", " : "; there are: ", name[i]);
        if (!name[0])
                pail_buf_append_string(&list, "; there are none");
        pail_error_set(places->ret_error, PAIL_ERROR_CONFIG, "profile \"%s\" is neither in %s%s nor in %s%s%s%s",
                       settings->profile, PAIL_SETTINGS_FILE(settings->config_file),
                       PAIL_SETTINGS_FILE(settings->credentials_file), hint, *hint ? "" : list.data);
        return -EINVAL;
}

static int resolve_profile(struct pail_settings *settings, const struct pail_places *places)
{
        static const char *const variables[] = { "AWS_DEFAULT_PROFILE", "AWS_PROFILE", NULL };
        const char *name = places->options->profile;
        int r;

        if (!name)
                name = pail_environment_get_first(places->environment, variables);
        r = pail_str_dup(name ? name : "default", &settings->profile);
        if (r < 0)
                return r;
        /* Nobody has to have a default profile, but one that was asked for must be there. */
        return name && !pail_profiles_has(places->profiles, name) ? unknown_profile(settings, places) : 0;
}

/* "fips-us-east-1" and "us-east-1-fips", which older tools write, are a region and a setting. */
static int set_region(struct pail_settings *settings, const char *region)
{
        size_t length = region ? strlen(region) : 0;

        settings->region_is_fips = true;
        if (length > 5 && pail_str_starts_with(region, "fips-"))
                return pail_str_dup(region + 5, &settings->region);
        if (length > 5 && pail_str_ends_with(region, "-fips"))
                return pail_str_printf(&settings->region, "%.*s", (int)length - 5, region);
        settings->region_is_fips = false;
        return pail_str_dup(region, &settings->region);
}

static int resolve_region(struct pail_settings *settings, const struct pail_places *places)
{
        static const char *const variables[] = { "AWS_REGION", "AWS_DEFAULT_REGION", NULL };
        const char *region = places->options->region;

        if (!region)
                region = pail_environment_get_first(places->environment, variables);
        return set_region(settings, region ? region : pail_places_profile(places, NULL, "region"));
}

static int resolve_ca_bundle(struct pail_settings *settings, const struct pail_places *places)
{
        const char *bundle = places->options->ca_bundle;
        int r;

        if (!bundle)
                bundle = pail_environment_get(places->environment, "AWS_CA_BUNDLE");
        if (!bundle)
                bundle = pail_places_profile(places, NULL, "ca_bundle");
        r = pail_str_dup(bundle, &settings->ca_bundle);
        return r < 0 ? r : make_absolute(&settings->ca_bundle);
}

const char *pail_settings_value(const struct pail_settings *settings, const char *variable, const char *key)
{
        const char *value = variable ? pail_environment_get(settings->environment, variable) : NULL;

        if (!value && key)
                value = pail_profiles_get(settings->profiles, settings->profile, NULL, key);
        return pail_str_is_empty(value) ? NULL : value;
}

static int resolve_max_attempts(struct pail_settings *settings, const struct pail_places *places)
{
        static const struct pail_place list[] = { { PAIL_PLACE_ENVIRONMENT, "AWS_MAX_ATTEMPTS" },
                                                  { PAIL_PLACE_PROFILE, "max_attempts" },
                                                  { 0 } };
        const struct pail_place *place;
        const char *value = pail_places_find(places, list, &place);
        uint64_t number;

        if (!value)
                return 0;
        if (pail_str_to_u64(value, &number) < 0 || number < 1 || number > UINT_MAX)
                return pail_places_refuse(places, place, value, "a number from 1 on is expected");
        settings->max_attempts = (unsigned)number;
        return 0;
}

/* One of a list of words, in any case; the number of the word. Nothing is written where none is configured. */
static int resolve_word(const struct pail_places *places, const struct pail_place *list, const char *const *words,
                        const char *expected, unsigned *ret_number)
{
        const struct pail_place *place;
        const char *value = pail_places_find(places, list, &place);

        for (unsigned i = 0; value && words[i]; i++)
                if (strcasecmp(value, words[i]) == 0) {
                        *ret_number = i;
                        return 0;
                }
        return value ? pail_places_refuse(places, place, value, expected) : 0;
}

static int resolve_retry_mode(struct pail_settings *settings, const struct pail_places *places)
{
        static const struct pail_place list[] = { { PAIL_PLACE_ENVIRONMENT, "AWS_RETRY_MODE" },
                                                  { PAIL_PLACE_PROFILE, "retry_mode" },
                                                  { 0 } };
        static const char *const modes[] = { "legacy", "standard", "adaptive", NULL };
        static const enum pail_retry_mode numbers[] = { PAIL_RETRY_MODE_LEGACY, PAIL_RETRY_MODE_STANDARD,
                                                        PAIL_RETRY_MODE_ADAPTIVE, PAIL_RETRY_MODE_DEFAULT };
        unsigned number = 3;
        int r = resolve_word(places, list, modes, "standard, adaptive or legacy is expected", &number);

        settings->retry_mode = numbers[number];
        return r;
}

static int resolve_when(const struct pail_places *places, const char *variable, const char *key,
                        enum pail_when *ret_when)
{
        static const char *const words[] = { "when_supported", "when_required", NULL };
        const struct pail_place list[] = { { PAIL_PLACE_ENVIRONMENT, variable }, { PAIL_PLACE_PROFILE, key }, { 0 } };
        unsigned number = PAIL_WHEN_SUPPORTED;
        int r = resolve_word(places, list, words, "when_supported or when_required is expected", &number);

        *ret_when = (enum pail_when)number;
        return r;
}

static int resolve_checksums(struct pail_settings *settings, const struct pail_places *places)
{
        int r = resolve_when(places, "AWS_REQUEST_CHECKSUM_CALCULATION", "request_checksum_calculation",
                             &settings->request_checksum_calculation);

        return r < 0 ? r
                     : resolve_when(places, "AWS_RESPONSE_CHECKSUM_VALIDATION", "response_checksum_validation",
                                    &settings->response_checksum_validation);
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

int pail_settings_resolve(struct pail_settings *settings, const struct pail_session_options *options,
                          char *const *environment, const struct pail_profiles *profiles, struct pail_error *ret_error)
{
        const struct pail_places places = {
                .options = options,
                .environment = environment,
                .profiles = profiles,
                .settings = settings,
                .ret_error = ret_error,
        };
        int r;

        settings->environment = environment;
        settings->profiles = profiles;
        r = resolve_profile(settings, &places);
        if (r == 0)
                r = resolve_region(settings, &places);
        if (r == 0)
                r = resolve_ca_bundle(settings, &places);
        if (r == 0)
                r = resolve_max_attempts(settings, &places);
        if (r == 0)
                r = resolve_retry_mode(settings, &places);
        if (r == 0)
                r = resolve_checksums(settings, &places);
        if (r == 0)
                r = pail_settings_resolve_endpoint(settings, &places);
        return r == -ENOMEM ? pail_error_set_errno(ret_error, ENOMEM, "session") : r;
}
