/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table from S3's error codes to sentences. Messages of the server are not relied on: some servers send none.
 */
#include "explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pail/util/str.h"

static const char *endpoint_of(const struct pail_explain_context *context)
{
        return context->endpoint ? context->endpoint : "AWS";
}

__attribute__((format(printf, 2, 3))) static void set_detail(struct pail_explanation *explanation, const char *format,
                                                             ...)
{
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(explanation->detail, sizeof(explanation->detail), format, arguments);
        va_end(arguments);
}

__attribute__((format(printf, 2, 3))) static void set_remedy(struct pail_explanation *explanation, const char *format,
                                                             ...)
{
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(explanation->remedy, sizeof(explanation->remedy), format, arguments);
        va_end(arguments);
}

/* Whatever does not answer as it should: where a proxy is asked, it is the first suspect. */
static bool say_proxy(struct pail_explanation *explanation, const struct pail_error *error,
                      const struct pail_explain_context *context)
{
        if (!context->proxy)
                return false;
        explanation->cause = PAIL_CAUSE_PROXY;
        set_detail(explanation, "%s is asked through the proxy of %s, which does not let it through: %s",
                   endpoint_of(context), context->proxy, error->message);
        set_remedy(explanation, "correct or unset that variable, or name the host in no_proxy");
        return true;
}

static void say_no_s3(struct pail_explanation *explanation, const struct pail_error *error,
                      const struct pail_explain_context *context)
{
        if (say_proxy(explanation, error, context))
                return;
        explanation->cause = PAIL_CAUSE_NOT_S3;
        set_detail(explanation, "%s does not answer as S3 does: %s", endpoint_of(context), error->message);
        set_remedy(explanation, "is endpoint_url right?");
}

/* The URL's path ends in the bucket, or its host begins with it: requests then name the bucket twice. */
static bool endpoint_has_bucket(const struct pail_explain_context *context)
{
        const char *host = context->endpoint ? strstr(context->endpoint, "://") : NULL;
        size_t bucket = strlen(context->bucket), length = host ? strlen(host + 3) : 0;
        if (!host)
                return false;
        host += 3;
        while (length > 0 && host[length - 1] == '/')
                length--;
        if (strncmp(host, context->bucket, bucket) == 0 && host[bucket] == '.')
                return true;
        return length > bucket + 1 && host[length - bucket - 1] == '/' &&
               strncmp(host + length - bucket, context->bucket, bucket) == 0;
}

static void say_no_bucket(struct pail_explanation *explanation, const struct pail_error *error,
                          const struct pail_explain_context *context)
{
        bool is_s3 = error->request_id[0]; /* every S3 numbers its answers */
        if (pail_str_is_empty(context->bucket)) {
                say_no_s3(explanation, error, context);
                return;
        }
        explanation->cause = PAIL_CAUSE_NO_BUCKET;
        set_detail(explanation, "there is no bucket '%s' at %s (profile %s)%s", context->bucket, endpoint_of(context),
                   context->profile, is_s3 ? "" : ", or that is not an S3 server");
        if (endpoint_has_bucket(context))
                set_remedy(explanation, "endpoint_url names the bucket '%s' as well: take it off there",
                           context->bucket);
        else if (is_s3)
                set_remedy(explanation, "is the name right? \"pailctl buckets\" lists those of the profile");
        else
                set_remedy(explanation, "is endpoint_url right?");
}

/* Keys are corrected where they came from. */
static void say_where_keys_are(struct pail_explanation *explanation, const struct pail_explain_context *context)
{
        if (pail_str_equal(context->keys_from, "environment"))
                set_remedy(explanation, "correct the AWS variables of the environment, or unset them");
        else
                set_remedy(explanation, "correct it there, or with \"pailctl configure --profile %s\"",
                           context->profile);
}

static void say_wrong_key_id(struct pail_explanation *explanation, const struct pail_error *error,
                             const struct pail_explain_context *context)
{
        (void)error;
        explanation->cause = PAIL_CAUSE_KEY_ID;
        set_detail(explanation, "%s does not know the access key id '%s' of profile %s (from the %s)",
                   endpoint_of(context), context->access_key_id, context->profile, context->keys_from);
        say_where_keys_are(explanation, context);
}

