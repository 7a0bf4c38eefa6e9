/* SPDX-License-Identifier: Apache-2.0 */
#include "digest.h"

#include <errno.h>
#include <openssl/evp.h>

#include "pail/util/cleanup.h"
#include "pail/util/file.h"

enum { CHUNK = 256 * 1024 };

PAIL_DEFINE_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free);

int pail_s3_md5(const void *data, size_t size, unsigned char ret_digest[static PAIL_S3_MD5_SIZE])
{
        return EVP_Digest(data, size, ret_digest, NULL, EVP_md5(), NULL) == 1 ? 0 : -EIO;
}

void pail_s3_md5_hex(const unsigned char digest[static PAIL_S3_MD5_SIZE], char ret_hex[static 2 * PAIL_S3_MD5_SIZE + 1])
{
        for (int i = 0; i < PAIL_S3_MD5_SIZE; i++)
                snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}

static int add_file(EVP_MD_CTX *context, const struct pail_http_body *body)
{
        _cleanup_free_ char *chunk = malloc(CHUNK);
        if (!chunk)
                return -ENOMEM;
        for (uint64_t done = 0; done < body->size_bytes;) {
                size_t size = body->size_bytes - done < CHUNK ? (size_t)(body->size_bytes - done) : CHUNK;
                int r = pail_file_pread_all(body->fd, chunk, size, body->offset + (off_t)done);
                if (r < 0)
                        return r;
                if (EVP_DigestUpdate(context, chunk, size) != 1)
                        return -EIO;
                done += size;
        }
        return 0;
}

static int add_vector(EVP_MD_CTX *context, const struct pail_http_body *body)
{
        for (size_t i = 0; i < body->vector_count; i++) {
                if (EVP_DigestUpdate(context, body->vector[i].iov_base, body->vector[i].iov_len) != 1)
                        return -EIO;
        }
        return 0;
}

int pail_s3_md5_body(const struct pail_http_body *body, char ret_hex[static 2 * PAIL_S3_MD5_SIZE + 1])
{
        _cleanup_(EVP_MD_CTX_free_p) EVP_MD_CTX *context = EVP_MD_CTX_new();
        if (!context)
                return -ENOMEM;
        if (EVP_DigestInit_ex(context, EVP_md5(), NULL) != 1)
                return -EIO;
        int r = body->vector ? add_vector(context, body) : add_file(context, body);
        unsigned char digest[EVP_MAX_MD_SIZE];
        if (r >= 0 && EVP_DigestFinal_ex(context, digest, NULL) != 1)
                r = -EIO;
        if (r >= 0)
                pail_s3_md5_hex(digest, ret_hex);
        return r;
}
