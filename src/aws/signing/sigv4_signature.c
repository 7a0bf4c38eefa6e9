/* SPDX-License-Identifier: Apache-2.0 */
#include "sigv4_signature.h"

#include "sigv4_key.h"

int pail_sigv4_signature_make(const struct pail_credentials *credentials, const struct pail_sigv4_scope *scope,
                              const struct pail_buf *string, struct pail_sigv4_key_cache *cache,
                              char ret_signature[static PAIL_SIGV4_SIGNATURE_SIZE])
{
        if (scope->signing == PAIL_SIGNING_V4A)
                return pail_sigv4a_signature(cache, credentials, string->data, string->length, ret_signature);
        return pail_sigv4_key_sign(cache, credentials->secret_access_key, scope, string->data, string->length,
                                   ret_signature);
}
