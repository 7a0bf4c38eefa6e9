/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HeadObject, and what it cannot say. Its answer has no body, so a refusal comes without S3's code and words; and a server or
 * proxy that makes bodies up as it sends them tells no length. Then one byte of the object is asked for: the answer to that
 * has the same headers, the size in Content-Range, or the reason. Where a GET is no help either (archived objects, a proxy that
 * drops Content-Range), the size is that of a list.
 */
#include <errno.h>

#include "ops.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/call.h"
#include "s3/call/feature.h"
#include "s3/call/object_metadata.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

enum { REASON_TIMEOUT_MS = 10000 }; /* who has been refused need not wait long for the words */

struct head {
        struct pail_s3_object_metadata metadata;
        bool has_size;
};

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)ret_error;
        struct head *head = call->result;
        pail_s3_object_metadata_done(&head->metadata);
        head->has_size = response->content_length >= 0;
        return pail_s3_object_metadata_from_response(response, &head->metadata);
}

static const struct pail_s3_operation operation = {
        .name = "HeadObject",
        .flags = PAIL_S3_FLAG_READ_KEY,
        .method = "HEAD",
        .has_any_content = true,
        .parse = parse_answer,
};

struct question {
        struct pail_s3_client *client;
        const char *bucket, *key, *version_id;
        int64_t timeout_ms;
};

static int send_head(const struct question *question, struct head *ret_head, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(question->client, &operation, question->bucket, question->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query_optional(call, "versionId", question->version_id);
        if (question->timeout_ms > 0)
                call->timeout_ms = question->timeout_ms;
        struct head head = { 0 };
        call->result = &head;
        r = pail_s3_call_run(call, ret_error);
        if (r >= 0)
                *ret_head = head;
        return r;
}

static int get_byte(const struct question *question, int64_t timeout_ms, struct pail_s3_object_metadata *ret_metadata,
                    struct pail_error *ret_error)
{
        const struct pail_s3_get_input input = { .bucket = question->bucket,
                                                 .key = question->key,
                                                 .version_id = question->version_id,
                                                 .size_bytes = 1,
                                                 .priority = PAIL_HTTP_PRIORITY_WAITED,
                                                 .timeout_ms = timeout_ms };
        _cleanup_buf_ struct pail_buf byte = PAIL_BUF_INIT(16);
        return pail_s3_get_object(question->client, &input, &byte, ret_metadata, ret_error);
}

/* -ENOENT: the list does not have this version. */
static int list_size(const struct question *question, const char *etag, uint64_t *ret_size_bytes)
{
        const struct pail_s3_list_input input = { .bucket = question->bucket, .prefix = question->key, .max_keys = 1 };
        _cleanup_(pail_s3_page_done) struct pail_s3_page page = { 0 };
        int r = question->version_id ? -ENOENT : pail_s3_list_objects_v2(question->client, &input, &page, NULL);
        if (r < 0)
                return r;
        const struct pail_s3_entry *entry = page.count > 0 ? &page.entries[0] : NULL;
        if (!entry || !pail_str_equal(entry->key, question->key) || !pail_str_equal(entry->etag, etag))
                return -ENOENT;
        *ret_size_bytes = entry->size_bytes;
        return 0;
}

/* metadata is HEAD's, and is replaced by that of the GET, which may be of a newer version. */
static int find_size(const struct question *question, struct pail_s3_object_metadata *metadata,
                     struct pail_error *ret_error)
{
        struct pail_s3_object_metadata found = { 0 };
        if (get_byte(question, question->timeout_ms, &found, NULL) >= 0) {
                pail_s3_object_metadata_done(metadata);
                *metadata = found;
                return 0;
        }
        if (list_size(question, metadata->etag, &metadata->size_bytes) >= 0)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_PROTOCOL,
                       "the server tells no size of s3://%s/%s: neither to HEAD nor to GET nor in a list",
                       question->bucket, question->key);
        return -EPROTO;
}

/* Refused, with a code that stands for a status without a word. */
static bool is_mute(const struct pail_error *error)
{
        return error->class == PAIL_ERROR_SERVICE &&
               ((error->http_status == 400 && error->code[0] == '\0') ||
                (error->http_status == 403 && pail_str_equal(error->code, "AccessDenied")));
}

/* The reason of a refusal; or the object, since some proxies let GET through and HEAD not. */
static int find_reason(const struct question *question, struct pail_s3_object_metadata *ret_metadata,
                       struct pail_error *error)
{
        struct pail_error reason = PAIL_ERROR_INIT;
        bool is_hasty = question->timeout_ms > 0 && question->timeout_ms < REASON_TIMEOUT_MS;
        int64_t timeout_ms = is_hasty ? question->timeout_ms : REASON_TIMEOUT_MS;
        int r = pail_s3_errno(error), got = get_byte(question, timeout_ms, ret_metadata, &reason);
        bool is_told = reason.code[0] ||
                       reason.service_words[0]; /* a login or a firewall has a page in place of a code */
        if (got >= 0 || reason.class != PAIL_ERROR_SERVICE || !is_told)
                return got < 0 ? r : got;
        if (reason.http_status == 403 && pail_str_equal(reason.code, "AccessDenied"))
                pail_s3_client_learn_denial(question->client, question->bucket);
        *error = reason;
        return got;
}

int pail_s3_head_object_within(struct pail_s3_client *client, const char *bucket, const char *key,
                               const char *version_id, int64_t timeout_ms, struct pail_s3_object_metadata *ret_metadata,
                               struct pail_error *ret_error)
{
        const struct question question = { client, bucket, key, version_id, timeout_ms };
        struct pail_error error = PAIL_ERROR_INIT;
        struct head head = { 0 };
        int r = send_head(&question, &head, &error);
        if (r >= 0 && !head.has_size)
                r = find_size(&question, &head.metadata, &error);
        else if (r < 0 && is_mute(&error) && (error.http_status == 400 || pail_s3_client_asks_why(client, bucket)))
                r = find_reason(&question, &head.metadata, &error);
        if (r >= 0) {
                *ret_metadata = head.metadata;
                return 0;
        }
        pail_s3_object_metadata_done(&head.metadata);
        if (ret_error)
                *ret_error = error;
        return r;
}

int pail_s3_head_object(struct pail_s3_client *client, const char *bucket, const char *key,
                        struct pail_s3_object_metadata *ret_metadata, struct pail_error *ret_error)
{
        return pail_s3_head_object_within(client, bucket, key, NULL, 0, ret_metadata, ret_error);
}
