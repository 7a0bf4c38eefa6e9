/* SPDX-License-Identifier: Apache-2.0 */
/* CreateMultipartUpload, and how an upload is seen to be lost that was once begun. */
#include <errno.h>

#include "ops.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/request.h"
#include "s3/call/run.h"
#include "s3/call/xml_fields.h"

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        char **upload_id = call->result;
        free(pail_steal(upload_id));
        const struct pail_s3_field fields[] = { { "InitiateMultipartUploadResult/UploadId", upload_id } };
        int r = pail_s3_parse_fields(call->answer.data, call->answer.length, fields, 1);
        return r < 0 ? r : pail_str_is_empty(*upload_id) ? -EBADMSG : 0;
}

/* Sent twice, it may leave an upload that nobody knows. That costs nothing until parts are in it, and it has none. */
static const struct pail_s3_operation operation = {
        .name = "CreateMultipartUpload",
        .flags = PAIL_S3_FLAG_ALGORITHM | PAIL_S3_FLAG_WRITE_KEY,
        .method = "POST",
        .root = "InitiateMultipartUploadResult",
        .is_change = true,
        .parse = parse_answer,
};

int pail_s3_create_upload(struct pail_s3_client *client, const struct pail_s3_create_upload_input *input,
                          char **ret_upload_id, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "uploads", NULL);
        pail_s3_call_object_headers(call, input->headers);
        if (input->is_copy)
                pail_s3_call_storage_headers(call, input->headers);
        else
                pail_s3_call_content_options(call, input->headers);
        pail_s3_call_header(call, "x-amz-tagging", input->tagging);
        call->without_crc = input->without_crc;
        _cleanup_free_ char *upload_id = NULL;
        call->result = &upload_id;
        r = pail_s3_call_run(call, ret_error);
        if (r < 0)
                return r;
        *ret_upload_id = pail_steal(&upload_id);
        return 0;
}

int pail_s3_create_multipart_upload(struct pail_s3_client *client, const char *bucket, const char *key,
                                    const struct pail_s3_headers *headers, const char *tagging, char **ret_upload_id,
                                    struct pail_error *ret_error)
{
        const struct pail_s3_create_upload_input input = {
                .bucket = bucket, .key = key, .headers = headers, .tagging = tagging
        };
        return pail_s3_create_upload(client, &input, ret_upload_id, ret_error);
}

bool pail_s3_is_upload_lost(const struct pail_error *error, bool had_checksums, bool has_checksums_now)
{
        if (pail_str_equal(error->code, "InvalidRequest") && had_checksums != has_checksums_now)
                return true;
        return pail_str_equal(error->code, "NoSuchUpload") || pail_str_equal(error->code, "InvalidPart") ||
               pail_str_equal(error->code, "InvalidPartOrder");
}
