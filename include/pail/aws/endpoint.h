/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which host a request for a bucket goes to and what it is signed for: the rules of the "Amazon S3 endpoints"
 * page and of custom endpoints. Stateless.
 */
#ifndef PAIL_AWS_ENDPOINT_H
#define PAIL_AWS_ENDPOINT_H

#include <stdbool.h>

#include "pail/aws/session.h"

struct pail_endpoint {
        char *origin;         /* scheme://host[:port]: the URL of a key is origin, path_prefix, "/" and the encoded key */
        char *base_url;       /* scheme://host[:port][/base path], no trailing slash, without the bucket in its path */
        char *host;           /* as in the Host header: host[:port], port only when not the scheme's own */
        char *path_prefix;    /* percent-encoded path that precedes "/key": "", "/base", "/bucket", "/base/bucket" */
        char *signing_region;
        char *signing_name;   /* "s3" */
        bool path_style;
        bool https;
};
void pail_endpoint_done(struct pail_endpoint *endpoint);

/* bucket NULL: the service itself (ListBuckets). region NULL: the session's, else us-east-1. CONFIG on a malformed endpoint_url or an impossible bucket name. */
int pail_endpoint_resolve(const struct pail_session *session, const char *bucket, const char *region,
                          struct pail_endpoint *ret_endpoint, struct pail_error *ret_error);
/* The bucket naming rules that matter for a host label: 3-63 of a-z 0-9 and '-' '.', no IP address, no dot over https. */
bool pail_endpoint_is_virtual_hostable(const char *bucket, bool https);

#endif
