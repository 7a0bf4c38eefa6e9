/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UploadPart and UploadPartCopy: one part of a multipart upload, of bytes that are sent or of a range of an object that the server copies. The
 * two requests differ in where the bytes come from, and their answers in where the ETag stands: in a header, or in the body, since a copy may
 * fail after status 200 has been sent.
 */
#include <errno.h>
#include <inttypes.h>

#include "ops.h"
#include "pail/s3/operations.h"
#include "s3/call/checksum.h"
#include "s3/call/object_metadata.h"
#include "s3/call/request.h"
#include "s3/call/run.h"
#include "s3/call/xml_fields.h"

static int parse_sent(struct pail_s3_call *call, const struct pail_http_response *response,
                      struct pail_error *ret_error)
{
        struct pail_s3_part *part = call->result;
        int r = pail_s3_checksum_compare(call, response, part->checksum, ret_error);
        return r < 0 ? r : pail_s3_etag_parse(pail_http_headers_get(&response->headers, "ETag"), part->etag);
}

static const struct pail_s3_operation send_operation = {
        .name = "UploadPart",
        .flags = PAIL_S3_FLAG_CHECKSUM | PAIL_S3_FLAG_WRITE_KEY,
        .method = "PUT",
        .is_change = true,
        .is_bulk = true,
        .parse = parse_sent,
};

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

static int parse_copied(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        struct pail_s3_part *part = call->result;
        part->checksum[0] = '\0';
        int r = pail_s3_parse_copy_result(call, "CopyPartResult/ETag", part->etag);
        return r < 0 ? r : parse_part_checksum(call, part);
}

static const struct pail_s3_operation copy_operation = {
        .name = "UploadPartCopy",
        .flags = PAIL_S3_FLAG_WRITE_KEY | PAIL_S3_FLAG_SOURCE_KEY,
        .method = "PUT",
        .root = "CopyPartResult",
        .feature = PAIL_S3_FEATURE_PART_COPIES,
        .is_change = true,
        .has_plain_credentials = true,
        .is_bulk = true,
        .first_byte_ms = PAIL_S3_SERVER_WORK_MS,
        .parse = parse_copied,
};

static void add_source(struct pail_s3_call *call, const struct pail_s3_part_input *input)
{
        char range[64];
        pail_s3_call_copy_source(call, input->source_bucket, input->source_key, input->source_version_id,
                                 input->source_if_match);
        if (input->source_size_bytes == 0)
                return;
        snprintf(range, sizeof(range), "bytes=%" PRIu64 "-%" PRIu64, input->source_offset,
                 input->source_offset + input->source_size_bytes - 1);
        pail_s3_call_header(call, "x-amz-copy-source-range", range);
}

static int start_part(struct pail_s3_client *client, const struct pail_s3_operation *operation,
                      const struct pail_s3_part_input *input, struct pail_s3_part *part, pail_s3_done *done,
                      void *done_context, struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query_number(call, "partNumber", input->part_number);
        pail_s3_call_query(call, "uploadId", input->upload_id);
        if (operation == &copy_operation)
                add_source(call, input);
        else
                pail_s3_call_body(call, &input->body);
        call->without_crc = input->without_crc;
        call->http.priority = input->priority;
        call->result = part;
        return pail_s3_call_launch(call, done, done_context, ret_call, ret_error);
}

static int run_part(struct pail_s3_client *client, const struct pail_s3_operation *operation,
                    const struct pail_s3_part_input *input, struct pail_s3_part *part, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = start_part(client, operation, input, part, NULL, NULL, &call, ret_error);
        return r < 0 ? r : pail_s3_call_wait(call, ret_error);
}

int pail_s3_upload_part_start(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                              struct pail_s3_part *part, pail_s3_done *done, void *done_context,
                              struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        return start_part(client, &send_operation, input, part, done, done_context, ret_call, ret_error);
}

int pail_s3_upload_part_copy_start(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                                   struct pail_s3_part *part, pail_s3_done *done, void *done_context,
                                   struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        return start_part(client, &copy_operation, input, part, done, done_context, ret_call, ret_error);
}

int pail_s3_upload_part(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                        struct pail_s3_part *part, struct pail_error *ret_error)
{
        return run_part(client, &send_operation, input, part, ret_error);
}

int pail_s3_upload_part_copy(struct pail_s3_client *client, const struct pail_s3_part_input *input,
                             struct pail_s3_part *part, struct pail_error *ret_error)
{
        return run_part(client, &copy_operation, input, part, ret_error);
}
