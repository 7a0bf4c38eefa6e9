/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "assume-role": a profile with role_arn, and with the source of the keys that may assume it. That source may be another
 * profile with a role, and so on: the profiles are walked once, to a plan, which is a list of roles and a chain of providers
 * for the keys behind the last of them. A load asks that chain and then assumes the roles one after the other, from the last to the first.
 *
 * The rules of what may point where are those of the AWS SDK for Python. A profile that has static keys ends the walk, even if
 * it has a role as well; so a profile may name itself as the source of its role. Any other way back to a profile that was
 * passed already is an error.
 */
#include "assume_role.h"

#include <errno.h>
#include <string.h>

#include "container.h"
#include "env.h"
#include "metadata.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "sts.h"

enum { ROLES_MAX = 16, MFA_CODE_MAX = 32 };

/* All but the chain borrowed: from the profiles, or the name of the first profile from the state. */
struct plan {
        const char *profiles[ROLES_MAX]; /* each with a role; the first is the one that was asked for */
        size_t count;
        struct pail_provider_chain *source; /* NULL: not made yet */
};

struct state {
        const struct pail_provider_context *context;
        char *profile;
        pail_provider_fill_source *fill_source;
        struct plan plan; /* of the first load on */
};

static void plan_done(struct plan *plan)
{
        pail_provider_chain_free(plan->source);
        *plan = (struct plan){ 0 };
}

static void assume_role_free(void *argument)
{
        struct state *state = argument;

        if (!state)
                return;
        plan_done(&state->plan);
        free(state->profile);
        free(state);
}

static const char *profile_value(const struct state *state, const char *profile, const char *key)
{
        return pail_profiles_get(state->context->profiles, profile, NULL, key);
}

/* For what is left out of the request when it is empty. */
static const char *nonempty_value(const struct state *state, const char *profile, const char *key)
{
        const char *value = profile_value(state, profile, key);

        return pail_str_is_empty(value) ? NULL : value;
}

static bool has_role(const struct state *state, const char *profile)
{
        return profile_value(state, profile, "role_arn") && !profile_value(state, profile, "web_identity_token_file");
}

static bool has_static_keys(const struct state *state, const char *profile)
{
        return profile_value(state, profile, "aws_access_key_id") ||
               profile_value(state, profile, "aws_secret_access_key");
}

/* The plan. */

static int plan_source_keys(const struct state *state, const char *profile, struct plan *plan)
{
        int r = pail_provider_chain_new(&plan->source);

        return r == 0 ? state->fill_source(plan->source, state->context, profile) : r;
}

static int plan_credential_source(const struct state *state, const char *profile, const char *source, struct plan *plan,
                                  struct pail_error *ret_error)
{
        const struct pail_provider_context *context = state->context;
        int r = pail_provider_chain_new(&plan->source);

        if (r < 0)
                return r;
        if (strcmp(source, "Environment") == 0)
                return pail_provider_env_add(plan->source, context->environment);
        if (strcmp(source, "EcsContainer") == 0)
                return pail_provider_container_add(plan->source, context);
        if (strcmp(source, "Ec2InstanceMetadata") == 0)
                return pail_provider_metadata_add(plan->source, context);
        return pail_provider_context_refuse(
                state->context, profile, ret_error,
                "credential_source = \"%s\": Environment, Ec2InstanceMetadata or EcsContainer is expected", source);
}

static bool is_passed(const struct plan *plan, const char *profile)
{
        for (size_t i = 0; i < plan->count; i++)
                if (strcmp(plan->profiles[i], profile) == 0)
                        return true;
        return false;
}

static int check_source_profile(const struct state *state, const char *profile, const char *source,
                                const struct plan *plan, struct pail_error *ret_error)
{
        if (!pail_profiles_has(state->context->profiles, source))
                return pail_provider_context_refuse(state->context, profile, ret_error,
                                                    "there is no profile \"%s\", which source_profile names", source);
        if (!is_passed(plan, source) || (strcmp(source, profile) == 0 && has_static_keys(state, source)))
                return 0;
        if (strcmp(source, profile) == 0)
                return pail_provider_context_refuse(
                        state->context, profile, ret_error,
                        "source_profile names the profile itself, which has no keys of its own");
        return pail_provider_context_refuse(state->context, profile, ret_error,
                                            "source_profile \"%s\" leads back to where the search came from", source);
}

/* One profile with a role: 1 when *ret_next is another one. */
static int plan_step(const struct state *state, const char *profile, struct plan *plan, const char **ret_next,
                     struct pail_error *ret_error)
{
        const char *next = profile_value(state, profile, "source_profile"),
                   *source = profile_value(state, profile, "credential_source");
        int r;

