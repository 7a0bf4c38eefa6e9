/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches: GetObject of a range, its sink told in the terms of the remote. */
#include "fetch.h"

#include <errno.h>

#include "cause.h"
#include "handle.h"
#include "metadata.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "pending.h"

/* The metadata is unpacked with a whole object, whose caller may have asked for it in place of a HEAD; with each range of a large one nobody wants it again. */
static int on_metadata(void *context, const struct pail_s3_object_metadata *metadata)
{
        struct pail_remote_call *call = context;
        struct pail_remote_object object = { .size_bytes = metadata->size_bytes };
        int r;

        if (!call->is_whole) {
                pail_str_copy(object.etag, sizeof(object.etag), metadata->etag);
                return call->sink->begin(call->context, &object, metadata->has_checksum);
        }
        r = pail_remote_object_from(metadata, &object);
        if (r == 0)
                r = call->sink->begin(call->context, &object, metadata->has_checksum);
        pail_remote_object_done(&object);
        return r;
}

static int on_body(void *context, const void *data, size_t size)
{
        struct pail_remote_call *call = context;

        return call->sink->deliver(call->context, data, size);
}

static int on_damaged(void *context)
{
        struct pail_remote_call *call = context;

        return call->sink->restart(call->context);
}

static void on_done(void *context, const struct pail_error *error)
{
        struct pail_remote_call *call = context;
        struct pail_remote_error remote_error;
        int r = pail_s3_remote_result(error, &remote_error);

        call->sink->done(call->context, r, error ? &remote_error : NULL);
        pail_s3_remote_unref_call(call);
}

static const struct pail_s3_get_sink get_sink = { .on_metadata = on_metadata,
                                                  .on_body = on_body,
                                                  .on_damaged = on_damaged };

int pail_s3_remote_fetch(struct pail_remote *base, const struct pail_remote_range *range,
                         const struct pail_remote_sink *sink, void *context, struct pail_remote_call **ret_call,
                         struct pail_remote_error *ret_error)
{
        struct pail_s3_remote *remote = pail_s3_remote_of(base);
        const struct pail_s3_get_input input = {
                .bucket = pail_bucket_name(remote->bucket),
                .key = range->key,
                .offset = range->offset,
                .size_bytes = range->size_bytes,
                .if_match = range->if_match,
                .priority = pail_s3_remote_priority(range->priority),
        };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_remote_call *call;
        int r = pail_s3_remote_call_new(&call);

        if (r < 0)
                return pail_s3_remote_end(r, &error, ret_error);
        call->sink = sink;
        call->context = context;
        call->is_whole = range->size_bytes == 0;
        r = pail_s3_get_object_start(remote->client, &input, &get_sink, call, on_done, call, &call->call, &error);
        if (r < 0) {
                free(call);
                return pail_s3_remote_end(r, &error, ret_error);
        }
        *ret_call = call;
        return 0;
}
