/* SPDX-License-Identifier: Apache-2.0 */
/* HeadBucket, which tells the region in a header. */
#include "ops.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/run.h"

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)ret_error;
        return pail_str_replace(call->result, pail_http_headers_get(&response->headers, "x-amz-bucket-region"));
}

static const struct pail_s3_operation operation = {
        .name = "HeadBucket", .method = "HEAD", .has_plain_credentials = true, .parse = parse_answer
};

int pail_s3_head_bucket_within(struct pail_s3_client *client, const char *bucket, int64_t timeout_ms, char **ret_region,
                               struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        _cleanup_free_ char *region = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, NULL, &call, ret_error);
        if (r < 0)
                return r;
        call->result = &region;
        if (timeout_ms > 0)
                call->timeout_ms = timeout_ms;
        r = pail_s3_call_run(call, ret_error);
        if (r >= 0 && ret_region)
                *ret_region = pail_steal(&region);
        return r;
}

int pail_s3_head_bucket(struct pail_s3_client *client, const char *bucket, struct pail_error *ret_error)
{
        return pail_s3_head_bucket_within(client, bucket, 0, NULL, ret_error);
}
