/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of an object with everything that belongs to it. */
#ifndef PAIL_SRC_S3_TRANSFER_COPY_H
#define PAIL_SRC_S3_TRANSFER_COPY_H

#include "copy_plan.h"
#include "s3/ops/acl.h"

/* For an object that this client has just made: its ACL is that of new objects, and is not asked for where that is the default. */
int pail_s3_copy_run(const struct pail_s3_copy_plan *plan, char ret_etag[static PAIL_S3_ETAG_SIZE],
                     struct pail_error *ret_error);
/* For any other: acl is that of the source, whose reading has begun. */
int pail_s3_copy_run_with_acl(const struct pail_s3_copy_plan *plan, struct pail_s3_acl_reading *acl,
                              char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);

#endif
