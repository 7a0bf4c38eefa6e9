/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two kinds of endpoints. AWS's own are made from the region and its partition. A custom one is taken as the user wrote it; the region
 * then matters only for the signature. Both put the bucket into the host name (virtual style) or into the path:
 *
 *                      AWS                                    custom
 *   virtual style      when the bucket is a host label        addressing_style=virtual, a host label, and no IP address
 *   path style         else                                   else
 *
 * The region can come from an answer of a server (a redirect), so it is checked before it becomes part of a host name: signed headers
 * go only to hosts that these rules make.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "aws/partition.h"
#include "aws/url.h"
#include "pail/aws/endpoint.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

#define DEFAULT_REGION "us-east-1"

enum { BUCKET_MAX = 255, ENDPOINT_MAX_BYTES = 4096 };

/* What the endpoint is made from. */
struct parts {
        bool https;
        bool path_style;
        char host[320];        /* [bucket.]host[:port] */
        const char *base_path; /* of a custom endpoint, without trailing slashes; not terminated */
        size_t base_path_length;
        const char *bucket; /* NULL: none */
        const char *region;
};

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

static bool is_label_character(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool pail_endpoint_is_virtual_hostable(const char *bucket, bool https)
{
        size_t length = strlen(bucket);
        char previous = '.';

        if (length < 3 || length > 63 || pail_url_host_is_address(bucket, length))
                return false;
        for (const char *at = bucket; *at; previous = *at++) {
                bool dot = *at == '.';
                /* A wildcard certificate covers one label, so a dot cannot pass the check of TLS. */
                if ((dot && https) || (!dot && !is_label_character(*at)))
                        return false;
                /* A label neither begins nor ends with '-', and none is empty. */
                if ((previous == '.' && !isalnum((unsigned char)*at)) || (dot && previous == '-'))
                        return false;
        }
        return previous != '.' && previous != '-';
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

static int bad_region(const char *region, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "\"%s\" is not the name of a region", region);
        return -EINVAL;
}

static int aws_parts(enum pail_addressing_style style, struct parts *parts, struct pail_error *ret_error)
{
        bool virtual_style = parts->bucket && style != PAIL_ADDRESSING_PATH &&
                             pail_endpoint_is_virtual_hostable(parts->bucket, true);

        if (!pail_partition_is_region(parts->region))
                return bad_region(parts->region, ret_error);
        parts->https = true;
        parts->path_style = !virtual_style;
        snprintf(parts->host, sizeof(parts->host), "%s%ss3.%s.%s", virtual_style ? parts->bucket : "",
                 virtual_style ? "." : "", parts->region, pail_partition_of(parts->region)->dns_suffix);
        return 0;
}

static int bad_url(const char *url, const char *reason, struct pail_error *ret_error)
{
        /* A URL with a password in it is not repeated. */
        if (strchr(url, '@'))
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "endpoint_url: %s", reason);
        else
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "endpoint_url \"%s\": %s", url, reason);
        return -EINVAL;
}

static int custom_parts(const char *text, enum pail_addressing_style style, struct parts *parts,
                        struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf host;
        const char *reason;
        struct pail_url url;
        bool virtual_style;

        if (pail_url_parse(text, &url, &reason) < 0)
                return bad_url(text, reason, ret_error);
        if (url.query)
                return bad_url(text, "it must not contain a '?'", ret_error);
        virtual_style = parts->bucket && style == PAIL_ADDRESSING_VIRTUAL &&
                        !pail_url_host_is_address(url.host, url.host_length) &&
                        pail_endpoint_is_virtual_hostable(parts->bucket, url.https);
        pail_buf_init(&host, sizeof(parts->host) - 1);
        if (virtual_style)
                pail_buf_printf(&host, "%s.", parts->bucket);
        if (pail_url_append_host(&host, &url) < 0)
                return bad_url(text, "its host name is too long", ret_error);
        pail_str_copy(parts->host, sizeof(parts->host), host.data);
        parts->https = url.https;
        parts->path_style = !virtual_style;
        parts->base_path = url.path;
        parts->base_path_length = url.path_length;
        while (parts->base_path_length > 0 && parts->base_path[parts->base_path_length - 1] == '/')
                parts->base_path_length--;
        return 0;
}

static int make_path_prefix(const struct parts *parts, char **ret_prefix)
{
        _cleanup_buf_ struct pail_buf prefix;

        pail_buf_init(&prefix, ENDPOINT_MAX_BYTES);
        pail_buf_append(&prefix, parts->base_path, parts->base_path_length);
        if (parts->bucket && parts->path_style) {
                pail_buf_append_char(&prefix, '/');
                pail_str_percent_encode(&prefix, parts->bucket, strlen(parts->bucket), false);
        }
        if (prefix.error < 0)
                return prefix.error;
        return pail_str_dup(prefix.data, ret_prefix);
}

static int make_endpoint(const struct parts *parts, struct pail_endpoint *endpoint)
{
        int r = pail_str_printf(&endpoint->origin, "%s://%s", parts->https ? "https" : "http", parts->host);

        endpoint->https = parts->https;
        endpoint->path_style = parts->path_style;
        if (r == 0)
                r = pail_str_printf(&endpoint->base_url, "%s%.*s", endpoint->origin, (int)parts->base_path_length,
                                    parts->base_path);
        if (r == 0)
                r = pail_str_dup(parts->host, &endpoint->host);
        if (r == 0)
                r = make_path_prefix(parts, &endpoint->path_prefix);
        if (r == 0)
                r = pail_str_dup(parts->region, &endpoint->signing_region);
        if (r == 0)
                r = pail_str_dup("s3", &endpoint->signing_name);
        return r;
}

/* A region that signs only: it goes into the credential scope, which '/' and ',' would break. */
static bool is_scope_part(const char *region)
{
        size_t length = strlen(region);

        for (const char *at = region; *at; at++)
                if (!isgraph((unsigned char)*at) || !isascii((unsigned char)*at) || *at == '/' || *at == ',')
                        return false;
        return length > 0 && length <= 63;
}

static int make_parts(const struct pail_session *session, struct parts *parts, struct pail_error *ret_error)
{
        enum pail_addressing_style style = pail_session_addressing_style(session);
        const char *url = pail_session_endpoint_url(session);

        if (parts->bucket && !is_bucket_name(parts->bucket, url)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "\"%s\" is not the name of a bucket", parts->bucket);
                return -EINVAL;
        }
        if (!url)
                return aws_parts(style, parts, ret_error);
        if (!is_scope_part(parts->region))
                return bad_region(parts->region, ret_error);
        return custom_parts(url, style, parts, ret_error);
}

int pail_endpoint_resolve(const struct pail_session *session, const char *bucket, const char *region,
                          struct pail_endpoint *ret_endpoint, struct pail_error *ret_error)
{
        struct pail_endpoint endpoint = { 0 };
        struct parts parts = { .base_path = "", .bucket = bucket, .region = region };
        int r;

        if (!parts.region)
                parts.region = pail_session_region_name(session);
        /* "aws-global" is what other tools call the endpoint without a region, which is us-east-1's. */
        if (!parts.region || pail_str_equal(parts.region, "aws-global"))
                parts.region = DEFAULT_REGION;
        r = make_parts(session, &parts, ret_error);
        if (r < 0)
                return r;
        r = make_endpoint(&parts, &endpoint);
        if (r < 0) {
                pail_endpoint_done(&endpoint);
                return pail_error_set_errno(ret_error, -r, "endpoint");
        }
        *ret_endpoint = endpoint;
        return 0;
}
