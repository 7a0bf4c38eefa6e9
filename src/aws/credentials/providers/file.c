/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Static keys of a profile. Whoever has an access key id there has decided for this source: a missing or empty secret is then
 * an error, not a reason to ask the next provider, which would sign as somebody else.
 */
#include <errno.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"
#include "providers.h"

struct state {
        const struct pail_profiles *profiles;
        pail_provider_file_get *get;
        char *profile;
        char *file;
};

void pail_provider_file_free(void *argument)
{
        struct state *state = argument;

        if (!state)
                return;
        free(state->profile);
        free(state->file);
        free(state);
}

int pail_provider_file_add(struct pail_provider_chain *chain, const struct pail_provider *provider,
                           const struct pail_profiles *profiles, const char *profile, const char *file,
                           pail_provider_file_get *get)
{
        struct state *state = calloc(1, sizeof(*state));
        int r;

        if (!state)
                return -ENOMEM;
        state->profiles = profiles;
        state->get = get;
        r = pail_str_dup(profile, &state->profile);
        if (r == 0)
                r = pail_str_dup(file, &state->file);
        if (r < 0) {
                pail_provider_file_free(state);
                return r;
        }
        return pail_provider_chain_add(chain, provider, state);
}

static const char *get(const struct state *state, const char *key)
{
        return state->get(state->profiles, state->profile, key);
}

/* Both names of the token are in use; an empty one is none. */
static const char *get_token(const struct state *state)
{
        const char *token = get(state, "aws_security_token");

        if (pail_str_is_empty(token))
                token = get(state, "aws_session_token");
        return pail_str_is_empty(token) ? NULL : token;
}

static int incomplete(const struct state *state, const char *what, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "profile \"%s\" in %s: %s", state->profile,
                       state->file ? state->file : "the shared files", what);
        return -EINVAL;
}

int pail_provider_file_load(void *argument, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        const struct state *state = argument;
        const char *id = get(state, "aws_access_key_id"), *secret = get(state, "aws_secret_access_key");
        struct pail_credentials found = { 0 };
        int r;

        if (!id)
                return -ENOENT;
        if (!*id)
                return incomplete(state, "aws_access_key_id is empty", ret_error);
        if (pail_str_is_empty(secret))
                return incomplete(state, "aws_access_key_id without aws_secret_access_key", ret_error);
        r = pail_str_dup(id, &found.access_key_id);
        if (r == 0)
                r = pail_secret_dup(secret, &found.secret_access_key);
        if (r == 0)
                r = pail_secret_dup(get_token(state), &found.session_token);
        if (r == 0)
                r = pail_str_dup(get(state, "aws_account_id"), &found.account_id);
        if (r < 0) {
                pail_credentials_done(&found);
                return pail_error_set_errno(ret_error, -r, "credentials");
        }
        *ret_credentials = found;
        return 0;
}
