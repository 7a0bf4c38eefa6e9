/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The copy of an object resource. What the source has is loaded, or taken from what the caller knows; the destination is known afterwards
 * without being asked for.
 */
#include <errno.h>

#include "copy.h"
#include "pail/s3/transfer.h"
#include "pail/util/str.h"
#include "s3/call/client.h"
#include "s3/call/request.h"
#include "s3/call/retention.h"
#include "s3/resource/object.h"

/* The headers of the destination: the source's, with what the options replace. */
static int make_headers(const struct pail_s3_object_metadata *metadata, const struct pail_object_copy_options *options,
                        const struct pail_s3_client *client, struct pail_s3_headers *ret_headers)
{
        struct pail_s3_headers wanted = metadata->headers; /* borrows everything */
        if (options->metadata)
                wanted.metadata = *options->metadata;
        char *content_type = NULL;
        int r = pail_str_dup(options->content_type, &content_type);
        if (content_type)
                wanted.content_type = content_type;
        if (r >= 0)
                r = pail_s3_headers_copy(&wanted, ret_headers);
        if (r >= 0 && options->takes_options)
                r = pail_s3_headers_for_content(client, ret_headers);
        free(content_type);
        return r;
}

/*
 * Retention and legal holds come and go without another ETag: what is to be kept of them is asked for at the moment of the copy, in
 * buckets that can have any.
 */
static int load_source(struct pail_object *source, struct pail_error *ret_error)
{
        struct pail_s3_client *client = pail_bucket_client(source->bucket);
        const char *bucket = pail_bucket_name(source->bucket);
        char assumed[PAIL_S3_ETAG_SIZE] = "";
        if (source->is_loaded && !(source->is_assumed && pail_s3_client_keeps_versions(client, bucket)))
                return 0;
        if (source->is_loaded)
                memcpy(assumed, source->metadata.etag, sizeof(assumed));
        int r = pail_object_load(source, ret_error);
        if (r < 0 || !assumed[0] || strcasecmp(assumed, source->metadata.etag) == 0)
                return r;
        return pail_s3_set_source_changed(bucket, source->key, ret_error);
}

/* Another bucket has rules of its own, and perhaps no Object Lock. */
static bool keeps_object_lock(const struct pail_object *source, const struct pail_object *destination,
                              const struct pail_object_copy_options *options)
{
        return !options->without_object_lock && pail_object_shares_bucket(source, destination);
}

static int copy_loaded(struct pail_object *source, struct pail_object *destination,
                       const struct pail_object_copy_options *options, struct pail_s3_acl_reading *acl,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        int r = load_source(source, ret_error);
        if (r < 0)
                return r;
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = { 0 };
        r = make_headers(&source->metadata, options, pail_bucket_client(destination->bucket), &headers);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot copy the headers of an object");
        bool drops_lock = !keeps_object_lock(source, destination, options) &&
                          pail_s3_has_object_lock(pail_bucket_client(source->bucket), &headers);
        if (drops_lock)
                pail_s3_object_lock_clear(&headers);
        const struct pail_s3_copy_plan plan = {
                .client = pail_bucket_client(destination->bucket),
                .source_bucket = pail_bucket_name(source->bucket),
                .source_key = source->key,
                .source_version_id = source->version_id,
                .bucket = pail_bucket_name(destination->bucket),
                .key = destination->key,
                .source = &source->metadata,
                .source_if_match = options->source_if_match,
                .headers = &headers,
                .replaces_headers = options->metadata || options->content_type || drops_lock, /* else Ceph keeps it */
                .threshold_bytes = options->threshold_bytes,
                .part_size_bytes = options->part_size_bytes,
                .progress = options->progress,
                .is_stopped = options->is_stopped,
                .progress_context = options->context,
        };
        r = pail_s3_copy_run_with_acl(&plan, acl, ret_etag, ret_error);
        if (r >= 0)
                pail_object_set_put(destination, &headers, source->metadata.size_bytes, ret_etag);
        return r;
}

int pail_object_copy(struct pail_object *source, struct pail_object *destination,
                     const struct pail_object_copy_options *options, char ret_etag[static PAIL_S3_ETAG_SIZE],
                     struct pail_error *ret_error)
{
        static const struct pail_object_copy_options none = { 0 };
        if (destination->version_id)
                return pail_error_set_errno(ret_error, EINVAL, "a version cannot be written");
        _cleanup_(pail_s3_acl_done) struct pail_s3_acl_reading acl = { 0 };
        if (!options)
                options = &none;
        if (options->acl_is_default && !pail_bucket_client(source->bucket)->options.object.acl)
                acl = (struct pail_s3_acl_reading){ .client = pail_bucket_client(source->bucket) };
        else
                pail_s3_acl_begin(pail_bucket_client(source->bucket), pail_bucket_name(source->bucket), source->key,
                                  source->version_id, &acl);
        return copy_loaded(source, destination, options, &acl, ret_etag, ret_error);
}
