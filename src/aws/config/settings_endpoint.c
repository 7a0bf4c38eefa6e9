/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings that choose an endpoint. Order and names of the sources are botocore's, which are not the same for every setting: for most
 * the "s3 =" block comes last; for dual stack a "true" in it stands above all else, and a "false" means nothing.
 *
 * Where an endpoint_url was written but does not count, because of a slip in how it was written, requests would go to AWS: that is said.
 * A key of an "s3 =" block that nothing knows is most likely mistyped, or newer than this program: that is said, and not held against
 * the user. A known key with a value that it cannot have stops the session, because the other guess would send requests elsewhere.
 */
#include "settings_endpoint.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "environment.h"
#include "pail/util/str.h"

struct flag {
        size_t offset; /* into struct pail_settings; the default stands there already */
        struct pail_setting_source sources[4];
};

#define AT(member) offsetof(struct pail_settings, member)
#define ENV(name_) PAIL_SETTING_SOURCE_ENVIRONMENT, name_
#define KEY(name_) PAIL_SETTING_SOURCE_PROFILE, name_
#define S3(name_) PAIL_SETTING_SOURCE_S3, name_

static const struct flag flags[] = {
        { AT(endpoint_flags.use_dualstack),
          { { ENV("AWS_USE_DUALSTACK_ENDPOINT") }, { KEY("use_dualstack_endpoint") } } },
        { AT(s3_use_dualstack), { { S3("use_dualstack_endpoint") } } },
        { AT(endpoint_flags.use_fips), { { ENV("AWS_USE_FIPS_ENDPOINT") }, { KEY("use_fips_endpoint") } } },
        { AT(endpoint_flags.use_accelerate), { { S3("use_accelerate_endpoint") } } },
        { AT(endpoint_flags.use_arn_region),
          { { ENV("AWS_S3_USE_ARN_REGION") }, { KEY("s3_use_arn_region") }, { S3("use_arn_region") } } },
        { AT(endpoint_flags.no_multiregion),
          { { ENV("AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS") },
            { KEY("s3_disable_multiregion_access_points") },
            { S3("s3_disable_multiregion_access_points") } } },
        { AT(endpoint_flags.no_express_sessions),
          { { ENV("AWS_S3_DISABLE_EXPRESS_SESSION_AUTH") },
            { KEY("s3_disable_express_session_auth") },
            { S3("s3_disable_express_session_auth") } } },
        { AT(payload_signing_enabled), { { S3("payload_signing_enabled") } } },
};

static const struct pail_setting_source addressing_style[] = { { S3("addressing_style") }, { 0 } };
static const struct pail_setting_source us_east_1[] = { { ENV("AWS_S3_US_EAST_1_REGIONAL_ENDPOINT") },
                                                        { KEY("s3_us_east_1_regional_endpoint") },
                                                        { S3("us_east_1_regional_endpoint") },
                                                        { 0 } };
static const struct pail_setting_source ignore_configured[] = { { ENV("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") },
                                                                { KEY("ignore_configured_endpoint_urls") },
                                                                { 0 } };

/* What else AWS's tools know in the block: how the AWS CLI transfers, which a mount has options of its own for. */
static const char *const keys_of_other_tools[] = {
        "direct_io",           "disk_throughput",         "io_chunksize",
        "max_bandwidth",       "max_concurrent_requests", "max_queue_size",
        "multipart_chunksize", "multipart_threshold",     "preferred_transfer_client",
        "should_stream",       "signature_version",       "target_bandwidth",
};

/* "services = NAME" of the profile, then "s3 =" with "endpoint_url =" in [services NAME]. */
static int services_section_url(const struct pail_settings *settings, const char *service, const char **ret_url,
                                struct pail_error *ret_error)
{
        const char *services = pail_settings_value(settings, NULL, "services");

        *ret_url = NULL;
        if (!services)
                return 0;
        if (!pail_profiles_has_section(settings->profiles, "services", services)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "profile \"%s\" has \"services = %s\", but there is no section [services %s]",
                               settings->profile, services, services);
                return -EINVAL;
        }
        *ret_url = pail_profiles_get_section(settings->profiles, "services", services, service, "endpoint_url");
        return 0;
}

int pail_settings_endpoint_service_url(const struct pail_settings *settings, const char *service, const char **ret_url,
                                       struct pail_error *ret_error)
{
        char variable[64];
        const char *url;
        int r;

