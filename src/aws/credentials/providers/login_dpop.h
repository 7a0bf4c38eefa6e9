/* SPDX-License-Identifier: Apache-2.0 */
/* The proof that whoever uses a token also has its key (RFC 9449, "DPoP"): a JWT signed with ES256. Stateless. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_LOGIN_DPOP_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_LOGIN_DPOP_H

#include <stdint.h>

#include "pail/util/buf.h"

/*
 * Appends the value of a DPoP header for a POST to url. key: a private key on the curve P-256, in PEM. -EINVAL: it is none. -EIO: the
 * cryptography library failed. -EMSGSIZE, -ENOMEM.
 */
int pail_login_dpop(struct pail_buf *target, const char *key, const char *url, int64_t now);

#endif
