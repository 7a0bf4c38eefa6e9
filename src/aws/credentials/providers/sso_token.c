/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file belongs to all programs of AWS: what is in it beside the keys that are known here is kept when it is written again. A renewal
 * that fails is an error only once the old token has expired, and then the reason decides: an outage is told as one, everything else is
 * a login that is needed.
 *
 * Rejected: keeping the token in memory. Somebody who logs in again would not be seen until the old one has expired.
 */
#include "sso_token.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>
#include <openssl/sha.h>

#include "answer.h"
#include "aws/config/environment.h"
#include "aws/config/json.h"
#include "aws/credentials/service.h"
#include "aws/endpoint/service_url.h"
#include "login_command.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/file.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

enum { RENEW_BEFORE_S = 15 * 60, RENEW_PAUSE_MS = 60 * 1000, SSO_ATTEMPTS = 3 };

int pail_sso_token_ask_for_login(const struct pail_sso_login *login, const char *why, struct pail_error *ret_error)
{
        char command[PAIL_LOGIN_COMMAND_SIZE];

        /* A session is logged in to by its own name, whichever of its profiles is used. */
        if (login->session)
                pail_login_command("aws sso login", "--sso-session", login->session, command);
        else
                pail_login_command_of_profile("aws sso login", login->profile, command);
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "profile \"%s\": %s; run: %s", login->profile, why, command);
        return -EACCES;
}

/* The file. */

static int make_cache_path(const struct pail_provider_context *context, const struct pail_sso_login *login,
                           char **ret_path)
{
        const char *named_by = login->session ? login->session : login->start_url;
        unsigned char digest[SHA_DIGEST_LENGTH];
        _cleanup_free_ char *home = NULL;
        _cleanup_buf_ struct pail_buf name = PAIL_BUF_INIT(2 * sizeof(digest));
        int r = pail_environment_home(context->environment, &home);

        if (r < 0)
                return r;
        if (!SHA1((const unsigned char *)named_by, strlen(named_by), digest))
                return -EIO;
        r = pail_str_hex(&name, digest, sizeof(digest));
        return r < 0 ? r : pail_str_printf(ret_path, "%s/.aws/sso/cache/%s.json", home ? home : "", name.data);
}

static int load_file(const struct pail_sso_login *login, const char *path, json_t **ret_token,
                     struct pail_error *ret_error)
{
        _cleanup_buf_wipe_ struct pail_buf text = PAIL_BUF_INIT_SECRET(PAIL_JSON_MAX_BYTES);
        int r;

        r = pail_buf_reserve(&text, PAIL_SSO_TOKEN_MAX_BYTES);
        if (r == 0)
                r = pail_file_read(path, &text);
        if (r == -ENOENT || r == -ENOTDIR)
                return pail_sso_token_ask_for_login(login, "there is no SSO token", ret_error);
        if (r < 0) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "profile \"%s\": the SSO token %s: %s",
                               login->profile, path, strerror(-r));
                return r;
        }
        return pail_json_parse(path, text.data, text.length, ret_token, ret_error);
}

/* Unix seconds; -1: missing or unreadable. */
static int64_t get_time(const json_t *token, const char *key)
{
        const char *text = json_string_value(json_object_get(token, key));
        struct timespec time;

        return text && pail_clock_parse_lenient(text, &time) == 0 ? (int64_t)time.tv_sec : -1;
}

static int save_file(const char *path, const json_t *token)
{
        size_t length = json_dumpb(token, NULL, 0, 0);
        _cleanup_secret_ char *text = pail_secret_malloc(length + 1);

        /* Both calls may run out of memory, and an empty file would lose the login. */
        if (length == 0 || !text || json_dumpb(token, text, length, 0) != length)
                return -ENOMEM;
        return pail_file_replace(path, text, length);
}

/* The renewal ("CreateToken", IAM Identity Center OIDC API reference). */

