/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages came to ListBuckets late (2024): a server that does not know them ignores the question and gives all buckets.
 * The prefix is looked at here, so that it means the same everywhere.
 */
#include <errno.h>

#include "list.h"
#include "s3/call/request.h"

static void add_query(struct pail_s3_call *call, const struct pail_s3_list_input *input)
{
        pail_s3_call_query_optional(call, "continuation-token", input->continuation_token);
        if (input->max_keys)
                pail_s3_call_query_number(call, "max-buckets", input->max_keys);
}

static const char *const items[] = { "Buckets/Bucket", NULL };

const struct pail_s3_list_kind pail_s3_buckets_kind = {
        .operation = { PAIL_S3_LIST_OPERATION("ListBuckets", "ListAllMyBucketsResult") },
        .letter = 'b',
        .items = items,
        .token = "ContinuationToken",
        .has = PAIL_S3_LIST_KEY,
        .is_open = true,
        .add_query = add_query,
};

int pail_s3_list_buckets(struct pail_s3_client *client, struct pail_s3_buckets *ret_buckets,
                         struct pail_error *ret_error)
{
        _cleanup_(pail_s3_page_done) struct pail_s3_page page = { 0 };
        int r = pail_s3_list_run(client, &pail_s3_buckets_kind, &(struct pail_s3_list_input){ 0 }, &page, ret_error);
        if (r < 0)
                return r;
        struct pail_s3_bucket_entry *entries = calloc(page.count + 1, sizeof(*entries));
        if (!entries)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot list the buckets");
        for (size_t i = 0; i < page.count; i++) {
                entries[i].name = pail_steal(&page.entries[i].key);
                entries[i].creation_date = page.entries[i].last_modified;
        }
        *ret_buckets = (struct pail_s3_buckets){ entries, page.count };
        return 0;
}
