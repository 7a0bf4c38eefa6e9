/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which sources of credentials are asked: that of the AWS SDK for Python. Its two legacy sources between the config
 * file and the container, AWS_CREDENTIAL_FILE and the boto 2 configuration, do not exist here.
 */
#ifndef PAIL_SRC_AWS_CREDENTIALS_CHAIN_H
#define PAIL_SRC_AWS_CREDENTIALS_CHAIN_H

#include <stdbool.h>

#include "aws/credentials/providers/context.h"

/* The kinds of providers. */
enum pail_provider_kind {
        PAIL_PROVIDER_ENV,
        PAIL_PROVIDER_ASSUME_ROLE,
        PAIL_PROVIDER_WEB_IDENTITY,
        PAIL_PROVIDER_SSO,
        PAIL_PROVIDER_SHARED,
        PAIL_PROVIDER_LOGIN,
        PAIL_PROVIDER_PROCESS,
        PAIL_PROVIDER_CONFIG,
        PAIL_PROVIDER_CONTAINER,
        PAIL_PROVIDER_METADATA,
        PAIL_PROVIDER_KINDS
};

/* What a session uses. Tests prove with other orders that they would notice one. */
extern const enum pail_provider_kind pail_chain_order[PAIL_PROVIDER_KINDS];

/* with_environment: false for a profile that was chosen explicitly, which removes the keys and the web identity of the environment. */
int pail_chain_fill(struct pail_provider_chain *chain, const struct pail_provider_context *context, const char *profile,
                    bool with_environment, const enum pail_provider_kind order[static PAIL_PROVIDER_KINDS]);
/* What a source_profile may have: the kinds that read nothing but the profile, and no further role. */
int pail_chain_fill_source(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                           const char *profile);
#endif