        *ret_url = NULL;
        if (settings->ignore_configured_endpoints)
                return 0;
        snprintf(variable, sizeof(variable), "AWS_ENDPOINT_URL_%s", service);
        for (char *c = variable; *c; c++)
                *c = (char)toupper((unsigned char)*c);
        url = pail_settings_value(settings, variable, NULL);
        if (!url)
                url = pail_settings_value(settings, "AWS_ENDPOINT_URL", NULL);
        if (!url) {
                r = services_section_url(settings, service, &url, ret_error);
                if (r < 0)
                        return r;
        }
        *ret_url = pail_str_is_empty(url) ? pail_settings_value(settings, NULL, "endpoint_url") : url;
        return 0;
}

static int resolve_endpoint_url(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        const char *url = sources->options->endpoint_url;
        int r = pail_setting_source_bool(sources, ignore_configured, &settings->ignore_configured_endpoints);

        if (r == 0 && !url)
                r = pail_settings_endpoint_service_url(settings, "s3", &url, sources->ret_error);
        return r < 0 ? r : pail_str_dup(url, &settings->endpoint_url);
}

static int resolve_addressing_style(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        static const char *const names[] = {
                [PAIL_ADDRESSING_AUTO] = "auto",
                [PAIL_ADDRESSING_PATH] = "path",
                [PAIL_ADDRESSING_VIRTUAL] = "virtual",
        };
        const struct pail_setting_source *source;
        const char *value = pail_setting_source_find(sources, addressing_style, &source);

        settings->addressing_style = sources->options->addressing_style;
        if (settings->addressing_style != PAIL_ADDRESSING_AUTO || !value)
                return 0;
        for (unsigned style = 0; style < sizeof(names) / sizeof(names[0]); style++) {
                if (!pail_str_equal(value, names[style]))
                        continue;
                settings->addressing_style = (enum pail_addressing_style)style;
                return 0;
        }
        return pail_setting_source_refuse(sources, source, value, "auto, path or virtual is expected");
}

static int resolve_us_east_1(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        const struct pail_setting_source *source;
        const char *value = pail_setting_source_find(sources, us_east_1, &source);

        if (!value)
                return 0;
        settings->endpoint_flags.us_east_1_is_global = pail_str_equal(value, "legacy");
        if (!settings->endpoint_flags.us_east_1_is_global && !pail_str_equal(value, "regional"))
                return pail_setting_source_refuse(sources, source, value, "regional or legacy is expected");
        return 0;
}

/* Validated cryptography is a promise of AWS's endpoints only: whoever wanted it everywhere is to know where it is not. */
static int warn_of_fips(struct pail_settings *settings, bool is_configured)
{
        if (!is_configured || !settings->endpoint_url || settings->endpoint_flags.use_fips)
                return 0;
        return pail_settings_warn(settings,
                                  "FIPS endpoints are configured, but not used with an endpoint_url of one's own");
}

static int resolve_flags(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        struct pail_endpoint_flags *ours = &settings->endpoint_flags;
        int r = 0;

        ours->use_arn_region = true;
        for (size_t i = 0; r == 0 && i < sizeof(flags) / sizeof(flags[0]); i++)
                r = pail_setting_source_bool(sources, flags[i].sources, (bool *)((char *)settings + flags[i].offset));
        if (r < 0)
                return r;
        /* Configured once for AWS, they say nothing of a server that is not AWS's; asked for beside it, they are a contradiction. */
        bool is_fips_configured = ours->use_fips || settings->region_is_fips;
        ours->use_dualstack = ours->use_dualstack || settings->s3_use_dualstack;
        if (settings->endpoint_url)
                ours->use_dualstack = ours->use_fips = false;
        else
                ours->use_fips = ours->use_fips || settings->region_is_fips;
        ours->use_dualstack = ours->use_dualstack || sources->options->use_dualstack_endpoint;
        ours->use_fips = ours->use_fips || sources->options->use_fips_endpoint;
        ours->use_accelerate = ours->use_accelerate || sources->options->use_accelerate_endpoint;
        return warn_of_fips(settings, is_fips_configured);
}

static bool has_s3_key(const struct pail_setting_source *list, const char *key)
{
        for (; list->kind != PAIL_SETTING_SOURCE_END; list++)
                if (list->kind == PAIL_SETTING_SOURCE_S3 && strcmp(list->name, key) == 0)
                        return true;
        return false;
}

