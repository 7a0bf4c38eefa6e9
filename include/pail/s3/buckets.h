/* SPDX-License-Identifier: Apache-2.0 */
/* The buckets of an account, and what only their list tells of one. */
#ifndef PAIL_S3_BUCKETS_H
#define PAIL_S3_BUCKETS_H

#include "pail/s3/bucket.h"

/*
 * All buckets of the session's account, whole: ListBuckets, and of AWS the directory buckets of the session's region behind them. Where
 * those cannot be listed (there is no such service in the region, no right, no way) they are left out, and asked for again after some
 * minutes. Owned by the caller: pail_s3_buckets_done().
 */
int pail_buckets_all(struct pail_s3_client *client, struct pail_s3_buckets *ret_buckets, struct pail_error *ret_error);

/* Asks ListBuckets, once. -ENOENT: it is not among the buckets of the session's user. */
int pail_bucket_creation_date(struct pail_bucket *bucket, struct timespec *ret_date, struct pail_error *ret_error);

#endif
