/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_PROCESS_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_PROCESS_H

#include "pail/aws/credentials.h"

/* What a credential_process printed. -EINVAL or -EKEYEXPIRED with class CREDENTIALS. */
int pail_process_parse(const char *text, size_t length, struct pail_credentials *ret_credentials,
                       struct pail_error *ret_error);

#endif
