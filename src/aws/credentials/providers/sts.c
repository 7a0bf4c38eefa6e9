/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form goes out and a short XML document comes back. Messages for people are made from the error's code alone: what STS says in
 * its own words may repeat what it was sent, and that was a secret.
 */
#include "sts.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "aws/config/settings_endpoint.h"
#include "aws/credentials/service.h"
#include "aws/endpoint/service_url.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"

#define STS_GLOBAL_REGION "us-east-1"

enum {
        STS_ATTEMPTS = 3,
        STS_FORM_MAX_BYTES = 128 * 1024,
        STS_FORM_RESERVED_BYTES = 32 * 1024, /* a web identity token has at most 20 000 characters */
};

void pail_sts_endpoint_done(struct pail_sts_endpoint *endpoint)
{
        free(endpoint->url);
        *endpoint = (struct pail_sts_endpoint){ 0 };
}

/* The regions whose requests went to sts.amazonaws.com before there were regional endpoints ("AWS STS Regional endpoints", AWS SDKs
 * and Tools reference). */
static bool is_legacy_region(const char *region)
{
        static const char *const regions[] = {
                "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "aws-global", "ca-central-1",
                "eu-central-1",   "eu-north-1", "eu-west-1",      "eu-west-2",      "eu-west-3",  "sa-east-1",
                "us-east-1",      "us-east-2",  "us-west-1",      "us-west-2",
        };

        for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
                if (strcmp(region, regions[i]) == 0)
                        return true;
        return false;
}

