/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the resources: buckets, objects and their versions, multipart uploads, waiters. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "driver.h"
#include "pail/s3/buckets.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "s3/resource/multipart.h"

#define BUCKET argument(command, "bucket")
#define KEY argument(command, "key")

#define _cleanup_bucket_ _cleanup_(pail_bucket_unref_p)
#define _cleanup_object_ _cleanup_(pail_object_free_p)
#define _cleanup_multipart_ _cleanup_(pail_multipart_upload_free_p)

/* The resource that bucket=, key= and version= name. */
static int find_object(struct driver *driver, const struct command *command, struct pail_object **ret_object)
{
        _cleanup_bucket_ struct pail_bucket *bucket = NULL;
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        return r < 0 ? r : pail_object_new_version(bucket, KEY, argument(command, "version"), ret_object);
}

static int find_upload(struct driver *driver, const struct command *command, struct pail_multipart_upload **ret_upload)
{
        _cleanup_bucket_ struct pail_bucket *bucket = NULL;
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        return r < 0 ? r : pail_multipart_upload_new(bucket, KEY, argument(command, "upload-id"), ret_upload);
}

static void field_meta(const struct pail_resource_meta *meta)
{
        field("service", meta->service_name);
        field("type", meta->type);
        for (size_t i = 0; i < meta->identifier_count; i++)
                field(meta->identifiers[i].name, meta->identifiers[i].value);
        field_number("has-data", meta->data != NULL);
}

static int bucket_load(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_bucket_ struct pail_bucket *bucket = NULL;
        _cleanup_free_ char *region = NULL;
        struct timespec created;
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r >= 0)
                r = pail_bucket_region(bucket, &region, error);
        if (r >= 0)
                r = pail_bucket_creation_date(bucket, &created, error);
        if (r >= 0)
                r = pail_bucket_creation_date(bucket, &created, error); /* known by now */
        if (r < 0)
                return r;
        const struct pail_resource_meta meta = pail_bucket_meta(bucket);
        field_meta(&meta);
        field("region", region ? region : "");
        field_number("created", (uint64_t)created.tv_sec);
        return 0;
}

static int object_load(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        int r = find_object(driver, command, &object);
        if (r >= 0)
                r = pail_object_load(object, error);
        if (r < 0)
                return r;
        const struct pail_resource_meta meta = pail_object_meta(object);
        field_meta(&meta);
        field_info(pail_object_metadata(object));
        return 0;
}

static int object_body(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(1 << 20);
        int r = find_object(driver, command, &object);
        if (r >= 0)
                r = pail_object_get(object, &body, error);
        if (r >= 0)
                field("body", body.data);
        return r;
}

static int object_delete(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        int r = find_object(driver, command, &object);
        return r < 0 ? r : pail_object_delete(object, error);
}

static int print_summary(struct pail_object *object, struct pail_error *error)
{
        struct pail_object_summary summary;
        int r = pail_object_summarize(object, &summary, error);
        if (r < 0)
                return r;
        const struct pail_resource_meta meta = pail_object_meta(object);
        begin_item();
        field_meta(&meta);
        field_number("size", summary.size_bytes);
        field("etag", summary.etag);
        field_number("modified", (uint64_t)summary.last_modified.tv_sec);
        end_item();
        return 0;
}

/* Of each object of the bucket: what the listing told, and what a load tells. */
static int summaries(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_bucket_ struct pail_bucket *bucket = NULL;
        _cleanup_(pail_cursor_free_p) struct pail_cursor *cursor = NULL;
        const struct pail_s3_entry *entry;
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r < 0)
                return r;
        const struct pail_collection all = pail_bucket_objects(bucket);
        r = pail_collection_pages(&all, &cursor);
        while (r >= 0 && (r = pail_cursor_next_entry(cursor, &entry, error)) > 0) {
                _cleanup_object_ struct pail_object *object = NULL;
                r = pail_object_new_from_entry(bucket, entry, &object);
                if (r >= 0)
                        r = print_summary(object, error);
                if (r >= 0)
                        r = pail_object_load(object, error);
                if (r >= 0)
                        r = print_summary(object, error);
        }
        return r;
}

