/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the headers of an answer to the metadata of an object. Names of user metadata are taken in lower case, since case means nothing in
 * them; their values are bytes as they came. The storage class STANDARD is the same as none.
 */
#include "object_metadata.h"

#include <ctype.h>
#include <errno.h>

#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

int pail_s3_etag_parse(const char *text, char ret_etag[static PAIL_S3_ETAG_SIZE])
{
        if (!text)
                return -EBADMSG;
        if (text[0] == 'W' && text[1] == '/')
                text += 2;
        size_t length = strlen(text);
        if (length >= 2 && text[0] == '"' && text[length - 1] == '"') {
                text++;
                length -= 2;
        }
        if (length == 0 || length >= PAIL_S3_ETAG_SIZE)
                return -EBADMSG;
        memcpy(ret_etag, text, length);
        ret_etag[length] = '\0';
        return 0;
}

bool pail_s3_etag_is_md5(const char *etag)
{
        return strlen(etag) == 32 && strspn(etag, "0123456789abcdefABCDEF") == 32;
}

static const struct {
        const char *name;
        size_t offset;
} stored_headers[] = {
        { "Content-Type", offsetof(struct pail_s3_headers, content_type) },
        { "Content-Encoding", offsetof(struct pail_s3_headers, content_encoding) },
        { "Cache-Control", offsetof(struct pail_s3_headers, cache_control) },
        { "Content-Disposition", offsetof(struct pail_s3_headers, content_disposition) },
        { "Content-Language", offsetof(struct pail_s3_headers, content_language) },
        { "Expires", offsetof(struct pail_s3_headers, expires) },
        { "x-amz-website-redirect-location", offsetof(struct pail_s3_headers, website_redirect_location) },
        { "x-amz-storage-class", offsetof(struct pail_s3_headers, storage_class) },
        { "x-amz-server-side-encryption", offsetof(struct pail_s3_headers, server_side_encryption) },
        { "x-amz-server-side-encryption-aws-kms-key-id", offsetof(struct pail_s3_headers, sse_kms_key_id) },
        { "x-amz-object-lock-mode", offsetof(struct pail_s3_headers, object_lock_mode) },
        { "x-amz-object-lock-retain-until-date", offsetof(struct pail_s3_headers, object_lock_retain_until_date) },
        { "x-amz-object-lock-legal-hold", offsetof(struct pail_s3_headers, object_lock_legal_hold) },
};

static int read_metadata(const struct pail_http_headers *received, struct pail_http_headers *metadata)
{
        static const char prefix[] = "x-amz-meta-";
        for (size_t i = 0; i < received->count; i++) {
                const char *name = received->items[i].name;
                if (strncasecmp(name, prefix, strlen(prefix)) != 0)
                        continue;
                _cleanup_free_ char *lower = strdup(name + strlen(prefix));
                if (!lower)
                        return -ENOMEM;
                for (char *c = lower; *c; c++)
                        *c = (char)tolower((unsigned char)*c);
                int r = pail_http_headers_add(metadata, lower, received->items[i].value);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_headers(const struct pail_http_headers *received, struct pail_s3_headers *headers)
{
        for (size_t i = 0; i < sizeof(stored_headers) / sizeof(stored_headers[0]); i++) {
                char **target = (char **)(void *)((char *)headers + stored_headers[i].offset);
                int r = pail_str_dup(pail_http_headers_get(received, stored_headers[i].name), target);
                if (r < 0)
                        return r;
        }
        headers->bucket_key_enabled = pail_str_equal(
                pail_http_headers_get(received, "x-amz-server-side-encryption-bucket-key-enabled"), "true");
        if (pail_str_equal(headers->storage_class, "STANDARD")) {
                free(headers->storage_class);
                headers->storage_class = NULL;
        }
        return read_metadata(received, &headers->metadata);
}

/* "x-amz-restore: ongoing-request="false", expiry-date=…": a copy can be read. */
static bool is_archived(const struct pail_http_headers *received, const char *storage_class)
{
        const char *restore = pail_http_headers_get(received, "x-amz-restore");
        if (restore && strstr(restore, "ongoing-request=\"false\""))
                return false;
        return pail_str_equal(storage_class, "GLACIER") || pail_str_equal(storage_class, "DEEP_ARCHIVE") ||
               pail_http_headers_get(received, "x-amz-archive-status") != NULL;
}

/* ongoing-request="true"; or ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT". */
static void read_restore(const struct pail_http_headers *received, struct pail_s3_object_metadata *metadata)
{
        static const char name[] = "expiry-date=\"";
        const char *restore = pail_http_headers_get(received, "x-amz-restore");
        const char *date = restore ? strstr(restore, name) : NULL;
        char text[40] = "";
        metadata->is_restoring = restore && strstr(restore, "ongoing-request=\"true\"");
        if (!date)
                return;
        date += strlen(name);
        snprintf(text, sizeof(text), "%.*s", (int)strcspn(date, "\""), date);
        if (pail_clock_parse_http(text, &metadata->restored_until) < 0)
                metadata->restored_until = 0;
}

static time_t read_date(const struct pail_http_headers *received, const char *name)
{
        time_t time = 0;
        const char *text = pail_http_headers_get(received, name);
        return text && pail_clock_parse_http(text, &time) >= 0 ? time : 0;
}

int pail_s3_object_metadata_from_response(const struct pail_http_response *response,
                                          struct pail_s3_object_metadata *ret_metadata)
{
        const struct pail_http_headers *received = &response->headers;
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        if (pail_s3_etag_parse(pail_http_headers_get(received, "ETag"), metadata.etag) < 0)
                return -EBADMSG;
        metadata.size_bytes = response->content_length < 0 ? 0 : (uint64_t)response->content_length;
        int r = read_headers(received, &metadata.headers);
        if (r >= 0)
                r = pail_str_dup(pail_http_headers_get(received, "x-amz-version-id"), &metadata.version_id);
        if (r < 0)
                return r == -ENOMEM ? r : -EBADMSG;
        metadata.last_modified = read_date(received, "Last-Modified");
        metadata.date = read_date(received, "Date");
        metadata.archived = is_archived(received, metadata.headers.storage_class);
        read_restore(received, &metadata);
        uint64_t tags;
        const char *text = pail_http_headers_get(received, "x-amz-tagging-count");
        if (text && pail_str_to_u64(text, &tags) >= 0 && tags <= 1000)
                metadata.tag_count = (unsigned)tags;
        *ret_metadata = metadata;
        metadata = (struct pail_s3_object_metadata){ 0 };
        return 0;
}
