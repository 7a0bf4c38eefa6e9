/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two kinds of endpoints. AWS's own are made from the region and its partition. A custom one is taken as the user wrote it; the region
 * then matters only for the signature. What goes before the host and into the path is decided by the rules (endpoint_bucket.c,
 * endpoint_arn.c); here is what they have in common.
 *
 * The region can come from an answer of a server (a redirect), so it is checked before it becomes part of a host name: signed headers
 * go only to hosts that these rules make.
 */
#include "pail/aws/endpoint.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "bucket_label.h"
#include "endpoint_arn.h"
#include "endpoint_bucket.h"
#include "pail/aws/arn.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "partition.h"

enum { BUCKET_MAX = 255, ENDPOINT_MAX_BYTES = 4096 };

void pail_endpoint_done(struct pail_endpoint *endpoint)
{
        if (!endpoint)
                return;
        free(endpoint->origin);
        free(endpoint->base_url);
        free(endpoint->host);
        free(endpoint->path_prefix);
        free(endpoint->signing_region);
        free(endpoint->signing_name);
        *endpoint = (struct pail_endpoint){ 0 };
}

/* What a server other than AWS may call a bucket, too: upper case, '_', and Ceph's "tenant:bucket". */
static bool is_bucket_name(const char *bucket, bool custom)
{
        size_t length = strlen(bucket);

        if (length == 0 || length > BUCKET_MAX || strcmp(bucket, ".") == 0 || strcmp(bucket, "..") == 0)
                return false;
        for (const char *at = bucket; *at; at++)
                if (!isascii((unsigned char)*at) ||
                    !(isalnum((unsigned char)*at) || strchr("-._", *at) || (custom && *at == ':')))
                        return false;
        return true;
}

/* A region that signs only: it goes into the credential scope, which '/' and ',' would break. */
static bool can_be_scope_part(const char *region)
{
        size_t length = strlen(region);

        for (const char *at = region; *at; at++)
                if (!isgraph((unsigned char)*at) || !isascii((unsigned char)*at) || *at == '/' || *at == ',')
                        return false;
        return length > 0 && length <= 63;
}

bool pail_endpoint_is_directory(const char *bucket)
{
        return pail_bucket_label_directory_suffix(bucket);
}

bool pail_endpoint_takes_region(const struct pail_endpoint_settings *settings, const char *region)
{
        return settings->endpoint_url ? can_be_scope_part(region) : pail_partition_is_region(region);
}

static int parse_custom(const char *text, struct pail_url *ret_url, struct pail_error *ret_error)
{
        const char *reason = "it must not contain a '?'";

        if (pail_url_parse(text, ret_url, &reason) == 0 && !ret_url->query)
                return 0;
        /* A URL with a password in it is not repeated. */
        if (strchr(text, '@'))
                return pail_endpoint_rules_refuse(ret_error, "endpoint_url: %s", reason);
        return pail_endpoint_rules_refuse(ret_error, "endpoint_url \"%s\": %s", text, reason);
}

/* Settings that exclude each other whatever the request is for. */
static int check_combination(const struct pail_endpoint_rules *rules, struct pail_error *ret_error)
{
        const struct pail_endpoint_flags *flags = rules->flags;
        const char *what = NULL;

        if (flags->use_accelerate && flags->use_fips)
                return pail_endpoint_rules_refuse(
                        ret_error, "there is no FIPS variant of the accelerate endpoint: use_fips_endpoint "
                                   "and use_accelerate_endpoint exclude each other");
        if (!rules->custom) {
                if (flags->use_fips && pail_str_equal(pail_partition_of(rules->region)->name, "aws-cn"))
                        return pail_endpoint_rules_refuse(ret_error, "there are no FIPS endpoints in region %s",
                                                          rules->region);
                return 0;
        }
        if (flags->use_dualstack)
                what = "use_dualstack_endpoint";
        else if (flags->use_fips)
                what = "use_fips_endpoint";
        else if (flags->use_accelerate)
                what = "use_accelerate_endpoint";
        if (!what)
                return 0;
        return pail_endpoint_rules_refuse(
                ret_error, "%s chooses an endpoint of AWS, and endpoint_url another: leave out one of them", what);
}

static int check_names(const struct pail_endpoint_rules *rules, struct pail_error *ret_error)
{
        bool is_region = rules->custom ? can_be_scope_part(rules->region) : pail_partition_is_region(rules->region);

        if (rules->bucket && !pail_arn_is(rules->bucket) && !is_bucket_name(rules->bucket, rules->custom))
                return pail_endpoint_rules_refuse(ret_error, "\"%s\" is not the name of a bucket", rules->bucket);
        if (!is_region)
                return pail_endpoint_rules_refuse(ret_error, "\"%s\" is not the name of a region", rules->region);
        return 0;
}

