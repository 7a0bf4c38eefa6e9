/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of the instance metadata service ("IMDS credential provider", AWS SDKs and Tools reference). */
#include "metadata_options.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "aws/config/environment.h"
#include "aws/config/settings.h"
#include "aws/config/url.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { METADATA_TIMEOUT_MAX_S = 3600 };

/* A setting, as the environment and the profile name it. */
struct name {
        const char *variable, *key;
};

static const struct name endpoint_name = { "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint" };
static const struct name mode_name = { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode" };
static const struct name ipv6_name = { "AWS_IMDS_USE_IPV6", "imds_use_ipv6" };
static const struct name version_name = { "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled" };
static const struct name timeout_name = { "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout" };
static const struct name attempts_name = { "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts" };

/* NULL: not set. */
static const char *find_setting(const struct pail_provider_context *context, const struct name *name)
{
        return pail_settings_value(context->settings, name->variable, name->key);
}

/* botocore's idea of a truth: everything else is false. */
static bool is_setting_true(const struct pail_provider_context *context, const struct name *name)
{
        const char *value = find_setting(context, name);

        return value && strcasecmp(value, "true") == 0;
}

static int refuse_setting(const struct pail_provider_context *context, const struct name *name, const char *what,
                          struct pail_error *ret_error)
{
        bool in_environment = pail_environment_get(context->environment, name->variable);

        if (in_environment)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s in the environment: %s", name->variable, what);
        else
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "profile \"%s\", %s: %s", context->settings->profile,
                               name->key, what);
        return -EINVAL;
}

static int read_number(const struct pail_provider_context *context, const struct name *name, unsigned max,
                       unsigned *ret_number, struct pail_error *ret_error)
{
        const char *value = find_setting(context, name);
        uint64_t number = 1;

        if (value && (pail_str_to_u64(value, &number) < 0 || number < 1 || number > max))
                return refuse_setting(context, name, "a whole number from 1 on is expected", ret_error);
        *ret_number = (unsigned)number;
        return 0;
}

static int read_mode(const struct pail_provider_context *context, bool *ret_ipv6, struct pail_error *ret_error)
{
        const char *mode = find_setting(context, &mode_name);

        *ret_ipv6 = mode ? strcasecmp(mode, "ipv6") == 0 : is_setting_true(context, &ipv6_name);
        if (mode && !*ret_ipv6 && strcasecmp(mode, "ipv4") != 0)
                return refuse_setting(context, &mode_name, "IPv4 or IPv6 is expected", ret_error);
        return 0;
}

static int read_base_url(const struct pail_provider_context *context, char **ret_url, struct pail_error *ret_error)
{
        const char *text = find_setting(context, &endpoint_name), *reason;
        struct pail_url url;
        bool ipv6;
        size_t length;
        int r = read_mode(context, &ipv6, ret_error);

        if (r < 0)
                return r;
        if (!text)
                text = ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
        if (pail_url_parse(text, &url, &reason) < 0)
                return refuse_setting(context, &endpoint_name, reason, ret_error);
        if (url.query)
                return refuse_setting(context, &endpoint_name, "it must not contain a '?'", ret_error);
        length = strlen(text);
        while (length > 0 && text[length - 1] == '/')
                length--;
        r = pail_str_printf(ret_url, "%.*s", (int)length, text);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "%s", endpoint_name.key) : 0;
}

void pail_metadata_options_done(struct pail_metadata_options *options)
{
        free(options->base_url);
        *options = (struct pail_metadata_options){ 0 };
}

int pail_metadata_options_read(const struct pail_provider_context *context, struct pail_metadata_options *ret_options,
                               struct pail_error *ret_error)
{
        const char *disabled = pail_environment_get(context->environment, "AWS_EC2_METADATA_DISABLED");
        struct pail_metadata_options options = { .no_version_1 = is_setting_true(context, &version_name) };
        unsigned timeout_s = 0;
        int r;

        if (disabled && strcasecmp(disabled, "true") == 0)
                return -ENOENT;
        r = read_number(context, &timeout_name, METADATA_TIMEOUT_MAX_S, &timeout_s, ret_error);
        if (r == 0)
                r = read_number(context, &attempts_name, INT_MAX, &options.attempts, ret_error);
        if (r == 0)
                r = read_base_url(context, &options.base_url, ret_error);
        if (r < 0)
                return r;
        options.timeout_ms = (int64_t)timeout_s * 1000;
        *ret_options = options;
        return 0;
}