static void say_wrong_secret(struct pail_explanation *explanation, const struct pail_error *error,
                             const struct pail_explain_context *context)
{
        (void)error;
        explanation->cause = PAIL_CAUSE_SECRET;
        set_detail(explanation,
                   "the secret access key of profile %s (from the %s) is not the one of access key id '%s'",
                   context->profile, context->keys_from, context->access_key_id);
        say_where_keys_are(explanation, context);
}

static void say_bad_token(struct pail_explanation *explanation, const struct pail_error *error,
                          const struct pail_explain_context *context)
{
        explanation->cause = PAIL_CAUSE_TOKEN;
        set_detail(explanation, "the session token of profile %s (from the %s) %s", context->profile,
                   context->keys_from, pail_str_equal(error->code, "InvalidToken") ? "is not valid" : "has expired");
        set_remedy(explanation, "get a new one");
}

static void say_clock(struct pail_explanation *explanation, const struct pail_error *error,
                      const struct pail_explain_context *context)
{
        long long ahead = -(long long)error->clock_offset_s;
        explanation->cause = PAIL_CAUSE_CLOCK;
        set_detail(explanation, "the clock of this machine differs from that of %s by %lld s", endpoint_of(context),
                   ahead < 0 ? -ahead : ahead);
        set_remedy(explanation, "set it right");
}

static void say_anonymous_denied(struct pail_explanation *explanation, const struct pail_explain_context *context)
{
        set_detail(explanation, "access denied: bucket '%s' is not open to anonymous requests (no_sign_request)",
                   context->bucket ? context->bucket : "");
        set_remedy(explanation, "use a profile that may use it");
}

static void say_denied(struct pail_explanation *explanation, const struct pail_error *error,
                       const struct pail_explain_context *context)
{
        bool is_below = !pail_str_is_empty(context->prefix);
        (void)error;
        explanation->cause = PAIL_CAUSE_DENIED;
        if (!context->access_key_id[0])
                say_anonymous_denied(explanation, context);
        else if (pail_str_is_empty(context->bucket))
                set_detail(explanation,
                           "access denied: profile %s (access key id '%s' from the %s) may not list buckets",
                           context->profile, context->access_key_id, context->keys_from);
        else
                set_detail(explanation,
                           "access denied: profile %s (access key id '%s' from the %s) may not use %s%sbucket '%s'%s%s",
                           context->profile, context->access_key_id, context->keys_from,
                           context->action ? context->action : "", context->action ? " on " : "", context->bucket,
                           is_below ? " under " : "", is_below ? context->prefix : "");
        if (explanation->remedy[0])
                return;
        if (context->action)
                set_remedy(explanation, "have its policy allow %s", context->action);
        else
                set_remedy(explanation, "\"pailctl check\" tells what its policy lacks");
}

static void say_region(struct pail_explanation *explanation, const struct pail_error *error,
                       const struct pail_explain_context *context)
{
        explanation->cause = PAIL_CAUSE_REGION;
        set_detail(explanation, "bucket '%s' is not in region %s%s%s", context->bucket ? context->bucket : "",
                   context->region ? context->region : "us-east-1", error->region[0] ? ", but in " : "", error->region);
        set_remedy(explanation, "set region= or the profile's region");
}

