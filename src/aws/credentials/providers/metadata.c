/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instance metadata service of EC2, and of those who imitate it: a token (version 2), the name of the role, its credentials. Most
 * machines have none, and they must not wait: who cannot even connect is answered "nothing here" after one timeout, and is not asked a
 * second question. A service that took the question about a token and said nothing may be one of version 1, or a router between that dropped
 * the answer (the hop limit of the token, when we are in a container): it is asked without.
 *
 * Static stability: when the service does not answer any more, or has nothing newer than what is about to expire, the old credentials are
 * given a new expiry some time ahead, and S3 is left to say whether they are still good. AWS's services go on to accept them in
 * an outage of that kind.
 */
#include "metadata.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "answer.h"
#include "aws/config/json.h"
#include "metadata_options.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/random.h"
#include "pail/util/str.h"

enum {
        METADATA_URL_BYTES = 8192,
        METADATA_ROLE_BYTES = 128, /* IAM allows 64 */
        METADATA_TOKEN_BYTES = 4096,
        METADATA_EXTENSION_S = 15 * 60, /* and a random time between these two */
        METADATA_JITTER_MIN_S = 2 * 60,
        METADATA_JITTER_MAX_S = 10 * 60,
};

#define WHO "the instance metadata service"
#define ROLES_PATH "/latest/meta-data/iam/security-credentials/"

struct state {
        const struct pail_provider_context *context;
        struct pail_credentials last; /* the newest that the service had; access_key_id NULL: none yet */
        int64_t last_seen_at;         /* when it was new */
};

/* One conversation. */
struct conversation {
        const struct pail_provider_context *context;
        struct pail_metadata_options options;
        struct pail_http_headers headers; /* the token, if there is one */
        char role[METADATA_ROLE_BYTES];
};

static void conversation_done(struct conversation *conversation)
{
        pail_metadata_options_done(&conversation->options);
        pail_service_headers_wipe(&conversation->headers);
}

static int call_service(const struct conversation *conversation, const char *method, const char *path,
                        const struct pail_http_headers *headers, struct pail_service_answer *ret_answer,
                        struct pail_error *ret_error)
{
        struct pail_service_request request = {
                .name = WHO,
                .method = method,
                .headers = headers,
                .timeout_ms = conversation->options.timeout_ms,
                .attempts = conversation->options.attempts,
                .no_proxy = true,
        };
        _cleanup_buf_ struct pail_buf url = PAIL_BUF_INIT(METADATA_URL_BYTES);

        if (pail_buf_printf(&url, "%s%s", conversation->options.base_url, path) < 0)
                return pail_error_set_errno(ret_error, -url.error, WHO);
        request.url = url.data;
        return pail_provider_answer_get(conversation->context, &request, ret_answer, ret_error);
}

/* A token is one word: a page of HTML comes from somebody else. */
static bool is_token(const struct pail_buf *body)
{
        for (size_t i = 0; i < body->length; i++)
                if (!isgraph((unsigned char)body->data[i]))
                        return false;
        return body->length > 0 && body->length < METADATA_TOKEN_BYTES;
}

static int accept_no_token(const struct conversation *conversation, struct pail_error *ret_error)
{
        if (!conversation->options.no_version_1)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                       WHO " gives no token, and asking without one is switched off (AWS_EC2_METADATA_V1_DISABLED, "
                           "ec2_metadata_v1_disabled)");
        return -EINVAL;
}

/* 0 with or without a token. -ENOENT: there is no such service. */
static int get_token(struct conversation *conversation, struct pail_error *ret_error)
{
        _cleanup_(pail_service_answer_done) struct pail_service_answer answer = { 0 };
        _cleanup_(pail_service_headers_wipe) struct pail_http_headers headers = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_http_headers_add(&headers, "x-aws-ec2-metadata-token-ttl-seconds", "21600");

        if (r == 0)
                r = call_service(conversation, "PUT", "/latest/api/token", &headers, &answer, &error);
        if (r == -ENOMEM)
                return pail_error_set_errno(ret_error, ENOMEM, WHO);
        if (r < 0)
                return error.sent || error.http_status ? accept_no_token(conversation, ret_error) : -ENOENT;
        if (answer.status == 400)
                return -ENOENT;
        if (answer.status != 200 || answer.body.length == 0)
                return accept_no_token(conversation, ret_error);
        if (!is_token(&answer.body))
                return -ENOENT;
        r = pail_http_headers_add(&conversation->headers, "x-aws-ec2-metadata-token", answer.body.data);
        return r < 0 ? pail_error_set_errno(ret_error, -r, WHO) : 0;
}

/* The first line, if it can be the name of a role. */
static int read_role(struct conversation *conversation, const struct pail_buf *body)
{
        size_t length = strcspn(body->data, "\r\n");

        if (length == 0 || length >= sizeof(conversation->role))
                return -ENOENT;
        for (size_t i = 0; i < length; i++)
                if (!isalnum((unsigned char)body->data[i]) && !strchr("+=,.@_-", body->data[i]))
                        return -ENOENT;
        memcpy(conversation->role, body->data, length);
        conversation->role[length] = '\0';
        return 0;
}

