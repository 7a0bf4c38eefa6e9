/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checksums of bytes of objects. On the way there: a header computed before the request is sent, over a plain body;
 * never a trailer in a chunked one, which many servers take for the object's bytes. On the way back: the value that S3
 * keeps for a whole object. ("Checking object integrity", Amazon S3 User Guide.)
 *
 * A server that does not know the headers ignores them, or refuses the request with one of a dozen codes, each of which
 * has other causes as well. So in the mode AUTO a refused request is sent once more without: if that does well, the
 * checksum was the cause, and the client sends none from then on. Thread safe.
 *
 * An upload declares its algorithm when it begins, and every part must have a value of it then. A part that the server
 * copies has one only if the server makes it: Amazon S3 does and tells it, MinIO refuses the part. What is begun without
 * (without_crc) takes parts of both kinds, and no CRC in any of them; who asked for checksums gets Content-MD5 there.
 */
#ifndef PAIL_SRC_S3_CALL_CHECKSUM_H
#define PAIL_SRC_S3_CALL_CHECKSUM_H

#include <stdbool.h>

#include "call.h"
#include "digest.h"
#include "pail/http/request.h"
#include "pail/s3/types.h"
#include "pail/util/error.h"

/* false: uploads carry no CRC. */
bool pail_s3_checksum_kind(const struct pail_s3_client *client, enum pail_crc_kind *ret_kind);

/* Before the body is digested: what the call's checksum needs of that. After: makes its header. */
void pail_s3_checksum_plan(const struct pail_s3_call *call, struct pail_s3_digest *digest);
void pail_s3_checksum_make(struct pail_s3_call *call, const struct pail_s3_digest *digest);
/* Sets the headers of an attempt. */
int pail_s3_checksum_apply(struct pail_s3_call *call);
/* true: the checksum may be what the server refuses, and the call is to be sent again without it. */
bool pail_s3_checksum_drop(struct pail_s3_call *call, const struct pail_error *error);
/* The call succeeded. */
void pail_s3_checksum_learn(struct pail_s3_call *call);
/*
 * What the server says that it stored: copied where it is ours, "" where it says nothing. < 0: it is another, with *ret_error as for
 * bytes that arrived damaged.
 */
int pail_s3_checksum_compare(const struct pail_s3_call *call, const struct pail_http_response *response,
                             char ret_text[static PAIL_S3_CHECKSUM_SIZE], struct pail_error *ret_error);

/* The bytes of a whole object on their way here. Zero-initialised: not checked. */
struct pail_s3_check {
        bool is_on;
        enum pail_crc_kind kind;
        uint64_t expected, crc;
};
/* From the headers of the answer: on, if one of them is the CRC of the whole object. */
void pail_s3_check_begin(const struct pail_http_response *response, struct pail_s3_check *ret_check);
void pail_s3_check_update(struct pail_s3_check *check, const void *data, size_t size);
/* All bytes have come. */
bool pail_s3_check_holds(const struct pail_s3_check *check);

#endif
