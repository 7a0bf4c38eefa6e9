/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs that are signed beforehand. One is the request that the operation would make, addressed and signed as that is, but never sent: a
 * call is made for it and thrown away.
 */
#include <errno.h>

#include "pail/aws/sigv4_presign.h"
#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/secret.h"
#include "s3/call/attempt.h"
#include "s3/call/call.h"
#include "s3/call/request.h"

static const struct pail_s3_operation get_operation = { .name = "GetObject", .method = "GET" };
static const struct pail_s3_operation put_operation = { .name = "PutObject", .method = "PUT" };

/* Whoever uses the URL sends no headers of ours, and a key of the customer must not be in a URL. */
static int check_keys(const struct pail_s3_client *client, struct pail_error *ret_error)
{
        if (!client->customer_keys)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                       "what is encrypted with a key of one's own (sse_c_key_file) cannot be had with a URL alone");
        return -EINVAL;
}

static int presign_call(struct pail_s3_call *call, const struct pail_s3_presign_input *input,
                        struct pail_s3_presigned *ret_presigned, struct pail_error *ret_error)
{
        struct pail_sigv4_scope scope;
        int r = pail_s3_attempt_address(call, &scope, ret_error);
        if (r != 0)
                return r < 0 ? r : pail_error_set_errno(ret_error, EAGAIN, "cannot sign a URL now");
        struct pail_s3_presigned presigned = { .ends_at = scope.time + input->expires_s };
        r = pail_sigv4_presign(call->operation->method, call->http.url, &call->credentials, &scope, input->expires_s,
                               call->client->keys, &presigned.url, ret_error);
        if (r < 0)
                return r;
        int64_t keys_end_at = call->credentials.expires_at;
        presigned.ends_with_credentials = keys_end_at > 0 && keys_end_at < presigned.ends_at;
        if (presigned.ends_with_credentials)
                presigned.ends_at = keys_end_at;
        *ret_presigned = presigned;
        return 0;
}

int pail_s3_presign(struct pail_s3_client *client, const struct pail_s3_presign_input *input,
                    struct pail_s3_presigned *ret_presigned, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = check_keys(client, ret_error);
        if (r >= 0)
                r = pail_s3_call_new(client, input->put ? &put_operation : &get_operation, input->bucket, input->key,
                                     &call, ret_error);
        if (r < 0)
                return r;
        call->deadline_ms = pail_s3_client_deadline_ms(client, call->timeout_ms);
        pail_s3_call_query_optional(call, "versionId", input->version_id);
        if (client->options.object.requester_pays)
                pail_s3_call_query(call, "x-amz-request-payer", "requester");
        if (call->build_error < 0)
                return pail_error_set_errno(ret_error, -call->build_error, "cannot make the URL of an object");
        return presign_call(call, input, ret_presigned, ret_error);
}
