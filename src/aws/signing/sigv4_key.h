/* SPDX-License-Identifier: Apache-2.0 */
/* The signing key of a day, region and service, and signatures with it. */
#ifndef PAIL_SRC_AWS_SIGNING_SIGV4_KEY_H
#define PAIL_SRC_AWS_SIGNING_SIGV4_KEY_H

#include <stddef.h>

#include "pail/aws/sigv4_key.h"
#include "pail/aws/sigv4_scope.h"
#include "sigv4_digest.h"

/* The signature with a key from the cache, derived when it is not there; cache NULL: derived. Thread safe. -EIO: OpenSSL failed. */
int pail_sigv4_key_sign(struct pail_sigv4_key_cache *cache, const char *secret_access_key,
                        const struct pail_sigv4_scope *scope, const char *string_to_sign, size_t length,
                        char ret_signature[static PAIL_SHA256_HEX_SIZE]);

/* Where the key of V4A is kept: sigv4a_key.h. Lives as long as the cache. */
struct pail_sigv4a_slot;
struct pail_sigv4a_slot *pail_sigv4_key_cache_slot(struct pail_sigv4_key_cache *cache);

#endif
