/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server is asked, because its failure does not tell: one that meets the wrong protocol sends a page, an alert or a line of text,
 * hangs up or waits for more, and TLS libraries have a sentence of their own for each. The request is unsigned and holds nothing but
 * the host's name.
 */
#include "pail/daemon/other_scheme.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "pail/daemon/exchange.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

enum { TIMEOUT_MS = 10000 /* as long as a handshake may take on a bad day */, BAD_REQUEST = 400 };

static const char https[] = "https://", http[] = "http://";

/* The certificate was looked at: behind it is TLS, and nothing is wrong with the scheme. */
static bool is_about_certificate(const struct pail_error *error)
{
        switch (error->reason) {
        case PAIL_REASON_EXPIRED:
        case PAIL_REASON_NOT_YET_VALID:
        case PAIL_REASON_OTHER_NAME:
        case PAIL_REASON_UNKNOWN_SIGNER:
                return true;
        default:
                return false;
        }
}

/* Schemes compare without case (RFC 3986, 3.1). */
static bool has_scheme(const char *url, const char *scheme)
{
        return strncasecmp(url, scheme, strlen(scheme)) == 0;
}

static bool may_be_other(bool is_https, const struct pail_error *error)
{
        if (is_https)
                return (error->class == PAIL_ERROR_TLS && !is_about_certificate(error) &&
                        error->reason != PAIL_REASON_NO_BUNDLE) ||
                       error->class == PAIL_ERROR_CONNECT || (error->class == PAIL_ERROR_TIMEOUT && !error->sent);
        return error->class == PAIL_ERROR_PROTOCOL || error->class == PAIL_ERROR_TRANSFER ||
               (error->class == PAIL_ERROR_SERVICE && error->http_status == BAD_REQUEST && !error->request_id[0]);
}

/* With the port, which was that of the scheme before: another scheme has another. */
static int swap_scheme(const char *url, bool is_https, char **ret_url)
{
        const char *rest = url + (is_https ? strlen(https) : strlen(http));
        size_t length = strcspn(rest, "/?#");
        const char *bracket = memchr(rest, ']', length), *after = bracket ? bracket : rest;
        bool has_port = memchr(after, ':', length - (size_t)(after - rest)) != NULL;
        return pail_str_printf(ret_url, "%s%.*s%s%s", is_https ? http : https, (int)length, rest,
                               has_port   ? ""
                               : is_https ? ":443"
                                          : ":80",
                               rest + length);
}

/* Servers of TLS say so to who speaks plain HTTP, in plain HTTP. */
static bool asks_for_tls(const struct pail_http_response *response)
{
        const char *body = response->error_body.data;
        return response->status == BAD_REQUEST && body &&
               (strcasestr(body, "https") || strcasestr(body, "ssl") || strcasestr(body, "tls"));
}

static int is_spoken(struct pail_http_engine *engine, const char *url, bool is_https, bool *ret_spoken)
{
        _cleanup_(pail_http_request_done) struct pail_http_request request = { 0 };
        size_t length = strcspn(url + strlen(https), "/?#") + strlen(https);
        pail_http_request_init(&request);
        request.body.fd = -1;
        request.deadline_ms = pail_clock_monotonic_ms() + TIMEOUT_MS;
        int r = pail_str_dup("GET", &request.method);
        if (r == 0)
                r = pail_str_printf(&request.url, "%.*s/", (int)length, url);
        if (r < 0)
                return r;
        bool is_answered = pail_exchange_run(engine, &request) == 0;
        *ret_spoken = is_https ? is_answered || is_about_certificate(&request.error)
                               : is_answered && !asks_for_tls(&request.response);
        return 0;
}

int pail_other_scheme_find(struct pail_http_engine *engine, const char *endpoint_url, const struct pail_error *error,
                           char **ret_url)
{
        _cleanup_free_ char *url = NULL;
        bool is_https = has_scheme(endpoint_url, https), is_other = false;
        *ret_url = NULL;
        if ((!is_https && !has_scheme(endpoint_url, http)) || !may_be_other(is_https, error))
                return 0;
        int r = swap_scheme(endpoint_url, is_https, &url);
        if (r == 0)
                r = is_spoken(engine, url, !is_https, &is_other);
        if (r == 0 && is_other)
                *ret_url = pail_steal(&url);
        return r;
}
