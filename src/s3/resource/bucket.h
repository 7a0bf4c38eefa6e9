/* SPDX-License-Identifier: Apache-2.0 */
/* What buckets.c keeps with a bucket. */
#ifndef PAIL_SRC_S3_RESOURCE_BUCKET_H
#define PAIL_SRC_S3_RESOURCE_BUCKET_H

#include "pail/s3/bucket.h"

/* When it was made; false: that was not asked for yet. */
bool pail_bucket_known_date(struct pail_bucket *bucket, struct timespec *ret_date);
void pail_bucket_keep_date(struct pail_bucket *bucket, struct timespec date);

#endif
