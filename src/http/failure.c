/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From curl's codes to classes and words. curl's own words are added where they say more than the code; they
 * name hosts and counts, never headers or queries.
 */
#include <errno.h>
#include <inttypes.h>

#include "failure.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

static void free_url_p(CURLU **url)
{
        curl_url_cleanup(*url);
}

static void free_curl_p(char **text)
{
        curl_free(*text);
}

void pail_http_failure_peer(const char *url, char *ret_peer, size_t size)
{
        _cleanup_(free_url_p) CURLU *parsed = curl_url();
        _cleanup_(free_curl_p) char *host = NULL;
        _cleanup_(free_curl_p) char *port = NULL;
        if (parsed && !curl_url_set(parsed, CURLUPART_URL, url, CURLU_PATH_AS_IS) &&
            !curl_url_get(parsed, CURLUPART_HOST, &host, 0) &&
            !curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT))
                snprintf(ret_peer, size, "%.100s:%s", host, port);
        else
                snprintf(ret_peer, size, "the server");
}

static const struct {
        CURLcode code;
        enum pail_error_class class;
} classes[] = {
        { CURLE_COULDNT_RESOLVE_HOST, PAIL_ERROR_RESOLVE },
        { CURLE_COULDNT_RESOLVE_PROXY, PAIL_ERROR_RESOLVE },
        { CURLE_COULDNT_CONNECT, PAIL_ERROR_CONNECT },
        { CURLE_PROXY, PAIL_ERROR_CONNECT },
        { CURLE_INTERFACE_FAILED, PAIL_ERROR_CONNECT },
        { CURLE_SSL_CONNECT_ERROR, PAIL_ERROR_TLS },
        { CURLE_PEER_FAILED_VERIFICATION, PAIL_ERROR_TLS },
        { CURLE_SSL_CERTPROBLEM, PAIL_ERROR_TLS },
        { CURLE_SSL_CIPHER, PAIL_ERROR_TLS },
        { CURLE_SSL_ENGINE_NOTFOUND, PAIL_ERROR_TLS },
        { CURLE_SSL_ENGINE_SETFAILED, PAIL_ERROR_TLS },
        { CURLE_SSL_ENGINE_INITFAILED, PAIL_ERROR_TLS },
        { CURLE_SSL_SHUTDOWN_FAILED, PAIL_ERROR_TLS },
        { CURLE_SSL_CRL_BADFILE, PAIL_ERROR_TLS },
        { CURLE_SSL_ISSUER_ERROR, PAIL_ERROR_TLS },
        { CURLE_SSL_INVALIDCERTSTATUS, PAIL_ERROR_TLS },
        { CURLE_SSL_CLIENTCERT, PAIL_ERROR_TLS },
        { CURLE_USE_SSL_FAILED, PAIL_ERROR_TLS },
        { CURLE_SSL_CACERT_BADFILE, PAIL_ERROR_TLS },
        { CURLE_URL_MALFORMAT, PAIL_ERROR_CONFIG },
        { CURLE_LOGIN_DENIED, PAIL_ERROR_CONFIG },
        { CURLE_OPERATION_TIMEDOUT, PAIL_ERROR_TIMEOUT },
        { CURLE_WEIRD_SERVER_REPLY, PAIL_ERROR_PROTOCOL },
        { CURLE_UNSUPPORTED_PROTOCOL, PAIL_ERROR_PROTOCOL },
        { CURLE_BAD_CONTENT_ENCODING, PAIL_ERROR_PROTOCOL },
        { CURLE_FILESIZE_EXCEEDED, PAIL_ERROR_PROTOCOL },
        { CURLE_OUT_OF_MEMORY, PAIL_ERROR_SYSTEM },
        { CURLE_FAILED_INIT, PAIL_ERROR_SYSTEM },
        { CURLE_NOT_BUILT_IN, PAIL_ERROR_SYSTEM },
};

static enum pail_error_class classify(const struct pail_http_failure *failure)
{
        CURLcode code = failure->code;
        bool is_sending = !failure->is_connecting;
        /* A scheme that curl does not know is our configuration; HTTP/0.9 is the server's doing. */
        if (code == CURLE_UNSUPPORTED_PROTOCOL && !is_sending)
                return PAIL_ERROR_CONFIG;
        /* curl says so of a header line that is longer than it takes. */
        if (code == CURLE_OUT_OF_MEMORY && is_sending)
                return PAIL_ERROR_PROTOCOL;
        for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
                if (classes[i].code == code)
                        return classes[i].class;
        return is_sending ? PAIL_ERROR_TRANSFER : PAIL_ERROR_CONNECT;
}

/* "the connection was reset during the handshake" is a matter of the network, and worth another try. */
static bool is_handshake_cut(const struct pail_http_failure *failure)
{
        long number = 0;
        curl_easy_getinfo(failure->easy, CURLINFO_OS_ERRNO, &number);
        return failure->code == CURLE_SSL_CONNECT_ERROR &&
               (number == ECONNRESET || number == EPIPE || strstr(failure->detail, "SSL_ERROR_SYSCALL") ||
                strstr(failure->detail, "Connection reset"));
}

