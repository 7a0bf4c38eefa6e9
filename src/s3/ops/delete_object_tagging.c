/* SPDX-License-Identifier: Apache-2.0 */
/* DeleteObjectTagging: all tags at once. */
#include "pail/s3/operations.h"
#include "s3/call/call.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

static const struct pail_s3_operation operation = {
        .name = "DeleteObjectTagging",
        .method = "DELETE",
        .is_change = true,
};

int pail_s3_delete_object_tagging(struct pail_s3_client *client, const char *bucket, const char *key,
                                  struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "tagging", NULL);
        return pail_s3_call_run(call, ret_error);
}
