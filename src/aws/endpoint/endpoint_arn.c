/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access points. Their ARN says more than a bucket's name does: service, region and account go into the host's name, so each is
 * checked to be one label of it. A custom endpoint (an interface of AWS PrivateLink) takes the access point's label before its own name.
 * addressing_style is about buckets and has no meaning here.
 */
#include "endpoint_arn.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pail/aws/arn.h"
#include "pail/util/str.h"
#include "partition.h"

enum { LABEL_MAX = 63, ALIAS_TAIL = 50, ALIAS_ID = 17 };

static bool is_label(const char *text, size_t length)
{
        if (length == 0 || length > LABEL_MAX || text[0] == '-' || text[length - 1] == '-')
                return false;
        for (size_t i = 0; i < length; i++)
                if (!isascii((unsigned char)text[i]) || !(isalnum((unsigned char)text[i]) || text[i] == '-'))
                        return false;
        return true;
}

static int check_label(const char *text, const char *what, const char *arn, struct pail_error *ret_error)
{
        if (is_label(text, strlen(text)))
                return 0;
        return pail_endpoint_rules_refuse(ret_error, "\"%s\": its %s, \"%s\", is not made of letters, digits and '-'",
                                          arn, what, text);
}

static bool are_labels(const char *name)
{
        for (;;) {
                size_t length = strcspn(name, ".");
                if (!is_label(name, length))
                        return false;
                if (!name[length])
                        return true;
                name += length + 1;
        }
}

/* What the kinds differ in. */
struct kind {
        const char *service; /* of the ARN, and what requests are signed for */
        const char *words;
        const char *host, *fips_host; /* NULL: there is none */
        const char *example;
        size_t components; /* of the resource */
        bool has_dualstack;
};

enum { KIND_ACCESS_POINT, KIND_LAMBDA, KIND_OUTPOSTS, KIND_COUNT };

static const struct kind kinds[KIND_COUNT] = {
        [KIND_ACCESS_POINT] = { "s3", "an access point", "s3-accesspoint", "s3-accesspoint-fips", "accesspoint/NAME", 2,
                                true },
        [KIND_LAMBDA] = { "s3-object-lambda", "an object lambda access point", "s3-object-lambda",
                          "s3-object-lambda-fips", "accesspoint/NAME", 2, false },
        [KIND_OUTPOSTS] = { "s3-outposts", "an outposts access point", "s3-outposts", NULL,
                            "outpost/ID/accesspoint/NAME", 4, false },
};

static const struct kind multiregion = { "s3", "a multi-region access point", "s3-global", NULL, "accesspoint/NAME", 2,
                                         false };

static const struct kind *find_kind(const struct pail_arn *arn)
{
        if (pail_str_equal(arn->service, "s3") && !*arn->region)
                return &multiregion;
        for (size_t i = 0; i < KIND_COUNT; i++)
                if (pail_str_equal(arn->service, kinds[i].service))
                        return &kinds[i];
        return NULL;
}

static int check_shape(const struct pail_endpoint_rules *rules, const struct pail_arn *arn, const struct kind *kind,
                       struct pail_error *ret_error)
{
        bool outpost = kind->components == 4;

        if (arn->resource_count == kind->components &&
            pail_str_equal(arn->resource[0], outpost ? "outpost" : "accesspoint") &&
            (!outpost || pail_str_equal(arn->resource[2], "accesspoint")) && *arn->resource[kind->components - 1])
                return 0;
        return pail_endpoint_rules_refuse(ret_error, "\"%s\" is not the ARN of %s, as in arn:aws:%s:%s:ACCOUNT:%s",
                                          rules->bucket, kind->words, kind->service,
                                          kind == &multiregion ? "" : "REGION", kind->example);
}

static int check_flags(const struct pail_endpoint_rules *rules, const struct kind *kind, struct pail_error *ret_error)
{
        const struct pail_endpoint_flags *flags = rules->flags;
        const char *what = NULL;

        if (flags->use_accelerate)
                what = "accelerate";
        else if (flags->use_dualstack && !kind->has_dualstack)
                what = "dual-stack";
        else if (flags->use_fips && !kind->fips_host)
                what = "FIPS";
        if (!what)
                return 0;
        return pail_endpoint_rules_refuse(ret_error, "\"%s\": %s has no %s endpoint", rules->bucket, kind->words, what);
}

static int check_region(const struct pail_endpoint_rules *rules, const struct pail_arn *arn,
                        struct pail_error *ret_error)
{
        const char *client = rules->configured_region;

        if (!pail_partition_is_region(arn->region))
                return pail_endpoint_rules_refuse(ret_error, "\"%s\": \"%s\" is not the name of a region",
                                                  rules->bucket, arn->region);
        if (!client)
                return 0;
        if (!rules->flags->use_arn_region && !pail_str_equal(arn->region, client))
                return pail_endpoint_rules_refuse(
                        ret_error,
                        "\"%s\" is in another region than the configured %s, and use_arn_region is "
                        "false: set region=%s, or use_arn_region = true",
                        rules->bucket, client, arn->region);
        if (pail_partition_of(arn->region) != pail_partition_of(client))
                return pail_endpoint_rules_refuse(ret_error,
                                                  "\"%s\" is in another partition of AWS than the configured region %s",
                                                  rules->bucket, client);
        return 0;
}

static int check_names(const struct pail_endpoint_rules *rules, const struct pail_arn *arn, const struct kind *kind,
                       struct pail_error *ret_error)
{
        int r = check_label(arn->account, "account", rules->bucket, ret_error);

