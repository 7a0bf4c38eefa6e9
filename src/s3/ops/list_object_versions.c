/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Without encoding-type=url: Ceph encodes the keys then, and says so, but gives the markers as they are, where Amazon
 * S3 encodes them too. Which of the two a marker with a "%" in it is, nobody can tell.
 */
#include "list.h"
#include "s3/call/request.h"

static void add_query(struct pail_s3_call *call, const struct pail_s3_list_input *input)
{
        pail_s3_call_query(call, "versions", NULL);
        pail_s3_call_query_optional(call, "prefix", input->prefix);
        pail_s3_call_query_optional(call, "delimiter", input->delimiter);
        pail_s3_call_query_optional(call, "key-marker", input->continuation_token);
        pail_s3_call_query_optional(call, "version-id-marker", input->id_marker);
        if (input->max_keys)
                pail_s3_call_query_number(call, "max-keys", input->max_keys);
}

static const char *const items[] = { "Version", "DeleteMarker", "CommonPrefixes", NULL };

const struct pail_s3_list_kind pail_s3_versions_kind = {
        .operation = { PAIL_S3_LIST_OPERATION("ListObjectVersions", "ListVersionsResult") },
        .letter = 'v',
        .items = items,
        .token = "NextKeyMarker",
        .id = "NextVersionIdMarker",
        .has = PAIL_S3_LIST_KEY | PAIL_S3_LIST_ID,
        .can_delete = true,
        .add_query = add_query,
};

int pail_s3_list_object_versions(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                                 struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        return pail_s3_list_run(client, &pail_s3_versions_kind, input, ret_page, ret_error);
}