/* Whoever gave a token is the service, and what goes wrong from then on is told; others get the benefit of the doubt. */
static int get_role(struct conversation *conversation, struct pail_error *ret_error)
{
        _cleanup_(pail_service_answer_done) struct pail_service_answer answer = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = call_service(conversation, "GET", ROLES_PATH, &conversation->headers, &answer, &error);

        if (r == 0)
                return answer.status == 200 ? read_role(conversation, &answer.body) : -ENOENT;
        if (r != -ENOMEM && conversation->headers.count == 0)
                return -ENOENT;
        if (ret_error)
                *ret_error = error;
        return r;
}

/* "Code" of an answer with status 200 that has no credentials: one word of AWS's. */
static int check_code(const char *role, const struct json_t *object, struct pail_error *ret_error)
{
        const char *code;
        size_t i = 0;
        int r = pail_json_want_string(WHO, object, "Code", &code, ret_error);

        if (r < 0 || !code || strcmp(code, "Success") == 0)
                return r;
        while (isalnum((unsigned char)code[i]))
                i++;
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, WHO " has no credentials for the role \"%s\"%s%s", role,
                       code[i] || i > 64 ? "" : ": ", code[i] || i > 64 ? "" : code);
        return -EINVAL;
}

int pail_metadata_parse(const char *role, const char *text, size_t length, struct pail_credentials *ret_credentials,
                        struct pail_error *ret_error)
{
        _cleanup_json_ struct json_t *object = NULL;
        int r = pail_json_parse(WHO, text, length, &object, ret_error);

        if (r == 0)
                r = check_code(role, object, ret_error);
        return r == 0 ? pail_provider_answer_read(WHO, &pail_provider_answer_of_role, object, ret_credentials,
                                                  ret_error)
                      : r;
}

static int get_credentials(struct conversation *conversation, struct pail_credentials *ret_credentials,
                           struct pail_error *ret_error)
{
        _cleanup_(pail_service_answer_done) struct pail_service_answer answer = { 0 };
        _cleanup_buf_ struct pail_buf path = PAIL_BUF_INIT(METADATA_URL_BYTES);
        int r;

        pail_buf_append_string(&path, ROLES_PATH);
        if (pail_str_percent_encode(&path, conversation->role, strlen(conversation->role), false) < 0)
                return pail_error_set_errno(ret_error, -path.error, WHO);
        r = call_service(conversation, "GET", path.data, &conversation->headers, &answer, ret_error);
        if (r < 0)
                return r;
        if (answer.status != 200)
                return pail_provider_answer_refuse(WHO, answer.status, ret_error);
        return pail_metadata_parse(conversation->role, answer.body.data, answer.body.length, ret_credentials,
                                   ret_error);
}

static int request_credentials(const struct pail_provider_context *context, struct pail_credentials *ret_credentials,
                               struct pail_error *ret_error)
{
        _cleanup_(conversation_done) struct conversation conversation = { .context = context };
        int r = pail_metadata_options_read(context, &conversation.options, ret_error);

        if (r == 0)
                r = get_token(&conversation, ret_error);
        if (r == 0)
                r = get_role(&conversation, ret_error);
        return r == 0 ? get_credentials(&conversation, ret_credentials, ret_error) : r;
}

static int64_t extension_s(void)
{
        return METADATA_EXTENSION_S + METADATA_JITTER_MIN_S +
               (int64_t)pail_random_below(METADATA_JITTER_MAX_S - METADATA_JITTER_MIN_S + 1);
}

/* The last ones once more: with their own expiry while that is far, else with one that is far. Far is a share of how long they lived. */
static int give_last(const struct state *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        int64_t now = pail_clock_now().tv_sec, extended_s = extension_s();
        int64_t near_s = (state->last.expires_at - state->last_seen_at) / 4;
        int r = pail_credentials_copy(&state->last, ret_credentials);

        if (r < 0)
                return pail_error_set_errno(ret_error, -r, WHO);
        if (ret_credentials->expires_at - now < (near_s < extended_s ? near_s : extended_s) ||
            ret_credentials->expires_at <= now)
                ret_credentials->expires_at = now + extended_s;
        return 0;
}

static bool is_news(const struct pail_credentials *last, const struct pail_credentials *found)
{
        return !pail_str_equal(last->access_key_id, found->access_key_id) || found->expires_at > last->expires_at;
}

static int metadata_load(void *argument, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        struct state *state = argument;
        struct pail_credentials found = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = request_credentials(state->context, &found, &error);

        if (r < 0 && !state->last.access_key_id) {
                if (r != -ENOENT && ret_error)
                        *ret_error = error;
                return r;
        }
        if (r == 0 && is_news(&state->last, &found)) {
                pail_credentials_done(&state->last);
                state->last = found;
                state->last_seen_at = pail_clock_now().tv_sec;
        } else {
                pail_credentials_done(&found);
        }
        return give_last(state, ret_credentials, ret_error);
}

static void metadata_free(void *argument)
{
        struct state *state = argument;

        pail_credentials_done(&state->last);
        free(state);
}

int pail_provider_metadata_add(struct pail_provider_chain *chain, const struct pail_provider_context *context)
{
        static const struct pail_provider provider = {
                .name = "iam-role",
                .load = metadata_load,
                .free_state = metadata_free,
        };
        struct state *state = calloc(1, sizeof(*state));

        if (!state)
                return -ENOMEM;
        state->context = context;
        return pail_provider_chain_add(chain, &provider, state);
}
