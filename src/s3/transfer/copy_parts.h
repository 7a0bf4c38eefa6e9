/* SPDX-License-Identifier: Apache-2.0 */
/* The multipart copy, without what comes after it. */
#ifndef PAIL_SRC_S3_TRANSFER_COPY_PARTS_H
#define PAIL_SRC_S3_TRANSFER_COPY_PARTS_H

#include "copy_plan.h"

/* tagging NULL: none. */
int pail_s3_copy_parts(const struct pail_s3_copy_plan *plan, const char *tagging,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);

#endif
