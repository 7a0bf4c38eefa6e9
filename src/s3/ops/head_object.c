/* SPDX-License-Identifier: Apache-2.0 */
#include "../call.h"
#include "../info.h"
#include "../ops.h"
#include "../request.h"
#include "pail/s3/operations.h"

static int take(struct pail_s3_call *call, const struct pail_http_response *response, struct pail_error *ret_error)
{
        (void)ret_error;
        struct pail_s3_info *info = call->result;
        pail_s3_info_done(info);
        return pail_s3_info_from_response(response, info);
}

static const struct pail_s3_operation operation = {
        .name = "HeadObject",
        .wants = PAIL_S3_WANTS_READ_KEY,
        .method = "HEAD",
        .any_content = true,
        .take = take,
};

int pail_s3_head_object_within(struct pail_s3_client *client, const char *bucket, const char *key,
                               const char *version_id, int64_t timeout_ms, struct pail_s3_info *ret_info,
                               struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query_optional(call, "versionId", version_id);
        if (timeout_ms > 0)
                call->timeout_ms = timeout_ms;
        struct pail_s3_info info = { 0 };
        call->result = &info;
        r = pail_s3_call_run(call, ret_error);
        if (r < 0)
                return r;
        *ret_info = info;
        return 0;
}

int pail_s3_head_object(struct pail_s3_client *client, const char *bucket, const char *key,
                        struct pail_s3_info *ret_info, struct pail_error *ret_error)
{
        return pail_s3_head_object_within(client, bucket, key, NULL, 0, ret_info, ret_error);
}
