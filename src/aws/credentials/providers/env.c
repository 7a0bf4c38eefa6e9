/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in the environment, copied when the session is made: a session may be given another environment than the process's, and
 * getenv() beside a setenv() of some library is undefined. An expiry there cannot be helped by reading again, so
 * that the session reports it once it has passed.
 */
#include "env.h"

#include <errno.h>
#include <string.h>

#include "aws/config/environment.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

struct state {
        struct pail_credentials keys; /* as found: each may be missing */
        char *expiration;
};

static void env_free(void *argument)
{
        struct state *state = argument;

        if (!state)
                return;
        pail_credentials_done(&state->keys);
        free(state->expiration);
        free(state);
}

static int parse_expiration(const char *text, int64_t *ret_time, struct pail_error *ret_error)
{
        struct timespec time;

        if (pail_clock_parse_lenient(text, &time) < 0) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                               "AWS_CREDENTIAL_EXPIRATION is not a time like 2030-01-31T12:00:00Z");
                return -EINVAL;
        }
        *ret_time = time.tv_sec;
        return 0;
}

static int env_load(void *argument, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        struct state *state = argument;
        int64_t expires_at = 0;
        int r;

        if (!state->keys.access_key_id)
                return -ENOENT;
        if (!state->keys.secret_access_key) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                               "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
                return -EINVAL;
        }
        if (state->expiration) {
                r = parse_expiration(state->expiration, &expires_at, ret_error);
                if (r < 0)
                        return r;
        }
        r = pail_credentials_copy(&state->keys, ret_credentials);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "credentials");
        ret_credentials->expires_at = expires_at;
        return 0;
}

static const struct pail_provider env_provider = {
        .name = "env",
        .load = env_load,
        .free_state = env_free,
};

static int read_environment(struct state *state, char *const *environment)
{
        static const char *const tokens[] = { "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN", NULL };
        int r = pail_str_dup(pail_environment_get(environment, "AWS_ACCESS_KEY_ID"), &state->keys.access_key_id);

        if (r == 0)
                r = pail_secret_dup(pail_environment_get(environment, "AWS_SECRET_ACCESS_KEY"),
                                    &state->keys.secret_access_key);
        if (r == 0)
                r = pail_secret_dup(pail_environment_get_first(environment, tokens), &state->keys.session_token);
        if (r == 0)
                r = pail_str_dup(pail_environment_get(environment, "AWS_ACCOUNT_ID"), &state->keys.account_id);
        if (r == 0)
                r = pail_str_dup(pail_environment_get(environment, "AWS_CREDENTIAL_EXPIRATION"), &state->expiration);
        return r;
}

int pail_provider_env_add(struct pail_provider_chain *chain, char *const *environment)
{
        struct state *state = calloc(1, sizeof(*state));
        int r;

        if (!state)
                return -ENOMEM;
        r = read_environment(state, environment);
        if (r < 0) {
                env_free(state);
                return r;
        }
        return pail_provider_chain_add(chain, &env_provider, state);
}
