/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ListObjects, version 1, for servers that have no other. It goes on behind a key instead of with a token, and tells that key only where
 * there is a delimiter. Without encoding-type=url: whether NextMarker is encoded then is another thing that servers do not agree on.
 */
#include "list.h"
#include "s3/call/request.h"

static void add_query(struct pail_s3_call *call, const struct pail_s3_list_input *input)
{
        const char *marker = input->continuation_token ? input->continuation_token : input->start_after;
        pail_s3_call_query_optional(call, "prefix", input->prefix);
        pail_s3_call_query_optional(call, "delimiter", input->delimiter);
        pail_s3_call_query_optional(call, "marker", marker);
        if (input->max_keys)
                pail_s3_call_query_number(call, "max-keys", input->max_keys);
}

static const char *const items[] = { "Contents", "CommonPrefixes", NULL };

const struct pail_s3_list_kind pail_s3_objects_v1_kind = {
        .operation = { PAIL_S3_LIST_OPERATION("ListObjects", "ListBucketResult") },
        .letter = 'o',
        .items = items,
        .token = "NextMarker",
        .has = PAIL_S3_LIST_KEY,
        .goes_on_behind_last = true,
        .can_delete = true,
        .add_query = add_query,
};

int pail_s3_list_objects(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                         struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        return pail_s3_list_run(client, &pail_s3_objects_v1_kind, input, ret_page, ret_error);
}
