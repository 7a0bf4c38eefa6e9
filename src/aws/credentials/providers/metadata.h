/* SPDX-License-Identifier: Apache-2.0 */
/* The instance metadata service of EC2. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_METADATA_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_METADATA_H

#include "context.h"

/* "iam-role". */
int pail_provider_metadata_add(struct pail_provider_chain *chain, const struct pail_provider_context *context);

/* What the service answered about a role. Credentials that have expired are good: see metadata.c. -EINVAL with class CREDENTIALS. */
int pail_metadata_parse(const char *role, const char *text, size_t length, struct pail_credentials *ret_credentials,
                        struct pail_error *ret_error);

#endif
