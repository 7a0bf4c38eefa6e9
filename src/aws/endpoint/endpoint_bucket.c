/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ordinary buckets and directory buckets. Where an ordinary one's name goes:
 *
 *                      AWS                                    custom
 *   virtual style      when the bucket is a host label        addressing_style=virtual, a host label, and no IP address
 *   path style         else                                   else
 *
 * Directory buckets live in one zone, which their name says, and are reached there, by name: only an endpoint that is an IP address
 * has their name in the path.
 */
#include "endpoint_bucket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bucket_label.h"
#include "pail/util/str.h"
#include "partition.h"

enum { ZONE_MAX = 32 };

/* https://s3-accelerate.amazonaws.com as endpoint_url: before there was a setting, this was how. */
static bool custom_is_accelerate(const struct pail_endpoint_rules *rules)
{
        static const char *const hosts[] = { "s3-accelerate.amazonaws.com", "s3-accelerate.dualstack.amazonaws.com" };

        for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
                if (rules->custom->host_length == strlen(hosts[i]) &&
                    strncasecmp(rules->custom->host, hosts[i], strlen(hosts[i])) == 0)
                        return true;
        return false;
}

static bool is_virtual_style(const struct pail_endpoint_rules *rules)
{
        if (!rules->bucket || !pail_bucket_label_is_hostable(rules->bucket, !rules->custom || rules->custom->is_https))
                return false;
        if (!rules->custom)
                return rules->style != PAIL_ADDRESSING_PATH || rules->flags->use_accelerate;
        if (rules->style == PAIL_ADDRESSING_AUTO)
                return custom_is_accelerate(rules);
        return rules->style == PAIL_ADDRESSING_VIRTUAL && !pail_endpoint_rules_has_address(rules);
}

static int check_accelerate(const struct pail_endpoint_rules *rules, bool virtual_style, struct pail_error *ret_error)
{
        if (pail_str_equal(pail_partition_of(rules->region)->name, "aws-cn"))
                return pail_endpoint_rules_refuse(ret_error, "there is no accelerate endpoint in region %s",
                                                  rules->region);
        if (!virtual_style)
                return pail_endpoint_rules_refuse(
                        ret_error,
                        "the accelerate endpoint cannot be used with bucket \"%s\": its name is not "
                        "one label of a host's name",
                        rules->bucket);
        return 0;
}

static bool is_global(const struct pail_endpoint_rules *rules)
{
        const struct pail_endpoint_flags *flags = rules->flags;

        if (flags->use_fips || flags->use_dualstack)
                return false;
        return rules->is_global ||
               (flags->us_east_1_is_global && pail_str_equal(rules->region, PAIL_ENDPOINT_DEFAULT_REGION));
}

int pail_endpoint_bucket_decide(struct pail_endpoint_rules *rules, struct pail_error *ret_error)
{
        const struct pail_endpoint_flags *flags = rules->flags;
        bool virtual_style = is_virtual_style(rules), accelerate = flags->use_accelerate && rules->bucket;
        const struct pail_endpoint_host host = {
                .label = virtual_style ? rules->bucket : NULL,
                .service = accelerate        ? "s3-accelerate"
                           : flags->use_fips ? "s3-fips"
                                             : "s3",
                .region = rules->region,
                .is_regionless = accelerate || is_global(rules),
                .is_dualstack = flags->use_dualstack,
        };
        int r = accelerate ? check_accelerate(rules, virtual_style, ret_error) : 0;

        if (r < 0)
                return r;
        rules->is_path_style = !virtual_style;
        rules->signing_name = "s3";
        pail_str_copy(rules->signing_region, sizeof(rules->signing_region), rules->region);
        return pail_endpoint_rules_set_host(rules, &host, ret_error);
}

/* "usw2-az1" of "name--usw2-az1--x-s3". */
static int find_zone(const struct pail_endpoint_rules *rules, char ret_zone[static ZONE_MAX + 1],
                     struct pail_error *ret_error)
{
        const char *end = pail_bucket_label_directory_suffix(rules->bucket), *from = end;

        while (end && from > rules->bucket && !(from[0] == '-' && from[-1] == '-'))
                from--;
        if (!end || !pail_bucket_label_is_hostable(rules->bucket, true) || from - rules->bucket < 2 || end - from < 2 ||
            end - from - 1 > ZONE_MAX)
                return pail_endpoint_rules_refuse(
                        ret_error, "\"%s\" is not the name of a directory bucket, as in name--usw2-az1--x-s3",
                        rules->bucket);
        pail_str_copy(ret_zone, (size_t)(end - from), from + 1);
        return 0;
}

static int set_control_host(struct pail_endpoint_rules *rules, struct pail_error *ret_error)
{
        const struct pail_endpoint_host host = {
                .service = rules->flags->use_fips ? "s3express-control-fips" : "s3express-control",
                .region = rules->region,
                .is_dualstack = rules->flags->use_dualstack,
        };

        rules->is_path_style = true;
        return pail_endpoint_rules_set_host(rules, &host, ret_error);
}

static int set_zonal_host(struct pail_endpoint_rules *rules, struct pail_error *ret_error)
{
        char zone[ZONE_MAX + 1], service[sizeof("s3express-fips-") + ZONE_MAX];
        struct pail_endpoint_host host = { .service = service,
                                           .region = rules->region,
                                           .is_dualstack = rules->flags->use_dualstack };
        int r = find_zone(rules, zone, ret_error);

        if (r < 0)
                return r;
        snprintf(service, sizeof(service), "s3express-%s%s", rules->flags->use_fips ? "fips-" : "", zone);
        rules->is_path_style = pail_endpoint_rules_has_address(rules);
        host.label = rules->is_path_style ? NULL : rules->bucket;
        rules->signing = rules->flags->no_express_sessions ? PAIL_SIGNING_V4 : PAIL_SIGNING_EXPRESS;
        return pail_endpoint_rules_set_host(rules, &host, ret_error);
}

int pail_endpoint_bucket_decide_directory(struct pail_endpoint_rules *rules, bool control, struct pail_error *ret_error)
{
        if (rules->flags->use_accelerate)
                return pail_endpoint_rules_refuse(ret_error,
                                                  "the accelerate endpoint cannot be used with directory buckets");
        rules->signing_name = "s3express";
        pail_str_copy(rules->signing_region, sizeof(rules->signing_region), rules->region);
        return control ? set_control_host(rules, ret_error) : set_zonal_host(rules, ret_error);
}
