/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pailctl versions: those of one key, and an old one made the current one by a copy on the server. Nothing is deleted, a delete marker
 * neither: what a marker hides is had back by a copy of the version before it, which can be undone.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "object.h"
#include "pail/s3/collection.h"
#include "pail/s3/transfer.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "text.h"

struct question {
        struct pail_ctl_object_question common;
        const char *restore; /* NULL: list */
};

/* Newest first, as the server lists them. */
struct versions {
        struct pail_s3_entry *items;
        size_t count;
};

static void versions_done(struct versions *versions)
{
        for (size_t i = 0; i < versions->count; i++)
                pail_s3_entry_done(&versions->items[i]);
        free(versions->items);
}

static int add_version(struct versions *versions, const struct pail_s3_entry *entry)
{
        struct pail_s3_entry *longer = reallocarray(versions->items, versions->count + 1, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        versions->items = longer;
        struct pail_s3_entry *copy = &longer[versions->count++];
        *copy = *entry;
        copy->key = copy->id = copy->storage_class = NULL;
        int r = pail_str_dup(entry->id, &copy->id);
        return r < 0 ? r : pail_str_dup(entry->storage_class, &copy->storage_class);
}

/* Keys come in order, and the key itself before those that it begins. */
static int list_versions(struct pail_ctl_object *object, struct versions *versions, struct pail_error *ret_error)
{
        const struct pail_collection all = pail_collection_filter(pail_bucket_object_versions(object->bucket),
                                                                  object->name.key, NULL);
        const struct pail_s3_entry *entry = NULL;
        struct pail_cursor *cursor = NULL;
        int r = pail_collection_pages(&all, &cursor), more = 1;
        while (r == 0 && (more = pail_cursor_next_entry(cursor, &entry, ret_error)) > 0) {
                if (!pail_str_equal(entry->key, object->name.key))
                        break;
                r = add_version(versions, entry);
        }
        pail_cursor_free(cursor);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "the list of versions");
        return more < 0 ? more : 0;
}

static void print_text(const struct versions *versions)
{
        static const char format[] = "%-20s %15s %-14s %s\n";
        printf(format, "DATE", "SIZE", "KIND", "VERSION");
        for (size_t i = 0; i < versions->count; i++) {
                const struct pail_s3_entry *entry = &versions->items[i];
                char date[PAIL_CTL_TIME_SIZE], size[24] = "-";
                pail_ctl_format_time(entry->last_modified.tv_sec, date);
                if (!entry->is_delete_marker)
                        snprintf(size, sizeof(size), "%ju", (uintmax_t)entry->size_bytes);
                pail_str_make_printable(entry->id);
                printf(format, date, size,
                       entry->is_delete_marker ? "delete-marker"
                       : entry->is_latest      ? "current"
                                               : "old",
                       entry->id);
        }
}

static json_t *make_item(const struct pail_s3_entry *entry)
{
        char date[PAIL_CTL_TIME_SIZE];
        json_t *item = json_object();
        bool is_marker = entry->is_delete_marker;
        pail_ctl_format_time(entry->last_modified.tv_sec, date);
        json_object_set_new(item, "version_id", pail_ctl_json_string(entry->id));
        json_object_set_new(item, "is_latest", json_boolean(entry->is_latest));
        json_object_set_new(item, "is_delete_marker", json_boolean(is_marker));
        json_object_set_new(item, "last_modified", pail_ctl_json_string(date));
        json_object_set_new(item, "size", is_marker ? json_null() : json_integer((json_int_t)entry->size_bytes));
        json_object_set_new(item, "etag", pail_ctl_json_string(is_marker ? NULL : entry->etag));
        json_object_set_new(item, "storage_class", pail_ctl_json_string(entry->storage_class));
        return item;
}

static int print_json(const struct pail_ctl_object *object, const struct versions *versions)
{
        json_t *root = json_object(), *items = json_array();
        json_object_set_new(root, "uri", pail_ctl_json_string(object->name.text));
        json_object_set_new(root, "versions", items);
        for (size_t i = 0; i < versions->count; i++)
                json_array_append_new(items, make_item(&versions->items[i]));
        return pail_ctl_json_print(root);
}