static bool is_known_key(const char *key)
{
        for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
                if (has_s3_key(flags[i].sources, key))
                        return true;
        for (size_t i = 0; i < sizeof(keys_of_other_tools) / sizeof(keys_of_other_tools[0]); i++)
                if (strcmp(keys_of_other_tools[i], key) == 0)
                        return true;
        return has_s3_key(addressing_style, key) || has_s3_key(us_east_1, key);
}

static int warn_of_unknown_keys(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        const char *file = pail_setting_source_file(sources, "s3"), *key;
        int r = 0;

        if (pail_setting_source_profile_value(sources, NULL, "s3"))
                return pail_settings_warn(settings,
                                          "%s, profile \"%s\": \"s3 =\" is passed over: a block of indented lines "
                                          "\"key = value\" is expected below it",
                                          file, settings->profile);
        for (size_t i = 0; r == 0 && (key = pail_profiles_block_key(sources->profiles, settings->profile, "s3", i));
             i++)
                if (!is_known_key(key) && !pail_str_equal(key, "endpoint_url"))
                        r = pail_settings_warn(settings, "%s, profile \"%s\": nothing knows the key \"%s\" in \"s3 =\"",
                                               file, settings->profile, key);
        return r;
}

/* "services = NAME": services with a value where a block is expected, and keys of blocks that are not endpoint_url. */
static int warn_of_services(struct pail_settings *settings)
{
        static const char *const names[] = { "s3", "sts", "sso", "sso_oidc", "signin" };
        const char *services = pail_settings_value(settings, NULL, "services"), *key;
        const char *file = pail_settings_file_name(settings->config_file);
        int r = 0;

        for (size_t i = 0; services && r == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
                const char *value = pail_profiles_get_section(settings->profiles, "services", services, NULL, names[i]);
                if (!pail_str_is_empty(value))
                        r = pail_settings_warn(
                                settings,
                                "%s, [services %s]: what follows \"%s =\" is passed over: write \"%s =\", and below "
                                "it an indented line \"endpoint_url = URL\"",
                                file, services, names[i], names[i]);
                for (size_t k = 0; r == 0 && (key = pail_profiles_section_block_key(settings->profiles, "services",
                                                                                    services, names[i], k));
                     k++)
                        if (!pail_str_equal(key, "endpoint_url"))
                                r = pail_settings_warn(
                                        settings, "%s, [services %s], \"%s =\": nothing knows the key \"%s\"%s", file,
                                        services, names[i], key, strstr(key, "endpoint") ? ": write endpoint_url" : "");
        }
        return r;
}

/* Names under which people look for the key endpoint_url, and with which nothing happens. */
static int warn_of_endpoint_keys(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        static const char *const slips[] = { "endpoint-url", "endpointurl",      "endpoint",
                                             "endpoint_uri", "endpoints",        "s3_endpoint_url",
                                             "s3_endpoint",  "aws_endpoint_url", "host_base" };
        const char *below_s3 = pail_profiles_get(sources->profiles, settings->profile, "s3", "endpoint_url");
        int r = 0;

        for (size_t i = 0; r == 0 && i < sizeof(slips) / sizeof(slips[0]); i++)
                if (pail_setting_source_profile_value(sources, NULL, slips[i]))
                        r = pail_settings_warn(
                                settings, "%s, profile \"%s\": \"%s\" is passed over: the key is endpoint_url",
                                pail_setting_source_file(sources, slips[i]), settings->profile, slips[i]);
        if (r == 0 && below_s3)
                r = pail_settings_warn(
                        settings,
                        "%s, profile \"%s\": endpoint_url below \"s3 =\" is passed over: write it in the profile "
                        "itself, not indented",
                        pail_setting_source_file(sources, "s3"), settings->profile);
        return r;
}

int pail_settings_endpoint_resolve(struct pail_settings *settings, const struct pail_setting_sources *sources)
{
        int r = resolve_endpoint_url(settings, sources);

        if (r == 0)
                r = resolve_addressing_style(settings, sources);
        if (r == 0)
                r = resolve_us_east_1(settings, sources);
        if (r == 0)
                r = resolve_flags(settings, sources);
        if (r == 0)
                r = warn_of_unknown_keys(settings, sources);
        if (r == 0)
                r = warn_of_services(settings);
        return r == 0 ? warn_of_endpoint_keys(settings, sources) : r;
}
