/* SPDX-License-Identifier: Apache-2.0 */
/* Release by scope (pail/util/cleanup.h) for what OpenSSL hands out: _cleanup_evp_md_ctx_ EVP_MD_CTX *context = NULL; */
#ifndef PAIL_UTIL_CRYPTO_H
#define PAIL_UTIL_CRYPTO_H

#include <openssl/evp.h>

#include "pail/util/cleanup.h"

static inline void pail_evp_md_ctx_free_p(EVP_MD_CTX **context)
{
        EVP_MD_CTX_free(*context);
}

static inline void pail_evp_pkey_free_p(EVP_PKEY **key)
{
        EVP_PKEY_free(*key);
}

static inline void pail_evp_pkey_ctx_free_p(EVP_PKEY_CTX **context)
{
        EVP_PKEY_CTX_free(*context);
}

#define _cleanup_evp_md_ctx_ _cleanup_(pail_evp_md_ctx_free_p)
#define _cleanup_evp_pkey_ _cleanup_(pail_evp_pkey_free_p)
#define _cleanup_evp_pkey_ctx_ _cleanup_(pail_evp_pkey_ctx_free_p)

#endif
