/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PutObject. A conditional write whose answer was lost and that is sent again meets the object that it made itself,
 * and gets 412. HEAD tells which it is: the MD5 of our bytes as ETag, with our metadata, is our object. Where the ETag
 * is no MD5 (encryption with a key of KMS), the doubt stays and the caller is told of the conflict: never the other
 * way round.
 */
#include <errno.h>

#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/checksum.h"
#include "s3/call/digest.h"
#include "s3/call/object_metadata.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        char checksum[PAIL_S3_CHECKSUM_SIZE];
        int r = pail_s3_checksum_compare(call, response, checksum, ret_error);
        return r < 0 ? r : pail_s3_etag_parse(pail_http_headers_get(&response->headers, "ETag"), call->result);
}

static const struct pail_s3_operation operation = {
        .name = "PutObject",
        .flags = PAIL_S3_FLAG_CHECKSUM | PAIL_S3_FLAG_WRITE_KEY,
        .method = "PUT",
        .is_change = true,
        .is_bulk = true,
        .parse = parse_answer,
};

static bool has_our_metadata(const struct pail_s3_put_input *input, const struct pail_s3_object_metadata *metadata)
{
        const struct pail_http_headers *stored = &metadata->headers.metadata;
        size_t count = input->headers ? input->headers->metadata.count : 0;
        if (stored->count != count)
                return false;
        for (size_t i = 0; i < count; i++) {
                const struct pail_http_header *item = &input->headers->metadata.items[i];
                if (!pail_str_equal(pail_http_headers_get(stored, item->name), item->value))
                        return false;
        }
        return true;
}

/* true: the object that is there is the one of this call. */
static bool is_ours(struct pail_s3_client *client, const struct pail_s3_put_input *input, char *etag)
{
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        char md5[33];
        if (pail_s3_head_object(client, input->bucket, input->key, &metadata, NULL) < 0 ||
            metadata.size_bytes != input->body.size_bytes || !has_our_metadata(input, &metadata) ||
            pail_s3_md5_body(&input->body, md5) < 0 || strcasecmp(md5, metadata.etag) != 0)
                return false;
        memcpy(etag, metadata.etag, sizeof(metadata.etag));
        return true;
}

static int run_watched(struct pail_s3_call *call, const struct pail_s3_put_input *input, struct pail_error *ret_error)
{
        int r = pail_s3_call_start(call, NULL, NULL, ret_error);
        if (r < 0)
                return r;
        if (input->watch)
                input->watch(input->watch_context, call);
        r = pail_s3_call_wait(call, ret_error);
        if (input->watch)
                input->watch(input->watch_context, NULL);
        return r;
}

int pail_s3_put_object(struct pail_s3_client *client, const struct pail_s3_put_input *input,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_object_headers(call, input->headers);
        pail_s3_call_content_options(call, input->headers);
        pail_s3_call_header(call, "x-amz-tagging", input->tagging);
        pail_s3_call_conditions(call, &input->conditions);
        pail_s3_call_body(call, &input->body);
        call->http.priority = input->priority;
        char etag[PAIL_S3_ETAG_SIZE];
        call->result = etag;
        struct pail_error error = PAIL_ERROR_INIT;
        r = run_watched(call, input, &error);
        if (error.http_status == 412 && call->maybe_applied && is_ours(client, input, etag))
                r = 0;
        if (r >= 0)
                memcpy(ret_etag, etag, sizeof(etag));
        else if (ret_error)
                *ret_error = error;
        return r;
}
