/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From names and values to a request. The path is encoded once and sent verbatim, as the signature wants it: no part
 * of a key ("..", "//") is normalised anywhere.
 */
#include "request.h"

#include <errno.h>

#include "digest.h"
#include "feature.h"
#include "pail/aws/arn.h"
#include "pail/util/str.h"
#include "retention.h"

enum { URL_CAP = 32 * 1024 };

static void note_build_error(struct pail_s3_call *call, int r)
{
        if (r < 0 && call->build_error == 0)
                call->build_error = r;
}

void pail_s3_call_query(struct pail_s3_call *call, const char *name, const char *value)
{
        struct pail_buf *query = &call->query;
        if (query->length > 0)
                pail_buf_append_char(query, '&');
        pail_buf_append_string(query, name);
        if (value) {
                pail_buf_append_char(query, '=');
                note_build_error(call, pail_str_percent_encode(query, value, strlen(value), false));
        }
        note_build_error(call, query->error);
}

void pail_s3_call_query_optional(struct pail_s3_call *call, const char *name, const char *value)
{
        if (value)
                pail_s3_call_query(call, name, value);
}

void pail_s3_call_query_number(struct pail_s3_call *call, const char *name, uint64_t value)
{
        char text[24];
        snprintf(text, sizeof(text), "%ju", (uintmax_t)value);
        pail_s3_call_query(call, name, text);
}

void pail_s3_call_header(struct pail_s3_call *call, const char *name, const char *value)
{
        if (value)
                note_build_error(call, pail_http_headers_add(&call->http.headers, name, value));
}

void pail_s3_call_copy_source(struct pail_s3_call *call, const char *bucket, const char *key, const char *version_id,
                              const char *if_match)
{
        _cleanup_buf_ struct pail_buf source = PAIL_BUF_INIT(URL_CAP);
        note_build_error(call, pail_str_percent_encode(&source, bucket, strlen(bucket), true));
        pail_buf_append_string(&source, pail_arn_is(bucket) ? "/object/" : "/");
        note_build_error(call, pail_str_percent_encode(&source, key, strlen(key), true));
        if (version_id) {
                pail_buf_append_string(&source, "?versionId=");
                note_build_error(call, pail_str_percent_encode(&source, version_id, strlen(version_id), false));
        }
        note_build_error(call, source.error);
        pail_s3_call_header(call, "x-amz-copy-source", source.data);
        pail_s3_call_header(call, "x-amz-copy-source-if-match", if_match);
}

void pail_s3_call_object_headers(struct pail_s3_call *call, const struct pail_s3_headers *headers)
{
        if (!headers)
                return;
        pail_s3_call_header(call, "Content-Type", headers->content_type);
        pail_s3_call_header(call, "Content-Encoding", headers->content_encoding);
        pail_s3_call_header(call, "Cache-Control", headers->cache_control);
        pail_s3_call_header(call, "Content-Disposition", headers->content_disposition);
        pail_s3_call_header(call, "Content-Language", headers->content_language);
        pail_s3_call_header(call, "Expires", headers->expires);
        pail_s3_call_header(call, "x-amz-website-redirect-location", headers->website_redirect_location);
        for (size_t i = 0; i < headers->metadata.count; i++) {
                const struct pail_http_header *item = &headers->metadata.items[i];
                _cleanup_free_ char *name = NULL;
                int r = pail_str_printf(&name, "x-amz-meta-%s", item->name);
                note_build_error(call, r);
                if (r >= 0)
                        pail_s3_call_header(call, name, item->value);
        }
}

static void add_object_lock(struct pail_s3_call *call, const struct pail_s3_headers *headers)
{
        if (pail_s3_is_retained(call->client, headers)) { /* S3 takes no date that is past */
                pail_s3_call_header(call, "x-amz-object-lock-mode", headers->object_lock_mode);
                pail_s3_call_header(call, "x-amz-object-lock-retain-until-date",
                                    headers->object_lock_retain_until_date);
        }
        if (pail_s3_is_held(headers))
                pail_s3_call_header(call, "x-amz-object-lock-legal-hold", "ON");
}

void pail_s3_call_storage_headers(struct pail_s3_call *call, const struct pail_s3_headers *headers)
{
        if (!headers)
                return;
        pail_s3_call_header(call, "x-amz-storage-class", headers->storage_class);
        add_object_lock(call, headers);
        if (call->client->customer_keys)
                return; /* its own encryption excludes the others */
        pail_s3_call_header(call, "x-amz-server-side-encryption", headers->server_side_encryption);
        pail_s3_call_header(call, "x-amz-server-side-encryption-aws-kms-key-id", headers->sse_kms_key_id);
        if (headers->bucket_key_enabled)
                pail_s3_call_header(call, "x-amz-server-side-encryption-bucket-key-enabled", "true");
}

static char *unconst(const char *text)
{
        return (char *)(uintptr_t)text;
}

