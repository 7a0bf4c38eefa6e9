/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table from S3's error codes to sentences. What the server says in words is quoted where it says more than its code; nothing but
 * the advice on a denial depends on it, since some servers send none.
 */
#include "pail/daemon/diagnose.h"

#include <stdio.h>
#include <string.h>

#include "denied.h"
#include "pail/util/str.h"
#include "transport.h"

enum { CLOCK_WORTH_TELLING_S = 60, TOO_LARGE = 413 };

/* The URL's path ends in the bucket, or its host begins with it: requests then name the bucket twice. */
static bool endpoint_has_bucket(const struct pail_diagnosis_context *context)
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

static void say_no_bucket(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                          const struct pail_diagnosis_context *context)
{
        bool is_s3 = error->request_id[0]; /* every S3 numbers its answers */
        if (pail_str_is_empty(context->bucket)) {
                pail_diagnose_no_s3(diagnosis, error, context);
                return;
        }
        diagnosis->cause = PAIL_CAUSE_NO_BUCKET;
        pail_diagnosis_set_detail(diagnosis, "there is no bucket '%s' at %s (profile %s)%s", context->bucket,
                                  pail_diagnosis_endpoint(context), context->profile,
                                  is_s3 ? "" : ", or that is not an S3 server");
        if (endpoint_has_bucket(context))
                pail_diagnosis_set_remedy(diagnosis, "endpoint_url names the bucket '%s' as well: take it off there",
                                          context->bucket);
        else if (is_s3)
                pail_diagnosis_set_remedy(diagnosis,
                                          "is the name right? \"pailctl buckets\" lists those of the profile");
        else
                pail_diagnosis_set_remedy(diagnosis, "is endpoint_url right?");
}

/* Keys are corrected where they came from. */
static void say_where_keys_are(struct pail_diagnosis *diagnosis, const struct pail_diagnosis_context *context)
{
        if (pail_str_equal(context->keys_from, "environment"))
                pail_diagnosis_set_remedy(diagnosis, "correct the AWS variables of the environment, or unset them");
        else
                pail_diagnosis_set_remedy(diagnosis, "correct it there, or with \"pailctl configure --profile %s\"",
                                          context->profile);
}

static void say_wrong_key_id(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                             const struct pail_diagnosis_context *context)
{
        (void)error;
        diagnosis->cause = PAIL_CAUSE_KEY_ID;
        pail_diagnosis_set_detail(diagnosis, "%s does not know the access key id '%s' of profile %s (from the %s)",
                                  pail_diagnosis_endpoint(context), context->access_key_id, context->profile,
                                  context->keys_from);
        say_where_keys_are(diagnosis, context);
}

static void say_wrong_secret(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                             const struct pail_diagnosis_context *context)
{
        (void)error;
        diagnosis->cause = PAIL_CAUSE_SECRET;
        pail_diagnosis_set_detail(
                diagnosis, "the secret access key of profile %s (from the %s) is not the one of access key id '%s'",
                context->profile, context->keys_from, context->access_key_id);
        say_where_keys_are(diagnosis, context);
}

static void say_wrong_keys(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                           const struct pail_diagnosis_context *context)
{
        char who[256], quote[sizeof(error->service_words) + 32];
        pail_diagnosis_name_profile(context, who, sizeof(who));
        pail_diagnosis_quote(error, quote, sizeof(quote));
        diagnosis->cause = PAIL_CAUSE_KEY_ID;
        pail_diagnosis_set_detail(diagnosis, "%s does not take the credentials of %s%s",
                                  pail_diagnosis_endpoint(context), who, quote);
        say_where_keys_are(diagnosis, context);
}

static void say_bad_token(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                          const struct pail_diagnosis_context *context)
{
        diagnosis->cause = PAIL_CAUSE_TOKEN;
        pail_diagnosis_set_detail(diagnosis, "the session token of profile %s (from the %s) %s", context->profile,
                                  context->keys_from,
                                  pail_str_starts_with(error->code, "InvalidToken") ? "is not valid" : "has expired");
        if (pail_str_equal(context->keys_from, "environment"))
                pail_diagnosis_set_remedy(diagnosis,
                                          "get a new one, and set the AWS variables of the environment anew");
        else
                pail_diagnosis_set_remedy(diagnosis, "get a new one, and put it there");
}

