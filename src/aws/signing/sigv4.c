/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing of a whole request, over the stages of sigv4_canonical.c and sigv4_signature.c. What is signed: host and every x-amz-*, as S3
 * demands, and content-type and content-md5. Not signed is what a proxy may touch (range, expect, user-agent, connection).
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "aws/config/url.h"
#include "pail/aws/sigv4.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"
#include "sigv4_canonical.h"
#include "sigv4_signature.h"

#define REGION_SET_HEADER "X-Amz-Region-Set"
#define TOKEN_HEADER "X-Amz-Security-Token"
#define SESSION_TOKEN_HEADER "X-Amz-S3session-Token"

/* Above what a request may have: 64 KiB of headers, and a URL of a key of 1 KiB, encoded. */
enum { CANONICAL_MAX_BYTES = 256 * 1024, SIGNED_HEADERS_MAX_BYTES = 64 * 1024, SMALL_MAX_BYTES = 4096 };

static bool is_signed(const char *name)
{
        return strncasecmp(name, "x-amz-", 6) == 0 || strcasecmp(name, "host") == 0 ||
               strcasecmp(name, "content-type") == 0 || strcasecmp(name, "content-md5") == 0;
}

static int set_host(struct pail_http_request *request, const struct pail_url *url)
{
        _cleanup_buf_ struct pail_buf host = PAIL_BUF_INIT(SMALL_MAX_BYTES);
        int r;

        r = pail_url_append_host(&host, url);
        return r < 0 ? r : pail_http_headers_set(&request->headers, "Host", host.data);
}

static void remove_signature(struct pail_http_headers *headers)
{
        static const char *const names[] = { "Authorization", "X-Amz-Date",         "X-Amz-Content-Sha256",
                                             TOKEN_HEADER,    SESSION_TOKEN_HEADER, REGION_SET_HEADER };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                pail_http_headers_remove(headers, names[i]);
}

static int set_amz_headers(struct pail_http_request *request, const struct pail_credentials *credentials,
                           const struct pail_sigv4_scope *scope, const char *payload_hash)
{
        char stamp[17];
        int r;

        pail_clock_format_amz(scope->time, stamp);
        r = pail_http_headers_set(&request->headers, "X-Amz-Date", stamp);
        if (r == 0)
                r = pail_http_headers_set(&request->headers, "X-Amz-Content-Sha256", payload_hash);
        if (r == 0 && scope->signing == PAIL_SIGNING_V4A)
                r = pail_http_headers_set(&request->headers, REGION_SET_HEADER, scope->region);
        if (r == 0 && credentials->session_token)
                r = pail_http_headers_set(&request->headers,
                                          scope->signing == PAIL_SIGNING_EXPRESS ? SESSION_TOKEN_HEADER : TOKEN_HEADER,
                                          credentials->session_token);
        return r;
}

/* The canonical request of what is signed; path and query are cut out of the URL. */
static int append_canonical(const struct pail_http_request *request, const struct pail_url *url,
                            const char *payload_hash, struct pail_buf *canonical, struct pail_buf *names)
{
        _cleanup_free_ char *path = strndup(url->path, url->path_length);
        _cleanup_free_ char *query = strndup(url->query ? url->query : "", url->query_length);
        /* Borrows the strings of the request's headers. */
        _cleanup_free_ struct pail_http_header *items = calloc(request->headers.count + 1, sizeof(*items));
        struct pail_http_headers chosen = { .items = items };

        if (!path || !query || !items)
                return -ENOMEM;
        for (size_t i = 0; i < request->headers.count; i++)
                if (is_signed(request->headers.items[i].name))
                        items[chosen.count++] = request->headers.items[i];
        return pail_sigv4_canonical_request(request->method, path, query, &chosen, payload_hash, canonical, names);
}

static int set_authorization(struct pail_http_request *request, const struct pail_credentials *credentials,
                             const struct pail_sigv4_scope *scope, const char *signed_headers, const char *signature)
{
        _cleanup_buf_ struct pail_buf value = PAIL_BUF_INIT_SECRET(SIGNED_HEADERS_MAX_BYTES + SMALL_MAX_BYTES);
        int r;

        pail_buf_printf(&value, "%s Credential=%s/", pail_sigv4_scope_algorithm(scope), credentials->access_key_id);
        pail_sigv4_scope_append(&value, scope);
        r = pail_buf_printf(&value, ", SignedHeaders=%s, Signature=%s", signed_headers, signature);
        return r < 0 ? r : pail_http_headers_set(&request->headers, "Authorization", value.data);
}

static int sign_parsed(struct pail_http_request *request, const struct pail_credentials *credentials,
                       const struct pail_sigv4_scope *scope, const char *payload_hash, const struct pail_url *url,
                       struct pail_sigv4_key_cache *cache)
{
        /* With the session token. */
        _cleanup_buf_ struct pail_buf canonical = PAIL_BUF_INIT_SECRET(CANONICAL_MAX_BYTES);
        _cleanup_buf_ struct pail_buf names = PAIL_BUF_INIT(SIGNED_HEADERS_MAX_BYTES);
        _cleanup_buf_ struct pail_buf string = PAIL_BUF_INIT(SMALL_MAX_BYTES);
        _cleanup_secret_ char *signature = pail_secret_calloc(1, PAIL_SIGV4_SIGNATURE_SIZE);
        int r;

        r = signature ? set_amz_headers(request, credentials, scope, payload_hash) : -ENOMEM;
        if (r == 0)
                r = append_canonical(request, url, payload_hash, &canonical, &names);
        if (r == 0)
                r = pail_sigv4_canonical_string_to_sign(scope, canonical.data, canonical.length, &string);
        if (r == 0)
                r = pail_sigv4_signature_make(credentials, scope, &string, cache, signature);
        if (r == 0)
                r = set_authorization(request, credentials, scope, names.data, signature);
        return r;
}

int pail_sigv4_sign(struct pail_http_request *request, const struct pail_credentials *credentials,
                    const struct pail_sigv4_scope *scope, const char *payload_hash, struct pail_sigv4_key_cache *cache,
                    struct pail_error *ret_error)
{
        const char *reason;
        struct pail_url url;
        int r;

        if (pail_url_parse(request->url, &url, &reason) < 0) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "a URL that cannot be signed: %s", reason);
                return -EINVAL;
        }
        remove_signature(&request->headers);
        r = set_host(request, &url);
        if (r == 0 && credentials->access_key_id)
                r = sign_parsed(request, credentials, scope, payload_hash, &url, cache);
        if (r == -EINVAL) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                               "the credentials from %s cannot be sent: there is a line break in one of them",
                               credentials->provider ? credentials->provider : "the caller");
                return r;
        }
        return r < 0 ? pail_error_set_errno(ret_error, -r, "signing a request") : 0;
}
