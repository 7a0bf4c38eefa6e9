/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that list: operations, and collections. */
#include <errno.h>

#include "driver.h"
#include "pail/s3/buckets.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "s3/resource/multipart.h"

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

static void print_entry(const struct pail_s3_entry *entry)
{
        begin_item();
        if (entry->key)
                field("key", entry->key);
        if (entry->id)
                field("id", entry->id);
        if (entry->part_number)
                field_number("number", entry->part_number);
        field_number("prefix", entry->is_prefix);
        field_number("latest", entry->is_latest);
        field_number("delete-marker", entry->is_delete_marker);
        field_number("size", entry->size_bytes);
        field("etag", entry->etag);
        field_number("modified", (uint64_t)entry->last_modified.tv_sec);
        if (entry->storage_class)
                field("storage-class", entry->storage_class);
        end_item();
}

static void print_page(const struct pail_s3_page *page)
{
        for (size_t i = 0; i < page->count; i++)
                print_entry(&page->entries[i]);
}

typedef int list_function(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                          struct pail_s3_page *ret_page, struct pail_error *ret_error);

static int list_one_page(struct driver *driver, const struct command *command, list_function *list,
                         struct pail_error *error)
{
        _cleanup_(pail_s3_page_done) struct pail_s3_page page = { 0 };
        const struct pail_s3_list_input input = {
                .bucket = BUCKET,
                .key = argument(command, "key"),
                .upload_id = argument(command, "upload-id"),
                .prefix = argument(command, "prefix"),
                .delimiter = argument(command, "delimiter"),
                .start_after = argument(command, "start-after"),
                .continuation_token = argument(command, "token"),
                .id_marker = argument(command, "id-marker"),
                .max_keys = (unsigned)argument_number(command, "max-keys", 0),
        };
        int r = list(driver->client, &input, &page, error);
        if (r < 0)
                return r;
        print_page(&page);
        if (page.next_token)
                field("token", page.next_token);
        if (page.next_id)
                field("id-marker", page.next_id);
        field_number("truncated", page.is_truncated);
        return 0;
}

static int list_objects_v2(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return list_one_page(driver, command, pail_s3_list_objects_v2, error);
}

static int list_objects(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return list_one_page(driver, command, pail_s3_list_objects, error);
}

static int list_object_versions(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return list_one_page(driver, command, pail_s3_list_object_versions, error);
}

static int list_parts(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return list_one_page(driver, command, pail_s3_list_parts, error);
}

static int list_uploads(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return list_one_page(driver, command, pail_s3_list_multipart_uploads, error);
}

static struct pail_collection narrow(struct pail_collection all, const struct command *command)
{
        all = pail_collection_filter(all, argument(command, "prefix"), argument(command, "delimiter"));
        all = pail_collection_limit(all, argument_number(command, "limit", 0));
        all = pail_collection_page_size(all, (unsigned)argument_number(command, "page-size", 0));
        all.start_after = argument(command, "start-after");
        return pail_collection_start_at(all, argument(command, "token"));
}

/* Prints pages, all or the first stop-after=N, and where to go on. */
static int print_pages(const struct pail_collection *collection, const struct command *command,
                       struct pail_error *error)
{
        struct pail_cursor *cursor = NULL;
        uint64_t pages = 0, most = argument_number(command, "stop-after", UINT64_MAX);
        _cleanup_free_ char *token = NULL;
        int r = pail_collection_pages(collection, &cursor);
        while (r >= 0 && pages < most) {
                struct pail_s3_page page = { 0 };
                r = pail_cursor_next(cursor, &page, error);
                if (r <= 0)
                        break;
                pages++;
                print_page(&page);
                pail_s3_page_done(&page);
        }
        if (r >= 0)
                r = pail_cursor_resume_token(cursor, &token);
        field_number("pages", pages);
        if (token)
                field("token", token);
        pail_cursor_free(cursor);
        return r;
}

static int print_entries(const struct pail_collection *collection, struct pail_error *error)
{
        struct pail_cursor *cursor = NULL;
        const struct pail_s3_entry *entry;
        int r = pail_collection_pages(collection, &cursor);
        while (r >= 0 && (r = pail_cursor_next_entry(cursor, &entry, error)) > 0)
                print_entry(entry);
        pail_cursor_free(cursor);
        return r;
}

static int use(struct pail_collection all, const struct command *command, struct pail_error *error)
{
        const struct pail_collection narrowed = narrow(all, command);
        if (argument(command, "delete"))
                return pail_collection_delete(&narrowed, error);
        return argument(command, "entries") ? print_entries(&narrowed, error) : print_pages(&narrowed, command, error);
}

static int buckets(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return use(pail_client_buckets(driver->client), command, error);
}

static int of_bucket(struct driver *driver, const struct command *command,
                     struct pail_collection (*collection)(struct pail_bucket *bucket), struct pail_error *error)
{
        struct pail_bucket *bucket = NULL;
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r >= 0)
                r = use(collection(bucket), command, error);
        pail_bucket_unref(bucket);
        return r;
}

static int objects(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return of_bucket(driver, command, pail_bucket_objects, error);
}

static int versions(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return of_bucket(driver, command, pail_bucket_object_versions, error);
}

static int uploads(struct driver *driver, const struct command *command, struct pail_error *error)
{
        return of_bucket(driver, command, pail_bucket_multipart_uploads, error);
}

static int parts(struct driver *driver, const struct command *command, struct pail_error *error)
{
        struct pail_bucket *bucket = NULL;
        struct pail_multipart_upload *upload = NULL;
        int r = pail_bucket_new(driver->client, BUCKET, &bucket);
        if (r >= 0)
                r = pail_multipart_upload_new(bucket, argument(command, "key"), argument(command, "upload-id"),
                                              &upload);
        if (r >= 0)
                r = use(pail_multipart_upload_parts(upload), command, error);
        pail_multipart_upload_free(upload);
        pail_bucket_unref(bucket);
        return r;
}

const struct command_row list_commands[] = {
        { "list-buckets", list_buckets },
        { "list-objects-v2", list_objects_v2 },
        { "list-objects", list_objects },
        { "list-object-versions", list_object_versions },
        { "list-parts", list_parts },
        { "list-multipart-uploads", list_uploads },
        { "buckets", buckets },
        { "objects", objects },
        { "object-versions", versions },
        { "multipart-uploads", uploads },
        { "parts", parts },
        { NULL, NULL },
};
