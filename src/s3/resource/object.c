/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The object resource. What is known of it is one of: nothing, the entry of a listing, or what HEAD told, or would tell after a write of ours;
 * is_loaded and is_listed say which. Whatever may have changed the object forgets first, so that a failure leaves nothing stale behind.
 */
#include "object.h"

#include <errno.h>

#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "s3/ops/conditional.h"
#include "s3/ops/ops.h"
#include "waiter.h"

int pail_object_new(struct pail_bucket *bucket, const char *key, struct pail_object **ret_object)
{
        size_t size = strlen(key) + 1;
        struct pail_object *object = calloc(1, sizeof(*object) + size);
        if (!object)
                return -ENOMEM;
        memcpy(object->key, key, size);
        object->bucket = pail_bucket_ref(bucket);
        *ret_object = object;
        return 0;
}

int pail_object_new_version(struct pail_bucket *bucket, const char *key, const char *version_id,
                            struct pail_object **ret_object)
{
        _cleanup_(pail_object_free_p) struct pail_object *object = NULL;
        int r = pail_object_new(bucket, key, &object);
        if (r >= 0)
                r = pail_str_dup(version_id, &object->version_id);
        if (r < 0)
                return r;
        *ret_object = pail_steal(&object);
        return 0;
}

int pail_object_new_from_entry(struct pail_bucket *bucket, const struct pail_s3_entry *entry,
                               struct pail_object **ret_object)
{
        _cleanup_(pail_object_free_p) struct pail_object *object = NULL;
        if (entry->is_prefix || !entry->key)
                return -EINVAL;
        int r = pail_object_new_version(bucket, entry->key, entry->id, &object);
        if (r < 0)
                return r;
        object->entry = *entry;
        object->entry.key = object->entry.id = object->entry.storage_class = NULL;
        object->is_listed = true;
        r = pail_str_dup(entry->storage_class, &object->entry.storage_class);
        if (r < 0)
                return r;
        *ret_object = pail_steal(&object);
        return 0;
}

bool pail_object_shares_bucket(const struct pail_object *object, const struct pail_object *other)
{
        return pail_str_equal(pail_bucket_name(object->bucket), pail_bucket_name(other->bucket));
}

void pail_object_forget(struct pail_object *object)
{
        pail_s3_object_metadata_done(&object->metadata);
        pail_s3_entry_done(&object->entry);
        object->is_loaded = object->is_assumed = object->is_listed = false;
}

void pail_object_free(struct pail_object *object)
{
        if (!object)
                return;
        pail_object_forget(object);
        pail_bucket_unref(object->bucket);
        free(object->version_id);
        free(object);
}

const char *pail_object_key(const struct pail_object *object)
{
        return object->key;
}

const char *pail_object_version_id(const struct pail_object *object)
{
        return object->version_id;
}

struct pail_bucket *pail_object_bucket(const struct pail_object *object)
{
        return object->bucket;
}

const struct pail_s3_object_metadata *pail_object_metadata(const struct pail_object *object)
{
        return object->is_loaded ? &object->metadata : NULL;
}

struct pail_resource_meta pail_object_meta(const struct pail_object *object)
{
        bool is_version = object->version_id;
        return (struct pail_resource_meta){
                .service_name = "s3",
                .type = is_version          ? "ObjectVersion"
                        : object->is_listed ? "ObjectSummary"
                                            : "Object",
                .identifiers = { { "bucket_name", pail_bucket_name(object->bucket) },
                                 { is_version ? "object_key" : "key", object->key },
                                 { "id", object->version_id } },
                .identifier_count = is_version ? 3 : 2,
                .client = pail_bucket_client(object->bucket),
                .data = pail_object_metadata(object),
        };
}

static struct pail_s3_client *client_of(const struct pail_object *object)
{
        return pail_bucket_client(object->bucket);
}

static int load_within(void *context, int64_t timeout_ms, struct pail_error *ret_error)
{
        struct pail_object *object = context;
        pail_object_forget(object);
        int r = pail_s3_head_object_within(client_of(object), pail_bucket_name(object->bucket), object->key,
                                           object->version_id, timeout_ms, &object->metadata, ret_error);
        object->is_loaded = r >= 0;
        return r;
}

int pail_object_load(struct pail_object *object, struct pail_error *ret_error)
{
        return load_within(object, 0, ret_error);
}

int pail_object_summarize(struct pail_object *object, struct pail_object_summary *ret_summary,
                          struct pail_error *ret_error)
{
        int r = object->is_loaded || object->is_listed ? 0 : pail_object_load(object, ret_error);
        if (r < 0)
                return r;
        const struct pail_s3_object_metadata *metadata = &object->metadata;
        const struct pail_s3_entry *entry = &object->entry;
        if (object->is_loaded)
                *ret_summary = (struct pail_object_summary){ .size_bytes = metadata->size_bytes,
                                                             .last_modified.tv_sec = metadata->last_modified,
                                                             .etag = metadata->etag,
                                                             .storage_class = metadata->headers.storage_class };
        else
                *ret_summary = (struct pail_object_summary){ .size_bytes = entry->size_bytes,
                                                             .last_modified = entry->last_modified,
                                                             .etag = entry->etag,
                                                             .storage_class = entry->storage_class };
        return 0;
}

