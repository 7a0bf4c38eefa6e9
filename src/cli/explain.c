/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table from S3's error codes to sentences. Messages of the server are not relied on: some servers send none.
 */
#include "explain.h"

#include <stdio.h>
#include <string.h>

#include "pail/util/str.h"

struct sentence {
        char text[1024];
};

static const char *endpoint_of(const struct pail_explain_context *context)
{
        return context->endpoint ? context->endpoint : "AWS";
}

static void say_no_s3(struct sentence *sentence, const struct pail_error *error,
                      const struct pail_explain_context *context)
{
        snprintf(sentence->text, sizeof(sentence->text), "%s does not answer as S3 does: %s; is endpoint_url right?",
                 endpoint_of(context), error->message);
}

static void say_no_bucket(struct sentence *sentence, const struct pail_error *error,
                          const struct pail_explain_context *context)
{
        if (!context->bucket[0]) {
                say_no_s3(sentence, error, context);
                return;
        }
        /* Every S3 numbers its answers. */
        snprintf(sentence->text, sizeof(sentence->text), "there is no bucket '%s' at %s (profile %s)%s",
                 context->bucket, endpoint_of(context), context->profile,
                 error->request_id[0] ? "" : ", or that is not an S3 server: is endpoint_url right?");
}

static void say_wrong_key_id(struct sentence *sentence, const struct pail_error *error,
                             const struct pail_explain_context *context)
{
        (void)error;
        snprintf(sentence->text, sizeof(sentence->text),
                 "%s does not know the access key id '%s' of profile %s (from the %s)", endpoint_of(context),
                 context->access_key_id, context->profile, context->keys_from);
}

static void say_wrong_secret(struct sentence *sentence, const struct pail_error *error,
                             const struct pail_explain_context *context)
{
        (void)error;
        snprintf(sentence->text, sizeof(sentence->text),
                 "the secret access key of profile %s (from the %s) is not the one of access key id '%s'",
                 context->profile, context->keys_from, context->access_key_id);
}

static void say_bad_token(struct sentence *sentence, const struct pail_error *error,
                          const struct pail_explain_context *context)
{
        snprintf(sentence->text, sizeof(sentence->text),
                 "the session token of profile %s (from the %s) is expired or wrong (%s): get a new one",
                 context->profile, context->keys_from, error->code);
}

static void say_clock(struct sentence *sentence, const struct pail_error *error,
                      const struct pail_explain_context *context)
{
        long long ahead = -(long long)error->clock_offset_s;
        snprintf(sentence->text, sizeof(sentence->text),
                 "the clock of this machine differs from that of %s by %lld s: set it right", endpoint_of(context),
                 ahead < 0 ? -ahead : ahead);
}

static void say_denied(struct sentence *sentence, const struct pail_error *error,
                       const struct pail_explain_context *context)
{
        (void)error;
        if (!context->bucket[0])
                snprintf(sentence->text, sizeof(sentence->text),
                         "access denied: profile %s (access key id '%s' from the %s) may not list buckets",
                         context->profile, context->access_key_id, context->keys_from);
        else if (context->access_key_id[0])
                snprintf(sentence->text, sizeof(sentence->text),
                         "access denied: profile %s (access key id '%s' from the %s) may not use bucket '%s'%s%s",
                         context->profile, context->access_key_id, context->keys_from, context->bucket,
                         context->prefix[0] ? " under " : "", context->prefix);
        else
                snprintf(sentence->text, sizeof(sentence->text),
                         "access denied: bucket '%s' is not open to anonymous requests (no_sign_request)",
                         context->bucket);
}

static void say_region(struct sentence *sentence, const struct pail_error *error,
                       const struct pail_explain_context *context)
{
        snprintf(sentence->text, sizeof(sentence->text),
                 "%s%s%s is not in region %s%s%s; set region= or the profile's region",
                 context->bucket[0] ? "bucket '" : "the account", context->bucket, context->bucket[0] ? "'" : "",
                 context->region ? context->region : "us-east-1", error->region[0] ? ", but in " : "", error->region);
}