        if (plan->count == ROLES_MAX)
                return pail_provider_context_refuse(state->context, profile, ret_error, "a role behind %d other roles",
                                                    ROLES_MAX);
        plan->profiles[plan->count++] = profile;
        if (!*profile_value(state, profile, "role_arn"))
                return pail_provider_context_refuse(state->context, profile, ret_error, "role_arn is empty");
        if (next && source)
                return pail_provider_context_refuse(
                        state->context, profile, ret_error,
                        "source_profile and credential_source are both there; only one may be");
        if (source)
                return plan_credential_source(state, profile, source, plan, ret_error);
        if (!next) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                               "profile \"%s\" has role_arn without source_profile or credential_source", profile);
                return -EINVAL;
        }
        r = check_source_profile(state, profile, next, plan, ret_error);
        if (r < 0)
                return r;
        if (has_static_keys(state, next) || !has_role(state, next))
                return plan_source_keys(state, next, plan);
        *ret_next = next;
        return 1;
}

static int plan_roles(const struct state *state, struct plan *plan, struct pail_error *ret_error)
{
        const char *profile = state->profile;
        int r;

        do
                r = plan_step(state, profile, plan, &profile, ret_error);
        while (r == 1);
        return r == -ENOMEM || r == -E2BIG ? pail_error_set_errno(ret_error, -r, "credentials") : r;
}

/* Carrying it out. */

static int load_source(struct state *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        const char *last = state->plan.profiles[state->plan.count - 1];
        const char *source = profile_value(state, last, "credential_source"),
                   *next = profile_value(state, last, "source_profile");
        int r = pail_provider_chain_load(state->plan.source, ret_credentials, ret_error);

        if (r != -ENOENT)
                return r;
        /* Nothing is an error here, and not a reason to ask the next provider. */
        if (!source)
                return pail_provider_context_refuse(state->context, last, ret_error,
                                                    "source_profile \"%s\" has no credentials", next);
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "profile \"%s\": credential_source %s has no credentials",
                       last, source);
        return -ENODATA;
}

static int read_mfa_code(const struct state *state, const char *profile, const char *serial,
                         char code[static MFA_CODE_MAX], struct pail_error *ret_error)
{
        const struct pail_provider_context *context = state->context;
        int r = context->ask_mfa ? context->ask_mfa(context->ask_context, serial, code, MFA_CODE_MAX) : -ENXIO;

        const char *why = r == 0 ? "none was given" : r == -ENXIO ? "there is no terminal to ask for it" : strerror(-r);

        if (r == 0 && *code)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                       "profile \"%s\": the role needs a code of the MFA device %s: %s", profile, serial, why);
        return r < 0 ? r : -EACCES;
}

/* As the SDK for Python does: what is no number is not sent. */
static int64_t read_duration(const struct state *state, const char *profile)
{
        const char *text = profile_value(state, profile, "duration_seconds");
        int64_t duration_s = 0;

        if (text && pail_str_to_i64(text, &duration_s) < 0)
                return 0;
        return duration_s;
}

/* Replaces the keys that assume the role by those of the role. */
static int assume_one_role(const struct state *state, const char *profile, struct pail_credentials *keys,
                           struct pail_error *ret_error)
{
        struct pail_credentials assumed = { 0 };
        char code[MFA_CODE_MAX] = "";
        const struct pail_sts_request request = {
                .profile = profile,
                .role_arn = profile_value(state, profile, "role_arn"),
                .session_name = nonempty_value(state, profile, "role_session_name"),
                .duration_s = read_duration(state, profile),
                .sign_as = keys,
                .external_id = nonempty_value(state, profile, "external_id"),
                .mfa_serial = nonempty_value(state, profile, "mfa_serial"),
                .mfa_code = nonempty_value(state, profile, "mfa_serial") ? code : NULL,
        };
        int r = request.mfa_serial ? read_mfa_code(state, profile, request.mfa_serial, code, ret_error) : 0;

        if (r == 0)
                r = pail_sts_assume(state->context, &request, &assumed, ret_error);
        explicit_bzero(code, sizeof(code));
        if (r < 0)
                return r;
        pail_credentials_done(keys);
        *keys = assumed;
        return 0;
}

static int assume_role_load(void *argument, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        _cleanup_(pail_credentials_done) struct pail_credentials keys = { 0 };
        struct state *state = argument;
        int r = 0;

        if (!has_role(state, state->profile))
                return -ENOENT;
        if (!state->plan.source)
                r = plan_roles(state, &state->plan, ret_error);
        if (r < 0) {
                plan_done(&state->plan);
                return r;
        }
        r = load_source(state, &keys, ret_error);
        for (size_t i = state->plan.count; r == 0 && i > 0; i--)
                r = assume_one_role(state, state->plan.profiles[i - 1], &keys, ret_error);
        if (r < 0)
                return r;
        *ret_credentials = keys;
        keys = (struct pail_credentials){ 0 };
        return 0;
}

static const struct pail_provider assume_role_provider = {
        .name = "assume-role",
        .load = assume_role_load,
        .free_state = assume_role_free,
};

int pail_provider_assume_role_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                                  const char *profile, pail_provider_fill_source *fill_source)
{
        struct state *state = calloc(1, sizeof(*state));
        int r;

        if (!state)
                return -ENOMEM;
        state->context = context;
        state->fill_source = fill_source;
        r = pail_str_dup(profile, &state->profile);
        if (r < 0) {
                free(state);
                return r;
        }
        return pail_provider_chain_add(chain, &assume_role_provider, state);
}
