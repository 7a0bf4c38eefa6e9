/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include <openssl/evp.h>

#include "aws/sigv4_key.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"

enum { HASH_CHUNK_BYTES = 256 * 1024 };

PAIL_DEFINE_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free);

static int hash_vector(EVP_MD_CTX *context, const struct pail_http_body *body)
{
        for (size_t i = 0; i < body->vector_count; i++)
                if (!EVP_DigestUpdate(context, body->vector[i].iov_base, body->vector[i].iov_len))
                        return -EIO;
        return 0;
}

static int hash_file(EVP_MD_CTX *context, const struct pail_http_body *body)
{
        _cleanup_free_ char *chunk = malloc(HASH_CHUNK_BYTES);
        uint64_t left = body->size_bytes;
        off_t offset = body->offset;

        if (!chunk)
                return -ENOMEM;
        while (left > 0) {
                size_t size = left < HASH_CHUNK_BYTES ? (size_t)left : HASH_CHUNK_BYTES;
                int r = pail_file_pread_all(body->fd, chunk, size, offset);
                if (r < 0)
                        return r;
                if (!EVP_DigestUpdate(context, chunk, size))
                        return -EIO;
                offset += (off_t)size;
                left -= size;
        }
        return 0;
}

int pail_sigv4_hash_body(const struct pail_http_body *body, char ret_hex[static 65])
{
        _cleanup_(EVP_MD_CTX_free_p) EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char digest[EVP_MAX_MD_SIZE];
        int r;

        if (!context)
                return -ENOMEM;
        if (!EVP_DigestInit_ex(context, EVP_sha256(), NULL))
                return -EIO;
        r = body->vector ? hash_vector(context, body) : hash_file(context, body);
        if (r < 0)
                return r;
        if (!EVP_DigestFinal_ex(context, digest, NULL))
                return -EIO;
        pail_sigv4_hex(digest, PAIL_SHA256_SIZE, ret_hex);
        return 0;
}
