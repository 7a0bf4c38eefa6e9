/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>

#include "ops.h"
#include "pail/s3/operations.h"
#include "s3/call/checksum.h"
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

/* The checksum of a part that the server made is known from its answer alone. */
static int parse_part_checksum(struct pail_s3_call *call, struct pail_s3_part *part)
{
        enum pail_crc_kind kind;
        if (call->without_crc || !pail_s3_checksum_kind(call->client, &kind))
                return 0;
        _cleanup_free_ char *text = NULL;
        const char *path = kind == PAIL_CRC_32C ? "CopyPartResult/ChecksumCRC32C" : "CopyPartResult/ChecksumCRC64NVME";
        const struct pail_s3_field fields[] = { { path, &text } };
        uint64_t crc;
        int r = pail_s3_parse_fields(call->answer.data, call->answer.length, fields, 1);
        if (r >= 0 && text && pail_crc_parse(kind, text, &crc) >= 0)
                pail_crc_format(kind, crc, part->checksum);
        return r;
}

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        struct pail_s3_part *part = call->result;
        part->checksum[0] = '\0';
        int r = pail_s3_parse_copy_result(call, "CopyPartResult/ETag", part->etag);
        return r < 0 ? r : parse_part_checksum(call, part);
}

static const struct pail_s3_operation operation = {
        .name = "UploadPartCopy",
        .flags = PAIL_S3_FLAG_WRITE_KEY | PAIL_S3_FLAG_SOURCE_KEY,
        .method = "PUT",
        .root = "CopyPartResult",
        .feature = PAIL_S3_FEATURE_PART_COPIES,
        .changes = true,
        .plain_credentials = true,
        .is_bulk = true,
        .first_byte_ms = PAIL_S3_SERVER_WORK_MS,
        .parse = parse_answer,
};

int pail_s3_upload_part_copy_start(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                                   struct pail_s3_part *part, pail_s3_done *done, void *done_context,
                                   struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query_number(call, "partNumber", input->part_number);
        pail_s3_call_query(call, "uploadId", input->upload_id);
        pail_s3_call_copy_source(call, input->source_bucket, input->source_key, input->source_version_id,
                                 input->source_if_match);
        if (input->source_size_bytes > 0) {
                char range[64];
                snprintf(range, sizeof(range), "bytes=%" PRIu64 "-%" PRIu64, input->source_offset,
                         input->source_offset + input->source_size_bytes - 1);
                pail_s3_call_header(call, "x-amz-copy-source-range", range);
        }
        call->without_crc = input->without_crc;
        call->http.priority = input->priority;
        call->result = part;
        return pail_s3_call_launch(call, done, done_context, ret_call, ret_error);
}

int pail_s3_upload_part_copy(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                             struct pail_s3_part *part, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_upload_part_copy_start(client, input, part, NULL, NULL, &call, ret_error);
        return r < 0 ? r : pail_s3_call_wait(call, ret_error);
}
