/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that list, and those of a whole bucket. */
#include <errno.h>

#include "driver.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

#define BUCKET argument(command, "bucket")

static int list_buckets(struct driver *driver, const struct command *command, struct pail_error *error)
{
        (void)command;
        _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets buckets = { 0 };
        int r = pail_buckets_all(driver->client, &buckets, error);
        for (size_t i = 0; r >= 0 && i < buckets.count; i++) {
                begin_item();
                field("name", buckets.items[i].name);
                field_number("created", (uint64_t)buckets.items[i].creation_date.tv_sec);
                end_item();
        }
        return r;
}

static void print_page(const struct pail_s3_page *page)
{
        for (size_t i = 0; i < page->count; i++) {
                const struct pail_s3_entry *entry = &page->entries[i];
                begin_item();
                field("key", entry->key);
                field_number("prefix", entry->is_prefix);
                field_number("size", entry->size_bytes);
                field("etag", entry->etag);
                field_number("modified", (uint64_t)entry->last_modified.tv_sec);
                end_item();
        }
}

static int list_objects_v2(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_(pail_s3_page_done) struct pail_s3_page page = { 0 };
        const struct pail_s3_list_input input = {
                .bucket = BUCKET,
                .prefix = argument(command, "prefix"),
                .delimiter = argument(command, "delimiter"),
                .start_after = argument(command, "start-after"),
                .continuation_token = argument(command, "token"),
                .max_keys = (unsigned)argument_number(command, "max-keys", 0),
        };
        int r = pail_s3_list_objects_v2(driver->client, &input, &page, error);
        if (r < 0)
                return r;
        print_page(&page);
        if (page.next_token)
                field("token", page.next_token);
        field_number("truncated", page.is_truncated);
        return 0;
}

static struct pail_objects collection(struct pail_bucket *bucket, const struct command *command)
{
        struct pail_objects objects = pail_bucket_objects(bucket);
        objects = pail_objects_filter(objects, argument(command, "prefix"), argument(command, "delimiter"));
        objects = pail_objects_limit(objects, argument_number(command, "limit", 0));
        return pail_objects_page_size(objects, (unsigned)argument_number(command, "page-size", 0));
}

static int print_pages(const struct pail_objects *objects, struct pail_error *error)
{
        struct pail_objects_cursor *cursor = NULL;
        uint64_t pages = 0;
        int r = pail_objects_pages(objects, &cursor);
        while (r >= 0) {
                struct pail_s3_page page = { 0 };
                r = pail_objects_cursor_next(cursor, &page, error);
                if (r <= 0)
                        break;
                pages++;
                print_page(&page);
                pail_s3_page_done(&page);
        }
        field_number("pages", pages);
        pail_objects_cursor_free(cursor);
        return r;
}

static int objects(struct driver *driver, const struct command *command, struct pail_error *error)
{
        struct pail_bucket *bucket = NULL;
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r < 0)
                return r;
        const struct pail_objects all = collection(bucket, command);
        r = argument(command, "delete") ? pail_objects_delete(&all, error) : print_pages(&all, error);
        pail_bucket_unref(bucket);
        return r;
}

static int list_parts(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_(pail_s3_parts_done) struct pail_s3_parts parts = { 0 };
        int r = pail_s3_list_parts(driver->client, BUCKET, argument(command, "key"), argument(command, "upload-id"),
                                   (unsigned)argument_number(command, "marker", 0), &parts, error);
        for (size_t i = 0; r >= 0 && i < parts.count; i++) {
                begin_item();
                field_number("number", parts.items[i].part_number);
                field_number("size", parts.items[i].size_bytes);
                field("etag", parts.items[i].etag);
                end_item();
        }
        field_number("truncated", parts.is_truncated);
        return r;
}

static int list_uploads(struct driver *driver, const struct command *command, struct pail_error *error)
{
        _cleanup_(pail_s3_uploads_done) struct pail_s3_uploads uploads = { 0 };
        int r = pail_s3_list_multipart_uploads(driver->client, BUCKET, argument(command, "prefix"), NULL, NULL,
                                               &uploads, error);
        for (size_t i = 0; r >= 0 && i < uploads.count; i++) {
                begin_item();
                field("key", uploads.items[i].key);
                field("upload-id", uploads.items[i].upload_id);
                field_number("initiated", (uint64_t)uploads.items[i].initiated.tv_sec);
                end_item();
        }
        return r;
}

const struct command_row list_commands[] = {
        { "list-buckets", list_buckets }, { "list-objects-v2", list_objects_v2 },     { "objects", objects },
        { "list-parts", list_parts },     { "list-multipart-uploads", list_uploads }, { NULL, NULL },
};
