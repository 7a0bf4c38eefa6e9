/* SPDX-License-Identifier: Apache-2.0 */
/* The keys themselves are the provider's state: there is nothing to look for. */
#include "explicit.h"

#include <errno.h>

#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

static int explicit_load(void *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        int r = pail_credentials_copy(state, ret_credentials);

        return r < 0 ? pail_error_set_errno(ret_error, -r, "credentials") : 0;
}

static void explicit_free(void *state)
{
        pail_credentials_done(state);
        free(state);
}

static const struct pail_provider explicit_provider = {
        .name = "explicit",
        .load = explicit_load,
        .free_state = explicit_free,
};

int pail_provider_explicit_add(struct pail_provider_chain *chain, const char *access_key_id,
                               const char *secret_access_key, const char *session_token)
{
        struct pail_credentials *state = calloc(1, sizeof(*state));
        int r;

        if (!state)
                return -ENOMEM;
        r = pail_str_dup(access_key_id, &state->access_key_id);
        if (r == 0)
                r = pail_secret_dup(secret_access_key, &state->secret_access_key);
        if (r == 0)
                r = pail_secret_dup(session_token, &state->session_token);
        if (r < 0) {
                explicit_free(state);
                return r;
        }
        return pail_provider_chain_add(chain, &explicit_provider, state);
}
