/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules, one function for each kind of thing that a request can be for. endpoint.c chooses among them and makes an endpoint of
 * what they decide.
 */
#ifndef PAIL_SRC_AWS_ENDPOINT_ENDPOINT_RULES_H
#define PAIL_SRC_AWS_ENDPOINT_ENDPOINT_RULES_H

#include "aws/config/url.h"
#include "pail/aws/endpoint.h"

#define PAIL_ENDPOINT_DEFAULT_REGION "us-east-1"

struct pail_endpoint_rules {
        /* What is asked for; borrowed. */
        const struct pail_endpoint_flags *flags;
        enum pail_addressing_style style;
        const struct pail_url *custom; /* NULL: AWS's own endpoints */
        const char *bucket;            /* NULL: none */
        const char *configured_region; /* NULL: none */
        const char *region;            /* never NULL */
        bool is_global; /* the region was "aws-global": the endpoint without a region, which is us-east-1's */
        /* What is decided. */
        char host[320];
        bool path_style;
        enum pail_signing signing;
        char signing_region[64];
        const char *signing_name; /* static */
};

/* Ordinary buckets, and the service itself. */
int pail_endpoint_rule_bucket(struct pail_endpoint_rules *rules, struct pail_error *ret_error);
/* Directory buckets; of the control endpoint also the service itself. */
int pail_endpoint_rule_directory(struct pail_endpoint_rules *rules, bool control, struct pail_error *ret_error);
/* Whatever pail_arn_is() is true for. */
int pail_endpoint_rule_arn(struct pail_endpoint_rules *rules, struct pail_error *ret_error);

/* "NAME--op-s3", which stands for the ARN of an outposts access point. */
bool pail_endpoint_is_outposts_alias(const char *bucket);
int pail_endpoint_rule_outposts_alias(struct pail_endpoint_rules *rules, struct pail_error *ret_error);

/* Writes the host: [label.]service[.dualstack][.region].suffix, or [label.]custom host. */
struct pail_endpoint_host {
        const char *label;   /* NULL: none */
        const char *service; /* with its "-fips", which does not always stand at the end */
        const char *region;  /* its partition has the suffix */
        bool is_regionless;  /* the name does not have the region in it */
        bool dualstack;
};
int pail_endpoint_rules_host(struct pail_endpoint_rules *rules, const struct pail_endpoint_host *host,
                             struct pail_error *ret_error);
static inline bool pail_endpoint_custom_is_address(const struct pail_endpoint_rules *rules)
{
        return rules->custom && pail_url_host_is_address(rules->custom->host, rules->custom->host_length);
}
/* CONFIG; returns -EINVAL. */
int pail_endpoint_refuse(struct pail_error *ret_error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
