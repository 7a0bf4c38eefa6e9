/* SPDX-License-Identifier: Apache-2.0 */
/* AbortMultipartUpload. */
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/call.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

/* Shorter than other calls: it is clean-up, and someone who gives up waits for it. */
enum { ABORT_TIMEOUT_MS = 60000 };

static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        (void)call;
        return pail_str_equal(error->code, "NoSuchUpload") ? PAIL_S3_FAILURE_NONE : PAIL_S3_FAILURE_RETRY;
}

static const struct pail_s3_operation operation = {
        .name = "AbortMultipartUpload",
        .method = "DELETE",
        .is_change = true,
        .timeout_ms = ABORT_TIMEOUT_MS,
        .classify = classify_failure,
};

int pail_s3_abort_multipart_upload(struct pail_s3_client *client, const char *bucket, const char *key,
                                   const char *upload_id, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "uploadId", upload_id);
        return pail_s3_call_run(call, ret_error);
}
