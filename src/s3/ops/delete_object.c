/* SPDX-License-Identifier: Apache-2.0 */
/* DeleteObject, of the current version or of a given one. */
#include "ops.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

/* Amazon S3 answers 204 for an absent key; others may say 404. The bucket being absent is an error all the same. */
static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        (void)call;
        return pail_str_equal(error->code, "NoSuchKey") || pail_str_equal(error->code, "NoSuchVersion")
                       ? PAIL_S3_FAILURE_NONE
                       : PAIL_S3_FAILURE_RETRY;
}

static const struct pail_s3_operation operation = {
        .name = "DeleteObject",
        .method = "DELETE",
        .is_change = true,
        .classify = classify_failure,
};

int pail_s3_delete_object_begin(struct pail_s3_client *client, const char *bucket, const char *key,
                                const char *version_id, struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query_optional(call, "versionId", version_id);
        return pail_s3_call_launch(call, NULL, NULL, ret_call, ret_error);
}

int pail_s3_delete_object_version(struct pail_s3_client *client, const char *bucket, const char *key,
                                  const char *version_id, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_delete_object_begin(client, bucket, key, version_id, &call, ret_error);
        return r < 0 ? r : pail_s3_call_wait(call, ret_error);
}

int pail_s3_delete_object(struct pail_s3_client *client, const char *bucket, const char *key,
                          struct pail_error *ret_error)
{
        return pail_s3_delete_object_version(client, bucket, key, NULL, ret_error);
}