static const struct {
        const char *code;
        void (*say)(struct sentence *, const struct pail_error *, const struct pail_explain_context *);
} service_table[] = {
        { "NoSuchBucket", say_no_bucket },
        { "InvalidAccessKeyId", say_wrong_key_id },
        { "SignatureDoesNotMatch", say_wrong_secret },
        { "ExpiredToken", say_bad_token },
        { "InvalidToken", say_bad_token },
        { "TokenRefreshRequired", say_bad_token },
        { "RequestTimeTooSkewed", say_clock },
        { "AccessDenied", say_denied },
        { "AllAccessDisabled", say_denied },
        { "AccountProblem", say_denied },
        { "PermanentRedirect", say_region },
        { "TemporaryRedirect", say_region },
        { "AuthorizationHeaderMalformed", say_region },
        { "IllegalLocationConstraintException", say_region },
};

static void say_service(struct sentence *sentence, const struct pail_error *error,
                        const struct pail_explain_context *context)
{
        if (!error->code[0] && !error->request_id[0]) { /* a web server like any other */
                say_no_s3(sentence, error, context);
                return;
        }
        for (size_t i = 0; i < sizeof(service_table) / sizeof(service_table[0]); i++)
                if (pail_str_equal(service_table[i].code, error->code)) {
                        service_table[i].say(sentence, error, context);
                        return;
                }
        if (error->http_status == 403)
                say_denied(sentence, error, context);
        else if (error->http_status == 404)
                say_no_bucket(sentence, error, context);
        else
                snprintf(sentence->text, sizeof(sentence->text), "%s refuses: %s", endpoint_of(context),
                         error->message);
}

static void say_unreachable(struct sentence *sentence, const struct pail_error *error,
                            const struct pail_explain_context *context)
{
        snprintf(sentence->text, sizeof(sentence->text),
                 "cannot reach %s: %s; is endpoint_url right, and the network up?", endpoint_of(context),
                 error->message);
}

static void say_silent(struct sentence *sentence, const struct pail_error *error,
                       const struct pail_explain_context *context)
{
        snprintf(sentence->text, sizeof(sentence->text),
                 "%s does not answer in time: %s; is endpoint_url right, and the network up?", endpoint_of(context),
                 error->message);
}

static void say_certificate(struct sentence *sentence, const struct pail_error *error,
                            const struct pail_explain_context *context)
{
        snprintf(sentence->text, sizeof(sentence->text),
                 "no safe connection to %s: %s; ca_bundle= names certificates to trust", endpoint_of(context),
                 error->message);
}

static void add_request_id(struct sentence *sentence, const struct pail_error *error)
{
        size_t length = strlen(sentence->text);
        if (error->request_id[0])
                snprintf(sentence->text + length, sizeof(sentence->text) - length, " (%s%srequest %s)", error->code,
                         error->code[0] ? ", " : "", error->request_id);
}

void pail_explain(struct pail_error *error, const struct pail_explain_context *context)
{
        struct sentence sentence = { "" };
        switch (error->class) {
        case PAIL_ERROR_SERVICE:
                say_service(&sentence, error, context);
                add_request_id(&sentence, error);
                break;
        case PAIL_ERROR_RESOLVE:
        case PAIL_ERROR_CONNECT:
                say_unreachable(&sentence, error, context);
                break;
        case PAIL_ERROR_TIMEOUT:
                say_silent(&sentence, error, context);
                break;
        case PAIL_ERROR_TLS:
                say_certificate(&sentence, error, context);
                break;
        case PAIL_ERROR_PROTOCOL:
        case PAIL_ERROR_TRANSFER:
                say_no_s3(&sentence, error, context);
                break;
        default: /* said in words already */
                return;
        }
        pail_str_copy(error->message, sizeof(error->message), sentence.text);
}
