/* SPDX-License-Identifier: Apache-2.0 */
/* S3's codes: what they mean in words and in errno. */
#ifndef PAIL_SRC_S3_CALL_ERROR_H
#define PAIL_SRC_S3_CALL_ERROR_H

#include <stdbool.h>

#include "pail/s3/error.h"

struct pail_s3_code {
        const char *code; /* S3's <Code> */
        int http_status; /* that it comes with; for answers that tell the code alone (200 with <Error>, DeleteObjects) */
        int error_number;  /* positive; 0: as the status says */
        const char *words; /* NULL: the server's own, or the code */
};

/* NULL: unknown. */
const struct pail_s3_code *pail_s3_code_find(const char *code);
/* What a status means where no code came with it (HEAD, empty bodies). key: whether the request was about an object. */
const char *pail_s3_code_of_status(int http_status, bool about_object);

#endif