static int decide_by_kind(struct pail_endpoint_rules *rules, bool control, struct pail_error *ret_error)
{
        int r = check_names(rules, ret_error);

        if (r == 0)
                r = check_combination(rules, ret_error);
        if (r < 0)
                return r;
        if (control)
                return pail_endpoint_bucket_decide_directory(rules, true, ret_error);
        if (rules->bucket && pail_arn_is(rules->bucket))
                return pail_endpoint_arn_decide(rules, ret_error);
        if (rules->bucket && pail_endpoint_is_directory(rules->bucket))
                return pail_endpoint_bucket_decide_directory(rules, false, ret_error);
        if (rules->bucket && pail_endpoint_arn_is_outposts_alias(rules->bucket))
                return pail_endpoint_arn_decide_outposts_alias(rules, ret_error);
        return pail_endpoint_bucket_decide(rules, ret_error);
}

/* Of a custom endpoint, without trailing slashes. */
static int base_path_length(const struct pail_url *custom)
{
        size_t length = custom ? custom->path_length : 0;

        while (length > 0 && custom->path[length - 1] == '/')
                length--;
        return (int)length;
}

static int make_path_prefix(const struct pail_endpoint_rules *rules, char **ret_prefix)
{
        _cleanup_buf_ struct pail_buf prefix = PAIL_BUF_INIT(ENDPOINT_MAX_BYTES);

        if (rules->custom)
                pail_buf_append(&prefix, rules->custom->path, (size_t)base_path_length(rules->custom));
        if (rules->bucket && rules->is_path_style) {
                pail_buf_append_char(&prefix, '/');
                pail_str_percent_encode(&prefix, rules->bucket, strlen(rules->bucket), false);
        }
        if (prefix.error < 0)
                return prefix.error;
        return pail_str_dup(prefix.data, ret_prefix);
}

static int make_endpoint(const struct pail_endpoint_rules *rules, struct pail_endpoint *endpoint)
{
        int r;

        endpoint->is_https = !rules->custom || rules->custom->is_https;
        endpoint->is_path_style = rules->is_path_style;
        endpoint->signing = rules->signing;
        r = pail_str_printf(&endpoint->origin, "%s://%s", endpoint->is_https ? "https" : "http", rules->host);
        if (r == 0)
                r = pail_str_printf(&endpoint->base_url, "%s%.*s", endpoint->origin, base_path_length(rules->custom),
                                    rules->custom ? rules->custom->path : "");
        if (r == 0)
                r = pail_str_dup(rules->host, &endpoint->host);
        if (r == 0)
                r = make_path_prefix(rules, &endpoint->path_prefix);
        if (r == 0)
                r = pail_str_dup(rules->signing_region, &endpoint->signing_region);
        if (r == 0)
                r = pail_str_dup(rules->signing_name, &endpoint->signing_name);
        return r;
}

static void set_region(struct pail_endpoint_rules *rules, const char *configured, const char *learned)
{
        rules->is_global = pail_str_equal(configured, "aws-global");
        rules->configured_region = rules->is_global ? PAIL_ENDPOINT_DEFAULT_REGION : configured;
        rules->region = learned ? learned : rules->configured_region;
        rules->is_global = rules->is_global && !learned;
        if (!rules->region)
                rules->region = PAIL_ENDPOINT_DEFAULT_REGION;
}

static int resolve_endpoint(const struct pail_endpoint_settings *settings, const char *bucket, const char *region,
                            bool control, struct pail_endpoint *ret_endpoint, struct pail_error *ret_error)
{
        const char *text = settings->endpoint_url;
        struct pail_endpoint endpoint = { 0 };
        struct pail_url custom;
        struct pail_endpoint_rules rules = {
                .flags = &settings->flags,
                .style = settings->addressing_style,
                .custom = text ? &custom : NULL,
                .bucket = bucket,
        };
        int r = text ? parse_custom(text, &custom, ret_error) : 0;

        set_region(&rules, settings->region, region);
        if (r == 0)
                r = decide_by_kind(&rules, control, ret_error);
        if (r < 0)
                return r;
        r = make_endpoint(&rules, &endpoint);
        if (r < 0) {
                pail_endpoint_done(&endpoint);
                return pail_error_set_errno(ret_error, -r, "endpoint");
        }
        *ret_endpoint = endpoint;
        return 0;
}

int pail_endpoint_resolve(const struct pail_endpoint_settings *settings, const char *bucket, const char *region,
                          struct pail_endpoint *ret_endpoint, struct pail_error *ret_error)
{
        return resolve_endpoint(settings, bucket, region, false, ret_endpoint, ret_error);
}

int pail_endpoint_resolve_control(const struct pail_endpoint_settings *settings, const char *bucket, const char *region,
                                  struct pail_endpoint *ret_endpoint, struct pail_error *ret_error)
{
        return resolve_endpoint(settings, bucket, region, true, ret_endpoint, ret_error);
}
