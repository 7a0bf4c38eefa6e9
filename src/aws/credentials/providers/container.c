/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential service of a container: ECS, EKS Pod Identity, and whoever speaks their protocol ("Container credential provider", AWS SDKs
 * and Tools reference). The environment names its URL and perhaps a token, which goes to the hosts of that page only: over http, which
 * anybody on the way can read, to this machine.
 */
#include "container.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "answer.h"
#include "aws/config/environment.h"
#include "aws/config/json.h"
#include "aws/config/url.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

enum {
        CONTAINER_TIMEOUT_MS = 2000,
        CONTAINER_ATTEMPTS = 3,
        CONTAINER_URL_BYTES = 4096,
        CONTAINER_TOKEN_BYTES = 32 * 1024,
};

#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
#define RELATIVE_HOST "169.254.170.2"

/* host: in lower case, an IPv6 address with its brackets. */
static bool is_local(const char *host)
{
        static const char *const names[] = { RELATIVE_HOST, "169.254.170.23", "localhost" };
        struct in6_addr six, pod_identity;
        struct in_addr four;
        char text[INET6_ADDRSTRLEN];

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (pail_str_equal(host, names[i]))
                        return true;
        if (inet_pton(AF_INET, host, &four) == 1)
                return ntohl(four.s_addr) >> 24 == 127;
        if (host[0] != '[')
                return false;
        pail_str_copy(text, sizeof(text), host + 1);
        text[strcspn(text, "]")] = '\0';
        return inet_pton(AF_INET6, "fd00:ec2::23", &pod_identity) == 1 && inet_pton(AF_INET6, text, &six) == 1 &&
               (IN6_IS_ADDR_LOOPBACK(&six) || memcmp(&six, &pod_identity, sizeof(six)) == 0);
}

static int check_url(const char *variable, const char *text, struct pail_buf *ret_who, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf host = PAIL_BUF_INIT(CONTAINER_URL_BYTES);
        const char *reason;
        struct pail_url url;

        if (pail_url_parse(text, &url, &reason) < 0) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "%s in the environment: %s", variable, reason);
                return -EINVAL;
        }
        for (size_t i = 0; i < url.host_length; i++)
                pail_buf_append_char(&host, (char)tolower((unsigned char)url.host[i]));
        if (host.error < 0)
                return pail_error_set_errno(ret_error, -host.error, "%s", variable);
        if (!url.is_https &&
            (!is_local(host.data) || (strcmp(variable, RELATIVE) == 0 && strcmp(host.data, RELATIVE_HOST) != 0))) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                               "%s in the environment names the host \"%s\"; over http it must be a loopback address, "
                               "169.254.170.2, 169.254.170.23 or [fd00:ec2::23]",
                               variable, host.data);
                return -EINVAL;
        }
        return pail_buf_printf(ret_who, "the credential service of the container (%s at %s)", variable, host.data);
}

int pail_container_url(char *const *environment, struct pail_buf *ret_url, struct pail_buf *ret_who,
                       struct pail_error *ret_error)
{
        const char *relative = pail_environment_get(environment, RELATIVE);
        const char *full = pail_environment_get(environment, FULL);
        int r;

        if (!relative && !full)
                return -ENOENT;
        if (relative)
                r = pail_buf_printf(ret_url, "http://" RELATIVE_HOST "%s", relative);
        else
                r = pail_buf_append_string(ret_url, full);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "%s", relative ? RELATIVE : FULL);
        return check_url(relative ? RELATIVE : FULL, ret_url->data, ret_who, ret_error);
}

static int refuse_token(const char *variable, const char *file, const char *what, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "the token of %s%s%s %s", variable, file ? ", " : "",
                       file ? file : "", what);
        return -EINVAL;
}

