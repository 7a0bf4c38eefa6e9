/* SPDX-License-Identifier: Apache-2.0 */
/* The third stage of a signature, of Version 4 or of 4A, as its scope says. */
#ifndef PAIL_SRC_AWS_SIGNING_SIGV4_SIGNATURE_H
#define PAIL_SRC_AWS_SIGNING_SIGV4_SIGNATURE_H

#include "pail/aws/credentials.h"
#include "pail/aws/sigv4_key.h"
#include "pail/aws/sigv4_scope.h"
#include "sigv4_digest.h"
#include "sigv4a.h"

/* Of both versions: hex digits and a NUL. */
enum { PAIL_SIGV4_SIGNATURE_SIZE = PAIL_SIGV4A_SIGNATURE_MAX + 1 };

int pail_sigv4_signature_make(const struct pail_credentials *credentials, const struct pail_sigv4_scope *scope,
                              const struct pail_buf *string, struct pail_sigv4_key_cache *cache /* may be NULL */,
                              char ret_signature[static PAIL_SIGV4_SIGNATURE_SIZE]);

#endif
