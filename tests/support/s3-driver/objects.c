/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of one object. */
#include <errno.h>
#include <fcntl.h>

#include "driver.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

#define BUCKET argument(command, "bucket")
#define KEY argument(command, "key")

enum { BODY_CAP = 64 << 20 };

static int head_bucket(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return pail_s3_head_bucket(driver->client, BUCKET, error);
}

static int head_object(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        int r = pail_s3_head_object(driver->client, BUCKET, KEY, &metadata, error);
        if (r >= 0)
                field_info(&metadata);
        return r;
}

static int get_object(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(BODY_CAP);
        const struct pail_s3_get_input input = {
                .bucket = BUCKET,
                .key = KEY,
                .offset = argument_number(command, "offset", 0),
                .size_bytes = argument_number(command, "size", 0),
                .if_match = argument(command, "if-match"),
        };
        int r = pail_s3_get_object(driver->client, &input, &body, &metadata, error);
        if (r < 0)
                return r;
        field_info(&metadata);
        return pail_file_replace(argument(command, "file"), body.data, body.length);
}

static int put_object(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(BODY_CAP);
        int r = pail_file_read(argument(command, "file"), &body);
        if (r < 0)
                return r;
        struct pail_s3_headers headers;
        argument_headers(command, &headers);
        const struct iovec vector = { body.data, body.length };
        const struct pail_s3_put_input input = {
                .bucket = BUCKET,
                .key = KEY,
                .headers = &headers,
                .tagging = argument(command, "tagging"),
                .body = { .vector = &vector, .vector_count = 1, .fd = -1, .size_bytes = body.length },
                .conditions = argument_conditions(command),
        };
        char etag[PAIL_S3_ETAG_SIZE];
        r = pail_s3_put_object(driver->client, &input, etag, error);
        if (r >= 0)
                field("etag", etag);
        pail_http_headers_done(&headers.metadata);
        return r;
}

static int delete_object(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return pail_s3_delete_object(driver->client, BUCKET, KEY, error);
}

static int delete_objects(struct driver *driver, const struct command *command, struct pail_error *error)
{
        const char *keys[WORDS_MAX];
        size_t failed = 0, count = argument_list(command, "key", keys);
        int r = pail_s3_delete_objects(driver->client, BUCKET, keys, count, &failed, error);
        field_number("failed", failed);
        return r;
}

static int copy_object(struct driver *driver, const struct command *command, struct pail_error *error)
{
        struct pail_s3_headers headers;
        argument_headers(command, &headers);
        const struct pail_s3_copy_input input = {
                .bucket = BUCKET,
                .key = KEY,
                .source_bucket = argument(command, "source-bucket"),
                .source_key = argument(command, "source-key"),
                .source_if_match = argument(command, "source-if-match"),
                .headers = argument(command, "replace") ? &headers : NULL,
                .keep = &headers,
                .conditions = argument_conditions(command),
        };
        char etag[PAIL_S3_ETAG_SIZE];
        int r = pail_s3_copy_object(driver->client, &input, etag, error);
        if (r >= 0)
                field("etag", etag);
        pail_http_headers_done(&headers.metadata);
        return r;
}

static int get_tagging(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_free_ char *tagging = NULL;
        int r = pail_s3_get_object_tagging(driver->client, BUCKET, KEY, &tagging, error);
        if (r >= 0)
                field("tagging", tagging);
        return r;
}

static int get_acl(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_free_ char *document = NULL;
        int r = pail_s3_get_object_acl(driver->client, BUCKET, KEY, &document, error);
        if (r >= 0)
                field("document", document);
        return r;
}

static int put_acl(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return pail_s3_put_object_acl(driver->client, BUCKET, KEY, argument(command, "document"), error);
}

/* The resource's copy: pail_object_copy(). */
static int copy(struct driver *driver, const struct command *command, struct pail_error *error)
{
        struct pail_bucket *bucket = NULL, *source_bucket = NULL;
        struct pail_object *source = NULL, *destination = NULL;
        struct pail_s3_headers headers;
        argument_headers(command, &headers);
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r >= 0)
                r = pail_bucket_new(driver->client, argument(command, "source-bucket"), &source_bucket);
        if (r >= 0)
                r = pail_object_new(source_bucket, argument(command, "source-key"), &source);
        if (r >= 0)
                r = pail_object_new(bucket, KEY, &destination);
        const struct pail_object_copy_options options = {
                .metadata = argument(command, "replace") ? &headers.metadata : NULL,
                .content_type = argument(command, "content-type"),
                .threshold_bytes = argument_number(command, "threshold", 0),
                .part_size_bytes = argument_number(command, "part-size", 0),
                .source_if_match = argument(command, "source-if-match"),
        };
        char etag[PAIL_S3_ETAG_SIZE];
        if (r >= 0)
                r = pail_object_copy(source, destination, &options, etag, error);
        if (r >= 0)
                field("etag", etag);
        pail_http_headers_done(&headers.metadata);
        pail_object_free(source);
        pail_object_free(destination);
        pail_bucket_unref(source_bucket);
        pail_bucket_unref(bucket);
        return r;
}

const struct command_row object_commands[] = {
        { "head-bucket", head_bucket },
        { "head-object", head_object },
        { "get-object", get_object },
        { "put-object", put_object },
        { "delete-object", delete_object },
        { "delete-objects", delete_objects },
        { "copy-object", copy_object },
        { "get-object-tagging", get_tagging },
        { "get-object-acl", get_acl },
        { "put-object-acl", put_acl },
        { "copy", copy },
        { NULL, NULL },
};
