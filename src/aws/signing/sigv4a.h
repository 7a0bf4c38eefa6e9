/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of Version 4A. */
#ifndef PAIL_SRC_AWS_SIGNING_SIGV4A_H
#define PAIL_SRC_AWS_SIGNING_SIGV4A_H

#include <stddef.h>

#include "pail/aws/credentials.h"
#include "pail/aws/sigv4_key.h"

/* A DER-encoded ECDSA signature in hex, of at most PAIL_SIGV4A_SIGNATURE_MAX digits; another one each time. */
enum { PAIL_SIGV4A_SIGNATURE_MAX = 2 * 72 };
int pail_sigv4a_signature(struct pail_sigv4_key_cache *cache /* may be NULL */,
                          const struct pail_credentials *credentials, const char *string_to_sign, size_t length,
                          char ret_signature[static PAIL_SIGV4A_SIGNATURE_MAX + 1]);

#endif
