/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object under another key. Directory buckets rename in one step whatever the size; elsewhere it is a copy and, once that is proven, a
 * deletion, so that at every moment one of the two keys holds all bytes.
 */
#include <errno.h>

#include "copy_plan.h"
#include "pail/aws/endpoint.h"
#include "pail/s3/operations.h"
#include "pail/s3/transfer.h"
#include "pail/util/str.h"
#include "s3/call/client.h"
#include "s3/call/feature.h"
#include "s3/resource/object.h"

static struct pail_s3_client *client_of(const struct pail_object *object)
{
        return pail_bucket_client(object->bucket);
}

/* Objects that end with '/', the markers of directories, are not renamed ("RenameObject" in the Amazon S3 API reference). */
static bool can_rename(const struct pail_object *source, const struct pail_object *destination)
{
        return pail_object_shares_bucket(source, destination) &&
               pail_endpoint_is_directory(pail_bucket_name(source->bucket)) && !pail_str_ends_with(source->key, "/") &&
               !pail_str_ends_with(destination->key, "/") &&
               pail_s3_feature_support(client_of(source), pail_bucket_name(source->bucket), PAIL_S3_FEATURE_RENAMES) !=
                       PAIL_S3_MISSING;
}

/* 1: done; 0: the server has no such operation. */
static int move_at_once(struct pail_object *source, struct pail_object *destination, const char *source_if_match,
                        char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        char etag[PAIL_S3_ETAG_SIZE];
        struct pail_error error = PAIL_ERROR_INIT;
        int r = source->is_loaded ? 0 : pail_object_load(source, ret_error);
        if (r < 0)
                return r;
        memcpy(etag, source->metadata.etag, sizeof(etag));
        if (source_if_match && strcasecmp(source_if_match, etag) != 0)
                return pail_s3_set_source_changed(pail_bucket_name(source->bucket), source->key, ret_error);
        r = pail_object_rename(source, destination, etag, NULL, &error);
        if (r < 0 && pail_s3_error_is_unsupported(&error))
                return 0;
        if (r < 0) {
                if (ret_error)
                        *ret_error = error;
                return r;
        }
        memcpy(ret_etag, etag, sizeof(etag));
        return 1;
}

int pail_object_move(struct pail_object *source, struct pail_object *destination,
                     const struct pail_object_copy_options *options, char ret_etag[static PAIL_S3_ETAG_SIZE],
                     struct pail_error *ret_error)
{
        bool has_new_headers = options && (options->metadata || options->content_type);
        int r = !has_new_headers && can_rename(source, destination)
                        ? move_at_once(source, destination, options ? options->source_if_match : NULL, ret_etag,
                                       ret_error)
                        : 0;
        if (r != 0)
                return r < 0 ? r : 0;
        r = pail_object_copy(source, destination, options, ret_etag, ret_error);
        return r < 0 ? r : pail_object_delete(source, ret_error);
}
