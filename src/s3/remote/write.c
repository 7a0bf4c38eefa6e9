/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of single objects: PutObject, CopyObject, DeleteObject, DeleteObjects. */
#include "write.h"

#include <errno.h>

#include "attributes.h"
#include "cause.h"
#include "handle.h"
#include "metadata.h"
#include "pail/s3/operations.h"
#include "pail/s3/transfer.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "s3/ops/conditional.h"
#include "s3/transfer/copy.h"

enum { COPY_PART = 128 << 20 };

int pail_s3_remote_put(struct pail_remote *base, const struct pail_remote_put *put,
                       struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error)
{
        struct pail_s3_remote *remote = pail_s3_remote_of(base);
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        char etag[PAIL_S3_ETAG_SIZE];
        struct iovec vector;
        int r = pail_remote_content_pack(&put->content, &headers);
        const struct pail_s3_put_input input = {
                .bucket = pail_bucket_name(remote->bucket),
                .key = put->key,
                .headers = &headers,
                .tagging = put->content.tagging,
                .body = pail_s3_remote_body(&put->bytes, &vector),
                .conditions = { .if_match = put->condition.if_match, .if_none_match = put->condition.if_absent },
                .priority = PAIL_HTTP_PRIORITY_WAITED,
        };

        if (r == 0)
                r = pail_s3_put_object_if(remote->client, &input, etag, &error);
        if (r == 0)
                r = pail_s3_remote_stored(remote, &headers, etag, ret_stored);
        return pail_s3_remote_end(r, &error, ret_error);
}

/* A part of a multipart copy is never larger than what is copied in one request. */
static uint64_t copy_part_size(uint64_t threshold)
{
        if (!threshold || threshold >= COPY_PART)
                return COPY_PART;
        return threshold > PAIL_S3_PART_MIN ? threshold : PAIL_S3_PART_MIN;
}

/* What HEAD would tell of the source: of the version that the caller knows, or by asking. */
static int load_source(struct pail_object *source, const struct pail_remote_object *known, struct pail_error *ret_error)
{
        struct pail_s3_object_metadata metadata = { 0 };
        int r;

        if (!known)
                return pail_object_load(source, ret_error);
        r = pail_remote_metadata_pack(&known->metadata, &metadata.headers);
        if (r == 0) {
                metadata.size_bytes = known->size_bytes;
                metadata.tag_count = known->tag_count;
                pail_str_copy(metadata.etag, sizeof(metadata.etag), known->etag);
                r = pail_object_assume(source, &metadata);
        }
        pail_s3_object_metadata_done(&metadata);
        return r;
}

/* The user metadata of the source with other attributes. */
static int replace_attributes(const struct pail_object *source, const struct pail_remote_attributes *attributes,
                              struct pail_s3_headers *ret_headers)
{
        struct pail_s3_headers headers = { 0 };
        int r = pail_s3_headers_copy(&pail_object_metadata(source)->headers, &headers);

        if (r == 0)
                r = pail_remote_attributes_write(attributes, &headers.metadata);
        if (r < 0) {
                pail_s3_headers_done(&headers);
                return r;
        }
        *ret_headers = headers;
        return 0;
}

static int replace_extra(const struct pail_s3_object_metadata *metadata, char **extra)
{
        char *packed;
        int r = pail_remote_extra_pack(&metadata->headers, &packed);

        if (r < 0)
                return r;
        free(*extra);
        *extra = packed;
        return 0;
}

static int copy_objects(struct pail_s3_remote *remote, const struct pail_remote_copy *copy, struct pail_object *source,
                        struct pail_object *destination, struct pail_remote_stored *ret_stored,
                        struct pail_error *ret_error)
{
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = { 0 };
        struct pail_object_copy_options options = {
                .threshold_bytes = remote->copy_threshold_bytes,
                .part_size_bytes = copy_part_size(remote->copy_threshold_bytes),
                .acl_is_default = copy->acl_is_default,
                .without_object_lock = copy->is_temporary,
        };
        struct pail_remote_stored stored = { 0 };
        int r = load_source(source, copy->source, ret_error);

        if (r == 0 && copy->attributes) {
                r = replace_attributes(source, copy->attributes, &headers);
                options.metadata = &headers.metadata;
        }
        if (r == 0)
                r = pail_remote_extra_pack(&pail_object_metadata(source)->headers, &stored.extra);
        if (r == 0)
                r = copy->is_move ? pail_object_move(source, destination, &options, stored.etag, ret_error)
                                  : pail_object_copy(source, destination, &options, stored.etag, ret_error);
        /* What was renamed in one step is not known anew: it has all that the source had. */
        if (r == 0 && pail_object_metadata(destination))
                r = replace_extra(pail_object_metadata(destination), &stored.extra);
        if (r < 0) {
                pail_remote_stored_done(&stored);
                return r;
        }
        *ret_stored = stored;
        return 0;
}

/* A copy that replaces all that is stored beside the bytes: of an object that the mount has made itself. */
static int copy_content(struct pail_s3_remote *remote, const struct pail_remote_copy *copy,
                        struct pail_remote_stored *ret_stored, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = { 0 };
        struct pail_s3_object_metadata metadata = { .size_bytes = copy->source->size_bytes };
        char etag[PAIL_S3_ETAG_SIZE];
        int r = pail_remote_content_pack(copy->content, &headers);

        if (r == 0)
                r = pail_bucket_content_headers(remote->bucket,
                                                &headers); /* to the server it is a copy, but not to us */
        if (r < 0)
                return r;
        pail_str_copy(metadata.etag, sizeof(metadata.etag), copy->source->etag);
        const struct pail_s3_copy_plan plan = {
                .client = remote->client,
                .source_bucket = pail_bucket_name(remote->bucket),
                .source_key = copy->from,
                .bucket = pail_bucket_name(remote->bucket),
                .key = copy->to,
                .source = &metadata,
                .headers = &headers,
                .replaces_headers = true,
                .tagging = copy->content->tagging ? copy->content->tagging : "",
        };
        r = pail_s3_copy_run(&plan, etag, ret_error);
        return r < 0 ? r : pail_s3_remote_stored(remote, &headers, etag, ret_stored);
}

int pail_s3_remote_copy(struct pail_remote *base, const struct pail_remote_copy *copy,
                        struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error)
{
        struct pail_s3_remote *remote = pail_s3_remote_of(base);
        _cleanup_(pail_object_free_p) struct pail_object *source = NULL, *destination = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = 0;

        if (copy->content) {
                r = copy_content(remote, copy, ret_stored, &error);
                return pail_s3_remote_end(r, &error, ret_error);
        }
        r = pail_object_new(remote->bucket, copy->from, &source);
        if (r == 0 && !pail_str_equal(copy->from, copy->to))
                r = pail_object_new(remote->bucket, copy->to, &destination);
        if (r == 0)
                r = copy_objects(remote, copy, source, destination ? destination : source, ret_stored, &error);
        return pail_s3_remote_end(r, &error, ret_error);
}

int pail_s3_remote_remove(struct pail_remote *base, const char *key, struct pail_remote_error *ret_error)
{
        struct pail_s3_remote *remote = pail_s3_remote_of(base);
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_delete_object(remote->client, pail_bucket_name(remote->bucket), key, &error);

        return pail_s3_remote_end(r, &error, ret_error);
}

int pail_s3_remote_remove_many(struct pail_remote *base, const char *const *keys, size_t count,
                               struct pail_remote_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_bucket_delete_objects(pail_s3_remote_of(base)->bucket, keys, count, &error);

        return pail_s3_remote_end(r, &error, ret_error);
}
