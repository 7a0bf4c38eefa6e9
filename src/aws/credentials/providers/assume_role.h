/* SPDX-License-Identifier: Apache-2.0 */
/* A role that is assumed with the keys of another profile or source. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_ASSUME_ROLE_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_ASSUME_ROLE_H

#include "context.h"

/* Fills a chain with the sources that a source_profile may have. -ENOMEM, -E2BIG. */
typedef int pail_provider_fill_source(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                                      const char *profile);

/* "assume-role". fill_source is called at the first load. */
int pail_provider_assume_role_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                                  const char *profile, pail_provider_fill_source *fill_source);

#endif
