/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RenameObject, of directory buckets: the object has another key from one moment to the next, with the same ETag and without its bytes
 * having been touched. The token makes it safe to send again: S3 knows a rename that it has done. A server that takes no notice of the
 * token finds no source then, and a HEAD tells whether that is because the rename has worked.
 */
#include <string.h>
#include <strings.h>

#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/object_metadata.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

enum { SOURCE_CAP = 4 * PAIL_S3_KEY_MAX };

static int set_client_token(struct pail_s3_call *call)
{
        return pail_http_headers_set(&call->http.headers, "x-amz-client-token", call->invocation_id);
}

static const struct pail_s3_operation operation = {
        .name = "RenameObject",
        .method = "PUT",
        .is_change = true,
        .feature = PAIL_S3_FEATURE_RENAMES,
        .prepare = set_client_token,
};

static void add_source(struct pail_s3_call *call, const struct pail_s3_rename_input *input)
{
        _cleanup_buf_ struct pail_buf source = PAIL_BUF_INIT(SOURCE_CAP);
        if (pail_str_percent_encode(&source, input->source_key, strlen(input->source_key), true) < 0)
                call->build_error = source.error;
        else
                pail_s3_call_header(call, "x-amz-rename-source", source.data);
        pail_s3_call_header(call, "x-amz-rename-source-if-match", input->source_if_match);
}

static bool has_worked(struct pail_s3_client *client, const struct pail_s3_rename_input *input)
{
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        return input->source_if_match && pail_s3_head_object(client, input->bucket, input->key, &metadata, NULL) >= 0 &&
               strcasecmp(metadata.etag, input->source_if_match) == 0;
}

int pail_s3_rename_object(struct pail_s3_client *client, const struct pail_s3_rename_input *input,
                          struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_call_new(client, &operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "renameObject", NULL);
        add_source(call, input);
        pail_s3_call_conditions(call, &input->conditions);
        r = pail_s3_call_run(call, &error);
        if (error.http_status == 404 && call->maybe_applied && has_worked(client, input))
                return 0;
        if (r < 0 && ret_error)
                *ret_error = error;
        return r;
}