static int print_versions(const struct question *question, const struct pail_ctl_object *object,
                          const struct versions *versions)
{
        if (question->common.as_json)
                return print_json(object, versions) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        print_text(versions);
        return fflush(stdout) == EOF ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* What stood before the marker; NULL: nothing. */
static const struct pail_s3_entry *find_before(const struct versions *versions, size_t marker)
{
        for (size_t i = marker + 1; i < versions->count; i++)
                if (!versions->items[i].is_delete_marker)
                        return &versions->items[i];
        return NULL;
}

static int refuse_marker(const struct pail_ctl_object *object, const struct versions *versions, size_t marker,
                         struct pail_error *ret_error)
{
        const struct pail_s3_entry *before = find_before(versions, marker);
        if (before)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "version '%.100s' of %s is a delete marker, which says that the object was deleted; "
                               "\"--restore %.100s\" brings back what was there before",
                               versions->items[marker].id, object->shown, before->id);
        else
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "version '%.100s' of %s is a delete marker, and no version from before it is left",
                               versions->items[marker].id, object->shown);
        return -EINVAL;
}

static int copy_version(struct pail_ctl_object *object, const char *version_id, struct pail_error *ret_error)
{
        char etag[PAIL_S3_ETAG_SIZE];
        struct pail_object *version = NULL;
        int r = pail_object_new_version(object->bucket, object->name.key, version_id, &version);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "%s", object->shown);
        r = pail_object_copy(version, object->object, NULL, etag, ret_error);
        pail_object_free(version);
        return r;
}

static int restore_version(const char *version_id, struct pail_ctl_object *object, const struct versions *versions,
                           struct pail_error *ret_error)
{
        size_t i = 0;
        while (i < versions->count && !pail_str_equal(versions->items[i].id, version_id))
                i++;
        if (i == versions->count) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "there is no version '%.100s' of %s; \"pailctl versions\" lists them", version_id,
                               object->shown);
                return -ENOENT;
        }
        if (versions->items[i].is_delete_marker)
                return refuse_marker(object, versions, i, ret_error);
        if (versions->items[i].is_latest) {
                printf("version %s is the current one of %s already\n", version_id, object->shown);
                return EXIT_SUCCESS;
        }
        int r = copy_version(object, version_id, ret_error);
        if (r < 0)
                return r;
        printf("%s is again as it was in version %s\n", object->shown, version_id);
        return EXIT_SUCCESS;
}

static int show_or_restore_versions(void *context, struct pail_ctl_object *object, const char **action,
                                    struct pail_error *ret_error)
{
        const struct question *question = context;
        _cleanup_(versions_done) struct versions versions = { 0 };
        *action = "s3:ListBucketVersions";
        int r = list_versions(object, &versions, ret_error);
        if (r < 0)
                return r;
        if (versions.count == 0) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "there is no object %s, and no version of one",
                               object->shown);
                return -ENOENT;
        }
        *action = NULL; /* to read a version, its tags, and to write */
        return question->restore ? restore_version(question->restore, object, &versions, ret_error)
                                 : print_versions(question, object, &versions);
}

static const struct pail_ctl_argument arguments[] = {
        PAIL_CTL_CONNECTION_ARGUMENTS(struct question, common.options),
        { .name = "restore", .kind = PAIL_CTL_WORD, .offset = offsetof(struct question, restore) },
        { .name = "json", .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, common.as_json) },
        { .name = NULL },
};

static const struct pail_ctl_object_command command = {
        .syntax = { .command = "versions",
                    .arguments = arguments,
                    .operands_min = 1,
                    .operands_max = 1,
                    .operands_missing = "the object, s3://BUCKET/KEY," },
        .help = "Usage: pailctl versions URI [--restore ID] [-o OPTION,...] [--profile NAME] [--json]\n"
                "Lists the versions of an object, newest first, or makes an old one the current one again.\n"
                "\n"
                "  --restore ID      a copy of that version, on the server; the others stay\n"
                "  -o OPTION,...     options of pail(1): endpoint_url, region, copy_threshold...\n"
                "  --profile NAME    the same as -o profile=NAME\n"
                "  --json            one JSON object instead of a table\n",
        .run = show_or_restore_versions,
};

int pail_ctl_versions(int argc, char **argv)
{
        struct question question = { 0 };
        return pail_ctl_object_main(&command, argc, argv, &question);
}
