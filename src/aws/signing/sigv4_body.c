/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/sigv4_body.h"

#include <errno.h>

#include <openssl/evp.h>

#include "pail/util/crypto.h"
#include "sigv4_digest.h"

static int update_digest(void *context, const void *data, size_t size)
{
        return EVP_DigestUpdate(context, data, size) ? 0 : -EIO;
}

int pail_sigv4_body_hash(const struct pail_http_body *body, char ret_hex[static 65])
{
        _cleanup_evp_md_ctx_ EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char digest[EVP_MAX_MD_SIZE];
        int r;

        if (!context)
                return -ENOMEM;
        if (!EVP_DigestInit_ex(context, EVP_sha256(), NULL))
                return -EIO;
        r = pail_http_body_walk(body, update_digest, context);
        if (r < 0)
                return r;
        if (!EVP_DigestFinal_ex(context, digest, NULL))
                return -EIO;
        pail_sigv4_digest_hex(digest, PAIL_SHA256_SIZE, ret_hex);
        return 0;
}