/* How far apart the clocks are is known from the Date of the answer, if that agrees with what S3 says. */
static void say_clock(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                      const struct pail_diagnosis_context *context)
{
        long long behind_s = (long long)error->clock_offset_s, distance_s = behind_s < 0 ? -behind_s : behind_s;
        diagnosis->cause = PAIL_CAUSE_CLOCK;
        if (distance_s >= CLOCK_WORTH_TELLING_S)
                pail_diagnosis_set_detail(diagnosis, "the clock of this machine is %lld s %s that of %s", distance_s,
                                          behind_s > 0 ? "behind" : "ahead of", pail_diagnosis_endpoint(context));
        else
                pail_diagnosis_set_detail(diagnosis, "the clock of this machine is too far from that of %s",
                                          pail_diagnosis_endpoint(context));
        pail_diagnosis_set_remedy(diagnosis, "set it right (\"timedatectl set-ntp true\" lets the network do it)");
}

static void say_region(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                       const struct pail_diagnosis_context *context)
{
        char quote[sizeof(error->service_words) + 32] = "";
        if (!error->region[0])
                pail_diagnosis_quote(error, quote, sizeof(quote));
        diagnosis->cause = PAIL_CAUSE_REGION;
        pail_diagnosis_set_detail(diagnosis, "bucket '%s' is not in region %s%s%s%s",
                                  context->bucket ? context->bucket : "",
                                  context->region ? context->region : "us-east-1", error->region[0] ? ", but in " : "",
                                  error->region, quote);
        pail_diagnosis_set_remedy(diagnosis, "set region= or the profile's region");
}

/* What has no sentence of ours: the server's, and where else to look. */
static void say_refusal(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                        const struct pail_diagnosis_context *context)
{
        pail_diagnosis_set_detail(diagnosis, "%s refuses: %s", pail_diagnosis_endpoint(context), error->message);
        if (pail_str_equal(error->code, "InvalidBucketName"))
                pail_diagnosis_set_remedy(diagnosis,
                                          "is the name right? \"pailctl buckets\" lists those of the profile");
        else if (error->http_status == 405 || error->http_status == 501)
                pail_diagnosis_set_remedy(diagnosis, "pail needs a server that does this: is endpoint_url right?");
        else if (error->code[0])
                pail_diagnosis_set_remedy(diagnosis, "the documentation of the server tells what its code %s means",
                                          error->code);
        else
                pail_diagnosis_doubt_endpoint(diagnosis, context, "are endpoint_url and region right?");
}

/* The limit of a proxy before the server, in words that say what to do about it; S3's own limit comes with a code. */
static void say_too_large(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                          const struct pail_diagnosis_context *context)
{
        (void)context;
        pail_diagnosis_set_detail(diagnosis, "%s", error->message);
}

static const struct {
        const char *code;
        pail_diagnosis_sentence *say;
} service_table[] = {
        { "NoSuchBucket", say_no_bucket },
        { "InvalidAccessKeyId", say_wrong_key_id },
        { "SignatureDoesNotMatch", say_wrong_secret },
        { "InvalidSecurity", say_wrong_keys },
        { "InvalidClientTokenId", say_wrong_keys },
        { "UnrecognizedClientException", say_wrong_keys },
        { "ExpiredToken", say_bad_token },
        { "InvalidToken", say_bad_token },
        { "InvalidTokenId", say_bad_token },        /* MinIO */
        { "XAdminUserNotFound", say_wrong_key_id }, /* versitygw */
        { "TokenRefreshRequired", say_bad_token },
        { "RequestTimeTooSkewed", say_clock },
        { "AccessDenied", pail_diagnose_denied },
        { "AccessDeniedException", pail_diagnose_denied },
        { "AllAccessDisabled", pail_diagnose_account },
        { "AccountProblem", pail_diagnose_account },
        { "InvalidPayer", pail_diagnose_account },
        { "NotSignedUp", pail_diagnose_account },
        { "OptInRequired", pail_diagnose_account },
        { "UserSuspended", pail_diagnose_account },
        { "PermanentRedirect", say_region },
        { "TemporaryRedirect", say_region },
        { "AuthorizationHeaderMalformed", say_region },
        { "IllegalLocationConstraintException", say_region },
};

static bool is_unavailable(int http_status)
{
        return http_status == 408 || http_status == 429 ||
               (http_status >= 500 && http_status != 501 && http_status != 507 && http_status != 511);
}

/* NULL: what answers is not S3. A web server like any other, or what a proxy says in S3's place; codes may be made up from the status. */
static pail_diagnosis_sentence *find_sentence(const struct pail_error *error,
                                              const struct pail_diagnosis_context *context)
{
        bool is_s3 = error->request_id[0] || (error->code[0] && !context->proxy);
        if (is_unavailable(error->http_status))
                return pail_diagnose_unavailable;
        if (error->http_status == TOO_LARGE && !error->code[0])
                return say_too_large;
        if (!is_s3)
                return NULL;
        for (size_t i = 0; i < sizeof(service_table) / sizeof(service_table[0]); i++)
                if (pail_str_equal(service_table[i].code, error->code))
                        return service_table[i].say;
        if (error->http_status == 403 && !error->code[0])
                return error->service_words[0] ? pail_diagnose_page : pail_diagnose_denied;
        return error->http_status == 404 ? say_no_bucket : say_refusal;
}