/* key=: of the object; else of the bucket. absent=: that it goes away. */
static int wait_until(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_bucket_ struct pail_bucket *bucket = NULL;
        _cleanup_object_ struct pail_object *object = NULL;
        struct pail_wait_options options = {
                .delay_ms = (int64_t)argument_number(command, "delay", 0),
                .max_attempts = (unsigned)argument_number(command, "attempts", 0),
        };
        if (argument(command, "within"))
                options.deadline_ms = pail_clock_monotonic_ms() + (int64_t)argument_number(command, "within", 0);
        bool is_absence = argument(command, "absent");
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r >= 0 && KEY)
                r = pail_object_new(bucket, KEY, &object);
        if (r < 0)
                return r;
        if (object)
                return is_absence ? pail_object_wait_until_not_exists(object, &options, error)
                                  : pail_object_wait_until_exists(object, &options, error);
        return is_absence ? pail_bucket_wait_until_not_exists(bucket, &options, error)
                          : pail_bucket_wait_until_exists(bucket, &options, error);
}

static int exists(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_bucket_ struct pail_bucket *bucket = NULL;
        _cleanup_object_ struct pail_object *object = NULL;
        bool is_there = false;
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r >= 0 && KEY)
                r = pail_object_new(bucket, KEY, &object);
        if (r >= 0)
                r = object ? pail_object_exists(object, &is_there, error)
                           : pail_bucket_exists(bucket, &is_there, error);
        field_number("exists", is_there);
        return r;
}

/* To target=. */
static int rename_object(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL, *target = NULL;
        const struct pail_s3_conditions conditions = argument_conditions(command);
        int r = find_object(driver, command, &object);
        if (r >= 0)
                r = pail_object_new(pail_object_bucket(object), argument(command, "target"), &target);
        return r < 0 ? r : pail_object_rename(object, target, argument(command, "source-if-match"), &conditions, error);
}

static int move_object(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL, *target = NULL;
        char etag[PAIL_S3_ETAG_SIZE];
        int r = find_object(driver, command, &object);
        if (r >= 0)
                r = pail_object_new(pail_object_bucket(object), argument(command, "target"), &target);
        if (r >= 0)
                r = pail_object_move(object, target, NULL, etag, error);
        if (r >= 0)
                field("etag", etag);
        return r;
}

static int initiate(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        _cleanup_multipart_ struct pail_multipart_upload *upload = NULL;
        struct pail_s3_headers headers;
        argument_headers(command, &headers);
        int r = find_object(driver, command, &object);
        if (r >= 0)
                r = pail_object_initiate_multipart_upload(object, &headers, argument(command, "tagging"), &upload,
                                                          error);
        pail_http_headers_done(&headers.metadata);
        if (r < 0)
                return r;
        const struct pail_resource_meta meta = pail_multipart_upload_meta(upload);
        field_meta(&meta);
        return 0;
}

static int fill_part(struct driver *driver, const struct command *command, struct pail_multipart_part *part,
                     struct pail_error *error)
{
        _cleanup_bucket_ struct pail_bucket *bucket = NULL;
        _cleanup_object_ struct pail_object *source = NULL;
        uint64_t offset = argument_number(command, "offset", 0), size = argument_number(command, "size", 0);
        if (argument(command, "file")) {
                _cleanup_close_ int fd = open(argument(command, "file"), O_RDONLY | O_CLOEXEC);
                const struct pail_http_body body = { .fd = fd, .offset = (off_t)offset, .size_bytes = size };
                return pail_multipart_part_upload(part, &body, error);
        }
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r >= 0)
                r = pail_object_new(bucket, argument(command, "source-key"), &source);
        return r < 0 ? r : pail_multipart_part_copy_from(part, source, NULL, offset, size, error);
}

