/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

#include "aws/config/settings.h"

const enum pail_chain_place pail_chain_order[PAIL_CHAIN_COUNT] = {
        PAIL_CHAIN_ENV,   PAIL_CHAIN_ASSUME_ROLE, PAIL_CHAIN_WEB_IDENTITY, PAIL_CHAIN_SSO,       PAIL_CHAIN_SHARED,
        PAIL_CHAIN_LOGIN, PAIL_CHAIN_PROCESS,     PAIL_CHAIN_CONFIG,       PAIL_CHAIN_CONTAINER, PAIL_CHAIN_METADATA,
};

/* What the function of a place is given. */
struct question {
        struct pail_provider_chain *chain;
        const struct pail_provider_context *context;
        const char *profile;
        bool with_environment;
};

static int add_env(const struct question *question)
{
        return question->with_environment ? pail_provider_env_add(question->chain, question->context->environment) : 0;
}

static int add_assume_role(const struct question *question)
{
        return pail_provider_assume_role_add(question->chain, question->context, question->profile);
}

static int add_web_identity(const struct question *question)
{
        return pail_provider_web_identity_add(question->chain, question->context, question->profile,
                                              question->with_environment);
}

static int add_sso(const struct question *question)
{
        return pail_provider_sso_add(question->chain, question->context, question->profile);
}

static int add_shared(const struct question *question)
{
        return pail_provider_shared_add(question->chain, question->context->profiles, question->profile,
                                        question->context->settings->credentials_file);
}

static int add_login(const struct question *question)
{
        return pail_provider_login_add(question->chain, question->context, question->profile);
}

static int add_process(const struct question *question)
{
        return pail_provider_process_add(question->chain, question->context, question->profile);
}

static int add_config(const struct question *question)
{
        return pail_provider_config_add(question->chain, question->context->profiles, question->profile,
                                        question->context->settings->config_file);
}

static int add_container(const struct question *question)
{
        return pail_provider_container_add(question->chain, question->context);
}

static int add_metadata(const struct question *question)
{
        return pail_provider_metadata_add(question->chain, question->context);
}

static const struct {
        int (*add)(const struct question *question);
        bool is_source; /* may hold the keys of a source_profile */
} places[PAIL_CHAIN_COUNT] = {
        [PAIL_CHAIN_ENV] = { add_env, false },
        [PAIL_CHAIN_ASSUME_ROLE] = { add_assume_role, false },
        [PAIL_CHAIN_WEB_IDENTITY] = { add_web_identity, true },
        [PAIL_CHAIN_SSO] = { add_sso, true },
        [PAIL_CHAIN_SHARED] = { add_shared, true },
        [PAIL_CHAIN_LOGIN] = { add_login, true },
        [PAIL_CHAIN_PROCESS] = { add_process, true },
        [PAIL_CHAIN_CONFIG] = { add_config, true },
        [PAIL_CHAIN_CONTAINER] = { add_container, false },
        [PAIL_CHAIN_METADATA] = { add_metadata, false },
};

static int fill(const struct question *question, const enum pail_chain_place order[static PAIL_CHAIN_COUNT],
                bool sources_only)
{
        int r = 0;

        for (unsigned i = 0; r == 0 && i < PAIL_CHAIN_COUNT; i++)
                if (places[order[i]].is_source || !sources_only)
                        r = places[order[i]].add(question);
        return r;
}

int pail_chain_fill(struct pail_provider_chain *chain, const struct pail_provider_context *context, const char *profile,
                    bool with_environment, const enum pail_chain_place order[static PAIL_CHAIN_COUNT])
{
        const struct question question = { chain, context, profile, with_environment };

        return fill(&question, order, false);
}

int pail_chain_fill_source(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                           const char *profile)
{
        const struct question question = { chain, context, profile, false };

        return fill(&question, pail_chain_order, true);
}

int pail_chain_fill_place(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                          enum pail_chain_place place)
{
        const struct question question = { chain, context, NULL, true };

        return places[place].add(&question);
}
