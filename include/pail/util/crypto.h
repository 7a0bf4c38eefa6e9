/* SPDX-License-Identifier: Apache-2.0 */
/* Release by scope of what OpenSSL gives out: _cleanup_(EVP_MD_CTX_free_p) EVP_MD_CTX *context. */
#ifndef PAIL_UTIL_CRYPTO_H
#define PAIL_UTIL_CRYPTO_H

#include <openssl/evp.h>

#include "pail/util/cleanup.h"

PAIL_DEFINE_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free);
PAIL_DEFINE_CLEANUP(EVP_PKEY, EVP_PKEY_free);

#endif
