/* SPDX-License-Identifier: Apache-2.0 */
/* ListParts. NextPartNumberMarker is told on the last page as well; IsTruncated is what counts. */
#include "list.h"
#include "s3/call/request.h"

static void add_query(struct pail_s3_call *call, const struct pail_s3_list_input *input)
{
        pail_s3_call_query(call, "uploadId", input->upload_id);
        pail_s3_call_query_optional(call, "part-number-marker", input->continuation_token);
        if (input->max_keys)
                pail_s3_call_query_number(call, "max-parts", input->max_keys);
}

static const char *const items[] = { "Part", NULL };

const struct pail_s3_list_kind pail_s3_parts_kind = {
        .operation = { PAIL_S3_LIST_OPERATION("ListParts", "ListPartsResult") },
        .operation.flags = PAIL_S3_FLAG_WRITE_KEY,
        .letter = 'p',
        .items = items,
        .token = "NextPartNumberMarker",
        .has = PAIL_S3_LIST_PART,
        .add_query = add_query,
};

int pail_s3_list_parts(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                       struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        return pail_s3_list_run(client, &pail_s3_parts_kind, input, ret_page, ret_error);
}