/*
 * curl tells all faults of a certificate by one code; its words, and those of the library below it, tell them apart. Here are those of
 * OpenSSL (with curl's own of a name that does not match) and of GnuTLS.
 */
static const struct {
        const char *words;
        enum pail_error_reason reason;
} reasons[] = {
        { "certificate has expired", PAIL_REASON_EXPIRED },
        { "expiration date has passed", PAIL_REASON_EXPIRED },
        { "not yet valid", PAIL_REASON_NOT_YET_VALID },
        { "not activated yet", PAIL_REASON_NOT_YET_VALID },
        { "subject name", PAIL_REASON_OTHER_NAME },
        { "does not match target host", PAIL_REASON_OTHER_NAME },
        { "self-signed", PAIL_REASON_UNKNOWN_SIGNER },
        { "self signed", PAIL_REASON_UNKNOWN_SIGNER },
        { "issuer certificate", PAIL_REASON_UNKNOWN_SIGNER },
        { "unable to verify the first certificate", PAIL_REASON_UNKNOWN_SIGNER },
        { "certificate verification failed", PAIL_REASON_UNKNOWN_SIGNER },
        { "alert handshake failure", PAIL_REASON_NO_COMMON_TLS },
        { "protocol version", PAIL_REASON_NO_COMMON_TLS },
        { "unsupported protocol", PAIL_REASON_NO_COMMON_TLS },
};

static enum pail_error_reason find_reason(const struct pail_http_failure *failure, const char *detail)
{
        enum { PROXY_AUTHENTICATION_REQUIRED = 407 };
        long connect_status = 0;
        if (failure->code == CURLE_SSL_CACERT_BADFILE)
                return PAIL_REASON_NO_BUNDLE;
        curl_easy_getinfo(failure->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
        if (connect_status == PROXY_AUTHENTICATION_REQUIRED)
                return PAIL_REASON_PROXY_LOGIN;
        for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
                if (strstr(detail, reasons[i].words))
                        return reasons[i].reason;
        return PAIL_REASON_UNKNOWN;
}

/* In words that need no knowledge of curl's. */
static const char *describe(const struct pail_http_failure *failure)
{
        if (failure->code == CURLE_UNSUPPORTED_PROTOCOL && !failure->is_connecting)
                return "what it sends is not HTTP";
        return *failure->detail ? failure->detail : curl_easy_strerror(failure->code);
}

static void set_in_words(struct pail_http_request *request, enum pail_error_class class, const char *peer,
                         const char *detail)
{
        static const struct {
                const char *before, *after;
        } words[] = {
                [PAIL_ERROR_CONFIG] = { "the request to ", " cannot be made" },
                [PAIL_ERROR_RESOLVE] = { "the name of ", " was not resolved" },
                [PAIL_ERROR_CONNECT] = { "cannot connect to ", "" },
                [PAIL_ERROR_TLS] = { "no secure connection to ", "" },
                [PAIL_ERROR_TRANSFER] = { "the connection to ", " broke" },
                [PAIL_ERROR_PROTOCOL] = { "", " does not answer as HTTP asks" },
        };
        pail_error_set(&request->error, class, "%s%s%s: %s", words[class].before, peer, words[class].after, detail);
}

void pail_http_failure_set_cancelled(struct pail_http_request *request)
{
        pail_error_set(&request->error, PAIL_ERROR_CANCELLED, "cancelled");
}

void pail_http_failure_set(struct pail_http_request *request, const struct pail_http_failure *failure)
{
        if (atomic_load_explicit(&request->link.is_cancelled, memory_order_relaxed)) {
                pail_http_failure_set_cancelled(request);
                return;
        }
        char peer[128];
        pail_http_failure_peer(request->url, peer, sizeof(peer));
        if (failure->code == CURLE_COULDNT_RESOLVE_PROXY)
                pail_str_copy(peer, sizeof(peer), "the proxy");
        const char *detail = describe(failure);
        enum pail_error_class class = classify(failure);

        if (failure->is_resend_refused)
                set_in_words(request, PAIL_ERROR_TRANSFER, peer, "a kept connection ended before the answer");
        else if (is_handshake_cut(failure))
                set_in_words(request, PAIL_ERROR_CONNECT, peer, detail);
        else if (class == PAIL_ERROR_TIMEOUT)
                pail_error_set(&request->error, class, "no connection to %s within %" PRId64 " ms", peer,
                               failure->connect_ms);
        else if (class == PAIL_ERROR_SYSTEM)
                pail_error_set_errno(&request->error, ENOMEM, "the request to %s", peer);
        else
                set_in_words(request, class, peer, detail);
        request->error.reason = find_reason(failure, detail);
}
