/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that the caller has. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_EXPLICIT_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_EXPLICIT_H

#include "pail/aws/provider_chain.h"

/* "explicit". session_token may be NULL. */
int pail_provider_explicit_add(struct pail_provider_chain *chain, const char *access_key_id,
                               const char *secret_access_key, const char *session_token);

#endif
