/* SPDX-License-Identifier: Apache-2.0 */
#include "../call.h"
#include "pail/s3/operations.h"

static const struct pail_s3_operation operation = { .name = "HeadBucket", .method = "HEAD", .plain_credentials = true };

int pail_s3_head_bucket(struct pail_s3_client *client, const char *bucket, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, NULL, &call, ret_error);
        return r < 0 ? r : pail_s3_call_run(call, ret_error);
}