        if (r == 0 && kind->components == 4)
                r = check_label(arn->resource[1], "outpost", rules->bucket, ret_error);
        if (r == 0)
                r = check_label(arn->resource[kind->components - 1], "access point", rules->bucket, ret_error);
        return r;
}

static int decide_regional(struct pail_endpoint_rules *rules, const struct pail_arn *arn, const struct kind *kind,
                           struct pail_error *ret_error)
{
        bool outpost = kind->components == 4;
        char label[3 * (LABEL_MAX + 1) + 1];
        const struct pail_endpoint_host host = {
                .label = label,
                .service = rules->flags->use_fips ? kind->fips_host : kind->host,
                .region = arn->region,
                .is_dualstack = rules->flags->use_dualstack,
        };
        int r = check_region(rules, arn, ret_error);

        if (r == 0)
                r = check_names(rules, arn, kind, ret_error);
        if (r < 0)
                return r;
        if (pail_endpoint_rules_has_address(rules))
                return pail_endpoint_rules_refuse(
                        ret_error,
                        "\"%s\" needs an endpoint_url with a host name, since the access point's name "
                        "goes before it, and not with an address",
                        rules->bucket);
        snprintf(label, sizeof(label), "%s-%s%s%s", arn->resource[kind->components - 1], arn->account,
                 outpost ? "." : "", outpost ? arn->resource[1] : "");
        pail_str_copy(rules->signing_region, sizeof(rules->signing_region), arn->region);
        return pail_endpoint_rules_set_host(rules, &host, ret_error);
}

/* Its alias is a global name, not of any one region: a custom endpoint, which is regional, has no part in it. */
static int decide_global(struct pail_endpoint_rules *rules, const struct pail_arn *arn, struct pail_error *ret_error)
{
        char label[PAIL_ARN_MAX];
        const struct pail_endpoint_host host = {
                .label = label, .service = multiregion.host, .region = rules->region, .is_regionless = true
        };

        if (rules->flags->no_multiregion)
                return pail_endpoint_rules_refuse(ret_error,
                                                  "\"%s\": multi-region access points are switched off by "
                                                  "s3_disable_multiregion_access_points",
                                                  rules->bucket);
        if (!are_labels(arn->resource[1]))
                return pail_endpoint_rules_refuse(ret_error,
                                                  "\"%s\": its access point, \"%s\", cannot be part of a host's name",
                                                  rules->bucket, arn->resource[1]);
        if (!pail_str_equal(pail_partition_of(rules->region)->name, arn->partition))
                return pail_endpoint_rules_refuse(ret_error, "\"%s\" is in another partition of AWS than region %s",
                                                  rules->bucket, rules->region);
        rules->custom = NULL;
        rules->signing = PAIL_SIGNING_V4A;
        pail_str_copy(rules->signing_region, sizeof(rules->signing_region), "*");
        snprintf(label, sizeof(label), "%s.accesspoint", arn->resource[1]);
        return pail_endpoint_rules_set_host(rules, &host, ret_error);
}

/*
 * The alias of an outposts access point, which AWS makes: after a name of its choice 49 characters that begin with the kind of hardware
 * ('o' a rack, 'e' a server) and the 17 characters of the outpost's id.
 */
bool pail_endpoint_arn_is_outposts_alias(const char *bucket)
{
        return strlen(bucket) >= ALIAS_TAIL && pail_str_ends_with(bucket, "--op-s3");
}

int pail_endpoint_arn_decide_outposts_alias(struct pail_endpoint_rules *rules, struct pail_error *ret_error)
{
        const char *tail = rules->bucket + strlen(rules->bucket) - ALIAS_TAIL;
        char label[2 * (LABEL_MAX + 1)];
        const struct pail_endpoint_host host = { .label = label, .service = "s3-outposts", .region = rules->region };
        int r = check_flags(rules, &kinds[KIND_OUTPOSTS], ret_error);

        if (r < 0)
                return r;
        if (!is_label(rules->bucket, strlen(rules->bucket)) || (*tail != 'o' && *tail != 'e'))
                return pail_endpoint_rules_refuse(ret_error, "\"%s\" is not the alias of an outposts access point",
                                                  rules->bucket);
        if (*tail == 'e')
                snprintf(label, sizeof(label), "%s.ec2", rules->bucket);
        else
                snprintf(label, sizeof(label), "%s.op-%.*s", rules->bucket, ALIAS_ID, tail + 1);
        rules->signing_name = kinds[KIND_OUTPOSTS].service;
        pail_str_copy(rules->signing_region, sizeof(rules->signing_region), rules->region);
        return pail_endpoint_rules_set_host(rules, &host, ret_error);
}

int pail_endpoint_arn_decide(struct pail_endpoint_rules *rules, struct pail_error *ret_error)
{
        struct pail_arn arn;
        const struct kind *kind;
        int r;

        if (pail_arn_parse(rules->bucket, &arn) < 0)
                return pail_endpoint_rules_refuse(
                        ret_error, "\"%s\" is not an ARN, as in arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME",
                        rules->bucket);
        kind = find_kind(&arn);
        if (!kind)
                return pail_endpoint_rules_refuse(ret_error, "\"%s\" is of the service \"%s\", not of S3",
                                                  rules->bucket, arn.service);
        r = check_shape(rules, &arn, kind, ret_error);
        if (r == 0)
                r = check_flags(rules, kind, ret_error);
        if (r < 0)
                return r;
        rules->signing_name = kind->service;
        return kind == &multiregion ? decide_global(rules, &arn, ret_error)
                                    : decide_regional(rules, &arn, kind, ret_error);
}
