/* SPDX-License-Identifier: Apache-2.0 */
/* One table: how a provider of each kind is added to a chain. Nothing else knows all kinds. */
#include "chain.h"

#include "aws/config/settings.h"
#include "aws/credentials/providers/assume_role.h"
#include "aws/credentials/providers/container.h"
#include "aws/credentials/providers/env.h"
#include "aws/credentials/providers/file.h"
#include "aws/credentials/providers/login.h"
#include "aws/credentials/providers/metadata.h"
#include "aws/credentials/providers/process.h"
#include "aws/credentials/providers/sso.h"
#include "aws/credentials/providers/web_identity.h"

const enum pail_provider_kind pail_chain_order[PAIL_PROVIDER_KINDS] = {
        PAIL_PROVIDER_ENV,       PAIL_PROVIDER_ASSUME_ROLE, PAIL_PROVIDER_WEB_IDENTITY, PAIL_PROVIDER_SSO,
        PAIL_PROVIDER_SHARED,    PAIL_PROVIDER_LOGIN,       PAIL_PROVIDER_PROCESS,      PAIL_PROVIDER_CONFIG,
        PAIL_PROVIDER_CONTAINER, PAIL_PROVIDER_METADATA,
};

/* What the function of a kind is given. */
struct request {
        struct pail_provider_chain *chain;
        const struct pail_provider_context *context;
        const char *profile;
        bool with_environment;
};

static int add_env(const struct request *request)
{
        return request->with_environment ? pail_provider_env_add(request->chain, request->context->environment) : 0;
}

static int add_assume_role(const struct request *request)
{
        return pail_provider_assume_role_add(request->chain, request->context, request->profile,
                                             pail_chain_fill_source);
}

static int add_web_identity(const struct request *request)
{
        return pail_provider_web_identity_add(request->chain, request->context, request->profile,
                                              request->with_environment);
}

static int add_sso(const struct request *request)
{
        return pail_provider_sso_add(request->chain, request->context, request->profile);
}

static int add_shared(const struct request *request)
{
        return pail_provider_shared_add(request->chain, request->context->profiles, request->profile,
                                        request->context->settings->credentials_file);
}

static int add_login(const struct request *request)
{
        return pail_provider_login_add(request->chain, request->context, request->profile);
}

static int add_process(const struct request *request)
{
        return pail_provider_process_add(request->chain, request->context, request->profile);
}

static int add_config(const struct request *request)
{
        return pail_provider_config_add(request->chain, request->context->profiles, request->profile,
                                        request->context->settings->config_file);
}

static int add_container(const struct request *request)
{
        return pail_provider_container_add(request->chain, request->context);
}

static int add_metadata(const struct request *request)
{
        return pail_provider_metadata_add(request->chain, request->context);
}

static const struct {
        int (*add)(const struct request *request);
        bool is_source; /* may hold the keys of a source_profile */
} kinds[PAIL_PROVIDER_KINDS] = {
        [PAIL_PROVIDER_ENV] = { add_env, false },
        [PAIL_PROVIDER_ASSUME_ROLE] = { add_assume_role, false },
        [PAIL_PROVIDER_WEB_IDENTITY] = { add_web_identity, true },
        [PAIL_PROVIDER_SSO] = { add_sso, true },
        [PAIL_PROVIDER_SHARED] = { add_shared, true },
        [PAIL_PROVIDER_LOGIN] = { add_login, true },
        [PAIL_PROVIDER_PROCESS] = { add_process, true },
        [PAIL_PROVIDER_CONFIG] = { add_config, true },
        [PAIL_PROVIDER_CONTAINER] = { add_container, false },
        [PAIL_PROVIDER_METADATA] = { add_metadata, false },
};

static int fill_in_order(const struct request *request, const enum pail_provider_kind order[static PAIL_PROVIDER_KINDS],
                         bool is_for_source)
{
        int r = 0;

        for (unsigned i = 0; r == 0 && i < PAIL_PROVIDER_KINDS; i++)
                if (kinds[order[i]].is_source || !is_for_source)
                        r = kinds[order[i]].add(request);
        return r;
}

int pail_chain_fill(struct pail_provider_chain *chain, const struct pail_provider_context *context, const char *profile,
                    bool with_environment, const enum pail_provider_kind order[static PAIL_PROVIDER_KINDS])
{
        const struct request request = { chain, context, profile, with_environment };

        return fill_in_order(&request, order, false);
}

int pail_chain_fill_source(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                           const char *profile)
{
        const struct request request = { chain, context, profile, false };

        return fill_in_order(&request, pail_chain_order, true);
}
