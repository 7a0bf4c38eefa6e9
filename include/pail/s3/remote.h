/* SPDX-License-Identifier: Apache-2.0 */
/* The remote (pail/remote/remote.h) of a bucket: what the file system knows of S3, on the operations and resources. */
#ifndef PAIL_S3_REMOTE_H
#define PAIL_S3_REMOTE_H

#include "pail/remote/remote.h"
#include "pail/s3/bucket.h"

struct pail_s3_remote_options {
        uint64_t copy_threshold_bytes; /* above it a copy goes in parallel parts; 0: 5 GiB, the limit of CopyObject */
};
/* One reference. bucket: a reference is taken; its client and all below it must outlive the remote. -ENOMEM. */
int pail_s3_remote_new(struct pail_bucket *bucket, const struct pail_s3_remote_options *options,
                       struct pail_remote **ret_remote);

#endif
