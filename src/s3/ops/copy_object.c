/* SPDX-License-Identifier: Apache-2.0 */
/* CopyObject, of up to 5 GiB. Its answer tells in the body whether it worked: status 200 is sent while the server still copies. */
#include "ops.h"
#include "pail/s3/operations.h"
#include "s3/call/object_metadata.h"
#include "s3/call/request.h"
#include "s3/call/run.h"
#include "s3/call/xml_fields.h"

int pail_s3_parse_copy_result(struct pail_s3_call *call, const char *etag_path, char *ret_etag)
{
        _cleanup_free_ char *text = NULL;
        const struct pail_s3_field fields[] = { { etag_path, &text } };
        int r = pail_s3_parse_fields(call->answer.data, call->answer.length, fields, 1);
        return r < 0 ? r : pail_s3_etag_parse(text, ret_etag);
}

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        return pail_s3_parse_copy_result(call, "CopyObjectResult/ETag", call->result);
}

static const struct pail_s3_operation operation = {
        .name = "CopyObject",
        .flags = PAIL_S3_FLAG_WRITE_KEY | PAIL_S3_FLAG_SOURCE_KEY,
        .method = "PUT",
        .root = "CopyObjectResult",
        .feature = PAIL_S3_FEATURE_COPIES,
        .is_change = true,
        .has_plain_credentials = true,
        .is_bulk = true,
        .first_byte_ms = PAIL_S3_SERVER_WORK_MS,
        .parse = parse_answer,
};

int pail_s3_copy_object(struct pail_s3_client *client, const struct pail_s3_copy_input *input,
                        char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_copy_source(call, input->source_bucket, input->source_key, input->source_version_id,
                                 input->source_if_match);
        pail_s3_call_header(call, "x-amz-metadata-directive", input->headers ? "REPLACE" : "COPY");
        pail_s3_call_object_headers(call, input->headers);
        pail_s3_call_storage_headers(call, input->keep);
        pail_s3_call_conditions(call, &input->conditions);
        char etag[PAIL_S3_ETAG_SIZE];
        call->result = etag;
        r = pail_s3_call_run(call, ret_error);
        if (r >= 0)
                memcpy(ret_etag, etag, sizeof(etag));
        return r;
}
