/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of "aws login". What is in it beside the keys that are known here is kept when it is written again: other programs of AWS read
 * and write it, too.
 */
#include "login_token.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "answer.h"
#include "aws/config/json.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { LOGIN_LIFETIME_MAX_S = 7 * 24 * 3600 };

static const struct pail_provider_answer_format token_format = {
        .id = "accessKeyId",
        .secret = "secretAccessKey",
        .token = "sessionToken",
        .account = "accountId",
        .expiration = "expiresAt",
        .is_temporary = true,
};

static int read_credentials(const char *who, const json_t *token, struct pail_credentials *ret_credentials,
                            struct pail_error *ret_error)
{
        json_t *keys;
        int r = pail_json_need_object(who, token, "accessToken", &keys, ret_error);

        return r == 0 ? pail_provider_answer_read(who, &token_format, keys, ret_credentials, ret_error) : r;
}

int pail_login_token_parse(const char *file, const char *text, size_t length, json_t **ret_token,
                           struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        static const char *const needed[] = { "clientId", "refreshToken", "dpopKey" };
        _cleanup_json_ json_t *token = NULL;
        const char *value;
        int r = pail_json_parse(file, text, length, &token, ret_error);

        for (size_t i = 0; r == 0 && i < sizeof(needed) / sizeof(needed[0]); i++)
                r = pail_json_need_string(file, token, needed[i], &value, ret_error);
        if (r == 0)
                r = read_credentials(file, token, ret_credentials, ret_error);
        if (r == 0)
                *ret_token = pail_steal(&token);
        return r;
}

/* Wipes what was there. Takes value, also on failure. */
static int replace_member(json_t *object, const char *key, json_t *value)
{
        json_t *old = json_incref(json_object_get(object, key));

        if (json_object_set_new(object, key, value) < 0) {
                json_decref(old);
                return -ENOMEM;
        }
        pail_json_free(old);
        return 0;
}

static int replace_keys(json_t *token, const struct pail_credentials *fresh, const char *refresh_token)
{
        struct tm tm;
        char expires_at[32];
        const time_t time = (time_t)fresh->expires_at;
        int r;

        if (!gmtime_r(&time, &tm) || strftime(expires_at, sizeof(expires_at), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
                return -EINVAL;
        json_t *keys = json_pack("{s:s, s:s, s:s, s:s*, s:s}", token_format.id, fresh->access_key_id,
                                 token_format.secret, fresh->secret_access_key, token_format.token,
                                 fresh->session_token, token_format.account, fresh->account_id, token_format.expiration,
                                 expires_at);
        if (!keys)
                return -ENOMEM;
        r = replace_member(token, "accessToken", keys);
        return r == 0 ? replace_member(token, "refreshToken", json_string(refresh_token)) : r;
}

static int read_answer(const char *who, const json_t *answer, int64_t now, struct pail_credentials *ret_fresh,
                       const char **ret_refresh_token, struct pail_error *ret_error)
{
        /* The answer has a lifetime where the file has a time. */
        struct pail_provider_answer_format format = token_format;
        json_t *keys;
        int64_t lifetime_s = 0;
        int r = pail_json_need_object(who, answer, "accessToken", &keys, ret_error);

        format.is_temporary = false;
        if (r == 0)
                r = pail_json_need_integer(who, answer, "expiresIn", &lifetime_s, ret_error);
        if (r == 0)
                r = pail_json_need_string(who, answer, "refreshToken", ret_refresh_token, ret_error);
        if (r == 0)
                r = pail_provider_answer_read(who, &format, keys, ret_fresh, ret_error);
        if (r < 0)
                return r;
        if (!ret_fresh->session_token || lifetime_s < 1 || lifetime_s > LOGIN_LIFETIME_MAX_S) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "%s: \"%s\" is missing or out of range", who,
                               ret_fresh->session_token ? "expiresIn" : format.token);
                return -EINVAL;
        }
        ret_fresh->expires_at = now + lifetime_s;
        return 0;
}

int pail_login_token_renew(const char *url, json_t *token, int64_t now, const char *text, size_t length,
                           struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        _cleanup_json_ json_t *answer = NULL;
        _cleanup_free_ char *who = NULL;
        _cleanup_(pail_credentials_done) struct pail_credentials fresh = { 0 };
        const char *refresh_token = NULL, *account = json_string_value(json_object_get(
                                                  json_object_get(token, "accessToken"), token_format.account));
        int r = pail_str_printf(&who, "the answer of the sign-in service at %s", url);

        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "the answer of the sign-in service");
        r = pail_json_parse(who, text, length, &answer, ret_error);
        if (r == 0)
                r = read_answer(who, answer, now, &fresh, &refresh_token, ret_error);
        if (r < 0)
                return r;
        r = fresh.account_id ? 0 : pail_str_dup(account, &fresh.account_id);
        if (r == 0)
                r = replace_keys(token, &fresh, refresh_token);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "%s", who);
        *ret_credentials = fresh;
        fresh = (struct pail_credentials){ 0 };
        return 0;
}

const char *pail_login_token_refusal(const char *text, size_t length)
{
        static const struct {
                const char *code, *meaning;
        } refusals[] = {
                { "TOKEN_EXPIRED", "the sign-in session has ended" },
                { "AUTHCODE_EXPIRED", "the sign-in session has ended" },
                { "USER_CREDENTIALS_CHANGED", "the user's credentials were changed after the sign-in" },
                { "INSUFFICIENT_PERMISSIONS", "the user lacks the permission signin:CreateOAuth2Token" },
        };
        _cleanup_json_ json_t *answer = NULL;
        const char *code = NULL;

        if (pail_json_parse("", text, length, &answer, NULL) == 0)
                code = json_string_value(json_object_get(answer, "error"));
        for (size_t i = 0; code && i < sizeof(refusals) / sizeof(refusals[0]); i++)
                if (strcmp(code, refusals[i].code) == 0)
                        return refusals[i].meaning;
        return "the sign-in service does not renew the session";
}
