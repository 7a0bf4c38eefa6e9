/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Static keys of a profile. Whoever has an access key id there has decided for this source: a missing or empty secret is then
 * an error, not a reason to ask the next provider, which would sign as somebody else.
 */
#include "file.h"

#include <errno.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

/* Looks in the one file or in the other. */
typedef const char *get_key(const struct pail_profiles *profiles, const char *profile, const char *key);

struct state {
        const struct pail_profiles *profiles;
        get_key *get;
        char *profile;
        char *file;
};

static void file_free(void *argument)
{
        struct state *state = argument;

        if (!state)
                return;
        free(state->profile);
        free(state->file);
        free(state);
}

static const char *read_key(const struct state *state, const char *key)
{
        return state->get(state->profiles, state->profile, key);
}

/* Both names of the token are in use; an empty one is none. */
static const char *read_session_token(const struct state *state)
{
        const char *token = read_key(state, "aws_security_token");

        if (pail_str_is_empty(token))
                token = read_key(state, "aws_session_token");
        return pail_str_is_empty(token) ? NULL : token;
}

static int refuse_profile(const struct state *state, const char *what, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "profile \"%s\" in %s: %s", state->profile,
                       state->file ? state->file : "the shared files", what);
        return -EINVAL;
}

static int file_load(void *argument, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        const struct state *state = argument;
        const char *id = read_key(state, "aws_access_key_id"), *secret = read_key(state, "aws_secret_access_key");
        struct pail_credentials found = { 0 };
        int r;

        if (!id)
                return -ENOENT;
        if (!*id)
                return refuse_profile(state, "aws_access_key_id is empty", ret_error);
        if (pail_str_is_empty(secret))
                return refuse_profile(state, "aws_access_key_id without aws_secret_access_key", ret_error);
        r = pail_str_dup(id, &found.access_key_id);
        if (r == 0)
                r = pail_secret_dup(secret, &found.secret_access_key);
        if (r == 0)
                r = pail_secret_dup(read_session_token(state), &found.session_token);
        if (r == 0)
                r = pail_str_dup(read_key(state, "aws_account_id"), &found.account_id);
        if (r < 0) {
                pail_credentials_done(&found);
                return pail_error_set_errno(ret_error, -r, "credentials");
        }
        *ret_credentials = found;
        return 0;
}

static int add_provider(struct pail_provider_chain *chain, const struct pail_provider *provider,
                        const struct pail_profiles *profiles, const char *profile, const char *file, get_key *get)
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
                file_free(state);
                return r;
        }
        return pail_provider_chain_add(chain, provider, state);
}

int pail_provider_shared_add(struct pail_provider_chain *chain, const struct pail_profiles *profiles,
                             const char *profile, const char *file)
{
        static const struct pail_provider provider = {
                .name = "shared-credentials-file",
                .load = file_load,
                .free_state = file_free,
        };

        return add_provider(chain, &provider, profiles, profile, file, pail_profiles_get_credential);
}

int pail_provider_config_add(struct pail_provider_chain *chain, const struct pail_profiles *profiles,
                             const char *profile, const char *file)
{
        static const struct pail_provider provider = {
                .name = "config-file",
                .load = file_load,
                .free_state = file_free,
        };

        return add_provider(chain, &provider, profiles, profile, file, pail_profiles_get_config);
}
