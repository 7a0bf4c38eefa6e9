/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in the environment. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_ENV_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_ENV_H

#include "pail/aws/provider_chain.h"

/* "env": AWS_ACCESS_KEY_ID and its companions, as they are in environment now. */
int pail_provider_env_add(struct pail_provider_chain *chain, char *const *environment);

#endif
