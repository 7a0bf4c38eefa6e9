/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in the chain where a source of credentials belongs that this version cannot ask, and ends the search when the profile
 * names it. Passing it over would sign as somebody else: a profile may have both role_arn and the keys of the user who may
 * assume it.
 */
#include <errno.h>

#include "aws/providers/providers.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

struct state {
        const struct pail_profiles *profiles;
        char *profile;
        const char *const *keys;
};

static void unsupported_free(void *argument)
{
        struct state *state = argument;

        if (!state)
                return;
        free(state->profile);
        free(state);
}

static int unsupported_load(void *argument, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        const struct state *state = argument;

        (void)ret_credentials;
        for (const char *const *key = state->keys; *key; key++) {
                if (!pail_profiles_get(state->profiles, state->profile, NULL, *key))
                        continue;
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                               "profile \"%s\" takes its credentials from %s, which this version of Pail cannot do",
                               state->profile, *key);
                return -EOPNOTSUPP;
        }
        return -ENOENT;
}

static const struct pail_provider unsupported_provider = {
        .load = unsupported_load,
        .free_state = unsupported_free,
};

int pail_provider_unsupported_add(struct pail_provider_chain *chain, const struct pail_profiles *profiles,
                                  const char *profile, const char *const *keys)
{
        struct state *state = calloc(1, sizeof(*state));
        int r;

        if (!state)
                return -ENOMEM;
        state->profiles = profiles;
        state->keys = keys;
        r = pail_str_dup(profile, &state->profile);
        if (r < 0) {
                free(state);
                return r;
        }
        return pail_provider_chain_add(chain, &unsupported_provider, state);
}
