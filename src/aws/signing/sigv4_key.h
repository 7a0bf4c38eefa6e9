/* SPDX-License-Identifier: Apache-2.0 */
/* The signing key of a day, region and service, and signatures with it. */
#ifndef PAIL_SRC_AWS_SIGNING_SIGV4_KEY_H
#define PAIL_SRC_AWS_SIGNING_SIGV4_KEY_H

#include <stddef.h>

#include "pail/aws/sigv4.h"

enum { PAIL_SHA256_SIZE = 32 };

/* The signature with a key from the cache, derived when it is not there; cache NULL: derived. Thread safe. -EIO: OpenSSL failed. */
int pail_sigv4_key_sign(struct pail_sigv4_key_cache *cache, const char *secret_access_key,
                        const struct pail_sigv4_scope *scope, const char *string_to_sign, size_t length,
                        char ret_signature[static 65]);

/* "AWS4-HMAC-SHA256", or that of V4A. Static. */
const char *pail_sigv4_algorithm(const struct pail_sigv4_scope *scope);
/* The last stage for what the scope is of: V4 or V4A. */
int pail_sigv4_sign_string(const struct pail_credentials *credentials, const struct pail_sigv4_scope *scope,
                           const struct pail_buf *string, struct pail_sigv4_key_cache *cache /* may be NULL */,
                           char ret_signature[static PAIL_SIGV4A_SIGNATURE_MAX + 1]);

/* "20130524/us-east-1/s3/aws4_request", appended; with V4A without the region. */
struct pail_buf;
int pail_sigv4_scope_append(struct pail_buf *target, const struct pail_sigv4_scope *scope);
/* 2 * size digits and a NUL. */
void pail_sigv4_hex(const unsigned char *data, size_t size, char *ret_hex);
/* Where the key of V4A is kept: sigv4a_key.h. Lives as long as the cache. */
struct pail_sigv4a_slot;
struct pail_sigv4a_slot *pail_sigv4_key_cache_slot(struct pail_sigv4_key_cache *cache);

#endif
