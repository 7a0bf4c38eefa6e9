/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function a setting, all over one struct that says where to look. The order of the sources is AWS's ("Configuration settings and
 * precedence", AWS SDKs and Tools reference); where SDKs differ: AWS_DEFAULT_PROFILE before AWS_PROFILE (botocore), AWS_REGION before
 * AWS_DEFAULT_REGION (all but botocore, which knows only the second).
 */
#include "settings_resolve.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "environment.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "setting_source.h"
#include "settings_endpoint.h"

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

static int resolve_file_name(char *const *environment, const char *given, const char *variable, const char *fallback,
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

int pail_settings_resolve_files(struct pail_settings *settings, const struct pail_session_options *options,
                                char *const *environment)
{
        int r = resolve_file_name(environment, options->config_file, "AWS_CONFIG_FILE", ".aws/config",
                                  &settings->config_file);

        if (r < 0)
                return r;
        return resolve_file_name(environment, options->credentials_file, "AWS_SHARED_CREDENTIALS_FILE",
                                 ".aws/credentials", &settings->credentials_file);
}

static int refuse_unknown_profile(const struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        const char *const *name = pail_profiles_names(sources->profiles);
        char hint[PAIL_SETTINGS_HINT_SIZE];
        _cleanup_buf_ struct pail_buf list = PAIL_BUF_INIT(400);

        pail_settings_hint_at_section(settings, sources->profiles, hint);
        for (size_t i = 0; name[i]; i++)
                pail_buf_printf(&list, "%s%s", i > 0 ? ", " : "; there are: ", name[i]);
        if (!name[0])
                pail_buf_append_string(&list, "; there are none");
        pail_error_set(sources->ret_error, PAIL_ERROR_CONFIG, "profile \"%s\" is neither in %s%s nor in %s%s%s%s",
                       settings->profile, PAIL_SETTINGS_FILE(settings->config_file),
                       PAIL_SETTINGS_FILE(settings->credentials_file), hint, *hint ? "" : list.data);
        return -EINVAL;
}

static int resolve_profile(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        static const char *const variables[] = { "AWS_DEFAULT_PROFILE", "AWS_PROFILE", NULL };
        const char *name = sources->options->profile;
        int r;

        if (!name)
                name = pail_environment_get_first(sources->environment, variables);
        r = pail_str_dup(name ? name : "default", &settings->profile);
        if (r < 0)
                return r;
        /* Nobody has to have a default profile, but one that was asked for must be there. */
        return name && !pail_profiles_has(sources->profiles, name) ? refuse_unknown_profile(settings, sources) : 0;
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

static int resolve_region(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        static const char *const variables[] = { "AWS_REGION", "AWS_DEFAULT_REGION", NULL };
        const char *region = sources->options->region;

        if (!region)
                region = pail_environment_get_first(sources->environment, variables);
        return set_region(settings, region ? region : pail_setting_source_profile_value(sources, NULL, "region"));
}

static int resolve_ca_bundle(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        const char *bundle = sources->options->ca_bundle;
        int r;

        if (!bundle)
                bundle = pail_environment_get(sources->environment, "AWS_CA_BUNDLE");
        if (!bundle)
                bundle = pail_setting_source_profile_value(sources, NULL, "ca_bundle");
        r = pail_str_dup(bundle, &settings->ca_bundle);
        return r < 0 ? r : make_absolute(&settings->ca_bundle);
}

static int resolve_max_attempts(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        static const struct pail_setting_source list[] = { { PAIL_SETTING_SOURCE_ENVIRONMENT, "AWS_MAX_ATTEMPTS" },
                                                           { PAIL_SETTING_SOURCE_PROFILE, "max_attempts" },
                                                           { 0 } };
        const struct pail_setting_source *source;
        const char *value = pail_setting_source_find(sources, list, &source);
        uint64_t number;

        if (!value)
                return 0;
        if (pail_str_to_u64(value, &number) < 0 || number < 1 || number > UINT_MAX)
                return pail_setting_source_refuse(sources, source, value, "a number from 1 on is expected");
        settings->max_attempts = (unsigned)number;
        return 0;
}

/* One of a list of words, in any case; the number of the word. Nothing is written where none is configured. */
static int resolve_word(const struct pail_setting_sources *sources, const struct pail_setting_source *list,
                        const char *const *words, const char *expected, unsigned *ret_number)
{
        const struct pail_setting_source *source;
        const char *value = pail_setting_source_find(sources, list, &source);

        for (unsigned i = 0; value && words[i]; i++)
                if (strcasecmp(value, words[i]) == 0) {
                        *ret_number = i;
                        return 0;
                }
        return value ? pail_setting_source_refuse(sources, source, value, expected) : 0;
}

static int resolve_retry_mode(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        static const struct pail_setting_source list[] = { { PAIL_SETTING_SOURCE_ENVIRONMENT, "AWS_RETRY_MODE" },
                                                           { PAIL_SETTING_SOURCE_PROFILE, "retry_mode" },
                                                           { 0 } };
        static const char *const modes[] = { "legacy", "standard", "adaptive", NULL };
        static const enum pail_retry_mode numbers[] = { PAIL_RETRY_MODE_LEGACY, PAIL_RETRY_MODE_STANDARD,
                                                        PAIL_RETRY_MODE_ADAPTIVE, PAIL_RETRY_MODE_DEFAULT };
        unsigned number = 3;
        int r = resolve_word(sources, list, modes, "standard, adaptive or legacy is expected", &number);

        settings->retry_mode = numbers[number];
        return r;
}

static int resolve_when(const struct pail_setting_sources *sources, const char *variable, const char *key,
                        enum pail_when *ret_when)
{
        static const char *const words[] = { "when_supported", "when_required", NULL };
        const struct pail_setting_source list[] = { { PAIL_SETTING_SOURCE_ENVIRONMENT, variable },
                                                    { PAIL_SETTING_SOURCE_PROFILE, key },
                                                    { 0 } };
        unsigned number = PAIL_WHEN_SUPPORTED;
        int r = resolve_word(sources, list, words, "when_supported or when_required is expected", &number);

        *ret_when = (enum pail_when)number;
        return r;
}

static int resolve_checksums(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        int r = resolve_when(sources, "AWS_REQUEST_CHECKSUM_CALCULATION", "request_checksum_calculation",
                             &settings->request_checksum_calculation);

        return r < 0 ? r
                     : resolve_when(sources, "AWS_RESPONSE_CHECKSUM_VALIDATION", "response_checksum_validation",
                                    &settings->response_checksum_validation);
}

int pail_settings_resolve(struct pail_settings *settings, const struct pail_session_options *options,
                          char *const *environment, const struct pail_profiles *profiles, struct pail_error *ret_error)
{
        const struct pail_setting_sources sources = {
                .options = options,
                .environment = environment,
                .profiles = profiles,
                .settings = settings,
                .ret_error = ret_error,
        };
        int r;

        settings->environment = environment;
        settings->profiles = profiles;
        r = resolve_profile(settings, &sources);
        if (r == 0)
                r = resolve_region(settings, &sources);
        if (r == 0)
                r = resolve_ca_bundle(settings, &sources);
        if (r == 0)
                r = resolve_max_attempts(settings, &sources);
        if (r == 0)
                r = resolve_retry_mode(settings, &sources);
        if (r == 0)
                r = resolve_checksums(settings, &sources);
        if (r == 0)
                r = pail_settings_endpoint_resolve(settings, &sources);
        return r == -ENOMEM ? pail_error_set_errno(ret_error, ENOMEM, "session") : r;
}
