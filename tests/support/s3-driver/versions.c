/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on versions and what belongs to them: whether there are any, Object Lock, attributes that HEAD does not tell. */
#include "driver.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

#define BUCKET argument(command, "bucket")
#define KEY argument(command, "key")

#define _cleanup_bucket_ _cleanup_(pail_bucket_unref_p)
#define _cleanup_object_ _cleanup_(pail_object_free_p)

/* The resource that bucket=, key= and version= name. */
static int find_object(struct driver *driver, const struct command *command, struct pail_object **ret_object)
{
        _cleanup_bucket_ struct pail_bucket *bucket = NULL;
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        return r < 0 ? r : pail_object_new_version(bucket, KEY, argument(command, "version"), ret_object);
}

static int get_retention(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        struct pail_s3_retention retention;
        int r = find_object(driver, command, &object);
        if (r >= 0)
                r = pail_object_retention(object, &retention, error);
        if (r < 0)
                return r;
        field("mode", retention.mode);
        field_number("until", (uint64_t)retention.retain_until.tv_sec);
        return 0;
}

/* until=: seconds since 1970. Without mode= it is taken away. */
static int put_retention(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        const char *mode = argument(command, "mode");
        struct pail_s3_retention retention = { .retain_until.tv_sec = (time_t)argument_number(command, "until", 0) };
        int r = find_object(driver, command, &object);
        pail_str_copy(retention.mode, sizeof(retention.mode), mode ? mode : "");
        return r < 0 ? r : pail_object_put_retention(object, &retention, argument(command, "bypass"), error);
}

static int get_legal_hold(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        bool is_held = false;
        int r = find_object(driver, command, &object);
        if (r >= 0)
                r = pail_object_legal_hold(object, &is_held, error);
        if (r >= 0)
                field_number("held", is_held);
        return r;
}

static int put_legal_hold(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        int r = find_object(driver, command, &object);
        return r < 0 ? r : pail_object_put_legal_hold(object, argument(command, "on") != NULL, error);
}

static int bucket_versioning(struct driver *driver, const struct command *command, struct pail_error *error)
{
        static const char *const names[] = { "", "Enabled", "Suspended" };
        _cleanup_bucket_ struct pail_bucket *bucket = NULL;
        struct pail_s3_versioning versioning;
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r >= 0)
                r = pail_bucket_versioning(bucket, &versioning, error);
        if (r < 0)
                return r;
        field("status", names[versioning.status]);
        field_number("mfa", versioning.needs_mfa_to_delete);
        return 0;
}

static void print_part(const struct pail_s3_attributes_part *part)
{
        begin_item();
        field_number("number", part->part_number);
        field_number("size", part->size_bytes);
        field("checksum-name", part->checksum.name);
        field("checksum", part->checksum.value);
        end_item();
}

static int object_attributes(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_object_ struct pail_object *object = NULL;
        _cleanup_(pail_s3_object_attributes_done) struct pail_s3_object_attributes attributes = { 0 };
        int r = find_object(driver, command, &object);
        if (r >= 0)
                r = pail_object_attributes(object, (unsigned)argument_number(command, "marker", 0),
                                           (unsigned)argument_number(command, "max-parts", 0), &attributes, error);
        if (r < 0)
                return r;
        for (size_t i = 0; i < attributes.count; i++)
                print_part(&attributes.parts[i]);
        field("etag", attributes.etag);
        field_number("size", attributes.size_bytes);
        field_number("modified", (uint64_t)attributes.last_modified);
        field("version-id", attributes.version_id ? attributes.version_id : "");
        field("checksum-name", attributes.checksum.name);
        field("checksum", attributes.checksum.value);
        field_number("composite", attributes.checksum.is_composite);
        field_number("parts", attributes.part_count);
        field_number("next", attributes.next_part_number_marker);
        return 0;
}

const struct command_row version_commands[] = {
        { "get-object-retention", get_retention },
        { "put-object-retention", put_retention },
        { "get-object-legal-hold", get_legal_hold },
        { "put-object-legal-hold", put_legal_hold },
        { "bucket-versioning", bucket_versioning },
        { "object-attributes", object_attributes },
        { NULL, NULL },
};
