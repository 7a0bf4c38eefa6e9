/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cyclic redundancy checks of S3's x-amz-checksum-* headers. All are reflected (the least significant bit of a byte is
 * the first), begin with all ones and end inverted; both inversions happen inside, so a check begins as 0 and goes on
 * with what the call before returned. "123456789" gives the check value:
 *
 *   CRC32      polynomial 0x04C11DB7           check 0xCBF43926          (zlib, gzip)
 *   CRC32C     polynomial 0x1EDC6F41           check 0xE3069283          (RFC 3720)
 *   CRC64NVME  polynomial 0xAD93D23594C93659   check 0xAE8B14860A799888  (NVM Express, NVM Command Set 1.0, 5.2.1.3.4)
 *
 * On the wire a value is the base64 of its 4 or 8 bytes, the most significant first. Stateless and thread safe.
 */
#ifndef PAIL_UTIL_CRC_H
#define PAIL_UTIL_CRC_H

#include <stddef.h>
#include <stdint.h>

enum pail_crc_kind { PAIL_CRC_32, PAIL_CRC_32C, PAIL_CRC_64NVME, PAIL_CRC_KINDS };

/* "CRC32C", as S3 names it. */
const char *pail_crc_name(enum pail_crc_kind kind);
/* Bytes of a value: 4 or 8. */
size_t pail_crc_size(enum pail_crc_kind kind);
/* The check of what crc is the check of, and data behind it. */
uint64_t pail_crc_update(enum pail_crc_kind kind, uint64_t crc, const void *data, size_t size);
/* The check of two pieces, one behind the other, from their checks and the size of the second. */
uint64_t pail_crc_combine(enum pail_crc_kind kind, uint64_t first, uint64_t second, uint64_t second_size);

enum { PAIL_CRC_TEXT_SIZE = 13 }; /* base64 of 8 bytes, and a NUL */
void pail_crc_format(enum pail_crc_kind kind, uint64_t crc, char ret_text[static PAIL_CRC_TEXT_SIZE]);
/* -EINVAL: not the base64 of as many bytes. */
int pail_crc_parse(enum pail_crc_kind kind, const char *text, uint64_t *ret_crc);

#endif
