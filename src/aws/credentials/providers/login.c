/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session that "aws login" opened ("Login credentials provider", AWS SDKs and Tools reference): keys for a quarter of an hour in a file, with
 * a token and a private key to get the next ones. The file is the state, shared with the other programs of AWS: it is read each time, and
 * whoever finds the keys about to expire renews them for all. Two who do that at once get the same answer.
 */
#include "login.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include <openssl/evp.h>

#include "answer.h"
#include "aws/config/environment.h"
#include "aws/config/json.h"
#include "aws/config/settings_endpoint.h"
#include "aws/endpoint/partition.h"
#include "aws/endpoint/service_url.h"
#include "login_command.h"
#include "login_dpop.h"
#include "login_token.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

enum {
        LOGIN_RENEW_S = 5 * 60, /* with less left keys are renewed, as other programs of AWS do */
        LOGIN_ATTEMPTS = 3,
        LOGIN_HEADER_BYTES = 16 * 1024,
};

#define KEY "login_session"

struct state {
        const struct pail_provider_context *context;
        char *profile;
};

static int make_file_name(const struct state *state, const char *session, char **ret_file, struct pail_error *ret_error)
{
        char *const *environment = state->context->environment;
        const char *configured = pail_environment_get(environment, "AWS_LOGIN_CACHE_DIRECTORY");
        _cleanup_free_ char *directory = NULL;
        unsigned char hash[EVP_MAX_MD_SIZE];
        _cleanup_buf_ struct pail_buf hex = PAIL_BUF_INIT(2 * sizeof(hash));
        unsigned length = 0;
        int r;

        r = pail_environment_expand_path(environment, configured ? configured : "~/.aws/login/cache", &directory);
        if (r == 0 && EVP_Digest(session, strlen(session), hash, &length, EVP_sha256(), NULL) != 1)
                r = -EIO;
        if (r == 0)
                r = pail_str_hex(&hex, hash, length);
        if (r == 0)
                r = pail_str_printf(ret_file, "%s/%s.json", directory, hex.data);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "the name of the session's file") : 0;
}

/* The domain of the service, by partition: the rules that AWS publishes with its SDKs. */
static const char *domain_of(const char *region)
{
        static const char *const domains[][2] = {
                { "aws", "signin.aws.amazon.com" },
                { "aws-cn", "signin.amazonaws.cn" },
                { "aws-us-gov", "signin.amazonaws-us-gov.com" },
                { "aws-eusc", "signin.amazonaws-eusc.eu" },
                { "aws-iso", "signin.c2shome.ic.gov" },
                { "aws-iso-b", "signin.sc2shome.sgov.gov" },
                { "aws-iso-e", "signin.csphome.adc-e.uk" },
                { "aws-iso-f", "signin.csphome.hci.ic.gov" },
        };
        const char *partition = pail_partition_of(region)->name;

        for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
                if (strcmp(domains[i][0], partition) == 0)
                        return domains[i][1];
        return domains[0][1];
}

static int make_configured_url(const char *endpoint, char **ret_url, struct pail_error *ret_error)
{
        _cleanup_free_ char *base = NULL;
        int r = pail_service_url_configured("signin", endpoint, &base, ret_error);

        return r < 0 ? r : pail_str_printf(ret_url, "%s/v1/token", base);
}

static int make_url(const struct pail_provider_context *context, char **ret_url, struct pail_error *ret_error)
{
        const char *region = context->settings->region, *endpoint;
        int r = pail_settings_endpoint_service_url(context->settings, "signin", &endpoint, ret_error);

        if (r < 0 || endpoint)
                return r < 0 ? r : make_configured_url(endpoint, ret_url, ret_error);
        if (!region || !pail_partition_is_region(region)) {
                pail_error_set(
                        ret_error, PAIL_ERROR_CONFIG,
                        "the session is to be renewed, but its region is not %s: add region = ... to the profile",
                        region ? "one" : "known");
                return -EINVAL;
        }
        return pail_str_printf(ret_url, "https://%s.%s/v1/token", region, domain_of(region));
}

static int add_proof(struct pail_http_headers *headers, const json_t *token, const char *url,
                     struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf proof = PAIL_BUF_INIT(LOGIN_HEADER_BYTES);
        int r;

        r = pail_login_dpop(&proof, json_string_value(json_object_get(token, "dpopKey")), url, pail_clock_now().tv_sec);
        if (r == -EINVAL) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                               "\"dpopKey\" in the session's file is no key of P-256");
                return r;
        }
        if (r == 0)
                r = pail_http_headers_add(headers, "DPoP", proof.data);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot sign a request to the sign-in service") : 0;
}

/* JSON in one piece of memory, into an empty buffer for secrets, which the caller wipes. */
static int append_json(const json_t *value, struct pail_buf *text)
{
        size_t size = json_dumpb(value, NULL, 0, JSON_COMPACT);
        int r = size > 0 ? pail_buf_reserve(text, size) : -ENOMEM;

        if (r < 0)
                return r;
        if (json_dumpb(value, text->data, size, JSON_COMPACT) != size)
                return -ENOMEM;
        text->length = size;
        text->data[size] = '\0';
        return 0;
}

static int request_renewal(const struct state *state, const char *url, const json_t *token,
                           struct pail_service_answer *ret_answer, struct pail_error *ret_error)
{
        _cleanup_(pail_service_headers_wipe) struct pail_http_headers headers = { 0 };
        _cleanup_json_ json_t *question = NULL;
        _cleanup_buf_wipe_ struct pail_buf body = PAIL_BUF_INIT_SECRET(PAIL_JSON_MAX_BYTES);
        struct pail_service_request request = {
                .name = "the sign-in service",
                .method = "POST",
                .headers = &headers,
                .content_type = "application/json",
                .attempts = LOGIN_ATTEMPTS,
        };
        int r;

