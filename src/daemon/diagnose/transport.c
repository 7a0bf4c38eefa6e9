/* SPDX-License-Identifier: Apache-2.0 */
/* No answer, or an answer of something else than S3: what stands between, and where the address may be wrong. */
#include "transport.h"

#include <string.h>
#include <time.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"

enum {
        PROXY_AUTHENTICATION_REQUIRED = 407,
        NETWORK_AUTHENTICATION_REQUIRED = 511, /* RFC 6585: the login page of a network */
};

static bool is_proxy_login(const struct pail_error *error)
{
        return error->reason == PAIL_REASON_PROXY_LOGIN || error->http_status == PROXY_AUTHENTICATION_REQUIRED;
}

/* Whatever does not answer as it should: where a proxy is asked, it is the first suspect. */
static bool say_proxy(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                      const struct pail_diagnosis_context *context)
{
        if (!context->proxy)
                return false;
        diagnosis->cause = PAIL_CAUSE_PROXY;
        pail_diagnosis_set_detail(diagnosis, "%s is asked through the proxy of %s, which does not let it through: %s",
                                  pail_diagnosis_endpoint(context), context->proxy, error->message);
        if (is_proxy_login(error))
                pail_diagnosis_set_remedy(diagnosis,
                                          "the proxy wants a login: write http://USER:PASSWORD@HOST:PORT in that "
                                          "variable, or name the host in no_proxy");
        else
                pail_diagnosis_set_remedy(diagnosis, "correct or unset that variable, or name the host in no_proxy");
        return true;
}

static bool say_other_scheme(struct pail_diagnosis *diagnosis, const struct pail_diagnosis_context *context)
{
        if (!context->other_scheme_url)
                return false;
        diagnosis->cause = PAIL_CAUSE_TLS;
        if (pail_str_starts_with(context->other_scheme_url, "http://")) {
                pail_diagnosis_set_detail(diagnosis, "%s speaks plain http, not TLS", pail_diagnosis_endpoint(context));
                pail_diagnosis_set_remedy(diagnosis, "write http:// in endpoint_url: %s", context->other_scheme_url);
        } else {
                pail_diagnosis_set_detail(diagnosis, "%s speaks TLS, not plain http", pail_diagnosis_endpoint(context));
                pail_diagnosis_set_remedy(diagnosis, "try https:// in endpoint_url: %s", context->other_scheme_url);
        }
        return true;
}

void pail_diagnose_unreachable(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                               const struct pail_diagnosis_context *context)
{
        if (say_proxy(diagnosis, error, context) || say_other_scheme(diagnosis, context))
                return;
        diagnosis->cause = error->class == PAIL_ERROR_RESOLVE ? PAIL_CAUSE_RESOLVE : PAIL_CAUSE_CONNECT;
        pail_diagnosis_set_detail(diagnosis, "cannot reach %s: %s", pail_diagnosis_endpoint(context), error->message);
        pail_diagnosis_doubt_endpoint(diagnosis, context,
                                      error->class == PAIL_ERROR_RESOLVE
                                              ? "is the host name in endpoint_url right, and the network up?"
                                              : "is endpoint_url right, its port too, is the server running, and the "
                                                "network up?");
}

void pail_diagnose_silent(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                          const struct pail_diagnosis_context *context)
{
        if (say_proxy(diagnosis, error, context) || say_other_scheme(diagnosis, context))
                return;
        diagnosis->cause = error->sent ? PAIL_CAUSE_SILENT : PAIL_CAUSE_CONNECT;
        pail_diagnosis_set_detail(diagnosis, "%s does not answer in time: %s", pail_diagnosis_endpoint(context),
                                  error->message);
        pail_diagnosis_doubt_endpoint(
                diagnosis, context,
                "is endpoint_url right, is the network up, and does a firewall let that port pass?");
}

/* Whether the certificate or the clock is to blame, only the reader can tell. */
static void say_out_of_date(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                            const struct pail_diagnosis_context *context)
{
        time_t now = pail_clock_now().tv_sec;
        struct tm utc;
        char date[32] = "unknown";
        if (gmtime_r(&now, &utc))
                strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &utc);
        pail_diagnosis_set_detail(diagnosis, "no safe connection to %s: the server's certificate %s: %s",
                                  pail_diagnosis_endpoint(context),
                                  error->reason == PAIL_REASON_EXPIRED ? "has expired" : "is not valid yet",
                                  error->message);
        pail_diagnosis_set_remedy(
                diagnosis,
                "the clock of this machine says %s: set it right if it is wrong, else the server needs "
                "another certificate",
                date);
}

static void advise_on_certificate(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                                  const struct pail_diagnosis_context *context)
{
        static const char where[] = "ca_bundle= (or AWS_CA_BUNDLE, or ca_bundle of the profile)";
        if (error->reason == PAIL_REASON_OTHER_NAME)
                pail_diagnosis_set_remedy(diagnosis, "the certificate is for another name: is endpoint_url right?");
        else if (error->reason == PAIL_REASON_NO_COMMON_TLS)
                pail_diagnosis_set_remedy(
                        diagnosis, "the server has to offer TLS 1.2 or later, and a cipher that is in use today");
        else if (error->reason == PAIL_REASON_UNKNOWN && context->endpoint)
                pail_diagnosis_set_remedy(diagnosis,
                                          "is endpoint_url right? Something else than TLS may listen at that port");
        else if (context->ca_bundle)
                pail_diagnosis_set_remedy(diagnosis,
                                          "%s does not hold the authority of that certificate; %s names a file of "
                                          "certificates, or a directory prepared by \"openssl rehash\"",
                                          context->ca_bundle, where);
        else
                pail_diagnosis_set_remedy(diagnosis,
                                          "%s names certificates to trust, such as that of a private authority or of a "
                                          "proxy that reads along",
                                          where);
}

