/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing in the query. The parameters of the signature stand behind those of the operation, in the order that the AWS SDK for Python
 * writes, so that URLs can be compared; the signature itself is of all of them, sorted, and comes last. Only Host is signed beside
 * them: every other header would have to be sent by whoever uses the URL, and a browser sends what it likes.
 */
#include "pail/aws/sigv4_presign.h"

#include <errno.h>
#include <string.h>

#include "aws/config/url.h"
#include "pail/aws/sigv4.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"
#include "sigv4_canonical.h"
#include "sigv4_signature.h"

enum { URL_MAX_BYTES = 64 * 1024, SMALL_MAX_BYTES = 4096 };

static int check_keys_and_expiry(const struct pail_credentials *credentials, int64_t expires_s,
                                 struct pail_error *ret_error)
{
        if (!credentials->access_key_id) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "there are no keys to sign a URL with");
                return -ENOENT;
        }
        if (expires_s >= 1 && expires_s <= PAIL_SIGV4_EXPIRES_MAX_S)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "a URL can be signed for 1 second to 7 days");
        return -EINVAL;
}

static void append_parameter(struct pail_buf *url, const char *name, const char *value)
{
        pail_buf_printf(url, "&%s=", name);
        pail_str_percent_encode(url, value, strlen(value), false);
}

static int append_credential(struct pail_buf *url, const struct pail_credentials *credentials,
                             const struct pail_sigv4_scope *scope)
{
        _cleanup_buf_ struct pail_buf credential = PAIL_BUF_INIT(SMALL_MAX_BYTES);

        pail_buf_printf(&credential, "%s/", credentials->access_key_id);
        pail_sigv4_scope_append(&credential, scope);
        if (credential.error == 0)
                append_parameter(url, "X-Amz-Credential", credential.data);
        return credential.error;
}

/* Everything but the signature. parsed: of unsigned_url. */
static int append_parameters(struct pail_buf *url, const char *unsigned_url, const struct pail_url *parsed,
                             const struct pail_credentials *credentials, const struct pail_sigv4_scope *scope,
                             int64_t expires_s)
{
        char stamp[17], seconds[24];
        int r;

        pail_clock_format_amz(scope->time, stamp);
        snprintf(seconds, sizeof(seconds), "%lld", (long long)expires_s);
        pail_buf_append_string(url, unsigned_url);
        if (!parsed->query)
                pail_buf_append_char(url, '?');
        else if (parsed->query_length > 0)
                pail_buf_append_char(url, '&');
        pail_buf_printf(url, "X-Amz-Algorithm=%s", pail_sigv4_scope_algorithm(scope));
        r = append_credential(url, credentials, scope);
        append_parameter(url, "X-Amz-Date", stamp);
        append_parameter(url, "X-Amz-Expires", seconds);
        append_parameter(url, "X-Amz-SignedHeaders", "host");
        if (credentials->session_token)
                append_parameter(
                        url, scope->signing == PAIL_SIGNING_EXPRESS ? "X-Amz-S3session-Token" : "X-Amz-Security-Token",
                        credentials->session_token);
        if (scope->signing == PAIL_SIGNING_V4A)
                append_parameter(url, "X-Amz-Region-Set", scope->region);
        return r < 0 ? r : url->error;
}

static int append_canonical(const char *method, const struct pail_url *url, struct pail_buf *canonical)
{
        _cleanup_free_ char *path = strndup(url->path, url->path_length);
        _cleanup_buf_ struct pail_buf host = PAIL_BUF_INIT(SMALL_MAX_BYTES), names = PAIL_BUF_INIT(SMALL_MAX_BYTES),
                                      query = PAIL_BUF_INIT_SECRET(URL_MAX_BYTES);
        struct pail_http_headers headers = { 0 };
        int r;

        pail_buf_append(&query, url->query, url->query_length);
        r = path ? query.error : -ENOMEM;
        if (r == 0)
                r = pail_url_append_host(&host, url);
        if (r == 0)
                r = pail_http_headers_set(&headers, "Host", host.data);
        if (r == 0)
                r = pail_sigv4_canonical_request(method, path, query.data, &headers, PAIL_SIGV4_UNSIGNED_PAYLOAD,
                                                 canonical, &names);
        pail_http_headers_done(&headers);
        return r;
}

/* url: complete but for the signature. */
static int append_signature(struct pail_buf *url, const char *method, const struct pail_credentials *credentials,
                            const struct pail_sigv4_scope *scope, struct pail_sigv4_key_cache *cache)
{
        char signature[PAIL_SIGV4_SIGNATURE_SIZE];
        _cleanup_buf_ struct pail_buf canonical = PAIL_BUF_INIT_SECRET(2 * URL_MAX_BYTES),
                                      string = PAIL_BUF_INIT(SMALL_MAX_BYTES);
        struct pail_url parsed;
        const char *reason;
        int r;

        r = pail_url_parse(url->data, &parsed, &reason);
        if (r == 0)
                r = append_canonical(method, &parsed, &canonical);
        if (r == 0)
                r = pail_sigv4_canonical_string_to_sign(scope, canonical.data, canonical.length, &string);
        if (r == 0)
                r = pail_sigv4_signature_make(credentials, scope, &string, cache, signature);
        if (r == 0)
                append_parameter(url, "X-Amz-Signature", signature);
        return r < 0 ? r : url->error;
}

int pail_sigv4_presign(const char *method, const char *url, const struct pail_credentials *credentials,
                       const struct pail_sigv4_scope *scope, int64_t expires_s, struct pail_sigv4_key_cache *cache,
                       char **ret_url, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf presigned = PAIL_BUF_INIT_SECRET(URL_MAX_BYTES);
        struct pail_url parsed;
        const char *reason;
        int r;

        r = check_keys_and_expiry(credentials, expires_s, ret_error);
        if (r < 0)
                return r;
        if (pail_url_parse(url, &parsed, &reason) < 0) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "a URL that cannot be signed: %s", reason);
                return -EINVAL;
        }
        r = append_parameters(&presigned, url, &parsed, credentials, scope, expires_s);
        if (r == 0)
                r = append_signature(&presigned, method, credentials, scope, cache);
        if (r == 0)
                r = pail_buf_steal(&presigned, ret_url, NULL);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "signing a URL") : 0;
}
