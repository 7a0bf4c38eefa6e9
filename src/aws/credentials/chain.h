/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which sources of credentials are asked: that of the AWS SDK for Python. Its two legacy places between the config
 * file and the container, AWS_CREDENTIAL_FILE and the boto 2 configuration, do not exist here.
 */
#ifndef PAIL_SRC_AWS_CREDENTIALS_CHAIN_H
#define PAIL_SRC_AWS_CREDENTIALS_CHAIN_H

#include <stdbool.h>

#include "aws/credentials/providers/providers.h"
#include "pail/aws/session.h"

enum pail_chain_place {
        PAIL_CHAIN_ENV,
        PAIL_CHAIN_ASSUME_ROLE,
        PAIL_CHAIN_WEB_IDENTITY,
        PAIL_CHAIN_SSO,
        PAIL_CHAIN_SHARED,
        PAIL_CHAIN_LOGIN,
        PAIL_CHAIN_PROCESS,
        PAIL_CHAIN_CONFIG,
        PAIL_CHAIN_CONTAINER,
        PAIL_CHAIN_METADATA,
        PAIL_CHAIN_COUNT
};

/* What a session uses. Tests prove with other orders that they would notice one. */
extern const enum pail_chain_place pail_chain_order[PAIL_CHAIN_COUNT];

/* pail_session_new() with another order. */
int pail_session_new_in_order(const struct pail_session_options *options,
                              const enum pail_chain_place order[static PAIL_CHAIN_COUNT],
                              struct pail_session **ret_session, struct pail_error *ret_error);

/* with_environment: false for a profile that was chosen explicitly, which removes the keys and the web identity of the environment. */
int pail_chain_fill(struct pail_provider_chain *chain, const struct pail_provider_context *context, const char *profile,
                    bool with_environment, const enum pail_chain_place order[static PAIL_CHAIN_COUNT]);
/* What a source_profile may have: the places that read nothing but the profile, and no further role. */
int pail_chain_fill_source(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                           const char *profile);
/* One place that needs no profile: ENV, CONTAINER or METADATA. */
int pail_chain_fill_place(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                          enum pail_chain_place place);

#endif
