/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which host a request for a bucket goes to and what it is signed for: the rules that AWS publishes with its SDKs ("endpoint rule set"
 * of S3), and of custom endpoints. Stateless.
 */
#ifndef PAIL_AWS_ENDPOINT_H
#define PAIL_AWS_ENDPOINT_H

#include <stdbool.h>

#include "pail/aws/session_options.h"
#include "pail/aws/sigv4_scope.h"
#include "pail/util/error.h"

/* What of a session's settings an endpoint depends on: pail_session_endpoint_settings(). All borrowed. */
struct pail_endpoint_settings {
        const char *region;       /* NULL: none configured */
        const char *endpoint_url; /* NULL: AWS's own endpoints */
        enum pail_addressing_style addressing_style;
        struct pail_endpoint_flags flags;
};

struct pail_endpoint {
        char *origin;      /* scheme://host[:port]: the URL of a key is origin, path_prefix, "/" and the encoded key */
        char *base_url;    /* scheme://host[:port][/base path], no trailing slash, without the bucket in its path */
        char *host;        /* as in the Host header: host[:port], port only when not the scheme's own */
        char *path_prefix; /* percent-encoded path that precedes "/key": "", "/base", "/bucket", "/base/bucket" */
        enum pail_signing signing;
        char *signing_region; /* with PAIL_SIGNING_V4A a set of regions: "*" */
        char *signing_name;   /* "s3", "s3-outposts", "s3-object-lambda", "s3express" */
        bool is_path_style;
        bool is_https;
};
void pail_endpoint_done(struct pail_endpoint *endpoint);

/*
 * bucket: a name or the ARN of an access point; NULL: the service itself (ListBuckets). region: where an answer said that the bucket is
 * (of no meaning for an ARN, which names its own); NULL: the configured one, else us-east-1. CONFIG on a malformed endpoint_url, an impossible
 * name, and settings that AWS's rules do not let go together.
 */
int pail_endpoint_resolve(const struct pail_endpoint_settings *settings, const char *bucket, const char *region,
                          struct pail_endpoint *ret_endpoint, struct pail_error *ret_error);
/* The regional endpoint where directory buckets are listed (bucket NULL), made and deleted. */
int pail_endpoint_resolve_control(const struct pail_endpoint_settings *settings, const char *bucket, const char *region,
                                  struct pail_endpoint *ret_endpoint, struct pail_error *ret_error);

/* A directory bucket ("NAME--ZONE--x-s3"), or an access point of one ("NAME--ZONE--xa-s3"), by its name. */
bool pail_endpoint_is_directory(const char *bucket);
/* Whether a name that an answer told can be a region: of AWS, where it becomes part of a host's name, or of a custom endpoint. */
bool pail_endpoint_takes_region(const struct pail_endpoint_settings *settings, const char *region);

#endif
