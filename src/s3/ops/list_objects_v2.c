/* SPDX-License-Identifier: Apache-2.0 */
/* ListObjectsV2, and version 1 in its place where the server has no other: that is found out once for each bucket (list.c). */
#include "list.h"
#include "s3/call/request.h"

static void add_query(struct pail_s3_call *call, const struct pail_s3_list_input *input)
{
        pail_s3_call_query(call, "list-type", "2");
        pail_s3_call_query(call, "encoding-type", "url");
        pail_s3_call_query_optional(call, "prefix", input->prefix);
        pail_s3_call_query_optional(call, "delimiter", input->delimiter);
        pail_s3_call_query_optional(call, "start-after", input->start_after);
        pail_s3_call_query_optional(call, "continuation-token", input->continuation_token);
        if (input->max_keys)
                pail_s3_call_query_number(call, "max-keys", input->max_keys);
}

static const char *const items[] = { "Contents", "CommonPrefixes", NULL };

const struct pail_s3_list_kind pail_s3_objects_kind = {
        .operation = { PAIL_S3_LIST_OPERATION("ListObjectsV2", "ListBucketResult") },
        .letter = 'o',
        .items = items,
        .token = "NextContinuationToken",
        .has = PAIL_S3_LIST_KEY,
        .can_delete = true,
        .operation.classify = pail_s3_list_classify_failure,
        .older = &pail_s3_objects_v1_kind,
        .add_query = add_query,
};

int pail_s3_list_objects_v2(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                            struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        return pail_s3_list_run(client, &pail_s3_objects_kind, input, ret_page, ret_error);
}
