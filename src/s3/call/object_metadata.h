/* SPDX-License-Identifier: Apache-2.0 */
/* What the headers of an answer tell of an object, and ETags. */
#ifndef PAIL_SRC_S3_CALL_OBJECT_METADATA_H
#define PAIL_SRC_S3_CALL_OBJECT_METADATA_H

#include "pail/s3/types.h"

/*
 * size_bytes is Content-Length here, 0 where there is none; a ranged GET corrects it. -EBADMSG: no ETag, or more metadata
 * than fits.
 */
int pail_s3_object_metadata_from_response(const struct pail_http_response *response,
                                          struct pail_s3_object_metadata *ret_metadata);

/* Strips the quotes, and the W/ of a weak one. -EBADMSG: missing, empty or too long. */
int pail_s3_etag_parse(const char *text, char ret_etag[static PAIL_S3_ETAG_SIZE]);
/* 32 hex digits: the MD5 of the bytes, unless the object is encrypted with a key of KMS. */
bool pail_s3_etag_is_md5(const char *etag);

#endif