static const struct {
        const char *code;
        void (*say)(struct pail_explanation *, const struct pail_error *, const struct pail_explain_context *);
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

static void add_request_id(struct pail_explanation *explanation, const struct pail_error *error)
{
        size_t length = strlen(explanation->detail);
        if (error->request_id[0])
                snprintf(explanation->detail + length, sizeof(explanation->detail) - length, " (%s%srequest %s)",
                         error->code, error->code[0] ? ", " : "", error->request_id);
}

static void say_service(struct pail_explanation *explanation, const struct pail_error *error,
                        const struct pail_explain_context *context)
{
        /* A web server like any other, or what a proxy says in S3's place. Codes may be made up from the status. */
        if (!error->request_id[0] && (!error->code[0] || context->proxy)) {
                say_no_s3(explanation, error, context);
                return;
        }
        void (*say)(struct pail_explanation *, const struct pail_error *, const struct pail_explain_context *) = NULL;
        for (size_t i = 0; i < sizeof(service_table) / sizeof(service_table[0]) && !say; i++)
                if (pail_str_equal(service_table[i].code, error->code))
                        say = service_table[i].say;
        if (!say && error->http_status == 403)
                say = say_denied;
        else if (!say && error->http_status == 404)
                say = say_no_bucket;
        if (say)
                say(explanation, error, context);
        else
                set_detail(explanation, "%s refuses: %s", endpoint_of(context), error->message);
        add_request_id(explanation, error);
}

static void say_unreachable(struct pail_explanation *explanation, const struct pail_error *error,
                            const struct pail_explain_context *context)
{
        if (say_proxy(explanation, error, context))
                return;
        explanation->cause = error->class == PAIL_ERROR_RESOLVE ? PAIL_CAUSE_RESOLVE : PAIL_CAUSE_CONNECT;
        set_detail(explanation, "cannot reach %s: %s", endpoint_of(context), error->message);
        set_remedy(explanation, "is endpoint_url right, and the network up?");
}

static void say_silent(struct pail_explanation *explanation, const struct pail_error *error,
                       const struct pail_explain_context *context)
{
        if (say_proxy(explanation, error, context))
                return;
        explanation->cause = error->sent ? PAIL_CAUSE_SILENT : PAIL_CAUSE_CONNECT;
        set_detail(explanation, "%s does not answer in time: %s", endpoint_of(context), error->message);
        set_remedy(explanation, "is endpoint_url right, and the network up?");
}

static void say_certificate(struct pail_explanation *explanation, const struct pail_error *error,
                            const struct pail_explain_context *context)
{
        explanation->cause = PAIL_CAUSE_TLS;
        set_detail(explanation, "no safe connection to %s: %s", endpoint_of(context), error->message);
        if (strstr(error->message, "subject name")) /* so say OpenSSL and GnuTLS through curl */
                set_remedy(explanation, "the certificate is for another name: is endpoint_url right?");
        else
                set_remedy(explanation, "ca_bundle= names certificates to trust");
}

/* What was said in words already, where it happened. */
static void say_as_is(struct pail_explanation *explanation, const struct pail_error *error)
{
        pail_str_copy(explanation->detail, sizeof(explanation->detail), error->message);
        /* The command that helps, and nothing beside it: a login that has ended is not corrected in a file. */
        char *command = strstr(explanation->detail, "; run: ");
        if (command) {
                explanation->cause = PAIL_CAUSE_CREDENTIALS;
                pail_str_copy(explanation->remedy, sizeof(explanation->remedy), command + 2);
                *command = '\0';
                return;
        }
        if (error->class == PAIL_ERROR_CONFIG) {
                explanation->cause = PAIL_CAUSE_CONFIG;
                set_remedy(explanation, "correct it, or give the option that overrides it");
        } else if (error->class == PAIL_ERROR_CREDENTIALS) {
                explanation->cause = PAIL_CAUSE_CREDENTIALS;
                set_remedy(explanation, "correct what the profile says, or write keys with \"pailctl configure\"");
        }
}

void pail_explain_parts(const struct pail_error *error, const struct pail_explain_context *context,
                        struct pail_explanation *ret_explanation)
{
        *ret_explanation = (struct pail_explanation){ .cause = PAIL_CAUSE_OTHER };
        switch (error->class) {
        case PAIL_ERROR_NONE:
                ret_explanation->cause = PAIL_CAUSE_NONE;
                break;
        case PAIL_ERROR_SERVICE:
                say_service(ret_explanation, error, context);
                break;
        case PAIL_ERROR_RESOLVE:
        case PAIL_ERROR_CONNECT:
                say_unreachable(ret_explanation, error, context);
                break;
        case PAIL_ERROR_TIMEOUT:
                say_silent(ret_explanation, error, context);
                break;
        case PAIL_ERROR_TLS:
                say_certificate(ret_explanation, error, context);
                break;
        case PAIL_ERROR_PROTOCOL:
        case PAIL_ERROR_TRANSFER:
                say_no_s3(ret_explanation, error, context);
                break;
        default:
                say_as_is(ret_explanation, error);
        }
}

void pail_explain(struct pail_error *error, const struct pail_explain_context *context)
{
        struct pail_explanation explanation;
        pail_explain_parts(error, context, &explanation);
        if (explanation.cause == PAIL_CAUSE_NONE || pail_str_equal(explanation.detail, error->message))
                return; /* said in words already */
        char sentence[sizeof(explanation.detail) + sizeof(explanation.remedy) + 2];
        snprintf(sentence, sizeof(sentence), "%s%s%s", explanation.detail, explanation.remedy[0] ? "; " : "",
                 explanation.remedy);
        pail_str_copy(error->message, sizeof(error->message), sentence);
}