static void add_request_id(struct pail_diagnosis *diagnosis, const struct pail_error *error)
{
        size_t length = strlen(diagnosis->detail);
        bool is_named = !error->code[0] || strstr(diagnosis->detail, error->code);
        if (error->request_id[0])
                snprintf(diagnosis->detail + length, sizeof(diagnosis->detail) - length, " (%s%srequest %s)",
                         is_named ? "" : error->code, is_named ? "" : ", ", error->request_id);
}

static void say_service(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                        const struct pail_diagnosis_context *context)
{
        pail_diagnosis_sentence *say = find_sentence(error, context);
        if (!say) {
                pail_diagnose_no_s3(diagnosis, error, context);
                return;
        }
        say(diagnosis, error, context);
        add_request_id(diagnosis, error);
}

/* The end of "what is wrong; what to do" is what to do. */
static void split_remedy(struct pail_diagnosis *diagnosis)
{
        char *semicolon = NULL;
        for (char *at = diagnosis->detail; (at = strstr(at, "; ")); at++)
                semicolon = at;
        if (!semicolon || strlen(semicolon) >= sizeof(diagnosis->remedy))
                return;
        pail_diagnosis_set_remedy(diagnosis, "%s", semicolon + strlen("; "));
        *semicolon = '\0';
}

/* What was said in words already, where it happened. */
static void say_as_is(struct pail_diagnosis *diagnosis, const struct pail_error *error)
{
        pail_str_copy(diagnosis->detail, sizeof(diagnosis->detail), error->message);
        split_remedy(diagnosis);
        if (error->class == PAIL_ERROR_CONFIG) {
                diagnosis->cause = PAIL_CAUSE_CONFIG;
                pail_diagnosis_set_remedy(diagnosis, "correct it, or give the option that overrides it");
        } else if (error->class == PAIL_ERROR_CREDENTIALS) {
                diagnosis->cause = PAIL_CAUSE_CREDENTIALS;
                pail_diagnosis_set_remedy(diagnosis,
                                          "correct what the profile says, or write keys with \"pailctl configure\"");
        }
}

void pail_diagnose(const struct pail_error *error, const struct pail_diagnosis_context *context,
                   struct pail_diagnosis *ret_diagnosis)
{
        *ret_diagnosis = (struct pail_diagnosis){ .cause = PAIL_CAUSE_OTHER };
        switch (error->class) {
        case PAIL_ERROR_NONE:
                ret_diagnosis->cause = PAIL_CAUSE_NONE;
                break;
        case PAIL_ERROR_SERVICE:
                say_service(ret_diagnosis, error, context);
                break;
        case PAIL_ERROR_RESOLVE:
        case PAIL_ERROR_CONNECT:
                pail_diagnose_unreachable(ret_diagnosis, error, context);
                break;
        case PAIL_ERROR_TIMEOUT:
                pail_diagnose_silent(ret_diagnosis, error, context);
                break;
        case PAIL_ERROR_TLS:
                pail_diagnose_certificate(ret_diagnosis, error, context);
                break;
        case PAIL_ERROR_TRANSFER:
                pail_diagnose_broken(ret_diagnosis, error, context);
                break;
        case PAIL_ERROR_PROTOCOL:
                pail_diagnose_no_s3(ret_diagnosis, error, context);
                break;
        default:
                say_as_is(ret_diagnosis, error);
        }
}

void pail_diagnose_message(struct pail_error *error, const struct pail_diagnosis_context *context)
{
        struct pail_diagnosis diagnosis;
        pail_diagnose(error, context, &diagnosis);
        if (error->class == PAIL_ERROR_NONE || error->class == PAIL_ERROR_CONFIG ||
            error->class == PAIL_ERROR_CREDENTIALS)
                return; /* said in words already */
        /* What to do comes last, and must not be what is cut off. */
        size_t room = sizeof(error->message) - strlen(diagnosis.remedy) - strlen("; ") - 1;
        if (strlen(diagnosis.detail) > room) {
                diagnosis.detail[room] = '\0';
                pail_str_trim_utf8(diagnosis.detail);
        }
        size_t length = strlen(diagnosis.detail);
        pail_str_copy(error->message, sizeof(error->message), diagnosis.detail);
        if (!diagnosis.remedy[0])
                return;
        pail_str_copy(error->message + length, sizeof(error->message) - length, "; ");
        length += strlen("; ");
        pail_str_copy(error->message + length, sizeof(error->message) - length, diagnosis.remedy);
}
