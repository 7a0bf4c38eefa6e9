/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "sso": a token of IAM Identity Center (sso_token.c) is exchanged for credentials of a role in an account ("GetRoleCredentials",
 * IAM Identity Center Portal API reference). Where the token comes from stands in the profile or, named by sso_session, in a
 * section [sso-session NAME].
 */
#include "sso.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "aws/config/json.h"
#include "aws/config/settings.h"
#include "aws/credentials/service.h"
#include "aws/endpoint/service_url.h"
#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"
#include "sso_token.h"

enum { SSO_ATTEMPTS = 3, URL_MAX_BYTES = 8 * 1024 };

struct state {
        const struct pail_provider_context *context;
        char *profile;
        int64_t renewed_at_ms;
};

/* What a profile says; borrowed from it. */
struct asked {
        struct pail_sso_login login;
        const char *role, *account;
};

static void sso_free(void *argument)
{
        struct state *state = argument;

        if (!state)
                return;
        free(state->profile);
        free(state);
}

static const char *profile_value(const struct state *state, const char *key)
{
        return pail_profiles_get(state->context->profiles, state->profile, NULL, key);
}

static const char *session_value(const struct state *state, const char *session, const char *key)
{
        return pail_profiles_get_section(state->context->profiles, "sso-session", session, NULL, key);
}

/* A key may stand in the profile and in the section, if it says the same. */
static int check_session(const struct state *state, const char *session, struct pail_error *ret_error)
{
        static const char *const keys[] = { "sso_start_url", "sso_region", "sso_account_id", "sso_role_name",
                                            "sso_registration_scopes" };

        if (!pail_profiles_has_section(state->context->profiles, "sso-session", session))
                return pail_provider_context_refuse(state->context, state->profile, ret_error,
                                                    "there is no section [sso-session %s], which sso_session names",
                                                    session);
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
                const char *ours = profile_value(state, keys[i]), *its = session_value(state, session, keys[i]);
                if (ours && its && strcmp(ours, its) != 0)
                        return pail_provider_context_refuse(state->context, state->profile, ret_error,
                                                            "%s is another one than in [sso-session %s]", keys[i],
                                                            session);
        }
        return 0;
}

static int check_complete(const struct state *state, const struct asked *asked, struct pail_error *ret_error)
{
        const struct {
                const char *key, *value;
        } needed[] = {
                { "sso_role_name", asked->role },
                { "sso_account_id", asked->account },
                { "sso_start_url", asked->login.start_url },
                { "sso_region", asked->login.region },
        };
        const char *session = asked->login.session;

        for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
                if (!pail_str_is_empty(needed[i].value))
                        continue;
                if (i < 2 || !session)
                        return pail_provider_context_refuse(state->context, state->profile, ret_error,
                                                            "SSO needs %s as well", needed[i].key);
                return pail_provider_context_refuse(state->context, state->profile, ret_error,
                                                    "[sso-session %s] lacks %s", session, needed[i].key);
        }
        return 0;
}

/* -ENOENT: the profile is not about SSO. */
static int read_profile(const struct state *state, struct asked *ret_asked, struct pail_error *ret_error)
{
        const char *session = profile_value(state, "sso_session");
        struct asked asked = {
                .login = {
                        .profile = state->profile,
                        .session = session,
                        .start_url = session ? session_value(state, session, "sso_start_url") : profile_value(state, "sso_start_url"),
                        .region = session ? session_value(state, session, "sso_region") : profile_value(state, "sso_region"),
                },
                .role = profile_value(state, "sso_role_name"),
                .account = profile_value(state, "sso_account_id"),
        };
        int r;

        if (!asked.role && !asked.account)
                return -ENOENT;
        if (session) {
                r = check_session(state, session, ret_error);
                if (r < 0)
                        return r;
                if (!asked.role)
                        asked.role = session_value(state, session, "sso_role_name");
                if (!asked.account)
                        asked.account = session_value(state, session, "sso_account_id");
        }
        r = check_complete(state, &asked, ret_error);
        if (r == 0)
                *ret_asked = asked;
        return r;
}

static int make_url(const struct pail_settings *settings, const struct asked *asked, struct pail_buf *url,
                    struct pail_error *ret_error)
{
        _cleanup_free_ char *base = NULL;
        int r = pail_service_url(settings, "sso", "portal.sso", asked->login.region, &base, ret_error);

        if (r < 0)
                return r;
        pail_buf_printf(url, "%s/federation/credentials?role_name=", base);
        pail_str_percent_encode(url, asked->role, strlen(asked->role), false);
        pail_buf_append_string(url, "&account_id=");
        r = pail_str_percent_encode(url, asked->account, strlen(asked->account), false);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "SSO") : 0;
}

static int copy_strings(const struct asked *asked, const char *const values[static 3],
                        struct pail_credentials *ret_credentials)
{
        struct pail_credentials found = { 0 };
        int r = pail_str_dup(values[0], &found.access_key_id);

        if (r == 0)
                r = pail_secret_dup(values[1], &found.secret_access_key);
        if (r == 0)
                r = pail_secret_dup(values[2], &found.session_token);
        if (r == 0)
                r = pail_str_dup(asked->account, &found.account_id);
        if (r < 0) {
                pail_credentials_done(&found);
                return r;
        }
        *ret_credentials = found;
        return 0;
}

