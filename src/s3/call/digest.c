/* SPDX-License-Identifier: Apache-2.0 */
/* All digests of a body from one pass over it, so that a file is read once. */
#include "digest.h"

#include <errno.h>
#include <openssl/evp.h>

#include "pail/util/crypto.h"

int pail_s3_md5(const void *data, size_t size, unsigned char ret_digest[static PAIL_S3_MD5_SIZE])
{
        return EVP_Digest(data, size, ret_digest, NULL, EVP_md5(), NULL) == 1 ? 0 : -EIO;
}

void pail_s3_hex(const unsigned char *data, size_t size, char *ret_hex)
{
        static const char digits[] = "0123456789abcdef";
        for (size_t i = 0; i < size; i++) {
                *ret_hex++ = digits[data[i] >> 4];
                *ret_hex++ = digits[data[i] & 15];
        }
        *ret_hex = '\0';
}

struct pass {
        struct pail_s3_digest *digest;
        EVP_MD_CTX *sha256, *md5; /* NULL: not wanted */
};

static int begin_digest(bool wanted, const EVP_MD *type, EVP_MD_CTX **ret_context)
{
        if (!wanted)
                return 0;
        *ret_context = EVP_MD_CTX_new();
        if (!*ret_context)
                return -ENOMEM;
        return EVP_DigestInit_ex(*ret_context, type, NULL) == 1 ? 0 : -EIO;
}

static int update_digests(void *context, const void *data, size_t size)
{
        struct pass *pass = context;
        struct pail_s3_digest *digest = pass->digest;
        if (digest->needs_crc)
                digest->crc = pail_crc_update(digest->crc_kind, digest->crc, data, size);
        if (pass->sha256 && EVP_DigestUpdate(pass->sha256, data, size) != 1)
                return -EIO;
        return pass->md5 && EVP_DigestUpdate(pass->md5, data, size) != 1 ? -EIO : 0;
}

int pail_s3_digest_body(const struct pail_http_body *body, struct pail_s3_digest *digest)
{
        _cleanup_evp_md_ctx_ EVP_MD_CTX *sha256 = NULL;
        _cleanup_evp_md_ctx_ EVP_MD_CTX *md5 = NULL;
        int r = begin_digest(digest->needs_sha256, EVP_sha256(), &sha256);
        if (r >= 0)
                r = begin_digest(digest->needs_md5, EVP_md5(), &md5);
        if (r < 0)
                return r;
        struct pass pass = { .digest = digest, .sha256 = sha256, .md5 = md5 };
        digest->crc = 0;
        r = sha256 || md5 || digest->needs_crc ? pail_http_body_walk(body, update_digests, &pass) : 0;
        if (r >= 0 && sha256 && EVP_DigestFinal_ex(sha256, digest->sha256, NULL) != 1)
                r = -EIO;
        if (r >= 0 && md5 && EVP_DigestFinal_ex(md5, digest->md5, NULL) != 1)
                r = -EIO;
        return r;
}

int pail_s3_md5_body(const struct pail_http_body *body, char ret_hex[static 2 * PAIL_S3_MD5_SIZE + 1])
{
        struct pail_s3_digest digest = { .needs_md5 = true };
        int r = pail_s3_digest_body(body, &digest);
        if (r >= 0)
                pail_s3_hex(digest.md5, sizeof(digest.md5), ret_hex);
        return r;
}
