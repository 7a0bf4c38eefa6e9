/* SPDX-License-Identifier: Apache-2.0 */
/* The session that "aws login" opened. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_LOGIN_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_LOGIN_H

#include "context.h"

/* "login". */
int pail_provider_login_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                            const char *profile);

#endif
