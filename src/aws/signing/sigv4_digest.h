/* SPDX-License-Identifier: Apache-2.0 */
/* Digests as signatures have them: SHA-256, written in hex. Stateless. */
#ifndef PAIL_SRC_AWS_SIGNING_SIGV4_DIGEST_H
#define PAIL_SRC_AWS_SIGNING_SIGV4_DIGEST_H

#include <stddef.h>

enum { PAIL_SHA256_SIZE = 32, PAIL_SHA256_HEX_SIZE = 2 * PAIL_SHA256_SIZE + 1 };

/* 2 * size digits and a NUL. */
void pail_sigv4_digest_hex(const unsigned char *data, size_t size, char *ret_hex);

#endif
