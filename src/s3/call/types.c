/* SPDX-License-Identifier: Apache-2.0 */
/* Life cycles of the shapes that operations share. */
#include "pail/s3/types.h"

#include <errno.h>

#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

/* Every string of struct pail_s3_headers, so that no copy forgets one. */
static const size_t header_offsets[] = {
        offsetof(struct pail_s3_headers, content_type),
        offsetof(struct pail_s3_headers, content_encoding),
        offsetof(struct pail_s3_headers, cache_control),
        offsetof(struct pail_s3_headers, content_disposition),
        offsetof(struct pail_s3_headers, content_language),
        offsetof(struct pail_s3_headers, expires),
        offsetof(struct pail_s3_headers, website_redirect_location),
        offsetof(struct pail_s3_headers, storage_class),
        offsetof(struct pail_s3_headers, server_side_encryption),
        offsetof(struct pail_s3_headers, sse_kms_key_id),
        offsetof(struct pail_s3_headers, object_lock_mode),
        offsetof(struct pail_s3_headers, object_lock_retain_until_date),
        offsetof(struct pail_s3_headers, object_lock_legal_hold),
};

static char **string_at(struct pail_s3_headers *headers, size_t i)
{
        return (char **)(void *)((char *)headers + header_offsets[i]);
}

static const char *const_string_at(const struct pail_s3_headers *headers, size_t i)
{
        return *(char *const *)(const void *)((const char *)headers + header_offsets[i]);
}

enum { STRINGS = sizeof(header_offsets) / sizeof(header_offsets[0]) };

void pail_s3_headers_done(struct pail_s3_headers *headers)
{
        for (size_t i = 0; i < STRINGS; i++)
                free(*string_at(headers, i));
        pail_http_headers_done(&headers->metadata);
        *headers = (struct pail_s3_headers){ 0 };
}

static int copy_metadata(const struct pail_http_headers *source, struct pail_http_headers *target)
{
        for (size_t i = 0; i < source->count; i++) {
                int r = pail_http_headers_add(target, source->items[i].name, source->items[i].value);
                if (r < 0)
                        return r;
        }
        return 0;
}

int pail_s3_headers_copy(const struct pail_s3_headers *source, struct pail_s3_headers *ret_copy)
{
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers copy = { .bucket_key_enabled =
                                                                                source->bucket_key_enabled };
        int r = copy_metadata(&source->metadata, &copy.metadata);
        for (size_t i = 0; r >= 0 && i < STRINGS; i++)
                r = pail_str_dup(const_string_at(source, i), string_at(&copy, i));
        if (r < 0)
                return r;
        *ret_copy = copy;
        copy = (struct pail_s3_headers){ 0 };
        return 0;
}

static bool metadata_equal(const struct pail_http_headers *a, const struct pail_http_headers *b)
{
        if (a->count != b->count)
                return false;
        for (size_t i = 0; i < a->count; i++) {
                if (!pail_str_equal(a->items[i].value, pail_http_headers_get(b, a->items[i].name)))
                        return false;
        }
        return true;
}

bool pail_s3_headers_equal(const struct pail_s3_headers *a, const struct pail_s3_headers *b)
{
        for (size_t i = 0; i < STRINGS; i++) {
                if (!pail_str_equal(const_string_at(a, i), const_string_at(b, i)))
                        return false;
        }
        return a->bucket_key_enabled == b->bucket_key_enabled && metadata_equal(&a->metadata, &b->metadata);
}

size_t pail_s3_metadata_size(const struct pail_s3_headers *headers)
{
        size_t size = 0;
        for (size_t i = 0; i < headers->metadata.count; i++)
                size += strlen(headers->metadata.items[i].name) + strlen(headers->metadata.items[i].value);
        return size;
}

void pail_s3_object_metadata_done(struct pail_s3_object_metadata *metadata)
{
        free(metadata->version_id);
        pail_s3_headers_done(&metadata->headers);
        *metadata = (struct pail_s3_object_metadata){ 0 };
}

int pail_s3_object_metadata_copy(const struct pail_s3_object_metadata *source, struct pail_s3_object_metadata *ret_copy)
{
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata copy = *source;
        copy.version_id = NULL;
        copy.headers = (struct pail_s3_headers){ 0 };
        int r = pail_str_dup(source->version_id, &copy.version_id);
        if (r >= 0)
                r = pail_s3_headers_copy(&source->headers, &copy.headers);
        if (r < 0)
                return r;
        *ret_copy = copy;
        copy = (struct pail_s3_object_metadata){ 0 };
        return 0;
}

void pail_s3_entry_done(struct pail_s3_entry *entry)
{
        free(entry->key);
        free(entry->id);
        free(entry->storage_class);
        *entry = (struct pail_s3_entry){ 0 };
}

void pail_s3_page_done(struct pail_s3_page *page)
{
        for (size_t i = 0; i < page->count; i++)
                pail_s3_entry_done(&page->entries[i]);
        free(page->entries);
        free(page->next_token);
        free(page->next_id);
        *page = (struct pail_s3_page){ 0 };
}

void pail_s3_buckets_done(struct pail_s3_buckets *buckets)
{
        for (size_t i = 0; i < buckets->count; i++)
                free(buckets->items[i].name);
        free(buckets->items);
        *buckets = (struct pail_s3_buckets){ 0 };
}

void pail_s3_object_attributes_done(struct pail_s3_object_attributes *attributes)
{
        free(attributes->version_id);
        free(attributes->storage_class);
        free(attributes->parts);
        *attributes = (struct pail_s3_object_attributes){ 0 };
}

void pail_s3_presigned_done(struct pail_s3_presigned *presigned)
{
        pail_secret_free(presigned->url);
        *presigned = (struct pail_s3_presigned){ 0 };
}
