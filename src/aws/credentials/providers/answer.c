/* SPDX-License-Identifier: Apache-2.0 */
/* What containers, instances, programs and the files of "aws login" have is read by one function: they differ only in the names of the keys. */
#include "answer.h"

#include <errno.h>
#include <string.h>

#include "aws/config/json.h"
#include "pail/util/clock.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

const struct pail_provider_answer_format pail_provider_answer_of_role = {
        .id = "AccessKeyId",
        .secret = "SecretAccessKey",
        .token = "Token",
        .account = "AccountId",
        .expiration = "Expiration",
        .is_temporary = true,
};

int pail_provider_answer_get(const struct pail_provider_context *context, const struct pail_service_request *request,
                             struct pail_service_answer *ret_answer, struct pail_error *ret_error)
{
        int r = pail_service_call(context->service, request, ret_answer, ret_error);

        if (r < 0)
                return r;
        if (ret_answer->status != 429 && ret_answer->status < 500)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_SERVICE, "%s answered with HTTP status %d", request->name,
                       ret_answer->status);
        if (ret_error)
                ret_error->http_status = ret_answer->status;
        pail_service_answer_done(ret_answer);
        return -EIO;
}

int pail_provider_answer_refuse(const char *who, int status, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "%s answered with HTTP status %d", who, status);
        if (ret_error)
                ret_error->http_status = status;
        return -EACCES;
}

/* Borrowed from the answer. */
struct fields {
        const char *id, *secret, *token, *account, *expiration;
        int64_t expires_at;
};

static int find_fields(const char *who, const struct pail_provider_answer_format *format, const struct json_t *object,
                       struct fields *ret_fields, struct pail_error *ret_error)
{
        int (*get)(const char *, const struct json_t *, const char *, const char **,
                   struct pail_error *) = format->is_temporary ? pail_json_need_string : pail_json_want_string;
        int r = pail_json_need_string(who, object, format->id, &ret_fields->id, ret_error);

        if (r == 0)
                r = pail_json_need_string(who, object, format->secret, &ret_fields->secret, ret_error);
        if (r == 0)
                r = get(who, object, format->token, &ret_fields->token, ret_error);
        if (r == 0)
                r = get(who, object, format->expiration, &ret_fields->expiration, ret_error);
        if (r == 0)
                r = pail_json_want_string(who, object, format->account, &ret_fields->account, ret_error);
        if (r == 0)
                r = pail_json_want_time(who, object, format->expiration, &ret_fields->expires_at, ret_error);
        return r;
}

int pail_provider_answer_read(const char *who, const struct pail_provider_answer_format *format,
                              const struct json_t *object, struct pail_credentials *ret_credentials,
                              struct pail_error *ret_error)
{
        struct pail_credentials credentials = { 0 };
        struct fields found = { 0 };
        int r = find_fields(who, format, object, &found, ret_error);

        if (r < 0)
                return r;
        credentials.expires_at = found.expiration && found.expires_at < 1 ? 1 : found.expires_at;
        r = pail_str_dup(found.id, &credentials.access_key_id);
        if (r == 0)
                r = pail_secret_dup(found.secret, &credentials.secret_access_key);
        if (r == 0)
                r = pail_secret_dup(found.token, &credentials.session_token);
        if (r == 0)
                r = pail_str_dup(found.account, &credentials.account_id);
        if (r < 0) {
                pail_credentials_done(&credentials);
                return pail_error_set_errno(ret_error, -r, "%s", who);
        }
        *ret_credentials = credentials;
        return 0;
}

static int check_expiry(const char *who, const struct pail_credentials *credentials, struct pail_error *ret_error)
{
        int64_t left = credentials->expires_at - pail_clock_now().tv_sec;

        if (credentials->expires_at == 0 || left > 0)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                       "%s has credentials that expired %lld s ago (if that is wrong, set this machine's clock)", who,
                       (long long)-left);
        return -EKEYEXPIRED;
}

int pail_provider_answer_read_fresh(const char *who, const struct pail_provider_answer_format *format,
                                    const struct json_t *object, struct pail_credentials *ret_credentials,
                                    struct pail_error *ret_error)
{
        struct pail_credentials credentials = { 0 };
        int r = pail_provider_answer_read(who, format, object, &credentials, ret_error);

        if (r < 0)
                return r;
        r = check_expiry(who, &credentials, ret_error);
        if (r < 0) {
                pail_credentials_done(&credentials);
                return r;
        }
        *ret_credentials = credentials;
        return 0;
}
