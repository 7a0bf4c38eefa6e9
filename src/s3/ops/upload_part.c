/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "ops.h"
#include "pail/s3/operations.h"
#include "s3/call/checksum.h"
#include "s3/call/object_metadata.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        struct pail_s3_part *part = call->result;
        int r = pail_s3_checksum_compare(call, response, part->checksum, ret_error);
        return r < 0 ? r : pail_s3_etag_parse(pail_http_headers_get(&response->headers, "ETag"), part->etag);
}

static const struct pail_s3_operation operation = {
        .name = "UploadPart",
        .flags = PAIL_S3_FLAG_CHECKSUM | PAIL_S3_FLAG_WRITE_KEY,
        .method = "PUT",
        .changes = true,
        .is_bulk = true,
        .parse = parse_answer,
};

int pail_s3_upload_part_start(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                              struct pail_s3_part *part, pail_s3_done *done, void *done_context,
                              struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query_number(call, "partNumber", input->part_number);
        pail_s3_call_query(call, "uploadId", input->upload_id);
        pail_s3_call_body(call, &input->body);
        call->without_crc = input->without_crc;
        call->http.priority = input->priority;
        call->result = part;
        return pail_s3_call_launch(call, done, done_context, ret_call, ret_error);
}

int pail_s3_upload_part(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                        struct pail_s3_part *part, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_upload_part_start(client, input, part, NULL, NULL, &call, ret_error);
        return r < 0 ? r : pail_s3_call_wait(call, ret_error);
}
