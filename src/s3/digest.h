/* SPDX-License-Identifier: Apache-2.0 */
/* MD5, where S3 asks for it (Content-MD5) or uses it (ETags). Not for security. */
#ifndef PAIL_SRC_S3_DIGEST_H
#define PAIL_SRC_S3_DIGEST_H

#include <stddef.h>

#include "pail/http/request.h"

enum { PAIL_S3_MD5_SIZE = 16 };

/* -EIO: OpenSSL has no MD5 (a FIPS provider). */
int pail_s3_md5(const void *data, size_t size, unsigned char ret_digest[static PAIL_S3_MD5_SIZE]);
/* Of a request body; reads a file. */
int pail_s3_md5_body(const struct pail_http_body *body, char ret_hex[static 2 * PAIL_S3_MD5_SIZE + 1]);
void pail_s3_md5_hex(const unsigned char digest[static PAIL_S3_MD5_SIZE],
                     char ret_hex[static 2 * PAIL_S3_MD5_SIZE + 1]);

#endif
