/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a bucket is, for requests that were sent to another region. The server tells it in the header x-amz-bucket-region or in the
 * body of the error; where it does not, HeadBucket is asked, once for each bucket of a client, and calls wait in the queue for that answer.
 */
#ifndef PAIL_SRC_S3_CALL_REGION_H
#define PAIL_SRC_S3_CALL_REGION_H

#include "call.h"

/*
 * On an engine's thread, after an attempt that failed for its region. true: the next one goes to another region, or waits until it is known
 * which. false: there is nothing to follow: the region told is no region or the one that was asked, the bucket is an access point, whose
 * region its ARN names, or the call has been redirected once.
 */
bool pail_s3_region_follow(struct pail_s3_call *call, const struct pail_error *error);
/* For a call that waits: 0: go on; 1: still; < 0: nobody knows, *ret_error is what it failed with. */
int pail_s3_region_await(struct pail_s3_call *call, struct pail_error *ret_error);

#endif
