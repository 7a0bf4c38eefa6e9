/* SPDX-License-Identifier: Apache-2.0 */
/* GetBucketVersioning. A bucket that never had versions has an empty answer. */
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/call.h"
#include "s3/call/request.h"
#include "s3/call/run.h"
#include "s3/call/xml_fields.h"

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        struct pail_s3_versioning *versioning = call->result;
        _cleanup_free_ char *status = NULL, *mfa = NULL;
        const struct pail_s3_field fields[] = { { "VersioningConfiguration/Status", &status },
                                                { "VersioningConfiguration/MfaDelete", &mfa } };
        int r = pail_s3_parse_fields(call->answer.data, call->answer.length, fields, 2);
        *versioning = (struct pail_s3_versioning){ .needs_mfa_to_delete = pail_str_equal(mfa, "Enabled") };
        if (pail_str_equal(status, "Enabled"))
                versioning->status = PAIL_S3_VERSIONING_ENABLED;
        else if (pail_str_equal(status, "Suspended"))
                versioning->status = PAIL_S3_VERSIONING_SUSPENDED;
        return r;
}

static const struct pail_s3_operation operation = {
        .name = "GetBucketVersioning",
        .method = "GET",
        .root = "VersioningConfiguration",
        .parse = parse_answer,
};

int pail_s3_get_bucket_versioning(struct pail_s3_client *client, const char *bucket,
                                  struct pail_s3_versioning *ret_versioning, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        struct pail_s3_versioning versioning = { 0 };
        if (pail_endpoint_is_directory(bucket)) { /* it cannot have any, and has no such operation */
                *ret_versioning = versioning;
                return 0;
        }
        int r = pail_s3_call_new(client, &operation, bucket, NULL, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "versioning", NULL);
        call->result = &versioning;
        r = pail_s3_call_run(call, ret_error);
        if (r >= 0)
                *ret_versioning = versioning;
        return r;
}
