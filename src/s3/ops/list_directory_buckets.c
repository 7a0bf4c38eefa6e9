/* SPDX-License-Identifier: Apache-2.0 */
/* ListDirectoryBuckets, of a region: at an endpoint of its own, which not every region and not every network has. */
#include "list.h"
#include "s3/call/request.h"

/* It is asked beside ListBuckets: where there is no way to it, nobody is to wait long. */
enum { DIRECTORY_TIMEOUT_MS = 5000 };

static void add_query(struct pail_s3_call *call, const struct pail_s3_list_input *input)
{
        pail_s3_call_query_optional(call, "continuation-token", input->continuation_token);
        if (input->max_keys)
                pail_s3_call_query_number(call, "max-directory-buckets", input->max_keys);
}

/* There is no such host: the region has no directory buckets. */
static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        (void)call;
        return error->class == PAIL_ERROR_RESOLVE ? PAIL_S3_FAILURE_FINAL : PAIL_S3_FAILURE_RETRY;
}

static const char *const items[] = { "Buckets/Bucket", NULL };

const struct pail_s3_list_kind pail_s3_directory_buckets_kind = {
        .operation = { PAIL_S3_LIST_OPERATION("ListDirectoryBuckets", "ListAllMyDirectoryBucketsResult") },
        .operation.is_regional = true,
        .operation.timeout_ms = DIRECTORY_TIMEOUT_MS,
        .operation.classify = classify_failure,
        .letter = 'd',
        .items = items,
        .token = "ContinuationToken",
        .has = PAIL_S3_LIST_KEY,
        .is_open = true,
        .add_query = add_query,
};

int pail_s3_list_directory_buckets(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                                   struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        return pail_s3_list_run(client, &pail_s3_directory_buckets_kind, input, ret_page, ret_error);
}