static int read_is_legacy(const struct pail_settings *settings, bool *ret_legacy, struct pail_error *ret_error)
{
        const char *value = pail_settings_value(settings, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints");

        *ret_legacy = pail_str_equal(value, "legacy");
        if (!value || *ret_legacy || strcmp(value, "regional") == 0)
                return 0;
        pail_error_set(
                ret_error, PAIL_ERROR_CONFIG,
                "sts_regional_endpoints = \"%s\" (environment or profile \"%s\"): regional or legacy is expected",
                value, settings->profile);
        return -EINVAL;
}

static bool is_global(const struct pail_settings *settings, bool legacy)
{
        const char *region = settings->region;

        if (pail_service_url_has_variant(settings))
                return false;
        return !region || strcmp(region, "aws-global") == 0 || (legacy && is_legacy_region(region));
}

int pail_sts_endpoint_resolve(const struct pail_settings *settings, struct pail_sts_endpoint *ret_endpoint,
                              struct pail_error *ret_error)
{
        const char *region = settings->region ? settings->region : STS_GLOBAL_REGION, *configured;
        _cleanup_free_ char *url = NULL;
        bool legacy = false;
        int r = pail_settings_endpoint_service_url(settings, "sts", &configured, ret_error);

        if (r == 0)
                r = read_is_legacy(settings, &legacy, ret_error);
        if (r < 0)
                return r;
        if (!configured && is_global(settings, legacy)) {
                region = STS_GLOBAL_REGION;
                r = pail_str_dup("https://sts.amazonaws.com", &url);
        } else {
                r = pail_service_url(settings, "sts", "sts", region, &url, ret_error);
        }
        if (r == 0)
                r = pail_str_printf(&ret_endpoint->url, "%s/", url);
        if (r == 0)
                ret_endpoint->region = region;
        return r == -ENOMEM ? pail_error_set_errno(ret_error, ENOMEM, "STS") : r;
}

/* The form. */

static void append_parameter(struct pail_buf *form, const char *name, const char *value)
{
        if (!value)
                return;
        pail_buf_printf(form, "&%s=", name);
        pail_str_percent_encode(form, value, strlen(value), false);
}

static int append_form(const struct pail_sts_request *request, struct pail_buf *form)
{
        int r = pail_buf_reserve(form, STS_FORM_RESERVED_BYTES);

        if (r < 0)
                return r;
        pail_buf_printf(form, "Action=%s&Version=2011-06-15",
                        request->web_identity_token ? "AssumeRoleWithWebIdentity" : "AssumeRole");
        append_parameter(form, "RoleArn", request->role_arn);
        if (request->session_name)
                append_parameter(form, "RoleSessionName", request->session_name);
        else
                pail_buf_printf(form, "&RoleSessionName=pail-%" PRId64, (int64_t)pail_clock_now().tv_sec);
        if (request->duration_s)
                pail_buf_printf(form, "&DurationSeconds=%" PRId64, request->duration_s);
        append_parameter(form, "ExternalId", request->external_id);
        append_parameter(form, "SerialNumber", request->mfa_serial);
        append_parameter(form, "TokenCode", request->mfa_code);
        append_parameter(form, "WebIdentityToken", request->web_identity_token);
        return form->error;
}

/* The answer. */

struct answer {
        struct pail_credentials credentials;
        char *expiration;
        char code[64];
};

static void answer_done(struct answer *answer)
{
        pail_credentials_done(&answer->credentials);
        pail_secret_free(answer->expiration);
}

/* "arn:aws:sts::123456789012:assumed-role/name/session": the fifth part. */
static int read_account(struct answer *answer, const char *arn)
{
        for (unsigned i = 0; arn && i < 4; i++) {
                arn = strchr(arn, ':');
                arn = arn ? arn + 1 : NULL;
        }
        size_t length = arn ? strcspn(arn, ":") : 0;
        if (length == 0)
                return 0;
        free(answer->credentials.account_id);
        answer->credentials.account_id = strndup(arn, length);
        return answer->credentials.account_id ? 0 : -ENOMEM;
}

/* Compared by their ends: the names of the outer elements differ with the action, and between servers. */
static int read_element(void *context, const char *path, const char *text, size_t length)
{
        struct answer *answer = context;
        const struct {
                const char *end;
                char **target;
        } fields[] = {
                { "/Credentials/AccessKeyId", &answer->credentials.access_key_id },
                { "/Credentials/SecretAccessKey", &answer->credentials.secret_access_key },
                { "/Credentials/SessionToken", &answer->credentials.session_token },
                { "/Credentials/Expiration", &answer->expiration },
        };

        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
                if (pail_str_ends_with(path, fields[i].end))
                        return length > 0 && !*fields[i].target ? pail_secret_dup(text, fields[i].target) : 0;
        if (pail_str_ends_with(path, "/AssumedRoleUser/Arn"))
                return read_account(answer, text);
        if (pail_str_ends_with(path, "Error/Code"))
                pail_str_copy(answer->code, sizeof(answer->code), text);
        return 0;
}

static const struct pail_xml_handler answer_handler = { .on_end = read_element };

/* An error message that begins with who was asked for what. */
static void set_error(const struct pail_sts_request *request, const char *url, enum pail_error_class class,
                      struct pail_error *ret_error, const char *what)
{
        pail_error_set(ret_error, class, "profile \"%s\", role %s: STS at %s %s", request->profile, request->role_arn,
                       url, what);
}

static const char *words_for(const char *code)
{
        static const struct {
                const char *code, *words;
        } known[] = {
                { "AccessDenied", "does not let the caller assume this role; its trust policy or an external_id or MFA "
                                  "device that it demands may be the reason" },
                { "ExpiredToken", "says that the credentials or the token have expired" },
                { "ExpiredTokenException", "says that the token has expired" },
                { "InvalidClientTokenId", "does not know the access key" },
                { "InvalidIdentityToken", "does not accept the web identity token" },
                { "IDPRejectedClaim", "says that the identity provider refused the token" },
                { "SignatureDoesNotMatch", "does not accept the signature: the secret access key or the clock of this "
                                           "machine is wrong" },
                { "ValidationError", "does not accept a parameter: look at role_arn, role_session_name, external_id, "
                                     "duration_seconds and mfa_serial" },
                { "RegionDisabledException", "is not active in this region for the account" },
        };

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
                if (strcmp(code, known[i].code) == 0)
                        return known[i].words;
        return "refuses";
}

static bool is_temporary(int status, const char *code)
{
        return status >= 500 || status == 429 || pail_str_starts_with(code, "Throttl") ||
               strcmp(code, "IDPCommunicationError") == 0;
}

static int refuse_status(const struct pail_sts_request *request, const char *url, int status,
                         const struct answer *answer, struct pail_error *ret_error)
{
        bool temporary = is_temporary(status, answer->code);
        char what[256];

        snprintf(what, sizeof(what), "%s (%s%sHTTP status %d)", temporary ? "fails" : words_for(answer->code),
                 answer->code, *answer->code ? ", " : "", status);
        set_error(request, url, temporary ? PAIL_ERROR_SERVICE : PAIL_ERROR_CREDENTIALS, ret_error, what);
        if (ret_error) {
                ret_error->http_status = status;
                pail_str_copy(ret_error->code, sizeof(ret_error->code), answer->code);
        }
        return temporary ? -EIO : -EACCES;
}

static int hand_over_credentials(const struct pail_sts_request *request, const char *url, struct answer *answer,
                                 struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        struct pail_credentials *found = &answer->credentials;
        struct timespec expires;

        if (!found->access_key_id || !found->secret_access_key || !found->session_token || !answer->expiration ||
            pail_clock_parse_lenient(answer->expiration, &expires) < 0) {
                set_error(request, url, PAIL_ERROR_CREDENTIALS, ret_error, "answers without complete credentials");
                return -EINVAL;
        }
        found->expires_at = expires.tv_sec;
        *ret_credentials = *found;
        *found = (struct pail_credentials){ 0 };
        return 0;
}

static int read_answer(const struct pail_sts_request *request, const char *url, const struct pail_service_answer *got,
                       struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        _cleanup_(answer_done) struct answer answer = { 0 };
        int r = pail_xml_parse(got->body.data, got->body.length, &answer_handler, &answer);

        if (r == -ENOMEM)
                return pail_error_set_errno(ret_error, ENOMEM, "STS");
        if (got->status != 200)
                return refuse_status(request, url, got->status, &answer, ret_error);
        if (r < 0) {
                set_error(request, url, PAIL_ERROR_CREDENTIALS, ret_error, "answers with what is not its XML");
                return -EINVAL;
        }
        return hand_over_credentials(request, url, &answer, ret_credentials, ret_error);
}

/* What other services say with a status of its own, STS says with 400. */
static bool is_retryable(int status, const char *body)
{
        return status == 400 &&
               (strstr(body, "<Code>IDPCommunicationError</Code>") || strstr(body, "<Code>Throttling"));
}

static int request_credentials(const struct pail_provider_context *context, const struct pail_sts_request *request,
                               const struct pail_sts_endpoint *endpoint, struct pail_credentials *ret_credentials,
                               struct pail_error *ret_error)
{
        _cleanup_(pail_service_answer_done) struct pail_service_answer answer = { 0 };
        _cleanup_buf_wipe_ struct pail_buf form = PAIL_BUF_INIT_SECRET(STS_FORM_MAX_BYTES);
        int r;

        r = append_form(request, &form);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "profile \"%s\": the request to STS", request->profile);
        const struct pail_service_request call = {
                .name = "STS",
                .method = "POST",
                .url = endpoint->url,
                .body = form.data,
                .body_length = form.length,
                .content_type = "application/x-www-form-urlencoded; charset=utf-8",
                .attempts = STS_ATTEMPTS,
                .is_retryable = is_retryable,
                .sign_as = request->web_identity_token ? NULL : request->sign_as,
                .sign_region = endpoint->region,
                .sign_service = "sts",
        };
        r = pail_service_call(context->service, &call, &answer, ret_error);
        if (r == 0)
                return read_answer(request, endpoint->url, &answer, ret_credentials, ret_error);
        pail_error_prefix(ret_error, "profile \"%s\", role %s", request->profile, request->role_arn);
        return r;
}

int pail_sts_assume(const struct pail_provider_context *context, const struct pail_sts_request *request,
                    struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        _cleanup_(pail_sts_endpoint_done) struct pail_sts_endpoint endpoint = { 0 };
        int r = pail_sts_endpoint_resolve(context->settings, &endpoint, ret_error);

        return r < 0 ? r : request_credentials(context, request, &endpoint, ret_credentials, ret_error);
}
