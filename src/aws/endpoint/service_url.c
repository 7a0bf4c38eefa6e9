/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configured URL is taken as it is, but for slashes at its end; AWS's own is made from the region and its partition. The region is checked
 * before, because it becomes part of the name of a host that credentials are sent to.
 */
#include "service_url.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "aws/config/settings_endpoint.h"
#include "aws/config/url.h"
#include "pail/util/str.h"
#include "partition.h"

/* The flags of S3's endpoints are not these: they go out with an endpoint_url of S3, and come with its block "s3 =". */
static bool is_setting_true(const struct pail_settings *settings, const char *variable, const char *key)
{
        const char *value = pail_settings_value(settings, variable, key);

        return value && strcasecmp(value, "true") == 0;
}

static bool uses_fips(const struct pail_settings *settings)
{
        return settings->endpoint_flags.use_fips || settings->region_is_fips ||
               is_setting_true(settings, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
}

static bool uses_dualstack(const struct pail_settings *settings)
{
        return (settings->endpoint_flags.use_dualstack && !settings->s3_use_dualstack) ||
               is_setting_true(settings, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
}

bool pail_service_url_has_variant(const struct pail_settings *settings)
{
        return uses_fips(settings) || uses_dualstack(settings);
}

int pail_service_url_configured(const char *name, const char *url, char **ret_url, struct pail_error *ret_error)
{
        struct pail_url parts = { 0 };
        const char *reason;
        size_t length = strlen(url);

        if (pail_url_parse(url, &parts, &reason) < 0 || parts.query) {
                /* A URL with a password in it is not repeated. */
                bool is_shown = !strchr(url, '@');
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "the endpoint%s%s%s of %s: %s", is_shown ? " \"" : "",
                               is_shown ? url : "", is_shown ? "\"" : "", name,
                               parts.query ? "it must not contain a '?'" : reason);
                return -EINVAL;
        }
        while (length > 0 && url[length - 1] == '/')
                length--;
        return pail_str_printf(ret_url, "%.*s", (int)length, url);
}

static int make_regional_url(const struct pail_settings *settings, const char *prefix, const char *region,
                             char **ret_url, struct pail_error *ret_error)
{
        bool dualstack = uses_dualstack(settings);

        if (!pail_partition_is_region(region)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "\"%s\" is not the name of a region", region);
                return -EINVAL;
        }
        const struct pail_partition *partition = pail_partition_of(region);
        /* All that GovCloud has over IPv4 is FIPS, under the plain name. */
        bool fips = uses_fips(settings) && (dualstack || strcmp(partition->name, "aws-us-gov") != 0);
        return pail_str_printf(ret_url, "https://%s%s.%s.%s", prefix, fips ? "-fips" : "", region,
                               dualstack ? partition->dual_stack_suffix : partition->dns_suffix);
}

int pail_service_url(const struct pail_settings *settings, const char *name, const char *prefix, const char *region,
                     char **ret_url, struct pail_error *ret_error)
{
        const char *url;
        int r = pail_settings_endpoint_service_url(settings, name, &url, ret_error);

        if (r == 0 && url)
                r = pail_service_url_configured(name, url, ret_url, ret_error);
        else if (r == 0)
                r = make_regional_url(settings, prefix, region, ret_url, ret_error);
        return r == -ENOMEM ? pail_error_set_errno(ret_error, ENOMEM, "the endpoint of %s", name) : r;
}