        r = add_proof(&headers, token, url, ret_error);
        if (r < 0)
                return r;
        question = json_pack("{s:s, s:s, s:s}", "clientId", json_string_value(json_object_get(token, "clientId")),
                             "refreshToken", json_string_value(json_object_get(token, "refreshToken")), "grantType",
                             "refresh_token");
        r = question ? append_json(question, &body) : -ENOMEM;
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot ask the sign-in service");
        request.url = url;
        request.body = body.data;
        request.body_length = body.length;
        return pail_provider_answer_get(state->context, &request, ret_answer, ret_error);
}

static int write_token_file(const char *file, const json_t *token, struct pail_error *ret_error)
{
        _cleanup_buf_wipe_ struct pail_buf text = PAIL_BUF_INIT_SECRET(PAIL_JSON_MAX_BYTES);
        int r = append_json(token, &text);

        if (r == 0)
                r = pail_file_replace(file, text.data, text.length);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot write %s", file) : 0;
}

/* The answer replaces a token that may not be good for a second time: that it cannot be written is a failure. */
static int renew_session(const struct state *state, const char *file, json_t *token,
                         struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        _cleanup_(pail_service_answer_done) struct pail_service_answer answer = { 0 };
        _cleanup_(pail_credentials_done) struct pail_credentials fresh = { 0 };
        _cleanup_free_ char *url = NULL;
        char command[PAIL_LOGIN_COMMAND_SIZE];
        int r = make_url(state->context, &url, ret_error);

        if (r == 0)
                r = request_renewal(state, url, token, &answer, ret_error);

        if (r < 0)
                return r;
        if (answer.status != 200) {
                pail_login_command_of_profile("aws login", state->profile, command);
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "%s (HTTP status %d); run: %s",
                               pail_login_token_refusal(answer.body.data, answer.body.length), answer.status, command);
                return -EACCES;
        }
        r = pail_login_token_renew(url, token, pail_clock_now().tv_sec, answer.body.data, answer.body.length, &fresh,
                                   ret_error);
        if (r == 0)
                r = write_token_file(file, token, ret_error);
        if (r < 0)
                return r;
        *ret_credentials = fresh;
        fresh = (struct pail_credentials){ 0 };
        return 0;
}

static int read_token_file(const struct state *state, const char *file, json_t **ret_token,
                           struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        _cleanup_buf_wipe_ struct pail_buf text = PAIL_BUF_INIT_SECRET(PAIL_JSON_MAX_BYTES);
        char command[PAIL_LOGIN_COMMAND_SIZE];
        int r;

        pail_login_command_of_profile("aws login", state->profile, command);
        r = pail_buf_reserve(&text, LOGIN_HEADER_BYTES);
        if (r == 0)
                r = pail_file_read(file, &text);
        if (r == -ENOENT) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "nobody has signed in (%s is not there); run: %s",
                               file, command);
                return -EACCES;
        }
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot read %s", file);
        r = pail_login_token_parse(file, text.data, text.length, ret_token, ret_credentials, ret_error);
        if (r < 0)
                pail_error_prefix(ret_error, "the session's file is damaged (run: %s)", command);
        return r;
}

/* Keys that are still good are better than a reason why there are no newer ones. */
static int read_or_renew(const struct state *state, const char *session, struct pail_credentials *ret_credentials,
                         struct pail_error *ret_error)
{
        _cleanup_(pail_credentials_done) struct pail_credentials kept = { 0 };
        _cleanup_json_ json_t *token = NULL;
        _cleanup_free_ char *file = NULL;
        int64_t left_s;
        int r = make_file_name(state, session, &file, ret_error);

        if (r == 0)
                r = read_token_file(state, file, &token, &kept, ret_error);
        if (r < 0)
                return r;
        left_s = kept.expires_at - pail_clock_now().tv_sec;
        if (left_s <= LOGIN_RENEW_S) {
                r = renew_session(state, file, token, ret_credentials, ret_error);
                if (r == 0 || left_s <= 0)
                        return r;
        }
        *ret_credentials = kept;
        kept = (struct pail_credentials){ 0 };
        return 0;
}

static int login_load(void *argument, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        const struct state *state = argument;
        const char *session = pail_profiles_get(state->context->profiles, state->profile, NULL, KEY);
        struct pail_error error = PAIL_ERROR_INIT;
        int r;

        if (!session)
                return -ENOENT;
        r = read_or_renew(state, session, ret_credentials, &error);
        if (r < 0) {
                pail_error_prefix(&error, "profile \"%s\", " KEY " in %s", state->profile,
                                  pail_provider_context_key_file(state->context, state->profile, KEY));
                if (ret_error)
                        *ret_error = error;
        }
        return r == -ENOENT ? -EIO : r; /* a folder that is gone is not "nothing here" */
}

static void login_free(void *argument)
{
        struct state *state = argument;

        if (!state)
                return;
        free(state->profile);
        free(state);
}

int pail_provider_login_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                            const char *profile)
{
        static const struct pail_provider provider = {
                .name = "login",
                .load = login_load,
                .free_state = login_free,
        };
        struct state *state = calloc(1, sizeof(*state));

        if (!state || pail_str_dup(profile, &state->profile) < 0) {
                login_free(state);
                return -ENOMEM;
        }
        state->context = context;
        return pail_provider_chain_add(chain, &provider, state);
}