static int append_question(const json_t *token, struct pail_buf *body)
{
        static const char *const keys[] = { "clientId", "clientSecret", "refreshToken" };
        _cleanup_json_ json_t *question = json_pack("{s:s}", "grantType", "refresh_token");
        size_t length;
        int r;

        if (!question)
                return -ENOMEM;
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
                /* A copy: both objects are wiped. */
                json_t *value = json_copy(json_object_get(token, keys[i]));
                if (json_object_set_new(question, keys[i], value) < 0)
                        return -ENOMEM;
        }
        length = json_dumpb(question, NULL, 0, 0);
        r = length > 0 ? pail_buf_reserve(body, length) : -ENOMEM;
        if (r < 0)
                return r;
        if (json_dumpb(question, body->data, length, 0) != length)
                return -ENOMEM;
        body->length = length;
        body->data[length] = '\0';
        return 0;
}

static int set_time(json_t *token, const char *key, int64_t seconds)
{
        time_t time = (time_t)seconds;
        struct tm parts;
        char text[32];

        if (!gmtime_r(&time, &parts) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
                return -EINVAL;
        return json_object_set_new(token, key, json_string(text)) < 0 ? -ENOMEM : 0;
}

static int merge_answer(const struct pail_sso_login *login, const char *who, const struct pail_service_answer *answer,
                        json_t *token, struct pail_error *ret_error)
{
        _cleanup_json_ json_t *object = NULL;
        const char *access = NULL, *refresh = NULL;
        int64_t lifetime_s = 0;
        int r = pail_json_parse(who, answer->body.data, answer->body.length, &object, ret_error);

        if (r == 0)
                r = pail_json_need_string(who, object, "accessToken", &access, ret_error);
        if (r == 0)
                r = pail_json_want_string(who, object, "refreshToken", &refresh, ret_error);
        if (r == 0)
                r = pail_json_need_integer(who, object, "expiresIn", &lifetime_s, ret_error);
        if (r < 0)
                return r;
        /* 100 years: beyond is no lifetime, and the sum below cannot overflow. */
        if (lifetime_s < 0 || lifetime_s > 100LL * 366 * 86400 ||
            set_time(token, "expiresAt", pail_clock_now().tv_sec + lifetime_s) < 0 ||
            json_object_set_new(token, "accessToken", json_string(access)) < 0 ||
            (refresh && json_object_set_new(token, "refreshToken", json_string(refresh)) < 0) ||
            json_object_set_new(token, "startUrl", json_string(login->start_url)) < 0 ||
            json_object_set_new(token, "region", json_string(login->region)) < 0) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "%s cannot be kept", who);
                return -EINVAL;
        }
        return 0;
}

static int ask_for_renewal(const struct pail_provider_context *context, const struct pail_sso_login *login,
                           json_t *token, struct pail_error *ret_error)
{
        _cleanup_(pail_service_answer_done) struct pail_service_answer answer = { 0 };
        _cleanup_buf_wipe_ struct pail_buf body = PAIL_BUF_INIT_SECRET(PAIL_JSON_MAX_BYTES);
        _cleanup_free_ char *base = NULL, *url = NULL, *who = NULL;
        int r = pail_service_url(context->settings, "sso_oidc", "oidc", login->region, &base, ret_error);

        if (r < 0)
                return r;
        if (pail_str_printf(&url, "%s/token", base) < 0 || append_question(token, &body) < 0)
                return pail_error_set_errno(ret_error, ENOMEM, "SSO");
        const struct pail_service_request request = {
                .name = "SSO OIDC",
                .method = "POST",
                .url = url,
                .body = body.data,
                .body_length = body.length,
                .content_type = "application/json",
                .attempts = SSO_ATTEMPTS,
        };
        r = pail_provider_answer_get(context, &request, &answer, ret_error);
        if (r < 0)
                return r;
        if (answer.status != 200)
                return pail_provider_answer_refuse(request.name, answer.status, ret_error);
        if (pail_str_printf(&who, "the answer of SSO OIDC at %s", url) < 0)
                return pail_error_set_errno(ret_error, ENOMEM, "SSO");
        return merge_answer(login, who, &answer, token, ret_error);
}

