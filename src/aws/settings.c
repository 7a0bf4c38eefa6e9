/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function a setting, all over one struct that says where to look. The order of the places is AWS's ("Configuration settings and
 * precedence", AWS SDKs and Tools reference); where SDKs differ: AWS_DEFAULT_PROFILE before AWS_PROFILE (botocore), AWS_REGION before
 * AWS_DEFAULT_REGION (all but botocore, which knows only the second).
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "aws/environment.h"
#include "aws/settings.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

/* Where settings are looked for. */
struct places {
        const struct pail_session_options *options;
        char *const *environment;
        const struct pail_profiles *profiles;
        const char *profile;
        struct pail_error *ret_error;
};

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
        *settings = (struct pail_settings){ 0 };
}

static int file_name(char *const *environment, const char *given, const char *variable, const char *fallback,
                     char **ret_name)
{
        _cleanup_free_ char *home = NULL;
        const char *name = given ? given : pail_environment_get(environment, variable);
        int r;

        if (name)
                return pail_environment_expand_home(environment, name, ret_name);
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

static int unknown_profile(const struct pail_settings *settings, const struct places *places)
{
        const char *const *name = pail_profiles_names(places->profiles);
        _cleanup_buf_ struct pail_buf list;

        pail_buf_init(&list, 400);
        for (size_t i = 0; name[i]; i++)
                pail_buf_printf(&list, "%s%s", i > 0 ? ", " : "; there are: ", name[i]);
        if (!name[0])
                pail_buf_append_string(&list, "; there are none");
        pail_error_set(places->ret_error, PAIL_ERROR_CONFIG, "profile \"%s\" is neither in %s%s nor in %s%s%s",
                       settings->profile, PAIL_SETTINGS_FILE(settings->config_file),
                       PAIL_SETTINGS_FILE(settings->credentials_file), list.data);
        return -EINVAL;
}

static int resolve_profile(struct pail_settings *settings, struct places *places)
{
        static const char *const variables[] = { "AWS_DEFAULT_PROFILE", "AWS_PROFILE", NULL };
        const char *name = places->options->profile;
        int r;

        if (!name)
                name = pail_environment_get_first(places->environment, variables);
        r = pail_str_dup(name ? name : "default", &settings->profile);
        if (r < 0)
                return r;
        places->profile = settings->profile;
        /* Nobody has to have a default profile, but one that was asked for must be there. */
        return name && !pail_profiles_has(places->profiles, name) ? unknown_profile(settings, places) : 0;
}

/* A value that is empty in a file is not set either. */
static const char *profile_value(const struct places *places, const char *block, const char *key)
{
        const char *value = pail_profiles_get(places->profiles, places->profile, block, key);

        return pail_str_is_empty(value) ? NULL : value;
}

static int resolve_region(struct pail_settings *settings, const struct places *places)
{
        static const char *const variables[] = { "AWS_REGION", "AWS_DEFAULT_REGION", NULL };
        const char *region = places->options->region;

        if (!region)
                region = pail_environment_get_first(places->environment, variables);
        return pail_str_dup(region ? region : profile_value(places, NULL, "region"), &settings->region);
}

static int resolve_ca_bundle(struct pail_settings *settings, const struct places *places)
{
        const char *bundle = places->options->ca_bundle;

        if (!bundle)
                bundle = pail_environment_get(places->environment, "AWS_CA_BUNDLE");
        return pail_str_dup(bundle ? bundle : profile_value(places, NULL, "ca_bundle"), &settings->ca_bundle);
}

static bool ignores_configured_endpoints(const struct places *places)
{
        const char *value = pail_environment_get(places->environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");

        if (!value)
                value = profile_value(places, NULL, "ignore_configured_endpoint_urls");
        return value && strcasecmp(value, "true") == 0;
}

/* "services = NAME" of the profile, then "s3 =" with "endpoint_url =" in [services NAME]. */
static int services_endpoint(const struct places *places, const char **ret_url)
{
        const char *services = profile_value(places, NULL, "services");

        *ret_url = NULL;
        if (!services)
                return 0;
        if (!pail_profiles_has_section(places->profiles, "services", services)) {
                pail_error_set(places->ret_error, PAIL_ERROR_CONFIG,
                               "profile \"%s\" has \"services = %s\", but there is no section [services %s]",
                               places->profile, services, services);
                return -EINVAL;
        }
        *ret_url = pail_profiles_get_section(places->profiles, "services", services, "s3", "endpoint_url");
        return 0;
}

static int resolve_endpoint_url(struct pail_settings *settings, const struct places *places)
{
        static const char *const variables[] = { "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", NULL };
        const char *url = places->options->endpoint_url;
        int r;

        if (!url && ignores_configured_endpoints(places))
                return 0;
        if (!url)
                url = pail_environment_get_first(places->environment, variables);
        if (!url) {
                r = services_endpoint(places, &url);
                if (r < 0)
                        return r;
        }
        if (pail_str_is_empty(url))
                url = profile_value(places, NULL, "endpoint_url");
        return pail_str_dup(url, &settings->endpoint_url);
}

static int bad_value(const struct places *places, const char *what, const char *value, const char *remedy)
{
        pail_error_set(places->ret_error, PAIL_ERROR_CONFIG, "%s = \"%s\" (environment or profile \"%s\"): %s", what,
                       value, places->profile, remedy);
        return -EINVAL;
}

static int resolve_max_attempts(struct pail_settings *settings, const struct places *places)
{
        const char *value = pail_environment_get(places->environment, "AWS_MAX_ATTEMPTS");
        uint64_t number;

        if (!value)
                value = profile_value(places, NULL, "max_attempts");
        if (!value)
                return 0;
        if (pail_str_to_u64(value, &number) < 0 || number < 1 || number > UINT_MAX)
                return bad_value(places, "max_attempts", value, "a number from 1 on is expected");
        settings->max_attempts = (unsigned)number;
        return 0;
}

/* One of a list of words, in any case; the number of the word. Nothing is written where none is configured. */
static int resolve_word(const struct places *places, const char *variable, const char *key, const char *const *words,
                        const char *remedy, unsigned *ret_number)
{
        const char *value = pail_environment_get(places->environment, variable);

        if (!value)
                value = profile_value(places, NULL, key);
        for (unsigned i = 0; value && words[i]; i++)
                if (strcasecmp(value, words[i]) == 0) {
                        *ret_number = i;
                        return 0;
                }
        return value ? bad_value(places, key, value, remedy) : 0;
}

static int resolve_retry_mode(struct pail_settings *settings, const struct places *places)
{
        static const char *const modes[] = { "legacy", "standard", "adaptive", NULL };
        static const enum pail_retry_mode numbers[] = { PAIL_RETRY_MODE_LEGACY, PAIL_RETRY_MODE_STANDARD,
                                                        PAIL_RETRY_MODE_ADAPTIVE, PAIL_RETRY_MODE_DEFAULT };
        unsigned number = 3;
        int r = resolve_word(places, "AWS_RETRY_MODE", "retry_mode", modes, "standard, adaptive or legacy is expected",
                             &number);

        settings->retry_mode = numbers[number];
        return r;
}

static int resolve_when(const struct places *places, const char *variable, const char *key, enum pail_when *ret_when)
{
        static const char *const words[] = { "when_supported", "when_required", NULL };
        unsigned number = PAIL_WHEN_SUPPORTED;
        int r = resolve_word(places, variable, key, words, "when_supported or when_required is expected", &number);

        *ret_when = (enum pail_when)number;
        return r;
}

static int resolve_checksums(struct pail_settings *settings, const struct places *places)
{
        int r = resolve_when(places, "AWS_REQUEST_CHECKSUM_CALCULATION", "request_checksum_calculation",
                             &settings->request_checksum_calculation);

        return r < 0 ? r : resolve_when(places, "AWS_RESPONSE_CHECKSUM_VALIDATION", "response_checksum_validation",
                                        &settings->response_checksum_validation);
}

static int resolve_addressing_style(struct pail_settings *settings, const struct places *places)
{
        static const char *const names[] = {
                [PAIL_ADDRESSING_AUTO] = "auto",
                [PAIL_ADDRESSING_PATH] = "path",
                [PAIL_ADDRESSING_VIRTUAL] = "virtual",
        };
        const char *value = profile_value(places, "s3", "addressing_style");

        settings->addressing_style = places->options->addressing_style;
        if (settings->addressing_style != PAIL_ADDRESSING_AUTO || !value)
                return 0;
        for (unsigned style = 0; style < sizeof(names) / sizeof(names[0]); style++) {
                if (!pail_str_equal(value, names[style]))
                        continue;
                settings->addressing_style = (enum pail_addressing_style)style;
                return 0;
        }
        return bad_value(places, "addressing_style", value, "auto, path or virtual is expected");
}

int pail_settings_resolve(struct pail_settings *settings, const struct pail_session_options *options,
                          char *const *environment, const struct pail_profiles *profiles, struct pail_error *ret_error)
{
        struct places places = {
                .options = options,
                .environment = environment,
                .profiles = profiles,
                .ret_error = ret_error,
        };
        int r = resolve_profile(settings, &places);

        if (r == 0)
                r = resolve_region(settings, &places);
        if (r == 0)
                r = resolve_endpoint_url(settings, &places);
        if (r == 0)
                r = resolve_ca_bundle(settings, &places);
        if (r == 0)
                r = resolve_max_attempts(settings, &places);
        if (r == 0)
                r = resolve_retry_mode(settings, &places);
        if (r == 0)
                r = resolve_checksums(settings, &places);
        if (r == 0)
                r = resolve_addressing_style(settings, &places);
        return r == -ENOMEM ? pail_error_set_errno(ret_error, ENOMEM, "session") : r;
}
