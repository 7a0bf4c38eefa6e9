/* SPDX-License-Identifier: Apache-2.0 */
/* Static keys of a profile. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_FILE_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_FILE_H

#include "pail/aws/profile.h"
#include "pail/aws/provider_chain.h"

/* "shared-credentials-file": those in that file. profiles: borrowed for the life of the chain. file: for messages, may be NULL. */
int pail_provider_shared_add(struct pail_provider_chain *chain, const struct pail_profiles *profiles,
                             const char *profile, const char *file);
/* "config-file": the same in the config file. */
int pail_provider_config_add(struct pail_provider_chain *chain, const struct pail_profiles *profiles,
                             const char *profile, const char *file);

#endif
