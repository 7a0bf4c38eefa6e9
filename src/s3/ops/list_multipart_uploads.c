/* SPDX-License-Identifier: Apache-2.0 */
/* Without encoding-type=url: Ceph encodes the keys then but neither says so nor encodes the markers. */
#include "list.h"
#include "s3/call/request.h"

static void add_query(struct pail_s3_call *call, const struct pail_s3_list_input *input)
{
        pail_s3_call_query(call, "uploads", NULL);
        pail_s3_call_query_optional(call, "prefix", input->prefix);
        pail_s3_call_query_optional(call, "delimiter", input->delimiter);
        pail_s3_call_query_optional(call, "key-marker", input->continuation_token);
        pail_s3_call_query_optional(call, "upload-id-marker", input->id_marker);
        if (input->max_keys)
                pail_s3_call_query_number(call, "max-uploads", input->max_keys);
}

static const char *const items[] = { "Upload", "CommonPrefixes", NULL };

const struct pail_s3_list_kind pail_s3_uploads_kind = {
        .operation = { PAIL_S3_LIST_OPERATION("ListMultipartUploads", "ListMultipartUploadsResult") },
        .letter = 'u',
        .items = items,
        .token = "NextKeyMarker",
        .id = "NextUploadIdMarker",
        .has = PAIL_S3_LIST_KEY | PAIL_S3_LIST_ID,
        .add_query = add_query,
};

int pail_s3_list_multipart_uploads(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                                   struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        return pail_s3_list_run(client, &pail_s3_uploads_kind, input, ret_page, ret_error);
}
