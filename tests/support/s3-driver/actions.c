/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on an object resource that the file system has no use for, and transfers by path. */
#include "driver.h"

struct target {
        struct pail_bucket *bucket;
        struct pail_object *object;
};

static int open_target(struct driver *driver, const struct command *command, struct target *target)
{
        int r = pail_bucket_new(driver->client, argument(command, "bucket"), &target->bucket);
        return r < 0 ? r
                     : pail_object_new_version(target->bucket, argument(command, "key"), argument(command, "version"),
                                               &target->object);
}

static void close_target(struct target *target)
{
        pail_object_free(target->object);
        pail_bucket_unref(target->bucket);
}

static int run_on(struct driver *driver, const struct command *command, struct pail_error *error,
                  int (*run)(struct pail_object *object, const struct command *command, struct pail_error *error))
{
        struct target target = { 0 };
        int r = open_target(driver, command, &target);
        if (r >= 0)
                r = run(target.object, command, error);
        close_target(&target);
        return r;
}

static int tag(struct pail_object *object, const struct command *command, struct pail_error *error)
{
        return pail_object_put_tagging(object, argument(command, "tagging"), error);
}

static int untag(struct pail_object *object, const struct command *command, struct pail_error *error)
{
        (void)command;
        return pail_object_delete_tagging(object, error);
}

static int sign(struct pail_object *object, const struct command *command, struct pail_error *error)
{
        struct pail_s3_presigned presigned = { 0 };
        int r = pail_object_presign(object, argument(command, "put") != NULL,
                                    (int64_t)argument_number(command, "expires", 3600), &presigned, error);
        if (r >= 0) {
                field("url", presigned.url);
                field_number("ends-at", (uint64_t)presigned.ends_at);
        }
        pail_s3_presigned_done(&presigned);
        return r;
}

static int copy_here(struct pail_object *object, const struct command *command, struct pail_error *error)
{
        struct pail_object *current = NULL;
        char etag[PAIL_S3_ETAG_SIZE];
        const struct pail_object_copy_options options = { .threshold_bytes = argument_number(command, "threshold", 0) };
        int r = pail_object_new(pail_object_bucket(object), pail_object_key(object), &current);
        if (r >= 0)
                r = pail_object_copy(object, current, &options, etag, error);
        pail_object_free(current);
        return r;
}

static int upload(struct pail_object *object, const struct command *command, struct pail_error *error)
{
        char etag[PAIL_S3_ETAG_SIZE];
        int r = pail_transfer_upload_file(object, argument(command, "file"), NULL, NULL, etag, error);
        if (r >= 0)
                field("etag", etag);
        return r;
}

static int download(struct pail_object *object, const struct command *command, struct pail_error *error)
{
        return pail_transfer_download_file(object, argument(command, "file"), NULL, error);
}

#define DEFINE_COMMAND(name)                                                                                           \
        static int name##_command(struct driver *driver, const struct command *command, struct pail_error *error)      \
        {                                                                                                              \
                return run_on(driver, command, error, name);                                                           \
        }
DEFINE_COMMAND(tag)
DEFINE_COMMAND(untag)
DEFINE_COMMAND(sign)
DEFINE_COMMAND(copy_here)
DEFINE_COMMAND(upload)
DEFINE_COMMAND(download)

const struct command_row action_commands[] = {
        { "put-object-tagging", tag_command },
        { "delete-object-tagging", untag_command },
        { "presign", sign_command },
        { "copy-version", copy_here_command },
        { "upload-path", upload_command },
        { "download-path", download_command },
        { NULL, NULL },
};
