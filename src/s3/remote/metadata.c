/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packed form of what is stored beside the attributes: a line for each header, under its name on the wire. A header
 * cannot hold a line break, so no escaping is needed; and one string is compared, kept and written to disk as easily as
 * none. A struct of twenty strings that everybody who touches a file has to carry was the alternative.
 */
#include "metadata.h"

#include <errno.h>
#include <string.h>

#include "attributes.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { EXTRA_MAX = 128 * 1024 };

#define METADATA_PREFIX "x-amz-meta-"
#define BUCKET_KEY "x-amz-server-side-encryption-bucket-key-enabled"

static const struct {
        const char *name;
        size_t offset;
} strings[] = {
        { "cache-control", offsetof(struct pail_s3_headers, cache_control) },
        { "content-disposition", offsetof(struct pail_s3_headers, content_disposition) },
        { "content-encoding", offsetof(struct pail_s3_headers, content_encoding) },
        { "content-language", offsetof(struct pail_s3_headers, content_language) },
        { "content-type", offsetof(struct pail_s3_headers, content_type) },
        { "expires", offsetof(struct pail_s3_headers, expires) },
        { "x-amz-server-side-encryption", offsetof(struct pail_s3_headers, server_side_encryption) },
        { "x-amz-server-side-encryption-aws-kms-key-id", offsetof(struct pail_s3_headers, sse_kms_key_id) },
        { "x-amz-storage-class", offsetof(struct pail_s3_headers, storage_class) },
        { "x-amz-website-redirect-location", offsetof(struct pail_s3_headers, website_redirect_location) },
};
enum { STRINGS = sizeof(strings) / sizeof(strings[0]) };

static const char *string_at(const struct pail_s3_headers *headers, size_t i)
{
        return *(char *const *)(const void *)((const char *)headers + strings[i].offset);
}

static bool is_attribute(const char *name)
{
        static const char *const names[] = { "mode", "uid", "gid", "mtime", "ctime", "atime", "rdev" };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (pail_str_equal(name, names[i]))
                        return true;
        return false;
}

int pail_remote_extra_pack(const struct pail_s3_headers *headers, char **ret_extra)
{
        _cleanup_buf_ struct pail_buf extra = { 0 };

        pail_buf_init(&extra, EXTRA_MAX);
        for (size_t i = 0; i < STRINGS; i++)
                if (string_at(headers, i))
                        pail_buf_printf(&extra, "%s:%s\n", strings[i].name, string_at(headers, i));
        if (headers->bucket_key_enabled)
                pail_buf_append_string(&extra, BUCKET_KEY ":true\n");
        for (size_t i = 0; i < headers->metadata.count; i++)
                if (!is_attribute(headers->metadata.items[i].name))
                        pail_buf_printf(&extra, METADATA_PREFIX "%s:%s\n", headers->metadata.items[i].name,
                                        headers->metadata.items[i].value);
        if (extra.error < 0)
                return extra.error;
        if (extra.length == 0) {
                *ret_extra = NULL;
                return 0;
        }
        return pail_buf_steal(&extra, ret_extra, NULL);
}

int pail_remote_metadata_unpack(const struct pail_s3_headers *headers, struct pail_remote_metadata *ret_metadata)
{
        char *extra;
        int r = pail_remote_extra_pack(headers, &extra);

        if (r < 0)
                return r;
        pail_remote_attributes_read(&headers->metadata, &ret_metadata->attributes);
        ret_metadata->extra = extra;
        return 0;
}

static int set_header(struct pail_s3_headers *headers, const char *name, const char *value)
{
        for (size_t i = 0; i < STRINGS; i++)
                if (pail_str_equal(name, strings[i].name))
                        return pail_str_replace((char **)(void *)((char *)headers + strings[i].offset), value);
        if (pail_str_equal(name, BUCKET_KEY)) {
                headers->bucket_key_enabled = true;
                return 0;
        }
        if (!pail_str_starts_with(name, METADATA_PREFIX))
                return -EINVAL;
        return pail_http_headers_add(&headers->metadata, name + strlen(METADATA_PREFIX), value);
}

/* A line at a time, each cut in two in a copy. */
static int unpack_extra(const char *extra, struct pail_s3_headers *headers)
{
        _cleanup_free_ char *copy = NULL;
        int r = pail_str_dup(extra, &copy);
        char *rest = copy, *line;

        while (r == 0 && (line = strsep(&rest, "\n")) && rest) {
                char *value = strchr(line, ':');

                if (!value)
                        return -EINVAL;
                *value++ = 0;
                r = set_header(headers, line, value);
        }
        return r;
}

int pail_remote_metadata_pack(const struct pail_remote_metadata *metadata, struct pail_s3_headers *ret_headers)
{
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = { 0 };
        int r = unpack_extra(metadata->extra, &headers);

        if (r == 0)
                r = pail_remote_attributes_write(&metadata->attributes, &headers.metadata);
        if (r == 0 && pail_s3_metadata_size(&headers) > PAIL_S3_METADATA_MAX)
                r = -E2BIG;
        if (r < 0)
                return r;
        *ret_headers = headers;
        headers = (struct pail_s3_headers){ 0 };
        return 0;
}

int pail_remote_content_pack(const struct pail_remote_content *content, struct pail_s3_headers *ret_headers)
{
        struct pail_s3_headers headers = { 0 };
        int r = pail_remote_metadata_pack(content->metadata, &headers);

        if (r == 0 && !headers.content_type)
                r = pail_str_dup(content->content_type, &headers.content_type);
        if (r < 0) {
                pail_s3_headers_done(&headers);
                return r;
        }
        *ret_headers = headers;
        return 0;
}

int pail_remote_object_from(const struct pail_s3_object_metadata *metadata, struct pail_remote_object *ret_object)
{
        struct pail_remote_object object = {
                .size_bytes = metadata->size_bytes,
                .last_modified = metadata->last_modified,
                .date = metadata->date,
                .tag_count = metadata->tag_count,
        };
        int r = pail_remote_metadata_unpack(&metadata->headers, &object.metadata);

        if (r == 0)
                r = pail_str_dup(metadata->version_id, &object.version_id);
        if (r < 0) {
                pail_remote_object_done(&object);
                return r;
        }
        pail_str_copy(object.etag, sizeof(object.etag), metadata->etag);
        *ret_object = object;
        return 0;
}
