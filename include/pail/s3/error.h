/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a call, as a program sees it. */
#ifndef PAIL_S3_ERROR_H
#define PAIL_S3_ERROR_H

#include <stdbool.h>

#include "pail/util/error.h"

/* The one table from class and code to errno, negative: what a program sees. 0 for PAIL_ERROR_NONE. */
int pail_s3_errno(const struct pail_error *error);
/*
 * The server lacks what was asked for: CopyObject, UploadPartCopy, conditional writes, ACLs… EOPNOTSUPP. What is known of it beforehand is
 * in pail_bucket_features().
 */
bool pail_s3_error_is_unsupported(const struct pail_error *error);

#endif