/* From file=, or from source-key=. */
static int part(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_multipart_ struct pail_multipart_upload *upload = NULL;
        int r = find_upload(driver, command, &upload);
        if (r < 0)
                return r;
        struct pail_multipart_part one = pail_multipart_upload_part(upload,
                                                                    (unsigned)argument_number(command, "number", 1));
        r = fill_part(driver, command, &one, error);
        if (r < 0)
                return r;
        const struct pail_resource_meta meta = pail_multipart_part_meta(&one);
        field_meta(&meta);
        field("etag", one.data.etag);
        return 0;
}

/* Of the parts that the server has. */
static int complete(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_multipart_ struct pail_multipart_upload *upload = NULL;
        char etag[PAIL_S3_ETAG_SIZE];
        int r = find_upload(driver, command, &upload);
        if (r >= 0)
                r = pail_multipart_upload_complete(upload, NULL, 0, NULL, etag, error);
        if (r >= 0)
                field("etag", etag);
        return r;
}

static int abort_upload(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_multipart_ struct pail_multipart_upload *upload = NULL;
        int r = find_upload(driver, command, &upload);
        return r < 0 ? r : pail_multipart_upload_abort(upload, error);
}

struct progress {
        _Atomic int64_t sum, peak;
        atomic_bool went_back;
        atomic_uint calls;
};

static void add_progress(void *context, int64_t delta_bytes)
{
        struct progress *progress = context;
        int64_t sum = atomic_fetch_add(&progress->sum, delta_bytes) + delta_bytes, peak = progress->peak;
        while (sum > peak && !atomic_compare_exchange_weak(&progress->peak, &peak, sum))
                ;
        progress->went_back = progress->went_back || delta_bytes < 0;
        progress->calls++;
}

static void field_progress(const struct progress *progress)
{
        field_number("progress", (uint64_t)progress->sum);
        field_number("peak", (uint64_t)progress->peak);
        field_number("went-back", progress->went_back);
        field_number("calls", progress->calls);
}

static int upload_file(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        _cleanup_close_ int fd = open(argument(command, "file"), O_RDONLY | O_CLOEXEC);
        struct progress progress = { 0 };
        struct stat status;
        char etag[PAIL_S3_ETAG_SIZE];
        if (fd < 0 || fstat(fd, &status) < 0)
                return -errno;
        const struct pail_transfer_upload_options options = { .part_size_bytes = argument_number(command, "part-size",
                                                                                                 0),
                                                              .progress = add_progress,
                                                              .context = &progress };
        int r = find_object(driver, command, &object);
        if (r >= 0)
                r = pail_transfer_upload(object, fd, (uint64_t)status.st_size, NULL, &options, etag, error);
        field_progress(&progress);
        if (r >= 0)
                field("etag", etag);
        return r;
}

static int download_file(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        _cleanup_close_ int fd = open(argument(command, "file"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        struct progress progress = { 0 };
        const struct pail_download_options options = { .part_size_bytes = argument_number(command, "part-size", 0),
                                                       .progress = add_progress,
                                                       .context = &progress };
        int r = find_object(driver, command, &object);
        if (r >= 0)
                r = pail_transfer_download(object, fd, &options, error);
        field_progress(&progress);
        return r;
}

const struct command_row resource_commands[] = {
        { "bucket-load", bucket_load },
        { "object-load", object_load },
        { "object-body", object_body },
        { "object-delete", object_delete },
        { "object-rename", rename_object },
        { "object-move", move_object },
        { "summaries", summaries },
        { "wait", wait_until },
        { "exists", exists },
        { "multipart-initiate", initiate },
        { "multipart-part", part },
        { "multipart-complete", complete },
        { "multipart-abort", abort_upload },
        { "upload-file", upload_file },
        { "download-file", download_file },
        { NULL, NULL },
};