static int read_credentials(const struct asked *asked, const char *who, const struct pail_buf *body,
                            struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        static const char *const keys[] = { "accessKeyId", "secretAccessKey", "sessionToken" };
        _cleanup_json_ json_t *answer = NULL;
        json_t *found = NULL; /* borrowed from answer */
        const char *values[3] = { NULL };
        int64_t expiration_ms = 0;
        int r = pail_json_parse(who, body->data, body->length, &answer, ret_error);

        if (r == 0)
                r = pail_json_need_object(who, answer, "roleCredentials", &found, ret_error);
        for (size_t i = 0; r == 0 && i < 3; i++)
                r = pail_json_need_string(who, found, keys[i], &values[i], ret_error);
        if (r == 0)
                r = pail_json_need_integer(who, found, "expiration", &expiration_ms, ret_error);
        if (r < 0)
                return r;
        if (copy_strings(asked, values, ret_credentials) < 0)
                return pail_error_set_errno(ret_error, ENOMEM, "SSO");
        /* 0 would mean "never". */
        ret_credentials->expires_at = expiration_ms < 1000 ? 1 : expiration_ms / 1000;
        return 0;
}

static int refuse_status(const struct asked *asked, const struct pail_service_answer *answer,
                         struct pail_error *ret_error)
{
        const char *type = pail_http_headers_get(&answer->headers, "x-amzn-ErrorType");
        bool temporary = answer->status == 429 || answer->status >= 500;

        if (answer->status == 401)
                pail_sso_token_ask_for_login(&asked->login, "SSO does not accept the token any more", ret_error);
        else if (temporary)
                pail_error_set(ret_error, PAIL_ERROR_SERVICE, "profile \"%s\": SSO fails, HTTP status %d",
                               asked->login.profile, answer->status);
        else
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                               "profile \"%s\": SSO does not give this user the role %s of account %s, HTTP status %d",
                               asked->login.profile, asked->role, asked->account, answer->status);
        if (ret_error) {
                ret_error->http_status = answer->status;
                pail_str_copy(ret_error->code, sizeof(ret_error->code), type ? type : "");
                ret_error->code[strcspn(ret_error->code, ":")] = '\0';
        }
        return temporary ? -EIO : -EACCES;
}

static int request_credentials(const struct state *state, const struct asked *asked,
                               const struct pail_http_headers *headers, struct pail_credentials *ret_credentials,
                               struct pail_error *ret_error)
{
        _cleanup_(pail_service_answer_done) struct pail_service_answer answer = { 0 };
        _cleanup_buf_ struct pail_buf url = PAIL_BUF_INIT(URL_MAX_BYTES);
        _cleanup_free_ char *who = NULL;
        int r;

        r = make_url(state->context->settings, asked, &url, ret_error);
        if (r < 0)
                return r;
        const struct pail_service_request request = {
                .name = "SSO",
                .method = "GET",
                .url = url.data,
                .headers = headers,
                .attempts = SSO_ATTEMPTS,
        };
        r = pail_service_call(state->context->service, &request, &answer, ret_error);
        if (r < 0) {
                pail_error_prefix(ret_error, "profile \"%s\"", state->profile);
                return r;
        }
        if (answer.status != 200)
                return refuse_status(asked, &answer, ret_error);
        r = pail_str_printf(&who, "profile \"%s\": the answer of SSO at %.*s", state->profile,
                            (int)strcspn(url.data, "?"), url.data);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "SSO");
        return read_credentials(asked, who, &answer.body, ret_credentials, ret_error);
}

static int sso_load(void *argument, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        struct state *state = argument;
        _cleanup_buf_wipe_ struct pail_buf token = PAIL_BUF_INIT_SECRET(PAIL_SSO_TOKEN_MAX_BYTES);
        struct pail_http_headers headers = { 0 };
        struct asked asked;
        int r = read_profile(state, &asked, ret_error);

        if (r < 0)
                return r;
        if (pail_buf_reserve(&token, PAIL_SSO_TOKEN_MAX_BYTES) < 0)
                return pail_error_set_errno(ret_error, ENOMEM, "SSO");
        r = pail_sso_token_get(state->context, &asked.login, &state->renewed_at_ms, &token, ret_error);
        if (r < 0)
                return r;
        r = pail_http_headers_add(&headers, "x-amz-sso_bearer_token", token.data);
        if (r == 0)
                r = request_credentials(state, &asked, &headers, ret_credentials, ret_error);
        else
                pail_error_set_errno(ret_error, -r, "profile \"%s\": the SSO token cannot be sent", state->profile);
        pail_service_headers_wipe(&headers);
        return r;
}

static const struct pail_provider sso_provider = {
        .name = "sso",
        .load = sso_load,
        .free_state = sso_free,
};

int pail_provider_sso_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                          const char *profile)
{
        struct state *state = calloc(1, sizeof(*state));

        if (!state)
                return -ENOMEM;
        state->context = context;
        if (pail_str_dup(profile, &state->profile) < 0) {
                free(state);
                return -ENOMEM;
        }
        return pail_provider_chain_add(chain, &sso_provider, state);
}
