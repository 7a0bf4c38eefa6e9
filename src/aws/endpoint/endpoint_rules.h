/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules have in common: the question, the decision, and how a host's name is written. There is one function for each kind of thing
 * that a request can be for (endpoint_bucket.h, endpoint_arn.h); endpoint.c chooses among them and makes an endpoint of what they decide.
 */
#ifndef PAIL_SRC_AWS_ENDPOINT_ENDPOINT_RULES_H
#define PAIL_SRC_AWS_ENDPOINT_ENDPOINT_RULES_H

#include "aws/config/url.h"
#include "pail/aws/session_options.h"
#include "pail/aws/sigv4_scope.h"
#include "pail/util/error.h"

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
        bool is_path_style;
        enum pail_signing signing;
        char signing_region[64];
        const char *signing_name; /* static */
};

/* Writes the host: [label.]service[.dualstack][.region].suffix, or [label.]custom host. */
struct pail_endpoint_host {
        const char *label;   /* NULL: none */
        const char *service; /* with its "-fips", which does not always stand at the end */
        const char *region;  /* its partition has the suffix */
        bool is_regionless;  /* the name does not have the region in it */
        bool is_dualstack;
};
int pail_endpoint_rules_set_host(struct pail_endpoint_rules *rules, const struct pail_endpoint_host *host,
                                 struct pail_error *ret_error);
static inline bool pail_endpoint_rules_has_address(const struct pail_endpoint_rules *rules)
{
        return rules->custom && pail_url_host_is_address(rules->custom->host, rules->custom->host_length);
}
/* CONFIG; returns -EINVAL. */
int pail_endpoint_rules_refuse(struct pail_error *ret_error, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#endif