static struct pail_waiter waiter_of(struct pail_object *object, bool is_for_absence)
{
        return (struct pail_waiter){ .bucket = pail_bucket_name(object->bucket),
                                     .key = object->key,
                                     .is_for_absence = is_for_absence,
                                     .head = load_within,
                                     .context = object };
}

int pail_object_exists(struct pail_object *object, bool *ret_exists, struct pail_error *ret_error)
{
        const struct pail_waiter waiter = waiter_of(object, false);
        return pail_waiter_check(&waiter, ret_exists, ret_error);
}

int pail_object_wait_until_exists(struct pail_object *object, const struct pail_wait_options *options,
                                  struct pail_error *ret_error)
{
        const struct pail_waiter waiter = waiter_of(object, false);
        return pail_waiter_run(&waiter, options, ret_error);
}

int pail_object_wait_until_not_exists(struct pail_object *object, const struct pail_wait_options *options,
                                      struct pail_error *ret_error)
{
        const struct pail_waiter waiter = waiter_of(object, true);
        return pail_waiter_run(&waiter, options, ret_error);
}

int pail_object_assume(struct pail_object *object, const struct pail_s3_object_metadata *metadata)
{
        pail_object_forget(object);
        int r = pail_s3_object_metadata_copy(metadata, &object->metadata);
        object->is_loaded = object->is_assumed = r >= 0;
        return r;
}

void pail_object_set_put(struct pail_object *object, const struct pail_s3_headers *headers, uint64_t size_bytes,
                         const char *etag)
{
        pail_object_forget(object);
        if (headers && pail_s3_headers_copy(headers, &object->metadata.headers) < 0)
                return; /* not loaded is always true */
        pail_str_copy(object->metadata.etag, sizeof(object->metadata.etag), etag);
        object->metadata.size_bytes = size_bytes;
        object->is_loaded = true;
}

int pail_object_put(struct pail_object *object, const struct pail_s3_headers *headers,
                    const struct pail_http_body *body, const struct pail_s3_conditions *conditions,
                    char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        if (object->version_id)
                return pail_error_set_errno(ret_error, EINVAL, "a version cannot be written");
        const struct pail_s3_put_input input = {
                .bucket = pail_bucket_name(object->bucket),
                .key = object->key,
                .headers = headers,
                .body = *body,
                .conditions = conditions ? *conditions : (struct pail_s3_conditions){ 0 },
                .priority = PAIL_HTTP_PRIORITY_WAITED,
        };
        char etag[PAIL_S3_ETAG_SIZE];
        int r = pail_s3_put_object_if(client_of(object), &input, etag, ret_error);
        pail_object_forget(object);
        if (r < 0)
                return r;
        pail_object_set_put(object, headers, body->size_bytes, etag);
        memcpy(ret_etag, etag, sizeof(etag));
        return 0;
}

static struct pail_s3_get_input get_input(const struct pail_object *object)
{
        return (struct pail_s3_get_input){ .bucket = pail_bucket_name(object->bucket),
                                           .key = object->key,
                                           .version_id = object->version_id,
                                           .priority = PAIL_HTTP_PRIORITY_READER };
}

int pail_object_get(struct pail_object *object, struct pail_buf *target, struct pail_error *ret_error)
{
        const struct pail_s3_get_input input = get_input(object);
        return pail_s3_get_object(client_of(object), &input, target, NULL, ret_error);
}

int pail_object_get_start(const struct pail_object *object, const struct pail_object_range *range,
                          const struct pail_s3_get_sink *sink, void *sink_context, pail_s3_done *done,
                          void *done_context, struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        struct pail_s3_get_input input = get_input(object);
        input.offset = range->offset;
        input.size_bytes = range->size_bytes;
        input.if_match = range->if_match;
        input.priority = range->priority;
        return pail_s3_get_object_start(client_of(object), &input, sink, sink_context, done, done_context, ret_call,
                                        ret_error);
}

int pail_object_tagging(const struct pail_object *object, char **ret_tagging, struct pail_error *ret_error)
{
        return pail_s3_get_version_tagging(client_of(object), pail_bucket_name(object->bucket), object->key,
                                           object->version_id, ret_tagging, ret_error);
}

int pail_object_attributes(const struct pail_object *object, unsigned part_number_marker, unsigned max_parts,
                           struct pail_s3_object_attributes *ret_attributes, struct pail_error *ret_error)
{
        const struct pail_s3_attributes_input input = {
                .bucket = pail_bucket_name(object->bucket),
                .key = object->key,
                .version_id = object->version_id,
                .part_number_marker = part_number_marker,
                .max_parts = max_parts,
        };
        return pail_s3_get_object_attributes(client_of(object), &input, ret_attributes, ret_error);
}

int pail_object_delete(struct pail_object *object, struct pail_error *ret_error)
{
        pail_object_forget(object);
        return pail_s3_delete_object_version(client_of(object), pail_bucket_name(object->bucket), object->key,
                                             object->version_id, ret_error);
}