static int add_token(struct pail_http_headers *headers, const char *variable, const char *file, const char *token,
                     size_t length, struct pail_error *ret_error)
{
        int r;

        if (length == 0)
                return refuse_token(variable, file, "is empty", ret_error);
        if (strlen(token) != length || strpbrk(token, "\r\n"))
                return refuse_token(variable, file,
                                    "has a line end in it or behind it; it must be one line without one", ret_error);
        r = pail_http_headers_add(headers, "Authorization", token);
        return r < 0 ? refuse_token(variable, file, "is too long or no header value", ret_error) : 0;
}

/* The file is read each time: who runs the container replaces it. */
static int add_token_of_file(struct pail_http_headers *headers, const char *file, struct pail_error *ret_error)
{
        _cleanup_buf_wipe_ struct pail_buf token = PAIL_BUF_INIT_SECRET(CONTAINER_TOKEN_BYTES);
        int r;

        r = pail_buf_reserve(&token, CONTAINER_TOKEN_BYTES);
        if (r == 0)
                r = pail_file_read(file, &token);
        if (r < 0)
                refuse_token(TOKEN_FILE, file, r == -EMSGSIZE ? "is too long" : "cannot be read", ret_error);
        else
                r = add_token(headers, TOKEN_FILE, file, token.data, token.length, ret_error);
        return r < 0 ? -EINVAL : 0;
}

static int build_headers(char *const *environment, struct pail_http_headers *headers, struct pail_error *ret_error)
{
        const char *file = pail_environment_get(environment, TOKEN_FILE);
        const char *token = pail_environment_get(environment, TOKEN);
        int r = pail_http_headers_add(headers, "Accept", "application/json");

        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot make a request");
        if (file)
                return add_token_of_file(headers, file, ret_error);
        return token ? add_token(headers, TOKEN, NULL, token, strlen(token), ret_error) : 0;
}

int pail_container_parse(const char *who, const char *text, size_t length, struct pail_credentials *ret_credentials,
                         struct pail_error *ret_error)
{
        _cleanup_json_ struct json_t *object = NULL;
        int r = pail_json_parse(who, text, length, &object, ret_error);

        if (r < 0)
                return r;
        return pail_provider_answer_read_fresh(who, &pail_provider_answer_of_role, object, ret_credentials, ret_error);
}

static int request_credentials(const struct pail_provider_context *context, const char *who, const char *url,
                               struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        _cleanup_(pail_service_answer_done) struct pail_service_answer answer = { 0 };
        _cleanup_(pail_service_headers_wipe) struct pail_http_headers headers = { 0 };
        const struct pail_service_request request = {
                .name = who,
                .method = "GET",
                .url = url,
                .headers = &headers,
                .timeout_ms = CONTAINER_TIMEOUT_MS,
                .attempts = CONTAINER_ATTEMPTS,
                .no_proxy = true,
        };
        int r = build_headers(context->environment, &headers, ret_error);

        if (r == 0)
                r = pail_provider_answer_get(context, &request, &answer, ret_error);
        if (r < 0)
                return r;
        if (answer.status != 200)
                return pail_provider_answer_refuse(who, answer.status, ret_error);
        return pail_container_parse(who, answer.body.data, answer.body.length, ret_credentials, ret_error);
}

static int container_load(void *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        const struct pail_provider_context *context = *(const struct pail_provider_context **)state;
        _cleanup_buf_ struct pail_buf url = PAIL_BUF_INIT(CONTAINER_URL_BYTES);
        _cleanup_buf_ struct pail_buf who = PAIL_BUF_INIT(CONTAINER_URL_BYTES);
        int r;

        r = pail_container_url(context->environment, &url, &who, ret_error);
        return r == 0 ? request_credentials(context, who.data, url.data, ret_credentials, ret_error) : r;
}

int pail_provider_container_add(struct pail_provider_chain *chain, const struct pail_provider_context *context)
{
        static const struct pail_provider provider = {
                .name = "container-role",
                .load = container_load,
                .free_state = free,
        };
        const struct pail_provider_context **state = malloc(sizeof(*state));

        if (!state)
                return -ENOMEM;
        *state = context;
        return pail_provider_chain_add(chain, &provider, (void *)state);
}
