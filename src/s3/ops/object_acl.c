/* SPDX-License-Identifier: Apache-2.0 */
/* GetObjectAcl and PutObjectAcl. The document goes back as it came: whoever keeps an ACL need not understand it. */
#include "ops.h"
#include "pail/s3/operations.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

static int parse_acl_document(struct pail_s3_call *call, const struct pail_http_response *response,
                              struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        char **document = call->result;
        free(pail_steal(document));
        return pail_buf_steal(&call->answer, document, NULL);
}

static const struct pail_s3_operation get_operation = {
        .name = "GetObjectAcl",
        .method = "GET",
        .root = "AccessControlPolicy",
        .parse = parse_acl_document,
};

int pail_s3_get_object_acl_begin(struct pail_s3_client *client, const char *bucket, const char *key,
                                 const char *version_id, char **document, struct pail_s3_call **ret_call,
                                 struct pail_error *ret_error)
{
        struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &get_operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "acl", NULL);
        pail_s3_call_query_optional(call, "versionId", version_id);
        call->result = document;
        return pail_s3_call_launch(call, NULL, NULL, ret_call, ret_error);
}

int pail_s3_get_object_acl(struct pail_s3_client *client, const char *bucket, const char *key, char **ret_document,
                           struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        _cleanup_free_ char *document = NULL;
        int r = pail_s3_get_object_acl_begin(client, bucket, key, NULL, &document, &call, ret_error);
        if (r >= 0)
                r = pail_s3_call_wait(call, ret_error);
        if (r >= 0)
                *ret_document = pail_steal(&document);
        return r;
}

static const struct pail_s3_operation put_operation = {
        .name = "PutObjectAcl",
        .method = "PUT",
        .is_change = true,
};

int pail_s3_put_object_acl(struct pail_s3_client *client, const char *bucket, const char *key, const char *document,
                           struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &put_operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(PAIL_S3_ANSWER_CAP);
        if ((r = pail_buf_append_string(&body, document)) < 0)
                call->build_error = r;
        pail_s3_call_query(call, "acl", NULL);
        pail_s3_call_body_checksum(call, body.data, body.length);
        pail_s3_call_text(call, &body, "application/xml");
        return pail_s3_call_run(call, ret_error);
}
