/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CreateBucket. The region of the new bucket is that of the session: us-east-1 must not be named, every other must
 * ("LocationConstraint" in the Amazon S3 API reference). Sent again after an answer that was lost, the call meets the
 * bucket that it made itself.
 */
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"
#include "s3/call/call.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

enum { BODY_CAP = 1024 };

static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        bool is_ours = call->maybe_applied && pail_str_equal(error->code, "BucketAlreadyOwnedByYou");
        return is_ours ? PAIL_S3_FAILURE_NONE : PAIL_S3_FAILURE_RETRY;
}

static const struct pail_s3_operation operation = {
        .name = "CreateBucket",
        .method = "PUT",
        .is_change = true,
        .classify = classify_failure,
};

static bool is_named_in_request(const char *region)
{
        return region && !pail_str_equal(region, "us-east-1") && !pail_str_equal(region, "aws-global");
}

static void add_location(struct pail_s3_call *call, const char *region)
{
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(BODY_CAP);
        pail_buf_append_string(&body, "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                                      "<LocationConstraint>");
        pail_xml_escape(&body, region);
        pail_buf_append_string(&body, "</LocationConstraint></CreateBucketConfiguration>");
        pail_s3_call_text(call, &body, "application/xml");
}

int pail_s3_create_bucket(struct pail_s3_client *client, const char *bucket, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        const char *region = pail_session_region_name(client->session);
        pail_s3_client_forget_bucket(client, bucket); /* what is known is of one that had the name before */
        int r = pail_s3_call_new(client, &operation, bucket, NULL, &call, ret_error);
        if (r < 0)
                return r;
        if (is_named_in_request(region))
                add_location(call, region);
        return pail_s3_call_run(call, ret_error);
}