void pail_diagnose_certificate(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                               const struct pail_diagnosis_context *context)
{
        if (say_other_scheme(diagnosis, context))
                return;
        diagnosis->cause = PAIL_CAUSE_TLS;
        if (error->reason == PAIL_REASON_EXPIRED || error->reason == PAIL_REASON_NOT_YET_VALID) {
                say_out_of_date(diagnosis, error, context);
        } else if (error->reason == PAIL_REASON_NO_BUNDLE) {
                pail_diagnosis_set_detail(diagnosis, "no safe connection to %s: the CA bundle %s holds no certificate",
                                          pail_diagnosis_endpoint(context),
                                          context->ca_bundle ? context->ca_bundle : "");
                pail_diagnosis_set_remedy(diagnosis,
                                          "ca_bundle= (or AWS_CA_BUNDLE, or ca_bundle of the profile) names a file of "
                                          "certificates in PEM (-----BEGIN CERTIFICATE-----)");
        } else {
                pail_diagnosis_set_detail(diagnosis, "no safe connection to %s: %s", pail_diagnosis_endpoint(context),
                                          error->message);
                advise_on_certificate(diagnosis, error, context);
        }
}

/* By the status of the page that came in S3's place. */
static const char *doubt_of_status(int http_status)
{
        if (http_status / 100 == 3)
                return "if it leads to the S3 server, write that address as endpoint_url; login pages of networks "
                       "(captive portals) lead away like this, too";
        if (http_status == NETWORK_AUTHENTICATION_REQUIRED)
                return "the network wants a login first: open any web page in a browser";
        if (http_status == 401 || http_status == 403)
                return "is endpoint_url right? If it is, a firewall or a login in front of the server refuses: ask who "
                       "runs it";
        return "is endpoint_url right? Web consoles and other services have ports of their own";
}

void pail_diagnose_no_s3(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                         const struct pail_diagnosis_context *context)
{
        if (say_proxy(diagnosis, error, context) || say_other_scheme(diagnosis, context))
                return;
        diagnosis->cause = PAIL_CAUSE_NOT_S3;
        if (error->class == PAIL_ERROR_PROTOCOL && error->http_status > 0) /* says as much */
                pail_diagnosis_set_detail(diagnosis, "%s", error->message);
        else
                pail_diagnosis_set_detail(diagnosis, "%s does not answer as S3 does: %s",
                                          pail_diagnosis_endpoint(context), error->message);
        if (context->endpoint || error->http_status == NETWORK_AUTHENTICATION_REQUIRED)
                pail_diagnosis_set_remedy(diagnosis, "%s", doubt_of_status(error->http_status));
        else
                pail_diagnosis_set_remedy(diagnosis,
                                          "something between answers in the place of AWS: a firewall, a proxy, or the "
                                          "login page of a network");
}

void pail_diagnose_broken(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                          const struct pail_diagnosis_context *context)
{
        if (say_proxy(diagnosis, error, context) || say_other_scheme(diagnosis, context))
                return;
        diagnosis->cause = PAIL_CAUSE_NOT_S3;
        pail_diagnosis_set_detail(diagnosis, "%s does not answer as S3 does: %s", pail_diagnosis_endpoint(context),
                                  error->message);
        pail_diagnosis_doubt_endpoint(diagnosis, context,
                                      "is endpoint_url that of an S3 server? If it is, the server, or something before "
                                      "it, cuts connections: its log may say why");
}

/* Where S3 itself answered, that has a number; without one it was a gateway, whose server did not answer. */
void pail_diagnose_unavailable(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                               const struct pail_diagnosis_context *context)
{
        char quote[sizeof(error->service_words) + 32];
        bool is_gateway = !error->request_id[0];
        if (is_gateway && say_proxy(diagnosis, error, context))
                return;
        diagnosis->cause = PAIL_CAUSE_UNAVAILABLE;
        if (is_gateway) {
                pail_diagnosis_set_detail(
                        diagnosis, "%s answers with status %d%s%s, as a gateway does whose server is down or busy",
                        pail_diagnosis_endpoint(context), error->http_status, error->service_words[0] ? ", " : "",
                        error->service_words);
                pail_diagnosis_set_remedy(diagnosis,
                                          "is endpoint_url right, and does the server behind it run? If so, try again "
                                          "in a minute");
                return;
        }
        pail_diagnosis_quote(error, quote, sizeof(quote));
        pail_diagnosis_set_detail(diagnosis, "%s cannot answer now%s", pail_diagnosis_endpoint(context), quote);
        pail_diagnosis_set_remedy(diagnosis, "try again in a minute; if it lasts, ask who runs the server");
}
