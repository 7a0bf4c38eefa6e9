/* SPDX-License-Identifier: Apache-2.0 */
/* A role that IAM Identity Center gives. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_SSO_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_SSO_H

#include "context.h"

/* "sso". */
int pail_provider_sso_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                          const char *profile);

#endif