static bool can_renew(const json_t *token, int64_t now)
{
        static const char *const keys[] = { "clientId", "clientSecret", "refreshToken" };

        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
                if (!json_is_string(json_object_get(token, keys[i])))
                        return false;
        return get_time(token, "registrationExpiresAt") > now;
}

/* An outage, which may pass, as opposed to a service that has answered. */
static bool is_outage(int r, const struct pail_error *error)
{
        return r < 0 && error->class != PAIL_ERROR_CREDENTIALS;
}

/* 0 also where the last try was a moment ago. What was not there is asked again as soon as a token is needed. */
static int renew_token(const struct pail_provider_context *context, const struct pail_sso_login *login,
                       const char *path, int64_t *renewed_at_ms, json_t *token, struct pail_error *ret_error)
{
        int64_t now_ms = pail_clock_monotonic_ms();
        bool is_needed = get_time(token, "expiresAt") <= pail_clock_now().tv_sec;
        int r;

        if (*renewed_at_ms != 0 && now_ms - *renewed_at_ms < RENEW_PAUSE_MS)
                return 0;
        r = ask_for_renewal(context, login, token, ret_error);
        if (!is_needed || !is_outage(r, ret_error))
                *renewed_at_ms = now_ms;
        /* A file that cannot be written (a home directory that is read-only) leaves us with a token for this time. */
        if (r == 0)
                (void)save_file(path, token);
        return r;
}

static int check_token(const struct pail_provider_context *context, const struct pail_sso_login *login,
                       const char *path, int64_t *renewed_at_ms, json_t *token, struct pail_error *ret_error)
{
        int64_t now = pail_clock_now().tv_sec, expires_at = get_time(token, "expiresAt");
        struct pail_error failure = PAIL_ERROR_INIT;
        int r = 0;

        if (expires_at < 0 && login->session) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                               "%s: \"expiresAt\" is not a time like 2030-01-31T12:00:00Z", path);
                return -EINVAL;
        }
        if (expires_at < 0)
                return 0; /* let the service say */
        if (login->session && expires_at - now < RENEW_BEFORE_S && can_renew(token, now)) {
                r = renew_token(context, login, path, renewed_at_ms, token, &failure);
                expires_at = get_time(token, "expiresAt");
        }
        /* As long as the old one is good, a failure is none: there will be another try. */
        if (expires_at <= now && is_outage(r, &failure)) {
                if (ret_error)
                        *ret_error = failure;
                return r;
        }
        return expires_at > now ? 0 : pail_sso_token_ask_for_login(login, "the SSO token has expired", ret_error);
}

int pail_sso_token_get(const struct pail_provider_context *context, const struct pail_sso_login *login,
                       int64_t *renewed_at_ms, struct pail_buf *ret_token, struct pail_error *ret_error)
{
        _cleanup_json_ json_t *token = NULL;
        _cleanup_free_ char *path = NULL;
        const char *access = NULL, *expires = NULL;
        int r = make_cache_path(context, login, &path);

        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "SSO");
        r = load_file(login, path, &token, ret_error);
        if (r == 0)
                r = pail_json_need_string(path, token, "accessToken", &access, ret_error);
        if (r == 0)
                r = pail_json_need_string(path, token, "expiresAt", &expires, ret_error);
        if (r == 0)
                r = check_token(context, login, path, renewed_at_ms, token, ret_error);
        /* Once more: a renewal has replaced it. */
        if (r == 0)
                r = pail_json_need_string(path, token, "accessToken", &access, ret_error);
        if (r < 0)
                return r;
        r = pail_buf_append_string(ret_token, access);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "the SSO token") : 0;
}