/* headers with what the options ask for; everything is borrowed. */
static struct pail_s3_headers content_headers(const struct pail_s3_client *client,
                                              const struct pail_s3_headers *headers)
{
        const struct pail_s3_object_options *options = &client->options.object;
        struct pail_s3_headers content = { 0 };
        if (headers)
                content = *headers;
        if (options->storage_class)
                content.storage_class = unconst(options->storage_class);
        if (options->server_side_encryption) {
                content.server_side_encryption = unconst(options->server_side_encryption);
                content.sse_kms_key_id = unconst(options->sse_kms_key_id);
                content.bucket_key_enabled = false;
        }
        return content;
}

int pail_s3_headers_for_content(const struct pail_s3_client *client, struct pail_s3_headers *headers)
{
        const struct pail_s3_headers borrowed = content_headers(client, headers);
        struct pail_s3_headers content = { 0 };
        int r = pail_s3_headers_copy(&borrowed, &content);
        if (r < 0)
                return r;
        pail_s3_headers_done(headers);
        *headers = content;
        return 0;
}

void pail_s3_call_content_options(struct pail_s3_call *call, const struct pail_s3_headers *headers)
{
        const struct pail_s3_headers content = content_headers(call->client, headers);
        pail_s3_call_storage_headers(call, &content);
        pail_s3_call_header(call, "x-amz-acl", call->client->options.object.acl);
}

int pail_s3_call_apply_options(struct pail_s3_call *call)
{
        const struct pail_s3_object_options *options = &call->client->options.object;
        struct pail_http_headers *headers = &call->http.headers;
        int r = 0;
        if (!call->bucket)
                return 0;
        if (options->requester_pays)
                r = pail_http_headers_set(headers, "x-amz-request-payer", "requester");
        if (r < 0 || !options->expected_bucket_owner)
                return r;
        r = pail_http_headers_set(headers, "x-amz-expected-bucket-owner", options->expected_bucket_owner);
        if (r >= 0 && call->operation->flags & PAIL_S3_FLAG_SOURCE_KEY)
                r = pail_http_headers_set(headers, "x-amz-source-expected-bucket-owner",
                                          options->expected_bucket_owner);
        return r;
}

/* Without quotes, against RFC 9110: Ceph takes the quotes for a part of the ETag, and Amazon S3 takes both. */
void pail_s3_call_conditions(struct pail_s3_call *call, const struct pail_s3_conditions *conditions)
{
        call->condition = pail_s3_feature_of(conditions);
        pail_s3_call_header(call, "If-Match", conditions->if_match);
        if (conditions->if_none_match)
                pail_s3_call_header(call, "If-None-Match", "*");
}

void pail_s3_call_body(struct pail_s3_call *call, const struct pail_http_body *body)
{
        call->http.body = *body;
        call->http.expect_continue = body->size_bytes >= PAIL_S3_EXPECT_MIN;
}

void pail_s3_call_text(struct pail_s3_call *call, struct pail_buf *text, const char *content_type)
{
        size_t length = 0;
        int r = pail_buf_steal(text, &call->text, &length);
        note_build_error(call, r);
        if (r < 0)
                return;
        call->text_vector = (struct iovec){ .iov_base = call->text, .iov_len = length };
        pail_s3_call_header(call, "Content-Type", content_type);
        pail_s3_call_body(call,
                          &(struct pail_http_body){
                                  .vector = &call->text_vector, .vector_count = 1, .fd = -1, .size_bytes = length });
}

static void add_crc(struct pail_s3_call *call, const void *data, size_t length)
{
        char text[PAIL_CRC_TEXT_SIZE];
        pail_crc_format(PAIL_CRC_32C, pail_crc_update(PAIL_CRC_32C, 0, data, length), text);
        pail_s3_call_header(call, "x-amz-checksum-crc32c", text);
}

void pail_s3_call_body_checksum(struct pail_s3_call *call, const void *data, size_t length)
{
        unsigned char digest[PAIL_S3_MD5_SIZE];
        if (pail_endpoint_is_directory(call->bucket) || pail_s3_md5(data, length, digest) < 0) {
                add_crc(call, data, length);
                return;
        }
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(64);
        note_build_error(call, pail_str_base64_encode(&text, digest, sizeof(digest)));
        pail_s3_call_header(call, "Content-MD5", text.data);
}

int pail_s3_call_build_url(struct pail_s3_call *call)
{
        const struct pail_endpoint *endpoint = &call->endpoint;
        _cleanup_buf_ struct pail_buf url = PAIL_BUF_INIT(URL_CAP);
        pail_buf_printf(&url, "%s://%s%s", endpoint->is_https ? "https" : "http", endpoint->host,
                        endpoint->path_prefix);
        if (call->key || endpoint->path_prefix[0] == '\0')
                pail_buf_append_char(&url, '/');
        if (call->key)
                pail_str_percent_encode(&url, call->key, strlen(call->key), true);
        if (call->query.length > 0) {
                pail_buf_append_char(&url, '?');
                pail_buf_append(&url, call->query.data, call->query.length);
        }
        _cleanup_free_ char *text = NULL;
        int r = pail_buf_steal(&url, &text, NULL);
        if (r < 0)
                return r;
        free(call->http.url);
        call->http.url = pail_steal(&text);
        return 0;
}
