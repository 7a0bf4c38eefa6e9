/* SPDX-License-Identifier: Apache-2.0 */
/* A program of the user's that prints credentials. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_PROCESS_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_PROCESS_H

#include "context.h"

/* "custom-process". */
int pail_provider_process_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                              const char *profile);

/* What a credential_process printed. -EINVAL or -EKEYEXPIRED with class CREDENTIALS. */
int pail_process_parse(const char *text, size_t length, struct pail_credentials *ret_credentials,
                       struct pail_error *ret_error);

#endif
