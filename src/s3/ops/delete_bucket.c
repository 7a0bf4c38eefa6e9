/* SPDX-License-Identifier: Apache-2.0 */
/* DeleteBucket, of an empty bucket only. Sent again after an answer that was lost, it finds none: it worked. */
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/call.h"
#include "s3/call/run.h"

static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        bool has_worked = call->maybe_applied && pail_str_equal(error->code, "NoSuchBucket");
        return has_worked ? PAIL_S3_FAILURE_NONE : PAIL_S3_FAILURE_RETRY;
}

static const struct pail_s3_operation operation = {
        .name = "DeleteBucket",
        .method = "DELETE",
        .is_change = true,
        .classify = classify_failure,
};

int pail_s3_delete_bucket(struct pail_s3_client *client, const char *bucket, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, NULL, &call, ret_error);
        return r < 0 ? r : pail_s3_call_run(call, ret_error);
}
