/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is computed of the bytes of a request: SHA-256 for the signature, a CRC or MD5 for S3 to check them by, MD5 to
 * recognise ETags (not for security). All that is wanted comes from one pass, so that a file is read once.
 */
#ifndef PAIL_SRC_S3_CALL_DIGEST_H
#define PAIL_SRC_S3_CALL_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/http/request.h"
#include "pail/util/crc.h"

enum { PAIL_S3_MD5_SIZE = 16, PAIL_S3_SHA256_SIZE = 32 };

struct pail_s3_digest {
        bool needs_sha256, needs_md5, needs_crc;
        enum pail_crc_kind crc_kind;
        unsigned char sha256[PAIL_S3_SHA256_SIZE], md5[PAIL_S3_MD5_SIZE];
        uint64_t crc;
};
/* Fills in what is wanted. -EIO: OpenSSL does not have it (MD5 with a FIPS provider); the errors of reading. */
int pail_s3_digest_body(const struct pail_http_body *body, struct pail_s3_digest *digest);

/* -EIO: OpenSSL has no MD5. */
int pail_s3_md5(const void *data, size_t size, unsigned char ret_digest[static PAIL_S3_MD5_SIZE]);
/* Of a request body; reads a file. */
int pail_s3_md5_body(const struct pail_http_body *body, char ret_hex[static 2 * PAIL_S3_MD5_SIZE + 1]);
/* 2 * size digits and a NUL. */
void pail_s3_hex(const unsigned char *data, size_t size, char *ret_hex);

#endif
