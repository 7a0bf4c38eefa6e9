/* SPDX-License-Identifier: Apache-2.0 */
/* The last stage of Version 4A: ECDSA over the SHA-256 of the string to sign. */
#include "sigv4a.h"

#include <errno.h>

#include <openssl/evp.h>

#include "pail/util/crypto.h"
#include "sigv4_key.h"
#include "sigv4a_key.h"

static int sign_text(EVP_PKEY *key, const char *text, size_t length, unsigned char *signature, size_t *ret_size)
{
        _cleanup_evp_md_ctx_ EVP_MD_CTX *context = EVP_MD_CTX_new();

        if (!context)
                return -ENOMEM;
        if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) <= 0 ||
            EVP_DigestSign(context, signature, ret_size, (const unsigned char *)text, length) <= 0)
                return -EIO;
        return 0;
}

int pail_sigv4a_signature(struct pail_sigv4_key_cache *cache, const struct pail_credentials *credentials,
                          const char *string_to_sign, size_t length,
                          char ret_signature[static PAIL_SIGV4A_SIGNATURE_MAX + 1])
{
        _cleanup_evp_pkey_ EVP_PKEY *key = NULL;
        unsigned char signature[PAIL_SIGV4A_SIGNATURE_MAX / 2];
        size_t size = sizeof(signature);
        int r = pail_sigv4a_key(cache ? pail_sigv4_key_cache_slot(cache) : NULL, credentials->access_key_id,
                                credentials->secret_access_key, &key);

        if (r == 0)
                r = sign_text(key, string_to_sign, length, signature, &size);
        if (r == 0)
                pail_sigv4_digest_hex(signature, size, ret_signature);
        return r;
}
