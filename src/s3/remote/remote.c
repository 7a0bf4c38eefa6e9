/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The remote of a bucket: the table of what it does, and the questions about one object. The rest stands in a file for each kind of request.
 */
#include "pail/s3/remote.h"

#include <errno.h>

#include "cause.h"
#include "fetch.h"
#include "handle.h"
#include "list.h"
#include "metadata.h"
#include "pail/s3/operations.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "pending.h"
#include "upload.h"
#include "write.h"

static struct pail_remote_features find_features(struct pail_remote *remote)
{
        const struct pail_bucket *bucket = pail_s3_remote_of(remote)->bucket;
        struct pail_bucket_features known = pail_bucket_features(bucket);

        return (struct pail_remote_features){
                .lists_in_order = pail_bucket_lists_in_order(bucket),
                .copies_objects = known.copies != PAIL_S3_MISSING,
                .copies_parts = known.part_copies != PAIL_S3_MISSING,
                .part_min_bytes = PAIL_S3_PART_MIN,
        };
}

static void set_limit(struct pail_remote *remote, int64_t limit_ms)
{
        pail_s3_client_set_limit(pail_s3_remote_of(remote)->client, limit_ms);
}

static int head_object(struct pail_remote *base, const char *key, struct pail_remote_object *ret_object,
                       struct pail_remote_error *ret_error)
{
        struct pail_s3_remote *remote = pail_s3_remote_of(base);
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_head_object(remote->client, pail_bucket_name(remote->bucket), key, &metadata, &error);

        if (r == 0)
                r = pail_remote_object_from(&metadata, ret_object);
        return pail_s3_remote_end(r, &error, ret_error);
}

static int read_object(struct pail_remote *base, const char *key, size_t limit_bytes, char **ret_text,
                       struct pail_remote_error *ret_error)
{
        struct pail_s3_remote *remote = pail_s3_remote_of(base);
        const struct pail_s3_get_input input = { .bucket = pail_bucket_name(remote->bucket),
                                                 .key = key,
                                                 .priority = PAIL_HTTP_PRIORITY_READER };
        _cleanup_buf_ struct pail_buf text = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r;

        pail_buf_init(&text, limit_bytes);
        r = pail_s3_get_object(remote->client, &input, &text, NULL, &error);
        if (r == 0)
                r = pail_buf_steal(&text, ret_text, NULL);
        return pail_s3_remote_end(r, &error, ret_error);
}

static int read_tags(struct pail_remote *base, const char *key, char **ret_tagging, struct pail_remote_error *ret_error)
{
        struct pail_s3_remote *remote = pail_s3_remote_of(base);
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_get_object_tagging(remote->client, pail_bucket_name(remote->bucket), key, ret_tagging, &error);

        return pail_s3_remote_end(r, &error, ret_error);
}

static const struct pail_remote_ops ops = {
        .ref = pail_s3_remote_ref,
        .unref = pail_s3_remote_unref,
        .features = find_features,
        .set_limit = set_limit,
        .list = pail_s3_remote_list,
        .next_page = pail_s3_remote_next_page,
        .end_list = pail_s3_remote_end_list,
        .head = head_object,
        .read = read_object,
        .tags = read_tags,
        .fetch = pail_s3_remote_fetch,
        .raise_call = pail_s3_remote_raise_call,
        .cancel_call = pail_s3_remote_cancel_call,
        .unref_call = pail_s3_remote_unref_call,
        .put = pail_s3_remote_put,
        .copy = pail_s3_remote_copy,
        .remove = pail_s3_remote_remove,
        .remove_many = pail_s3_remote_remove_many,
        .begin_upload = pail_s3_remote_begin_upload,
        .send_part = pail_s3_remote_send_part,
        .complete_upload = pail_s3_remote_complete_upload,
        .end_upload = pail_s3_remote_end_upload,
};

int pail_s3_remote_new(struct pail_bucket *bucket, const struct pail_s3_remote_options *options,
                       struct pail_remote **ret_remote)
{
        struct pail_s3_remote *remote = calloc(1, sizeof(*remote));

        if (!remote)
                return -ENOMEM;
        remote->base.ops = &ops;
        atomic_init(&remote->refs, 1);
        remote->bucket = pail_bucket_ref(bucket);
        remote->client = pail_bucket_client(bucket);
        remote->copy_threshold_bytes = options->copy_threshold_bytes;
        *ret_remote = &remote->base;
        return 0;
}
