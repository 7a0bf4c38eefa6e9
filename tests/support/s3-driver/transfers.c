/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of multipart uploads, by hand and through the transfer manager. */
#include <errno.h>
#include <fcntl.h>

#include "driver.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

#define BUCKET argument(command, "bucket")
#define KEY argument(command, "key")

static int create_multipart_upload(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_free_ char *upload_id = NULL;
        struct pail_s3_headers headers;
        argument_headers(command, &headers);
        int r = pail_s3_create_multipart_upload(driver->client, BUCKET, KEY, &headers, argument(command, "tagging"),
                                                &upload_id, error);
        if (r >= 0)
                field("upload-id", upload_id);
        pail_http_headers_done(&headers.metadata);
        return r;
}

static int upload_part(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_close_ int fd = argument(command, "file") ? open(argument(command, "file"), O_RDONLY | O_CLOEXEC) : -1;
        const struct pail_s3_part_input input = {
                .bucket = BUCKET,
                .key = KEY,
                .upload_id = argument(command, "upload-id"),
                .part_number = (unsigned)argument_number(command, "number", 1),
                .body = { .fd = fd,
                          .offset = (off_t)argument_number(command, "offset", 0),
                          .size_bytes = argument_number(command, "size", 0) },
                .source_bucket = argument(command, "source-bucket"),
                .source_key = argument(command, "source-key"),
                .source_offset = argument_number(command, "source-offset", 0),
                .source_size_bytes = argument_number(command, "source-size", 0),
        };
        struct pail_s3_part part = { 0 };
        int r = input.source_key ? pail_s3_upload_part_copy(driver->client, &input, &part, error)
                                 : pail_s3_upload_part(driver->client, &input, &part, error);
        if (r >= 0)
                field("etag", part.etag);
        return r;
}

static int complete_multipart_upload(struct driver *driver, const struct command *command, struct pail_error *error)
{
        const char *etags[100], *sizes[100];
        struct pail_s3_part parts[100] = { 0 };
        size_t count = argument_list(command, "etag", etags);
        (void)argument_list(command, "size", sizes);
        for (size_t i = 0; i < count; i++) {
                parts[i].part_number = (unsigned)i + 1;
                pail_str_copy(parts[i].etag, sizeof(parts[i].etag), etags[i]);
                (void)pail_str_to_u64(sizes[i], &parts[i].size_bytes);
        }
        const struct pail_s3_conditions conditions = argument_conditions(command);
        char etag[PAIL_S3_ETAG_SIZE];
        int r = pail_s3_complete_multipart_upload(driver->client, BUCKET, KEY, argument(command, "upload-id"), parts,
                                                  count, &conditions, etag, error);
        if (r >= 0)
                field("etag", etag);
        return r;
}

static int abort_multipart_upload(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return pail_s3_abort_multipart_upload(driver->client, BUCKET, KEY, argument(command, "upload-id"), error);
}

static int upload_new(struct driver *driver, const struct command *command, struct pail_error *error)
{
        struct pail_bucket *bucket = NULL;
        struct pail_s3_headers headers;
        (void)error;
        argument_headers(command, &headers);
        pail_upload_free(driver->upload);
        driver->upload = NULL;
        if (driver->upload_fd >= 0)
                close(driver->upload_fd);
        driver->upload_fd = open(argument(command, "file"), O_RDONLY | O_CLOEXEC);
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        const struct pail_upload_options options = {
                .bucket = bucket,
                .key = KEY,
                .headers = &headers,
                .tagging = argument(command, "tagging"),
                .fd = driver->upload_fd,
                .part_size_bytes = argument_number(command, "part-size", PAIL_S3_PART_MIN),
                .max_parts_in_flight = (unsigned)argument_number(command, "in-flight", 0),
        };
        if (r >= 0)
                r = pail_upload_new(&options, &driver->upload);
        pail_bucket_unref(bucket);
        pail_http_headers_done(&headers.metadata);
        return r;
}

static int upload_advance(struct driver *driver, const struct command *command, struct pail_error *error)
{
        int r = pail_upload_advance(driver->upload, argument_number(command, "available", 0), error);
        field_number("started", pail_upload_is_begun(driver->upload));
        return r;
}

static int upload_finish(struct driver *driver, const struct command *command, struct pail_error *error)
{
        const struct pail_s3_conditions conditions = argument_conditions(command);
        char etag[PAIL_S3_ETAG_SIZE];
        int r = pail_upload_finish(driver->upload, argument_number(command, "size", 0), &conditions, etag, error);
        if (r >= 0)
                field("etag", etag);
        return r;
}

static int upload_abort(struct driver *driver, const struct command *command, struct pail_error *error)
{
        (void)command;
        (void)error;
        pail_upload_abort(driver->upload);
        return 0;
}

static int download(struct driver *driver, const struct command *command, struct pail_error *error)
{
        struct pail_bucket *bucket = NULL;
        struct pail_object *object = NULL;
        _cleanup_close_ int fd = open(argument(command, "file"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r >= 0)
                r = pail_object_new(bucket, KEY, &object);
        const struct pail_download_options options = { .part_size_bytes = argument_number(command, "part-size", 0) };
        if (r >= 0)
                r = pail_transfer_download(object, fd, &options, error);
        pail_object_free(object);
        pail_bucket_unref(bucket);
        return r;
}

const struct command_row transfer_commands[] = {
        { "create-multipart-upload", create_multipart_upload },
        { "upload-part", upload_part },
        { "complete-multipart-upload", complete_multipart_upload },
        { "abort-multipart-upload", abort_multipart_upload },
        { "upload-new", upload_new },
        { "upload-advance", upload_advance },
        { "upload-finish", upload_finish },
        { "upload-abort", upload_abort },
        { "download", download },
        { NULL, NULL },
};
