/* SPDX-License-Identifier: Apache-2.0 */
/* A role that is assumed with a token in a file. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_WEB_IDENTITY_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_WEB_IDENTITY_H

#include "context.h"

/* "assume-role-with-web-identity". with_environment: AWS_WEB_IDENTITY_TOKEN_FILE and its companions count, too. */
int pail_provider_web_identity_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                                   const char *profile, bool with_environment);

#endif
