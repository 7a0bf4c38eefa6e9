/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "assume-role-with-web-identity": a token in a file, which somebody else renews (Kubernetes, a runner of a CI system), is exchanged for
 * credentials of a role. So the file is read again at each load. Every setting is looked for in the environment first, then in
 * the profile, each on its own, as the AWS SDK for Python does.
 */
#include "web_identity.h"

#include <errno.h>
#include <string.h>

#include "aws/config/environment.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"
#include "sts.h"

enum { TOKEN_MAX_BYTES = 64 * 1024 }; /* STS takes 20 000 characters */

struct state {
        const struct pail_provider_context *context;
        char *profile;
        char *directory; /* where a relative file name begins: a daemon has moved to / by now */
        bool with_environment;
};

static void web_identity_free(void *argument)
{
        struct state *state = argument;

        if (!state)
                return;
        free(state->profile);
        free(state->directory);
        free(state);
}

static const char *read_setting(const struct state *state, const char *variable, const char *key)
{
        const char *value = state->with_environment ? pail_environment_get(state->context->environment, variable)
                                                    : NULL;

        if (!value)
                value = pail_profiles_get(state->context->profiles, state->profile, NULL, key);
        return pail_str_is_empty(value) ? NULL : value;
}

static int refuse_token(const struct state *state, const char *file, struct pail_error *ret_error,
                        enum pail_error_class class, const char *what)
{
        pail_error_set(ret_error, class, "profile \"%s\": the web identity token in %s %s", state->profile, file, what);
        return -EINVAL;
}

/* A token is a word. A line end after it is an editor's; anything else would be sent to be refused. */
static int trim_token(const struct state *state, const char *file, struct pail_buf *token, struct pail_error *ret_error)
{
        while (token->length > 0 && strchr("\r\n", token->data[token->length - 1]))
                pail_buf_truncate(token, token->length - 1);
        if (token->length == 0)
                return refuse_token(state, file, ret_error, PAIL_ERROR_CREDENTIALS, "is empty");
        for (size_t i = 0; i < token->length; i++)
                if (token->data[i] <= ' ' || token->data[i] > '~')
                        return refuse_token(state, file, ret_error, PAIL_ERROR_CREDENTIALS,
                                            "is not one word: there is a space, a line end or no ASCII in it");
        return 0;
}

static int read_token_file(const struct state *state, const char *file, struct pail_buf *token,
                           struct pail_error *ret_error)
{
        _cleanup_free_ char *path = NULL;
        int r = *file == '/' || !state->directory ? pail_str_dup(file, &path)
                                                  : pail_str_printf(&path, "%s/%s", state->directory, file);

        if (r == 0)
                r = pail_buf_reserve(token, TOKEN_MAX_BYTES);
        if (r == 0)
                r = pail_file_read(path, token);
        if (r == -EMSGSIZE)
                return refuse_token(state, file, ret_error, PAIL_ERROR_CREDENTIALS, "is longer than any token");
        if (r < 0) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "profile \"%s\": the web identity token %s: %s",
                               state->profile, file, strerror(-r));
                return r == -ENOENT ? -ENODATA : r; /* not "ask the next provider" */
        }
        return trim_token(state, file, token, ret_error);
}

static int web_identity_load(void *argument, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        const struct state *state = argument;
        const char *file = read_setting(state, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
        _cleanup_buf_wipe_ struct pail_buf token = PAIL_BUF_INIT_SECRET(TOKEN_MAX_BYTES);
        struct pail_sts_request request = {
                .profile = state->profile,
                .role_arn = read_setting(state, "AWS_ROLE_ARN", "role_arn"),
                .session_name = read_setting(state, "AWS_ROLE_SESSION_NAME", "role_session_name"),
        };
        int r;

        if (!file)
                return -ENOENT;
        if (!request.role_arn)
                return refuse_token(state, file, ret_error, PAIL_ERROR_CONFIG,
                                    "is for no role: neither role_arn in the profile nor AWS_ROLE_ARN is set");
        r = read_token_file(state, file, &token, ret_error);
        if (r < 0)
                return r;
        request.web_identity_token = token.data;
        return pail_sts_assume(state->context, &request, ret_credentials, ret_error);
}

static const struct pail_provider web_identity_provider = {
        .name = "assume-role-with-web-identity",
        .load = web_identity_load,
        .free_state = web_identity_free,
};

int pail_provider_web_identity_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                                   const char *profile, bool with_environment)
{
        struct state *state = calloc(1, sizeof(*state));

        if (!state)
                return -ENOMEM;
        state->context = context;
        state->with_environment = with_environment;
        if (!context->directory)
                state->directory = getcwd(NULL, 0);
        if (pail_str_dup(profile, &state->profile) < 0 ||
            (context->directory && pail_str_dup(context->directory, &state->directory) < 0)) {
                web_identity_free(state);
                return -ENOMEM;
        }
        return pail_provider_chain_add(chain, &web_identity_provider, state);
}
