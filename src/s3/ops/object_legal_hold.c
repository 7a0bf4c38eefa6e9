/* SPDX-License-Identifier: Apache-2.0 */
/* GetObjectLegalHold and PutObjectLegalHold, of a version. */
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/call.h"
#include "s3/call/request.h"
#include "s3/call/retention.h"
#include "s3/call/run.h"
#include "s3/call/xml_fields.h"

enum { BODY_CAP = 1024 };

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        bool *is_held = call->result;
        _cleanup_free_ char *status = NULL;
        const struct pail_s3_field fields[] = { { "LegalHold/Status", &status } };
        int r = pail_s3_parse_fields(call->answer.data, call->answer.length, fields, 1);
        *is_held = pail_str_equal(status, "ON");
        return r;
}

/* An object that never had one, in a bucket where it could. */
static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        (void)call;
        return pail_s3_is_unlocked(error) ? PAIL_S3_FAILURE_NONE : PAIL_S3_FAILURE_RETRY;
}

static const struct pail_s3_operation get_operation = {
        .name = "GetObjectLegalHold",
        .method = "GET",
        .root = "LegalHold",
        .parse = parse_answer,
        .classify = classify_failure,
};

int pail_s3_get_object_legal_hold(struct pail_s3_client *client, const char *bucket, const char *key,
                                  const char *version_id, bool *ret_is_held, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &get_operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        bool is_held = false;
        pail_s3_call_query(call, "legal-hold", NULL);
        pail_s3_call_query_optional(call, "versionId", version_id);
        call->result = &is_held;
        r = pail_s3_call_run(call, ret_error);
        if (r >= 0)
                *ret_is_held = is_held;
        return r;
}

static const struct pail_s3_operation put_operation = {
        .name = "PutObjectLegalHold",
        .method = "PUT",
        .is_change = true,
};

int pail_s3_put_object_legal_hold(struct pail_s3_client *client, const char *bucket, const char *key,
                                  const char *version_id, bool is_held, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &put_operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(BODY_CAP);
        pail_buf_printf(&body,
                        "<LegalHold xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>%s</Status></LegalHold>",
                        is_held ? "ON" : "OFF");
        pail_s3_call_query(call, "legal-hold", NULL);
        pail_s3_call_query_optional(call, "versionId", version_id);
        pail_s3_call_body_checksum(call, body.data, body.length);
        pail_s3_call_text(call, &body, "application/xml");
        return pail_s3_call_run(call, ret_error);
}
